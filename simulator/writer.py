"""How a life becomes rows: ids drawn at random, days as dates, cents as decimals, and nothing that was not known by `until`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.tables import TABLES
from simulator.portfolio import NEVER

if TYPE_CHECKING:
    from simulator.simulation import Simulation

Numbers = npt.NDArray[Any]


class Writer:
    """Draws and columns shared by the tables of one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.life, self.clock, self.world = simulation.life, simulation.clock, simulation.world
        self.customer_id = customer_ids(simulation)
        self.invoice_id = self.ids(11, "INV", self.life.invoices.n, 8)
        countries = self.world.customers
        self.currency = pa.array([countries.currencies.get(c, countries.currency) for c in self.clock.countries])

    def rng(self, salt: int) -> np.random.Generator:
        return np.random.default_rng([self.simulation.seed, salt])

    def ids(self, salt: int, prefix: str, n: int, digits: int) -> pa.Array:
        return _ids(self.rng(salt), prefix, n, digits)

    def date(self, days: Numbers) -> pa.Array:
        """Days of the simulation as dates; a day that never comes is missing."""
        first = np.datetime64(self.clock.first, "D").astype(np.int32)
        return pa.array((first + days).astype(np.int32), mask=np.asarray(days) >= NEVER).cast(pa.date32())

    def customer(self, rows: Numbers) -> pa.Array:
        return self.customer_id.take(pa.array(rows))

    def invoice(self, rows: Numbers, mask: npt.NDArray[np.bool_] | None = None) -> pa.Array:
        return self.invoice_id.take(pa.array(rows, mask=mask))

    def currency_of(self, customers: Numbers) -> pa.Array:
        return self.currency.take(pa.array(self.life.customers.country[customers]))

    def table(self, name: str, known: Numbers, /, **columns: Any) -> pa.Table:
        """The canonical table: columns not given are empty, rows not known by `until` are left out."""
        n = len(known)
        schema = TABLES[name].schema
        arrays = [columns[c] if c in columns else pa.nulls(n, schema.field(c).type) for c in TABLES[name].names]
        fields = [schema.field(c) for c in (*TABLES[name].names, "known_on")]
        arrays = [pa.repeat(a, n) if isinstance(a, str | bool) else a for a in arrays]
        whole = pa.table([*arrays, self.date(known)], schema=pa.schema(fields))
        in_time = whole.filter(pa.array(known < self.clock.n_days))
        return in_time.sort_by([("known_on", "ascending"), (TABLES[name].key[0], "ascending")]).combine_chunks()


def customer_ids(simulation: Simulation) -> pa.Array:
    """The id of each customer by position."""
    return _ids(np.random.default_rng([simulation.seed, 10]), "C", simulation.n_customers, 6)


def _ids(rng: np.random.Generator, prefix: str, n: int, digits: int) -> pa.Array:
    """`n` distinct ids in random order, with more digits where many are needed."""
    digits = max(digits, len(str(3 * n)))
    drawn = np.empty(0, dtype=np.int64)
    while drawn.size < n:
        drawn = pd.unique(np.concatenate([drawn, rng.integers(0, 10**digits, n + n // 2 + 8)]))
    number = pc.utf8_lpad(pa.array(drawn[:n]).cast(pa.string()), digits, "0")
    return pc.binary_join_element_wise(prefix, number, "")


def money(cents: npt.NDArray[np.int64]) -> pa.Array:
    """Cents as `decimal(18, 4)`.

    >>> money(np.array([12345]))[0].as_py()
    Decimal('123.4500')
    """
    words = np.empty((cents.size, 2), dtype=np.int64)
    words[:, 0] = cents * 100
    words[:, 1] = np.where(cents < 0, -1, 0)
    return pa.Array.from_buffers(pa.decimal128(18, 4), cents.size, [None, pa.py_buffer(words.tobytes())])


def texts(values: tuple[str, ...], codes: Numbers) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(codes, mask=np.asarray(codes) < 0))
