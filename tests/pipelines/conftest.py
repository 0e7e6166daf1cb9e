"""One simulated ledger with a champion, made once through the command line; tests read it, none changes it."""

from __future__ import annotations

from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

import pytest

from desk.cli import run
from pipelines.config import Config, load_config

LIGHT = """
models:
  every_days: 15
  max_steps: 60000
  late_fits: 2
  hazard_fits: 2
  late_head: {max_rounds: 60, learning_rate: 0.1, min_child_samples: 40}
  hazard_head: {max_rounds: 60, learning_rate: 0.1, min_child_samples: 80}
"""


@dataclass(frozen=True)
class Trained:
    """A ledger, the settings of a small champion, and what training said."""

    ledger: str
    settings: Path
    config: Config
    said: str
    as_of = date(2025, 11, 30)
    today = date(2025, 12, 31)

    def called(self, verb: str, **options: object) -> int:
        """Call a verb of the command line on this ledger with these settings."""
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        return run([*verb.split(), "--ledger", self.ledger, *words, *([] if "config" in options else ["--config", str(self.settings)])])


@pytest.fixture(scope="session")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A settings file with few days and few trees."""
    path = tmp_path_factory.mktemp("settings") / "light.yaml"
    path.write_text(LIGHT)
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, light: Path) -> Trained:
    folder = tmp_path_factory.mktemp("journey")
    ledger = str(folder / "books")
    assert run(["simulate", "--out", ledger, "--customers", "60", "--months", "9", "--seed", "3"]) == 0
    made = Trained(ledger, light, load_config(light), "")
    with redirect_stdout(StringIO()) as said:
        assert made.called("train", as_of=made.as_of) == 0
    return Trained(ledger, light, made.config, said.getvalue())
