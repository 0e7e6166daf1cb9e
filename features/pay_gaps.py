"""How often a customer pays: the days from one of its days of payment to the next, and how steady they are.

Who pays everything due with one run a month hardly ever pays in between, however long an invoice is past due; set beside the days since the
last payment this tells how near the next one is, without knowing on which day of a week, month or fiscal month it falls.
"""

from __future__ import annotations

from typing import Any

import ibis

from features.portfolio import Portfolio
from features.view import Feature, FeatureView

SEEN_DAYS = 365

FEATURES = (
    Feature(
        "pay_gap",
        f"mean days between the days on which this customer paid, in the last {SEEN_DAYS} days",
        "days",
        "LAST_PAYMENT",
        "paid_lately",
    ),
    Feature("pay_gap_spread", "how much those days vary, as a share of their mean", "ratio", "LAST_PAYMENT", "paid_lately"),
)


def pay_gaps(portfolio: Portfolio) -> Any:
    """One row a customer with an open invoice that paid on two days or more, on each `as_of`."""
    b = portfolio.snapshot.balances
    b = b.semi_join(portfolio.cohort, ["as_of", "customer_id"])
    days = b.filter(b.paid_on.notnull() & (b.as_of.delta(b.paid_on, unit="day") < SEEN_DAYS))
    days = days.select("as_of", "customer_id", "paid_on").distinct()
    before = ibis.window(group_by=["as_of", "customer_id"], order_by="paid_on")
    days = days.mutate(gap=days.paid_on.delta(days.paid_on.lag().over(before), unit="day").cast("float64"))
    t = days.group_by(["as_of", "customer_id"]).agg(pay_gap=days.gap.mean(), spread=days.gap.std())
    t = t.filter(t.pay_gap.notnull())
    return t.select("as_of", "customer_id", "pay_gap", pay_gap_spread=t.spread / t.pay_gap)


VIEW = FeatureView("pay_gaps", "customer_id", FEATURES, pay_gaps)
