"""Who keeps back the same small part of every invoice has a habit, and no quarrel: a discount, what the bank takes, a tax."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from models.types.debtor_type import TypeModel, behaviour_of
from models.types.explain import TypeExplanation, explain_type
from models.types.settings import TypeSettings

TODAY = date(2025, 6, 30)
# Six months; terms of thirty days, and the money is there after ten.
INVOICES = """
invoice_id customer_id issued_on  due_on     amount
I1         ada         2024-12-08 2025-01-07 1000.00
I2         ada         2025-01-08 2025-02-07 1010.50
I3         ada         2025-02-08 2025-03-10 995.10
I4         ada         2025-03-08 2025-04-07 1020.70
I5         ada         2025-04-08 2025-05-08 1005.60
I6         ada         2025-05-08 2025-06-07 1212.80
"""
AMOUNTS = [Decimal(line.split()[-1]) for line in INVOICES.strip().splitlines()[1:]]
PROMPT = ("2024-12-17", "2025-01-17", "2025-02-17", "2025-03-17", "2025-04-17", "2025-05-17")
LATE = ("2025-02-06", "2025-03-10", "2025-04-09", "2025-05-08", "2025-06-06", "2025-06-30")


def books(*kept_back: Decimal, days: tuple[str, ...] = PROMPT, **more: Any) -> dict[str, Any]:
    payments = [
        {"invoice_id": f"I{n}", "paid_on": day, "amount": str(amount - rest)}
        for n, (day, amount, rest) in enumerate(zip(days, AMOUNTS, kept_back, strict=True), start=1)
    ]
    return {"invoices": INVOICES, "payments": payments, "stated": [str(TODAY)]} | more


def explained(ledger: Ledger) -> TypeExplanation:
    return explain_type(TypeModel.untrained(TypeSettings()), Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60)), "ada")


def share_of_each(share: str) -> list[Decimal]:
    return [round(amount * Decimal(share), 2) for amount in AMOUNTS]


@pytest.mark.parametrize(
    "kept_back",
    [[Decimal("10.00")] * 6, share_of_each("0.01"), share_of_each("0.03"), [*share_of_each("0.02")[:5], Decimal(0)]],
    ids=["a bank charge", "one per cent", "three per cent", "two per cent, but for one"],
)
def test_who_pays_on_time_less_what_they_always_deduct_is_compliant_and_late_on_no_day(
    ledger_of: Callable[..., Ledger], kept_back: list[Decimal]
) -> None:
    explanation = explained(ledger_of(**books(*kept_back)))
    assert explanation.debtor_type == "compliant", explanation
    assert explanation.rows.empty


def test_who_pays_late_is_late_until_the_payment_and_no_longer(ledger_of: Callable[..., Ledger]) -> None:
    whole, less = (
        behaviour_of(Portfolio(ledger_of(**books(*kept_back, days=LATE)).as_of(TODAY), FeatureSettings(staleness_days=60)), 365).iloc[0]
        for kept_back in ([Decimal(0)] * 6, share_of_each("0.03"))
    )
    assert (less["late_days_each"], less["withheld_share"], less["open_late_share"]) == (whole["late_days_each"], 0.0, 0.0)


NONE = Decimal(0)


@pytest.mark.parametrize(
    "kept_back",
    [
        [NONE, Decimal("40.10"), NONE, NONE, NONE, NONE],
        share_of_each("0.10"),
        [Decimal(one) for one in ("12.10", "48.30", "19.90", "37.70", "24.00", "55.20")],
    ],
    ids=["of one invoice", "a tenth of each", "now more, now less"],
)
def test_what_is_no_habit_or_not_small_is_held_back(ledger_of: Callable[..., Ledger], kept_back: list[Decimal]) -> None:
    explanation = explained(ledger_of(**books(*kept_back)))
    assert "withholds_a_part" in set(explanation.votes["rule"])
    assert explanation.rows["late_days"].max() > 50


def test_what_they_dispute_is_no_deduction(ledger_of: Callable[..., Ledger]) -> None:
    disputes = [{"invoice_id": f"I{n}", "customer_id": "ada", "opened_on": "2025-01-05", "reason": "price"} for n in range(1, 7)]
    explanation = explained(ledger_of(**books(*share_of_each("0.03"), disputes=disputes)))
    assert explanation.debtor_type == "circumstantial"
