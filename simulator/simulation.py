"""Simulate a world; keep what a ledger may know apart from what only the world knows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from ledger.errors import RefusedError, UsageError
from ledger.meta import Input, LedgerMeta
from ledger.store import open_store
from simulator.billing import invoice
from simulator.clock import Clock
from simulator.collectors import collect
from simulator.life import Life
from simulator.population import populate
from simulator.world import World

if TYPE_CHECKING:
    from simulator.truth import Truth

SOURCE = "simulator"


@dataclass(frozen=True)
class Simulation:
    """A world that has been lived up to `clock.until`."""

    world: World
    clock: Clock
    n_customers: int
    seed: int
    life: Life

    @cached_property
    def tables(self) -> dict[str, pa.Table]:
        """The canonical tables, each with `known_on`; nothing in them, nor their order, tells the truth."""
        from simulator.tables import tables_of

        return tables_of(self)

    def truth(self, share: float = 0.05) -> Truth:
        """What the ledger must not know: types for everybody, responses for that share of the customers (at least 200)."""
        from simulator.truth import truth_of

        return truth_of(self, share)

    @property
    def batch(self) -> str:
        """16 hex digits that name this simulation: the same world, size, days and seed have the same."""
        return _batch(self.world, self.clock, self.n_customers, self.seed)


def simulate(world: World, *, customers: int, months: int, until: date, seed: int) -> Simulation:
    """Live `months` months up to `until` with that many customers. The same arguments give the same tables, to the byte.

    >>> simulation = simulate(World(), customers=20, months=6, until=date(2025, 12, 31), seed=1)
    >>> sorted(simulation.tables)
    ['contacts', 'credit_notes', 'customers', 'disputes', 'invoices', 'payments', 'promises']
    >>> simulate(World(), customers=0, months=6, until=date(2025, 12, 31), seed=1)
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: a simulation needs from 1 to 2000000 customers, not 0
    """
    clock = _clock(world, customers, months, until, seed)
    people = populate(world, clock, customers, seed)
    life = Life(world, clock, people, invoice(world, clock, people, seed))
    for day in range(clock.n_days):
        life.step(day)
        collect(life, day)
    return Simulation(world, clock, customers, seed, life)


def batch_to_be(world: World, *, customers: int, months: int, until: date, seed: int) -> str:
    """The `batch` that a simulation will have, told before it is lived."""
    return _batch(world, _clock(world, customers, months, until, seed), customers, seed)


def _clock(world: World, customers: int, months: int, until: date, seed: int) -> Clock:
    """The days of a simulation of that size; an impossible one is wrong usage."""
    if not 1 <= customers <= 2_000_000:
        raise UsageError(f"a simulation needs from 1 to 2000000 customers, not {customers}")
    if not 1 <= months <= 120:
        raise UsageError(f"a simulation runs over 1 to 120 months, not {months}")
    if seed < 0:
        raise UsageError(f"a seed is a whole number from 0 on, not {seed}")
    return Clock.ending(until, months, tuple(world.customers.countries))


def _batch(world: World, clock: Clock, customers: int, seed: int) -> str:
    told = f"{world.model_dump_json()} {customers} {clock.first} {clock.until} {seed}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def is_written(batch: str, uri: str) -> bool:
    """Whether the ledger of that simulation lies at `uri` already. Raises `RefusedError` where something else does."""
    store = open_store(uri)
    if not store.exists():
        store.claim()
        return False
    if any(one.batch == batch for one in store.meta().inputs):
        return True
    raise RefusedError(f"there is a ledger at {uri} already: choose another --out, or remove that ledger first")


def write_ledger(simulation: Simulation, uri: str) -> None:
    """Write the tables as source `simulator`, watched until the last day. The same simulation twice changes nothing.

    Raises `RefusedError` where another ledger lies already.
    """
    store, batch = open_store(uri), simulation.batch
    stored, inputs = {}, []
    for name, table in simulation.tables.items():
        n = table.num_rows
        digest = hashlib.sha256(f"{batch} {name}".encode()).hexdigest()
        inputs.append(Input(batch, SOURCE, name, digest, n, n, 0, 0))
        stamped = table.append_column("loaded_batch", pa.repeat(batch, n)).append_column("source", pa.repeat(SOURCE, n))
        stored[name] = stamped
    # The id follows from the batch: the same simulation is the same ledger, wherever it is written.
    meta = LedgerMeta(hashlib.sha256(f"ledger {batch}".encode()).hexdigest()[:12], inputs=tuple(inputs))
    with store.alone():
        if not is_written(batch, uri):
            store.commit(stored, meta.stating(SOURCE, simulation.clock.until))
