"""How often a customer pays: the days from one of its days of payment to the next.

Who pays everything due with one run a month hardly ever pays in between, however long an invoice is past due. Set beside the days since the
last payment this tells how near the next one is, without knowing on which day of a week, month or fiscal month it falls.
"""

from __future__ import annotations

from typing import Any

from features.portfolio import Portfolio
from features.view import Feature, FeatureView

SEEN_DAYS = 365

FEATURES = (Feature("pay_gap", f"mean days between the days on which this customer paid, in the last {SEEN_DAYS} days", "days"),)


def pay_gaps(portfolio: Portfolio) -> Any:
    """One row a customer with an open invoice that paid on two days or more, on each `as_of`."""
    p = portfolio.snapshot.receipts
    p = p.semi_join(portfolio.cohort, ["as_of", "customer_id"])
    days = p.filter(p.as_of.delta(p.paid_on, unit="day") < SEEN_DAYS)
    days = days.group_by(["as_of", "customer_id"]).agg(n=days.paid_on.nunique(), first=days.paid_on.min(), last=days.paid_on.max())
    days = days.filter(days.n > 1)
    return days.select("as_of", "customer_id", pay_gap=days.last.delta(days.first, unit="day") / (days.n - 1.0))


VIEW = FeatureView("pay_gaps", "customer_id", FEATURES, pay_gaps)
