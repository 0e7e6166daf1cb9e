"""Of many small invoices whoever is short of money pays some in parts and most at once: a few parts among many deny nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from features.behaviour import NAMES
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from models.types.debtor_type import PROBABILITIES, TypeModel
from models.types.rules import vote
from models.types.settings import TypeSettings

TODAY = date(2025, 6, 30)
LATE, IN_PARTS = 20, (8, 13, 17)


@pytest.mark.parametrize(("slow", "said"), [(8.0, [0.0, 0.0, 1.0]), (9.0, [0.0, None, 1.0])])
def test_a_few_parts_among_many_invoices_say_nothing(slow: float, said: list[float | None]) -> None:
    late = {"due_count": 20.0, "slow_count": slow, "slow_share": slow / 20, "late_days_each": 12.0, "in_parts_share": 0.4}
    frame = pd.DataFrame({**dict.fromkeys(NAMES, 0.0), **late}, index=range(3))
    frame = frame.assign(round_part_share=[0.0, 0.2, 0.35], need_share=[0.0, 0.2, 0.5])
    for rule in ("pays_round_parts", "mostly_in_parts"):
        told = vote(frame, TypeSettings())[rule].tolist()
        np.testing.assert_array_equal(told, np.array(said, dtype="float64"))


def test_who_pays_twenty_small_invoices_as_money_comes_in_is_short_of_it(ledger_of: Callable[..., Ledger]) -> None:
    """All late by three weeks, in due order, three of them in two parts, and twice they say that money is short.

    Beside them stand five who pay one invoice in parts, so that the ledger tells of parts at all.
    """
    invoices, payments, contacts = [], [], []
    for n in range(20):
        due = TODAY - timedelta(days=8 * (20 - n))
        row = {"invoice_id": f"A{n:02}", "customer_id": "ada", "amount": f"{187 + 7 * n}.30"}
        invoices.append(row | {"issued_on": str(due - timedelta(days=14)), "due_on": str(due)})
        parts = [(LATE, "100.00"), (LATE + 7, f"{87 + 7 * n}.30")] if n in IN_PARTS else [(LATE, row["amount"])]
        payments += [row | {"paid_on": str(due + timedelta(days=days)), "amount": part} for days, part in parts]
    for n in range(5):
        row = {"invoice_id": f"O{n}", "customer_id": f"other{n}", "amount": "900.00"}
        invoices.append(row | {"issued_on": "2025-04-01", "due_on": "2025-05-01"})
        payments += [row | {"paid_on": day, "amount": "450.00"} for day in ("2025-05-20", "2025-06-10")]
    for day in ("2025-04-20", "2025-06-05"):
        contacts.append({"customer_id": "ada", "contacted_on": day, "action": "call", "outcome": "reached", "reason_code": "hardship"})
    paid = [row for row in payments if row["paid_on"] <= str(TODAY)]
    ledger = ledger_of(invoices=invoices, payments=paid, contacts=contacts, stated=[str(TODAY)])
    portfolio = Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60))
    told = TypeModel.untrained(TypeSettings()).predict(portfolio).set_index("customer_id").loc["ada"]
    assert told["debtor_type"] in ("fortuitous", "undetermined")
    assert told["p_fortuitous"] == told[list(PROBABILITIES)].max()
