"""Where the due date and the day itself lie in the week and the month."""

from __future__ import annotations

from typing import Any

import ibis

from features.portfolio import Portfolio
from features.view import Feature, FeatureView

FEATURES = (
    Feature("due_weekday", "weekday of the due date (0 Monday)", "code", "DUE_DAY"),
    Feature("due_roll_days", "days by which the due date rolls to the next business day", "days", "DUE_DAY"),
    Feature("due_day_of_month", "day of the month of the due date", "code", "DUE_DAY"),
    Feature("due_to_month_end", "days from the due date to its month's end", "days", "DUE_DAY"),
    Feature("as_of_weekday", "weekday of the day we stand on (0 Monday)", "code"),
    Feature("business_days_past_due", "business days past due (negative: until due)", "days", "AGE"),
)


def calendar(portfolio: Portfolio) -> Any:
    """One row an open invoice, on each `as_of`."""
    c = portfolio.cohort.select("as_of", "invoice_id", "country", "due_on")
    days = portfolio.snapshot.calendar
    due = days.select("country", "roll_on", due_on="day", due_index="business_index")
    today = days.select("country", as_of="day", as_of_index="business_index")
    t = c.left_join(due, ["country", "due_on"]).select(c, "roll_on", "due_index")
    t = t.left_join(today, ["country", "as_of"]).select(t, "as_of_index")
    month_end = t.due_on.truncate("M") + ibis.interval(months=1) - ibis.interval(days=1)
    return t.select(
        "as_of",
        "invoice_id",
        due_weekday=t.due_on.day_of_week.index().cast("float64"),
        due_roll_days=t.roll_on.delta(t.due_on, unit="day").cast("float64"),
        due_day_of_month=t.due_on.day().cast("float64"),
        due_to_month_end=month_end.cast("date").delta(t.due_on, unit="day").cast("float64"),
        as_of_weekday=t.as_of.day_of_week.index().cast("float64"),
        business_days_past_due=(t.as_of_index - t.due_index).cast("float64"),
    )


VIEW = FeatureView("calendar", "invoice_id", FEATURES, calendar)
