"""What the customer owes on the day: how much, how old, and how that compares with what it usually carries."""

from __future__ import annotations

from typing import Any

import ibis

from features.portfolio import Portfolio
from features.view import Feature, FeatureView

MONTHS = 6

FEATURES = (
    Feature("overdue_share", "share of the open amount that is past due", "share", "OVERDUE_NOW"),
    Feature("overdue_count", "open invoices past due", "count", "OVERDUE_NOW"),
    Feature("max_dpd", "days past due of the oldest open invoice (at most 180)", "days", "OVERDUE_NOW"),
    Feature("overdue_mean_dpd", "mean days past due of open invoices past due (at most 180)", "days", "OVERDUE_NOW"),
    Feature("open_load", "open amount as a multiple of a usual month's invoices", "ratio", "OPEN_LOAD"),
    Feature("due_load", "amount due in the 14 days before or after as a multiple of a usual month's invoices", "ratio", "OPEN_LOAD"),
)


def exposure(portfolio: Portfolio) -> Any:
    """One row a customer with an open invoice, on each `as_of`."""
    c = portfolio.cohort
    overdue = c.dpd > 0
    dpd = ibis.least(ibis.greatest(c.dpd, 0), 180)
    due_soon = (c.dpd > -14) & (c.dpd <= 14)
    now = c.group_by(["as_of", "customer_id"]).agg(
        open_amount=c.open_amount.sum(),
        overdue_amount=ibis.ifelse(overdue, c.open_amount, 0.0).sum(),
        due_soon_amount=ibis.ifelse(due_soon, c.open_amount, 0.0).sum(),
        n_open=c.invoice_id.count(),
        n_overdue=overdue.cast("int64").sum(),
        n_open_in=c.currency.nunique(),
        open_in=c.currency.min(),
        max_dpd=dpd.max(),
        sum_dpd=dpd.sum(),
    )
    t = now.left_join(usual_month(portfolio), ["as_of", "customer_id"]).select(now, "a_month", "n_invoiced_in", "invoiced_in")

    def months(amount: Any) -> Any:
        # `least` passes over a null: where nothing was invoiced for half a year, anything is as much as can be, and nothing is nothing.
        load = ibis.ifelse(amount > 0, ibis.least(amount / t.a_month, 50.0), 0.0)
        return ibis.ifelse(is_mixed(t), ibis.null("float64"), load)

    return t.select(
        "as_of",
        "customer_id",
        overdue_share=ibis.ifelse(t.n_open_in > 1, t.n_overdue / t.n_open, t.overdue_amount / t.open_amount),
        overdue_count=t.n_overdue.cast("float64"),
        max_dpd=t.max_dpd.cast("float64"),
        overdue_mean_dpd=ibis.ifelse(t.n_overdue > 0, t.sum_dpd / ibis.greatest(t.n_overdue, 1), 0.0),
        open_load=months(t.open_amount),
        due_load=months(t.due_soon_amount),
    )


def is_mixed(t: Any) -> Any:
    """Whether what is open (`n_open_in, open_in`) and what is invoiced in a usual month are of several currencies.

    Such amounts are not added: invoices are counted instead, and nothing is said of a usual month.
    """
    return ((t.n_open_in > 1) | (t.n_invoiced_in > 1) | (t.open_in != t.invoiced_in)).fill_null(False)


def usual_month(portfolio: Portfolio) -> Any:
    """`a_month`, what is invoiced to a customer in a usual month of the last half year, and in how many currencies; one row a customer."""
    b = portfolio.snapshot.balances
    recent = b.filter((b.issued_on > b.as_of - ibis.interval(days=30 * MONTHS)) & (b.issued_on <= b.as_of))
    monthly = recent.group_by(["as_of", "customer_id"]).agg(
        invoiced=recent.amount.sum(),
        days=recent.as_of.delta(recent.issued_on, unit="day").max(),
        n_invoiced_in=recent.currency.nunique(),
        invoiced_in=recent.currency.min(),
    )
    a_month = monthly.invoiced * 30.0 / ibis.least(ibis.greatest(monthly.days, 30), 30 * MONTHS)
    return monthly.mutate(a_month=a_month).drop("invoiced", "days")


VIEW = FeatureView("exposure", "customer_id", FEATURES, exposure)
