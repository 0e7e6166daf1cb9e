"""What became of a row: paid, or unseen; an unfinished window is never a negative."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.ledger import Ledger
from models.cash.receipts import receipts
from models.payment.observations import late_outcome, paid_outcome, with_outcomes

AS_OF = pd.Timestamp("2024-01-20")


@pytest.fixture
def ledger(ledger_of: Callable[..., Ledger]) -> Ledger:
    return ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        paid       ada         2024-01-01 2024-01-25 100
        in_parts   ada         2024-01-01 2024-01-25 100
        booked     ada         2024-01-01 2024-01-25 100
        open       ada         2024-01-01 2024-01-25 100
        """,
        payments="""
        invoice_id paid_on    amount known_on
        paid       2024-01-24 100    2024-01-24
        in_parts   2024-01-22 40     2024-01-22
        in_parts   2024-02-02 60     2024-02-02
        booked     2024-01-18 100    2024-01-23
        """,
        stated=["2024-02-10"],
    )


def asked(*invoices: str) -> pd.DataFrame:
    return pd.DataFrame({"invoice_id": invoices, "as_of": AS_OF, "dpd": -5.0})


def test_outcomes_as_known_on_a_day(ledger: Ledger) -> None:
    rows = with_outcomes(asked("paid", "in_parts", "booked", "open"), ledger, date(2024, 2, 10)).set_index("invoice_id")
    # `booked` had been paid before we asked, though nobody knew: it says nothing of unpaid invoices.
    assert rows.index.tolist() == ["paid", "in_parts", "open"]
    assert rows["days_seen"].tolist() == [4, 13, 21]
    assert rows["is_paid"].tolist() == [True, True, False]
    assert rows["window_days"].tolist() == [21, 21, 21]
    assert late_outcome(rows).tolist() == [0.0, 1.0, 1.0]
    assert paid_outcome(rows, 14).tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize(("booked_after", "unseen"), [(0, 0), (6, 6)])
def test_what_is_booked_late_is_unseen_until_then(ledger_of: Callable[..., Ledger], booked_after: int, unseen: int) -> None:
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(40)]
    invoices = [{"invoice_id": f"I{n}", "customer_id": "C", "issued_on": day, "due_on": day, "amount": 10} for n, day in enumerate(days)]
    paid = [(n, day + timedelta(days=2)) for n, day in enumerate(days[:36])]
    payments = [{"invoice_id": f"I{n}", "paid_on": day, "amount": 10, "known_on": day + timedelta(days=booked_after)} for n, day in paid]
    ledger = ledger_of(invoices=invoices, payments=payments)
    rows = with_outcomes(asked("I39"), ledger, days[-1])
    assert ledger.observed_until(days[-1]) == {"erp": days[-1]}
    assert rows["seen_until"].tolist() == [pd.Timestamp(days[-1] - timedelta(days=unseen))]
    came = receipts(asked("I39").assign(source="erp", as_of=pd.Timestamp("2024-02-01")), ledger, days[-1], 1)
    assert np.isfinite(came).all() == (unseen == 0)


def test_an_earlier_day_knows_less(ledger: Ledger) -> None:
    rows = with_outcomes(asked("paid", "in_parts", "open"), ledger, date(2024, 1, 24)).set_index("invoice_id")
    assert rows["is_paid"].tolist() == [True, False, False]
    assert np.isnan(late_outcome(rows)).all()
    assert np.isnan(paid_outcome(rows, 14)).all()
    assert paid_outcome(rows, 4).tolist() == [1.0, 0.0, 0.0]


def test_outcomes_can_be_told_anew(ledger: Ledger) -> None:
    once = with_outcomes(asked("paid", "open"), ledger, date(2024, 1, 24))
    again = with_outcomes(once, ledger, date(2024, 2, 10))
    pd.testing.assert_frame_equal(again, with_outcomes(asked("paid", "open"), ledger, date(2024, 2, 10)))


@given(st.integers(-30, 30), st.integers(1, 60), st.integers(0, 60), st.sampled_from([0, 5, 30]))
def test_seeing_more_never_changes_what_was_known(dpd: int, to_pay: int, window: int, k: int) -> None:
    def row(watched: int) -> pd.DataFrame:
        seen = {"dpd": [dpd], "window_days": [watched], "is_paid": [to_pay <= watched], "days_seen": [min(to_pay, watched)]}
        return pd.DataFrame(seen)

    for outcome in (late_outcome, paid_outcome):
        told, final = outcome(row(window), k)[0], outcome(row(1000), k)[0]
        assert np.isnan(told) or told == final
    assert late_outcome(row(1000), k)[0] == float(dpd + to_pay > k)
    assert paid_outcome(row(1000), k)[0] == float(to_pay <= k)
    if window < k - dpd:
        assert np.isnan(late_outcome(row(window), k)[0])
