"""This invoice against the customer's norm: its amount, its terms, and whether we sent it late ourselves."""

from __future__ import annotations

from typing import Any

import ibis

from features.portfolio import Portfolio, shrunk
from features.view import Feature, FeatureView

FEATURES = (
    Feature("dpd", "days past due (negative: days until due)", "days", "AGE"),
    Feature("log_amount", "logarithm of the invoice amount", "money", "AMOUNT_UNUSUAL"),
    Feature("amount_ratio", "amount as a multiple of the customer's usual amount in its currency", "ratio", "AMOUNT_UNUSUAL"),
    Feature("open_share", "share of the amount still open", "share", "PART_PAYMENTS"),
    Feature("terms_days", "days from issue to due", "days", "TERMS"),
    Feature("terms_change", "terms minus the customer's usual terms", "days", "TERMS"),
    Feature("sent_late_days", "days from the invoice's date to the day it is known to have gone out", "days", "TERMS"),
)


def terms(portfolio: Portfolio) -> Any:
    """One row an open invoice, on each `as_of`."""
    k = portfolio.settings.shrinkage
    h = portfolio.history
    own = h.group_by(["as_of", "customer_id"]).agg(n=h.weight.sum(), terms=(h.weight * h.due_on.delta(h.issued_on, unit="day")).sum())
    c = portfolio.cohort
    t = c.left_join(own, ["as_of", "customer_id"]).select(c, "n", "terms")
    t = t.left_join(portfolio.usual, "as_of").drop("as_of_right")
    # What an amount is worth is told by others of its currency alone.
    logs = h.select("as_of", "customer_id", "currency", "weight", of_logs=h.weight * (h.amount + 1).ln())
    for names, suffix in ((["as_of", "customer_id", "currency"], "own"), (["as_of", "currency"], "all")):
        sums = logs.group_by(names).agg(**{f"n_{suffix}": logs.weight.sum(), f"logs_{suffix}": logs.of_logs.sum()})
        t = t.left_join(sums, names).select(t, f"n_{suffix}", f"logs_{suffix}")
    log_amount = (t.amount + 1).ln()
    usual_amount = shrunk(t.logs_own, t.n_own, (t.logs_all / t.n_all).fill_null(log_amount), k)
    usual_terms = shrunk(t.terms, t.n, t.usual_terms_days.fill_null(30.0), k)
    return t.select(
        "as_of",
        "invoice_id",
        "terms_days",
        dpd=t.dpd.cast("float64"),
        log_amount=log_amount,
        amount_ratio=ibis.least((log_amount - usual_amount).exp(), 1000.0),
        open_share=t.open_amount / t.amount,
        terms_change=t.terms_days - usual_terms,
        sent_late_days=ibis.least(t.first_known_on.delta(t.issued_on, unit="day"), 90).cast("float64"),
    )


VIEW = FeatureView("terms", "invoice_id", FEATURES, terms)
