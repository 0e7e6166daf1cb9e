"""Debts collected on the due day, rolled to a business day: the calendar alone tells who is late, and that is no leak."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.progress import silent
from models.evaluate import auc
from models.payment.observations import late_if_not_due
from pipelines.config import load_config
from pipelines.leaks import refuse_canaries
from pipelines.learning import Learned, learn

FIRST, AS_OF = date(2024, 1, 1), date(2025, 6, 30)


def business_day(day: date) -> date:
    return day + timedelta(days=max(7 - day.weekday(), 0) if day.weekday() >= 5 else 0)


@pytest.fixture(scope="module")
def debits(ledger_of: Callable[..., Ledger]) -> Ledger:
    """200 consumers, due on a day of the month of their own; one in sixty debits fails and comes a week later."""
    rng = np.random.default_rng(5)
    invoices, payments = [], []
    for number in range(200):
        of_month, customer = int(rng.integers(1, 29)), f"C{number:03}"
        for month in range(18):
            due_on = date(FIRST.year + month // 12, 1 + month % 12, of_month)
            paid_on = business_day(due_on)
            if rng.random() < 1 / 60:
                paid_on = business_day(paid_on + timedelta(days=7))
            invoice = {"invoice_id": f"{customer}-{month:02}", "customer_id": customer, "amount": "29.90"}
            invoices.append(invoice | {"issued_on": str(due_on - timedelta(days=14)), "due_on": str(due_on)})
            payments += [invoice | {"paid_on": str(paid_on)}] if paid_on <= AS_OF else []
    return ledger_of(invoices=invoices, payments=payments)


@pytest.fixture(scope="module")
def collected(debits: Ledger, light: Path) -> Learned:
    return learn(debits, AS_OF, load_config(light), silent, payment_only=True)


def test_who_is_late_because_of_a_weekend_is_no_leak(collected: Learned) -> None:
    late = collected.validation["formulations"]["stacked"]["p_late"]
    assert collected.champion.payment.kind == "payment_time"
    assert late["auc"] > 0.97 > late["auc_alike"]
    rows = collected.observations
    outcome = late_if_not_due(rows)
    known = ~np.isnan(outcome)
    assert auc(outcome[known], rows.loc[known, "due_roll_days"].to_numpy(dtype="float64")) > 0.97


@pytest.mark.parametrize("leak", ["who is late", "the day"])
def test_a_column_that_knows_what_the_calendar_does_not_is_refused(collected: Learned, leak: str) -> None:
    rows = collected.observations
    days = rows["days_seen"].astype("float64")
    worn = days if leak == "the day" else (days + rows["dpd"] > 0) * 1.0
    refuse_canaries(rows, 0.97, seed=7)
    with pytest.raises(RefusedError, match=r"same_due_count (alone tells who will|knows the payment day)"):
        refuse_canaries(rows.assign(same_due_count=worn), 0.97, seed=7)
