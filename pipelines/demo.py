"""Demo: simulate a portfolio, train, score and publish, so that there is a worklist to look at before any data is at hand."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.progress import Progress
from pipelines.config import Config, overlay
from pipelines.score import ScoreReport, run_score
from pipelines.simulate import SimulateReport, run_simulate
from pipelines.train import TrainReport, run_train

CUSTOMERS, MONTHS, UNTIL = 240, 14, date(2025, 12, 31)
# A first look should take less than a minute: fewer days and fewer examples to learn from than in earnest.
LIGHT = {"models": {"max_as_ofs": 16, "max_steps": 50_000, "late_head": {"max_rounds": 150}, "hazard_head": {"max_rounds": 150}}}


@dataclass(frozen=True)
class DemoReport:
    """The three steps, and how to open what came of them."""

    simulated: SimulateReport
    trained: TrainReport
    scored: ScoreReport

    def lines(self) -> list[str]:
        page = self.scored.latest / "worklist.html"
        return [
            *self.simulated.lines(),
            *self.trained.lines(),
            *self.scored.lines(),
            "",
            f"Open {page} in a browser: the ranked worklist of {self.scored.day.as_of} (simulated customers).",
            f"  xdg-open {page}    # or: open {page}",
            f"Ask about one customer:  {_duewise()} explain --ledger {self.simulated.uri} --as-of {self.scored.day.as_of} "
            f"--customer {self.scored.day.worklist['customer_id'].iloc[0]}",
        ]


def _duewise() -> str:
    """How to call the command from here: by its name, or where no shell finds it, by its place beside this interpreter."""
    if shutil.which("duewise"):
        return "duewise"
    place = Path(sys.executable).with_name("duewise")
    return str(place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place)


def run_demo(out: Path, config: Config, progress: Progress) -> DemoReport:
    """Write `out/ledger` and `out/scores`, replacing those of an earlier demo. A folder that holds anything else is refused."""
    foreign = _foreign(out)
    if foreign:
        raise RefusedError(f"{out} holds something else ({foreign}): give the demo a folder of its own with --out")
    for name in ("ledger", "scores"):
        shutil.rmtree(out / name, ignore_errors=True)
    ledger = str(out / "ledger")
    simulated = run_simulate(ledger, None, customers=CUSTOMERS, months=MONTHS, until=UNTIL, seed=config.seed, progress=progress)
    trained = run_train(ledger, UNTIL, None, lighter(config), progress)
    scored = run_score(ledger, UNTIL, out / "scores", None, config, progress)
    return DemoReport(simulated, trained, scored)


def _foreign(out: Path) -> str:
    """What a folder holds that no demo made, or nothing: books count as a demo's where all that was loaded was simulated."""
    from simulator.simulation import SOURCE

    names = sorted(path.name for path in out.iterdir()) if out.exists() else []
    others = [name for name in names if name not in ("ledger", "scores")]
    if others or not names:
        return others[0] if others else ""
    try:
        loaded = Ledger.open(str(out / "ledger")).meta.inputs
    except RefusedError:
        return f"{names[0]}, and no ledger of a demo"
    return "" if loaded and all(one.source == SOURCE for one in loaded) else "a ledger that was not simulated"


def lighter(config: Config) -> Config:
    """The settings with `LIGHT` laid over them.

    >>> from pipelines.config import load_config
    >>> lighter(load_config(env={})).models.hazard_head.max_rounds
    150
    """
    return Config.model_validate(overlay(config.model_dump(), LIGHT))
