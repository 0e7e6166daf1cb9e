"""A portfolio of debtors whose true type and true response are known; it knows only the ledger.

>>> from datetime import date
>>> from simulator import load_world, simulate
>>> simulation = simulate(load_world("default"), customers=30, months=6, until=date(2025, 12, 31), seed=1)
>>> simulation.tables["customers"].num_rows
30
"""

from simulator.simulation import Simulation, simulate, write_ledger
from simulator.truth import Truth, write_truth
from simulator.world import World, load_world, world_names

__all__ = ["Simulation", "Truth", "World", "load_world", "simulate", "world_names", "write_ledger", "write_truth"]
