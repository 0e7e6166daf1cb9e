"""When in a month the customer pays, and how far the due date is from there.

Who pays everything with a run in the middle of a month and one at its end hardly ever pays in between, whatever falls due. The shares are
for a month what the shares of the weekdays are for a week (`features.due_day`).
"""

from __future__ import annotations

from typing import Any

import ibis

from features.pay_runs import MONTH
from features.pay_shares import pay_shares
from features.portfolio import Portfolio
from features.view import Feature, FeatureView

DAYS = 5
STARTS = (1, 6, 11, 16, 21, 26)
"""The sixths of a month by their first days; the last one goes to the month's end."""
SHARES = tuple(f"pay_share_from_{start}" for start in STARTS)

FEATURES = (
    Feature(
        "month_day_gap",
        "days from the due date to the middle of the sixth of a month they pay in (0 where it lies in it), averaged over its habits",
        "days",
        "MONTH_DAY",
    ),
    *(
        Feature(
            name,
            f"share of this customer's invoices that were cleared in the sixth of a month that begins on day {start}",
            "share",
            "MONTH_DAY",
        )
        for name, start in zip(SHARES, STARTS, strict=True)
    ),
)


def month_days(portfolio: Portfolio) -> Any:
    """One row an open invoice, on each `as_of`."""
    cohort = portfolio.cohort.select("as_of", "invoice_id", "customer_id", "due_on")
    own = pay_shares(portfolio, lambda day: sixth_of(day.day()), SHARES)
    t = cohort.left_join(own, ["as_of", "customer_id"]).select(cohort, *SHARES)
    due, gap = t.due_on.day(), ibis.literal(0.0)
    for at, (name, start) in enumerate(zip(SHARES, STARTS, strict=True)):
        ahead = start + DAYS // 2 - due
        ahead = ibis.ifelse(ahead < 0, ahead + MONTH, ahead + 0.0)
        gap += t[name] * ibis.ifelse(sixth_of(due) == at, 0.0, ahead)
    return t.select("as_of", "invoice_id", *SHARES, month_day_gap=gap)


def sixth_of(day: Any) -> Any:
    """The place among `STARTS` of the sixth that a day of the month lies in, counted from 0; numbers, arrays and columns alike.

    >>> [sixth_of(day) for day in (1, 5, 6, 25, 26, 30, 31)]
    [0, 0, 1, 4, 5, 5, 5]
    """
    return (day - 1) // DAYS - day // 31


VIEW = FeatureView("month_days", "invoice_id", FEATURES, month_days)
