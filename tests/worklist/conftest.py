"""The made-up portfolio, the shipped playbook and texts, and a build with the defaults."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from worklist.build import build_worklist
from worklist.facts import Facts
from worklist.playbook import Playbook, load_playbook
from worklist.settings import WorklistSettings
from worklist.texts import Texts, load_texts


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """The module `samples.py` beside this file."""
    spec = spec_from_file_location("worklist_samples", Path(__file__).with_name("samples.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def playbook() -> Playbook:
    return load_playbook()


@pytest.fixture(scope="session")
def texts() -> Texts:
    return load_texts()


@pytest.fixture(scope="session")
def build(samples: ModuleType, playbook: Playbook, texts: Texts) -> Callable[..., pd.DataFrame]:
    """`build_worklist` with the defaults; customers come first, the rest by name."""

    def build_with(
        customers: pd.DataFrame, reasons: pd.DataFrame | None = None, facts: Facts | None = None, **changes: Any
    ) -> pd.DataFrame:
        given: dict[str, Any] = {
            "playbook": playbook,
            "texts": texts,
            "settings": WorklistSettings(),
            "as_of": samples.AS_OF,
            "run_id": "run-1",
        }
        return build_worklist(customers, samples.no_reasons() if reasons is None else reasons, facts or Facts(), **(given | changes))

    return build_with


@pytest.fixture(scope="session")
def listed(samples: ModuleType, build: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """The worklist of 300 customers of every kind."""
    customers, reasons, facts = samples.portfolio(300)
    return build(customers, reasons, facts)
