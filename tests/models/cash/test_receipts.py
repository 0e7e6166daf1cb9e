"""The cash that came, by calendar week, on invoices that were open on a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from ledger.ledger import Ledger
from models.cash.receipts import receipts, week_ends, week_starts

INVOICES = """
invoice_id customer_id issued_on  due_on     amount
A          C1          2024-01-01 2024-02-01 100
B          C1          2024-01-01 2024-02-01 80
"""
PAYMENTS = """
invoice_id paid_on    amount known_on
A          2024-01-09 10     2024-01-09
A          2024-01-14 20     2024-01-14
A          2024-01-15 30     2024-01-15
A          2024-01-24 40     2024-02-02
"""


@pytest.fixture(scope="module")
def ledger(ledger_of: Callable[..., Ledger]) -> Ledger:
    credits = [{"invoice_id": "B", "issued_on": "2024-01-16", "amount": 80, "known_on": "2024-01-16"}]
    return ledger_of(invoices=INVOICES, payments=PAYMENTS, credit_notes=credits, stated=["2024-01-29", "2024-02-10"])


def asked(day: str) -> pd.DataFrame:
    return pd.DataFrame({"invoice_id": ["A", "B"], "as_of": pd.Timestamp(day), "source": "erp"})


def test_cash_falls_into_the_rest_of_this_week_and_then_into_whole_weeks(ledger: Ledger) -> None:
    """Tuesday the 9th: its own payment is past, Sunday the 14th ends the first week, a credit note is no cash."""
    came = receipts(asked("2024-01-09"), ledger, date(2024, 2, 10), weeks=3)
    assert came.tolist() == [[20.0, 30.0, 40.0], [0.0, 0.0, 0.0]]


def test_what_was_not_known_yet_did_not_come_yet(ledger: Ledger) -> None:
    came = receipts(asked("2024-01-09"), ledger, date(2024, 1, 29), weeks=3)
    assert came[0].tolist() == [20.0, 30.0, 0.0]


def test_a_week_that_was_not_watched_to_its_end_is_not_known(ledger: Ledger) -> None:
    came = receipts(asked("2024-01-22"), ledger, date(2024, 1, 29), weeks=2)
    assert came[0, 0] == 0.0
    assert np.isnan(came[:, 1]).all()


def test_from_a_sunday_the_first_week_is_a_whole_one() -> None:
    sunday = pd.Series(pd.to_datetime(["2024-01-14"]))
    assert week_ends(sunday, 2).tolist() == [[7, 14]]
    assert week_starts(date(2024, 1, 14), 2).astype(str).tolist() == ["2024-01-15", "2024-01-22"]
