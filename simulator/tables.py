"""The ledger's tables of a life: ids drawn at random, facts in order of the day they reached us, nothing after `until`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.tables import ACTIONS, CHANNELS, CUSTOMER_KINDS, REASON_CODES, TABLES
from simulator.collectors import OUTCOMES
from simulator.names import names_of
from simulator.population import SEGMENTS
from simulator.portfolio import NEVER

if TYPE_CHECKING:
    from simulator.simulation import Simulation

Ints = npt.NDArray[Any]
GRIEVANCES = ("damaged goods", "missing delivery", "price differs from order", "service not rendered", "wrong quantity")


class _Writer:
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

    def date(self, days: Ints) -> pa.Array:
        """Days of the simulation as dates; a day that never comes is missing."""
        first = np.datetime64(self.clock.first, "D").astype(np.int32)
        return pa.array((first + days).astype(np.int32), mask=np.asarray(days) >= NEVER).cast(pa.date32())

    def customer(self, rows: Ints) -> pa.Array:
        return self.customer_id.take(pa.array(rows))

    def invoice(self, rows: Ints, mask: npt.NDArray[np.bool_] | None = None) -> pa.Array:
        return self.invoice_id.take(pa.array(rows, mask=mask))

    def currency_of(self, customers: Ints) -> pa.Array:
        return self.currency.take(pa.array(self.life.customers.country[customers]))

    def table(self, name: str, known: Ints, /, **columns: Any) -> pa.Table:
        """The canonical table: columns not given are empty, rows not known by `until` are left out."""
        n = len(known)
        schema = TABLES[name].schema
        arrays = [columns[c] if c in columns else pa.nulls(n, schema.field(c).type) for c in TABLES[name].names]
        fields = [schema.field(c) for c in (*TABLES[name].names, "known_on")]
        arrays = [pa.repeat(a, n) if isinstance(a, str | bool) else a for a in arrays]
        whole = pa.table([*arrays, self.date(known)], schema=pa.schema(fields))
        in_time = whole.filter(pa.array(known < self.clock.n_days))
        return in_time.sort_by([("known_on", "ascending"), (TABLES[name].key[0], "ascending")]).combine_chunks()


def tables_of(simulation: Simulation) -> dict[str, pa.Table]:
    """Every table that the world writes."""
    writer = _Writer(simulation)
    tables = {"customers": _customers(writer), "invoices": _invoices(writer), "payments": _payments(writer)}
    optional = {"credit_notes": _credit_notes, "contacts": _contacts, "promises": _promises, "disputes": _disputes}
    tables |= {name: optional[name](writer) for name in sorted(simulation.world.tables)}
    if simulation.world.customers.currencies:
        tables["rates"] = _rates(writer)
    return tables


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


def _texts(values: tuple[str, ...], codes: Ints) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(codes, mask=np.asarray(codes) < 0))


def _stack(days: list[tuple[Any, ...]], width: int) -> list[Any]:
    if not days:
        return [np.empty(0, dtype=np.int64) for _ in range(width)]
    return [np.concatenate(column) for column in zip(*days, strict=True)]


def _customers(w: _Writer) -> pa.Table:
    who, inv = w.life.customers, w.life.invoices
    known = np.full(who.n, w.clock.n_days - 1)
    np.minimum.at(known, inv.customer, inv.arrives.astype(known.dtype))
    country = _texts(w.clock.countries, who.country)
    kind, segment = _texts(CUSTOMER_KINDS, who.kind), _texts(SEGMENTS, who.segment)
    name = names_of(w.rng(12), who.kind, [w.clock.countries[c] for c in who.country])
    table = w.table("customers", known, customer_id=w.customer_id, name=name, kind=kind, country=country, segment=segment)
    return table.sort_by("customer_id").combine_chunks()


def _invoices(w: _Writer) -> pa.Table:
    inv = w.life.invoices
    return w.table(
        "invoices",
        inv.arrives,
        invoice_id=w.invoice_id,
        customer_id=w.customer(inv.customer),
        business_unit="main",
        issued_on=w.date(inv.issued),
        issued_on_assumed=False,
        due_on=w.date(inv.due),
        amount=money(inv.amount),
        currency=w.currency_of(inv.customer),
    )


def _payments(w: _Writer) -> pa.Table:
    """One row an allocation. Cash that came without a reference is on the account first, and applied by a second version of the row."""
    row, day, cents = _stack(w.life.records.payments, 3)
    rng = w.rng(13)
    n = row.size
    identity = w.ids(14, "P", n, 8)
    clearing = (rng.random(n) < 0.25).astype(np.int32) + (rng.random(n) < 0.03)
    booked = day + clearing
    unapplied = rng.random(n) < w.world.unapplied_share
    applied = booked + 2 + rng.integers(0, 18, n)
    again = np.flatnonzero(unapplied)
    pick = np.concatenate([np.arange(n), again])
    first = np.arange(pick.size) < n
    known = np.where(first, booked[pick], applied[pick])
    owner = w.life.invoices.customer[row[pick]]
    return w.table(
        "payments",
        known,
        payment_id=identity.take(pa.array(pick)),
        invoice_id=w.invoice(row[pick], mask=first & unapplied[pick]),
        customer_id=w.customer(owner),
        paid_on=w.date(day[pick]),
        amount=money(cents[pick]),
        currency=w.currency_of(owner),
    )


def _credit_notes(w: _Writer) -> pa.Table:
    row, day, cents = _stack(w.life.records.credits, 3)
    owner = w.life.invoices.customer[row]
    return w.table(
        "credit_notes",
        day,
        credit_note_id=w.ids(15, "CN", row.size, 7),
        invoice_id=w.invoice(row),
        customer_id=w.customer(owner),
        issued_on=w.date(day),
        amount=money(cents),
        currency=w.currency_of(owner),
    )


def _contacts(w: _Writer) -> pa.Table:
    owner, day, action, channel, outcome, reason = _stack(w.life.records.contacts, 6)
    return w.table(
        "contacts",
        day,
        contact_id=w.ids(16, "K", owner.size, 8),
        customer_id=w.customer(owner),
        contacted_on=w.date(day),
        channel=_texts(CHANNELS, channel),
        action=_texts(ACTIONS, action),
        outcome=_texts(OUTCOMES, outcome),
        reason_code=_texts(REASON_CODES, reason),
    )


def _promises(w: _Writer) -> pa.Table:
    row, day, due, cents = _stack(w.life.records.promises, 4)
    return w.table(
        "promises",
        day,
        promise_id=w.ids(17, "PR", row.size, 7),
        customer_id=w.customer(w.life.invoices.customer[row]),
        invoice_id=w.invoice(row),
        promised_on=w.date(day),
        due_on=w.date(due),
        amount=money(cents),
    )


def _disputes(w: _Writer) -> pa.Table:
    """Grievances that reached us, and pretexts. The end of a dispute is a second version, known on the day it ended."""
    inv, rng = w.life.invoices, w.rng(18)
    real = np.flatnonzero((inv.released > 0) & (inv.voiced < np.minimum(inv.released, NEVER)))
    pretext, pretext_from = _pretexts(w, rng)
    row = np.concatenate([real, pretext])
    opened = np.concatenate([inv.voiced[real], pretext_from])
    closed = np.concatenate([inv.released[real], pretext_from + 8 + rng.integers(0, 40, pretext.size)])
    identity = w.ids(19, "D", row.size, 7)
    reason = rng.integers(0, len(GRIEVANCES), row.size)
    pick = np.tile(np.arange(row.size), 2)
    first = np.arange(pick.size) < row.size
    return w.table(
        "disputes",
        np.where(first, opened[pick], closed[pick]),
        dispute_id=identity.take(pa.array(pick)),
        invoice_id=w.invoice(row[pick]),
        customer_id=w.customer(inv.customer[row[pick]]),
        opened_on=w.date(opened[pick]),
        closed_on=w.date(np.where(first, NEVER, closed[pick])),
        reason=_texts(GRIEVANCES, reason[pick]),
    )


def _pretexts(w: _Writer, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Disputes made up by some of those who stretch, while their invoice is open."""
    inv = w.life.invoices
    row, day, _ = _stack(w.life.records.payments, 3)
    last_paid = np.full(inv.n, NEVER)
    last_paid[row] = day
    from_day = inv.due + 4 + rng.integers(0, 20, inv.n)
    stretched = (last_paid > from_day) & (inv.wanted > from_day) & (inv.released == 0)
    chosen = np.flatnonzero(stretched & (rng.random(inv.n) < w.world.grievances.pretext))
    return chosen, from_day[chosen]


def _rates(w: _Writer) -> pa.Table:
    """Weekly: how many units of the world's currency one unit of each other currency is worth."""
    rng = w.rng(20)
    who = w.world.customers
    weeks = np.arange(0, w.clock.n_days, 7)
    codes = sorted({who.currency, *who.currencies.values()})
    start = {code: 1.0 if code == who.currency else float(np.exp(rng.normal(0, 0.3))) for code in codes}
    walks = [start[c] * np.exp(np.cumsum(rng.normal(0, 0.0 if c == who.currency else 0.006, weeks.size))) for c in codes]
    days = np.tile(weeks, len(codes))
    currency = pa.array(np.repeat(codes, weeks.size).tolist(), pa.string())
    return w.table("rates", days, currency=currency, rate_on=w.date(days), rate=pa.array(np.round(np.concatenate(walks), 6)))
