"""Blind to the future: who stands on a day sees the same, whatever becomes known after it.

Small ledgers of every kind of fact are made, with late bookings and corrections. One copy keeps its future; in the other all of it is cut
off: facts and versions known after the day, ends of disputes that were still open, statements of days to come. Both must look alike. Any
two ledgers that differ only in their future have the same copy without one, so they look alike too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.asked import asked_customers, last_labels
from features.behaviour import behaviour
from features.cohort import left_out
from features.matrix import feature_matrix
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from ledger.tables import TABLES
from simulator import load_world, simulate, write_ledger

FIRST = date(2024, 1, 1)
TODAY = FIRST + timedelta(days=80)
SETTINGS = FeatureSettings(staleness_days=30)
Draw = Callable[[st.SearchStrategy[Any]], Any]
Tables = dict[str, list[dict[str, Any]]]


def day(most: int = 110) -> st.SearchStrategy[date]:
    """A day of the story; many of them lie just before and just after today, where it matters."""
    return st.sampled_from([n for n in (0, 20, 45, 60, 72, 78, 79, 80, 81, 82, 84, 90, 110) if n <= most]).map(
        lambda n: FIRST + timedelta(days=n)
    )


def versions(draw: Draw, row: dict[str, Any], event_on: str, **corrections: st.SearchStrategy[Any]) -> Iterator[dict[str, Any]]:
    """The row, booked some days after it happened, and perhaps a later version of it."""
    known = row[event_on] + timedelta(days=draw(st.sampled_from([0, 0, 0, 4, 30])))
    yield row | {"known_on": known}
    if draw(st.booleans()):
        later = known + timedelta(days=draw(st.sampled_from([1, 10, 40])))
        yield row | {name: draw(values) for name, values in corrections.items()} | {"known_on": later}


@st.composite
def ledgers(draw: Draw) -> Tables:
    """Up to eight invoices of three customers in two currencies, and all that may happen to them."""
    amounts = st.sampled_from([10, 55, 100])
    tables: Tables = {name: [] for name in TABLES}
    for customer in "abc":
        row = {"customer_id": customer, "country": draw(st.sampled_from(["DE", None]))}
        tables["customers"].append(row | {"known_on": FIRST})
        if draw(st.booleans()):
            tables["customers"].append(row | {"country": "US", "known_on": FIRST + timedelta(days=draw(st.sampled_from([40, 90])))})
    for number in range(draw(st.integers(2, 8))):
        issued = draw(day(95))
        invoice = {
            "invoice_id": f"I{number}",
            "customer_id": draw(st.sampled_from("abc")),
            "issued_on": issued,
            "due_on": issued + timedelta(days=draw(st.sampled_from([0, 14, 30]))),
            "amount": draw(amounts),
            "currency": draw(st.sampled_from(["EUR", "USD"])),
        }
        tables["invoices"] += versions(draw, invoice, "issued_on", amount=amounts, due_on=st.just(issued + timedelta(days=45)))
        about = {name: invoice[name] for name in ("invoice_id", "customer_id", "currency")}
        for part in range(draw(st.integers(0, 2))):
            money = about | {"paid_on": draw(day()), "amount": draw(amounts), "payment_id": f"P{number}.{part}"}
            tables["payments"] += versions(draw, money, "paid_on", amount=amounts)
        if draw(st.booleans()):
            name = draw(st.sampled_from(["credit_notes", "disputes", "promises"]))
            happened = draw(day())
            if name == "credit_notes":
                note = about | {"credit_note_id": f"N{number}", "issued_on": happened, "amount": 10}
                tables[name] += versions(draw, note, "issued_on", amount=amounts)
            elif name == "disputes":
                closed = happened + timedelta(days=draw(st.sampled_from([5, 40])))
                dispute = about | {"dispute_id": f"D{number}", "opened_on": happened, "closed_on": closed}
                tables[name] += versions(draw, dispute, "opened_on", closed_on=st.none())
            else:
                promise = about | {"promise_id": f"M{number}", "promised_on": happened, "due_on": happened + timedelta(days=7)}
                tables[name] += versions(draw, promise, "promised_on", due_on=st.just(happened + timedelta(days=20)))
    for number in range(draw(st.integers(0, 3))):
        customer, happened = draw(st.sampled_from("abc")), draw(day())
        contact = {"contact_id": f"K{number}", "customer_id": customer, "contacted_on": happened, "action": "call", "channel": "phone"}
        outcomes = st.sampled_from(["no_answer", "promise", "refused"])
        tables["contacts"] += versions(draw, contact | {"outcome": draw(outcomes)}, "contacted_on", outcome=outcomes)
        label = {"label_id": f"L{number}", "customer_id": customer, "labelled_on": happened, "debtor_type": "intentional"}
        tables["type_labels"] += versions(draw, label, "labelled_on", debtor_type=st.just("compliant"))
    # A sign of life every five days, so that the source was being watched on the day; how long it goes on is the future's.
    for n in range(0, draw(st.sampled_from([81, 90, 110])), 5):
        happened = FIRST + timedelta(days=n)
        tables["rates"].append({"currency": "USD", "rate_on": happened, "rate": 0.9 + n / 1000, "known_on": happened})
    return tables


def without_future(tables: Tables, today: date) -> Tables:
    """The same facts as far as they were known at the end of that day."""
    cut = {name: [row for row in rows if row["known_on"] <= today] for name, rows in tables.items()}
    ended = [row["closed_on"] is not None and row["closed_on"] <= today for row in cut["disputes"]]
    cut["disputes"] = [row if is_over else row | {"closed_on": None} for row, is_over in zip(cut["disputes"], ended, strict=True)]
    return cut


def all_that_is_seen(ledger: Ledger, today: date) -> dict[str, pd.DataFrame]:
    portfolio = Portfolio.on(ledger, SETTINGS, today)
    keyed = {"behaviour": behaviour(portfolio), "asked": asked_customers(portfolio), "labels": last_labels(portfolio, 365)}
    seen = {name: view.to_pandas().sort_values("customer_id", ignore_index=True) for name, view in keyed.items()}
    counted = pd.DataFrame([left_out(portfolio.snapshot, SETTINGS)])
    return {"matrix": feature_matrix(portfolio), "left out": counted, **seen}


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    tables=ledgers(), stated=st.sampled_from([(), (TODAY + timedelta(days=20),), (TODAY - timedelta(days=5), TODAY + timedelta(days=20))])
)
def test_the_future_changes_nothing_that_is_seen_today(ledger_of: Callable[..., Ledger], tables: Tables, stated: tuple[date, ...]) -> None:
    known = without_future(tables, TODAY)
    if not known["invoices"]:
        return
    whole = ledger_of(stated=[one.isoformat() for one in stated], **tables)
    blind = ledger_of(stated=[one.isoformat() for one in stated if one <= TODAY], **known)
    expected = all_that_is_seen(blind, TODAY)
    for name, frame in all_that_is_seen(whole, TODAY).items():
        pd.testing.assert_frame_equal(frame, expected[name], check_exact=True, obj=name)


def test_the_future_does_not_even_move_the_last_bit(tmp_path: Path) -> None:
    """Sums hang on the order of their rows, which hangs on how many there are; rules that compare them with round numbers see it."""
    simulation = simulate(load_world("default"), customers=120, months=18, until=date(2025, 12, 31), seed=3)
    for name in ("whole", "blind"):
        write_ledger(simulation, str(tmp_path / name))
    for path in (tmp_path / "blind").glob("*.parquet"):
        rows = pq.read_table(path)
        pq.write_table(rows.filter(pc.less_equal(rows["known_on"], date(2025, 9, 30))), path)
    days = [date(2025, month, 28) for month in (5, 6, 7, 8, 9)]
    told = []
    for name in ("whole", "blind"):
        portfolio = Portfolio(Ledger.open(str(tmp_path / name)).as_of(*days), SETTINGS)
        told.append(behaviour(portfolio).to_pandas().sort_values(["as_of", "customer_id"], ignore_index=True))
    assert len(told[0]) > 400
    pd.testing.assert_frame_equal(*told, check_exact=True)
