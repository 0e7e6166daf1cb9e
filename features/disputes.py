"""Whether this very invoice is disputed now, or was."""

from __future__ import annotations

from typing import Any

from features.portfolio import Portfolio
from features.view import Feature, FeatureView

FEATURES = (
    Feature("dispute_open", "1 where a dispute on this invoice is open", "code", "DISPUTE"),
    Feature("dispute_age", "days since the open dispute began (0 where there is none, at most 180)", "days", "DISPUTE"),
    Feature("dispute_solved", "1 where a dispute on this invoice was closed", "code", "DISPUTE"),
)


def is_open(disputes: Any) -> Any:
    """Which disputes are open: one of which nobody knows when it began is taken for settled."""
    return disputes.closed_on.isnull() & disputes.opened_on.notnull()


def disputes(portfolio: Portfolio) -> Any:
    """One row an open invoice, on each `as_of`; those without a dispute have zeros."""
    import ibis

    d = portfolio.snapshot.known("disputes")
    d = d.mutate(is_open=is_open(d))
    per_invoice = d.group_by(["as_of", "invoice_id"]).agg(
        n_open=d.is_open.cast("int64").sum(),
        n_closed=d.closed_on.notnull().cast("int64").sum(),
        open_age=ibis.ifelse(d.is_open, d.as_of.delta(d.opened_on, unit="day"), 0).max(),
    )
    c = portfolio.cohort.select("as_of", "invoice_id")
    t = c.left_join(per_invoice, ["as_of", "invoice_id"]).select(c, "n_open", "n_closed", "open_age")
    return t.select(
        "as_of",
        "invoice_id",
        dispute_open=(t.n_open.fill_null(0) > 0).cast("float64"),
        dispute_age=ibis.least(t.open_age.fill_null(0), 180).cast("float64"),
        dispute_solved=(t.n_closed.fill_null(0) > 0).cast("float64"),
    )


VIEW = FeatureView("disputes", "invoice_id", FEATURES, disputes)
