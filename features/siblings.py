"""Invoices of one customer share their fate: what became of those due on the same day, and of those due later."""

from __future__ import annotations

from typing import Any

import ibis

from features.portfolio import Portfolio
from features.view import Feature, FeatureView

LONGEST_SILENCE = 120

FEATURES = (
    Feature("same_due_paid_share", "share of the customer's invoices due on the same day that are paid already", "share", "SKIPPED"),
    Feature("same_due_count", "log of the number of the customer's invoices due on the same day", "ratio"),
    Feature(
        "overtaken_share",
        "share of the customer's later-due known invoices that are paid already, before this one",
        "share",
        "SKIPPED",
    ),
    Feature("overtaken_count", "log of the number of later-due invoices paid before this one", "ratio", "SKIPPED"),
    Feature(
        "days_since_payment",
        f"days since this customer last paid anything (at most {LONGEST_SILENCE})",
        "days",
        "LAST_PAYMENT",
    ),
    Feature("paid_7_count", "log of the number of this customer's invoices paid in the last 7 days", "ratio", "LAST_PAYMENT"),
)


def siblings(portfolio: Portfolio) -> Any:
    """One row an open invoice, on each `as_of`."""
    b = portfolio.snapshot.balances
    paid = b.paid_on.notnull()
    by_due = b.group_by(["as_of", "customer_id", "due_on"]).agg(n=b.invoice_id.count(), n_paid=paid.cast("int64").sum())
    later = ibis.cumulative_window(group_by=["as_of", "customer_id"], order_by=ibis.desc("due_on"))
    by_due = by_due.mutate(n_from_here=by_due.n.sum().over(later), paid_from_here=by_due.n_paid.sum().over(later))
    since = b.as_of.delta(b.paid_on, unit="day")
    cleared = b.group_by(["as_of", "customer_id"]).agg(n_paid_7=(paid & (since < 7)).cast("int64").sum())
    # The days of money, which may be a part of an invoice; a credit note is none.
    money = portfolio.snapshot.receipts
    last = money.group_by(["as_of", "customer_id"]).agg(days_since=money.as_of.delta(money.paid_on, unit="day").min())
    cohort = portfolio.cohort.select("as_of", "invoice_id", "customer_id", "due_on")
    t = cohort.left_join(by_due, ["as_of", "customer_id", "due_on"]).select(cohort, "n", "n_paid", "n_from_here", "paid_from_here")
    t = t.left_join(cleared, ["as_of", "customer_id"]).select(t, "n_paid_7")
    t = t.left_join(last, ["as_of", "customer_id"]).select(t, "days_since")
    n_later = t.n_from_here - t.n
    paid_later = t.paid_from_here - t.n_paid
    return t.select(
        "as_of",
        "invoice_id",
        same_due_paid_share=t.n_paid / (t.n + 1.0),
        same_due_count=(t.n + 0.0).ln(),
        overtaken_share=paid_later / (n_later + 2.0),
        overtaken_count=(paid_later + 1.0).ln(),
        days_since_payment=ibis.least(t.days_since.fill_null(LONGEST_SILENCE), LONGEST_SILENCE).cast("float64"),
        paid_7_count=(t.n_paid_7 + 1.0).ln(),
    )


VIEW = FeatureView("siblings", "invoice_id", FEATURES, siblings)
