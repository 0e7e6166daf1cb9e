"""The ledger's tables of a life; what ends or is corrected later is a second version, known on the day it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ledger.tables import ACTIONS, CHANNELS, CUSTOMER_KINDS, REASON_CODES
from simulator.collectors import OUTCOMES
from simulator.names import names_of
from simulator.population import SEGMENTS
from simulator.portfolio import NEVER
from simulator.writer import Numbers, Writer, money, texts

if TYPE_CHECKING:
    from simulator.simulation import Simulation

GRIEVANCES = ("damaged goods", "missing delivery", "price differs from order", "service not rendered", "wrong quantity")


def tables_of(simulation: Simulation) -> dict[str, pa.Table]:
    """Every table that the world writes."""
    writer = Writer(simulation)
    tables = {"customers": _customers(writer), "invoices": _invoices(writer), "payments": _payments(writer)}
    optional = {"credit_notes": _credit_notes, "contacts": _contacts, "promises": _promises, "disputes": _disputes}
    tables |= {name: optional[name](writer) for name in sorted(simulation.world.tables)}
    if simulation.world.customers.currencies:
        tables["rates"] = _rates(writer)
    return tables


def _stack(days: list[tuple[Any, ...]], width: int) -> list[Any]:
    if not days:
        return [np.empty(0, dtype=np.int64) for _ in range(width)]
    return [np.concatenate(column) for column in zip(*days, strict=True)]


def _customers(w: Writer) -> pa.Table:
    who, inv = w.life.customers, w.life.invoices
    known = np.full(who.n, w.clock.n_days - 1)
    np.minimum.at(known, inv.customer, inv.arrives.astype(known.dtype))
    country = texts(w.clock.countries, who.country)
    kind, segment = texts(CUSTOMER_KINDS, who.kind), texts(SEGMENTS, who.segment)
    name = names_of(w.rng(12), who.kind, [w.clock.countries[c] for c in who.country])
    table = w.table("customers", known, customer_id=w.customer_id, name=name, kind=kind, country=country, segment=segment)
    return table.sort_by("customer_id").combine_chunks()


def _invoices(w: Writer) -> pa.Table:
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


def _payments(w: Writer) -> pa.Table:
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


def _credit_notes(w: Writer) -> pa.Table:
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


def _contacts(w: Writer) -> pa.Table:
    owner, day, action, channel, outcome, reason = _stack(w.life.records.contacts, 6)
    return w.table(
        "contacts",
        day,
        contact_id=w.ids(16, "K", owner.size, 8),
        customer_id=w.customer(owner),
        contacted_on=w.date(day),
        channel=texts(CHANNELS, channel),
        action=texts(ACTIONS, action),
        outcome=texts(OUTCOMES, outcome),
        reason_code=texts(REASON_CODES, reason),
    )


def _promises(w: Writer) -> pa.Table:
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


def _disputes(w: Writer) -> pa.Table:
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
        reason=texts(GRIEVANCES, reason[pick]),
    )


def _pretexts(w: Writer, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Disputes made up by some of those who stretch, over an invoice that has reached them and while it is open."""
    inv = w.life.invoices
    row, day, _ = _stack(w.life.records.payments, 3)
    last_paid = np.full(inv.n, NEVER)
    last_paid[row] = day
    from_day = np.maximum(inv.due, inv.arrives) + 4 + rng.integers(0, 20, inv.n)
    stretched = inv.stretched & (last_paid > from_day) & (inv.wanted > from_day) & (inv.released == 0)
    chosen = np.flatnonzero(stretched & (rng.random(inv.n) < w.world.grievances.pretext))
    return chosen, from_day[chosen]


def _rates(w: Writer) -> pa.Table:
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
