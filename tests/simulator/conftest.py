"""One simulated world of each name, made once: tests read it, none changes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

import pytest

from simulator import Simulation, Truth, load_world, simulate

UNTIL = date(2025, 12, 31)


@lru_cache(maxsize=16)
def _simulated(world: str, customers: int, months: int) -> Simulation:
    return simulate(load_world(world), customers=customers, months=months, until=UNTIL, seed=4)


@lru_cache(maxsize=16)
def _truth(world: str, customers: int, months: int, share: float) -> Truth:
    return _simulated(world, customers, months).truth(share)


@pytest.fixture(scope="session")
def simulated() -> Callable[..., Simulation]:
    return lambda world="default", customers=800, months=24: _simulated(world, customers, months)


@pytest.fixture(scope="session")
def truth_of() -> Callable[..., Truth]:
    return lambda world="default", customers=800, months=24, share=0.0: _truth(world, customers, months, share)
