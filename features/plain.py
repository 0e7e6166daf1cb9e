"""What is told of a customer: plain figures, counted in the ledger as it was known on the day.

A model reads estimates, which are drawn towards peers, weighted by age and capped. Said of a customer they would be false.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import ibis
import pandas as pd

from features.dealings import contacts, promises
from features.disputes import is_open
from features.exposure import is_mixed, usual_month
from features.portfolio import Portfolio


def plain_figures(portfolio: Portfolio) -> Any:
    """One row a customer with an open invoice, on each `as_of`.

    Columns: `n_due` invoices that have come due, of them `n_late`, `n_in_parts`; `days_late` on average of those paid; `days_late_lately`
    and `days_late_before` of all, the open ones until today (`n_open_lately` and `n_open_before` of them); of the last half year
    `n_tried` contacts that could be answered, of them `n_unanswered`, and `n_kept, n_broken`;
    `days_since_payment` of any kind, whoever paid for them (null: never paid); `months_open`, what is open over a month's invoices
    (null: of several currencies).
    """
    t = portfolio.cohort.select("as_of", "customer_id").distinct()
    for part in (_invoices(portfolio), contacts(portfolio).drop("n_contacts"), promises(portfolio), _payments(portfolio), _load(portfolio)):
        t = t.left_join(part, ["as_of", "customer_id"]).drop("as_of_right", "customer_id_right")
    return t


def _invoices(portfolio: Portfolio) -> Any:
    h = portfolio.history
    days = ibis.coalesce(h.paid_on, h.as_of).delta(h.due_on, unit="day").cast("float64")
    lately = h.age <= portfolio.settings.recent_days
    return h.group_by(["as_of", "customer_id"]).agg(
        n_due=h.invoice_id.count(),
        n_late=h.is_late.cast("int64").sum(),
        n_in_parts=(h.n_payments > 1).cast("int64").sum(),
        days_late=days.mean(where=h.paid_on.notnull()),
        days_late_lately=days.mean(where=lately),
        n_open_lately=h.is_open.cast("int64").sum(where=lately),
        days_late_before=days.mean(where=~lately),
        n_open_before=h.is_open.cast("int64").sum(where=~lately),
    )


def _payments(portfolio: Portfolio) -> Any:
    paid = portfolio.snapshot.receipts
    return paid.group_by(["as_of", "customer_id"]).agg(days_since_payment=paid.as_of.delta(paid.paid_on, unit="day").min())


def _load(portfolio: Portfolio) -> Any:
    c = portfolio.cohort
    now = c.group_by(["as_of", "customer_id"]).agg(
        open_amount=c.open_amount.sum(), n_open_in=c.currency.nunique(), open_in=c.currency.min()
    )
    t = now.left_join(usual_month(portfolio), ["as_of", "customer_id"]).drop("as_of_right", "customer_id_right")
    return t.select("as_of", "customer_id", months_open=ibis.ifelse(is_mixed(t), None, t.open_amount / t.a_month))


class Plain:
    """The plain figures of a one-day portfolio, and the usual ones: their medians over the customers of whom there are any."""

    def __init__(self, portfolio: Portfolio) -> None:
        self._portfolio = portfolio
        everyone = plain_figures(portfolio).to_pandas().set_index("customer_id").drop(columns="as_of").astype("float64")
        counts = ["n_due", "n_late", "n_in_parts", "n_tried", "n_unanswered", "n_kept", "n_broken"]
        self._everyone = everyone.fillna(dict.fromkeys(counts, 0.0))

    def of(self, customer: str) -> pd.Series:
        """The row of one customer."""
        row: pd.Series = self._everyone.loc[customer]
        return row

    @cached_property
    def usual(self) -> pd.Series:
        """`late_share, in_parts_share, unanswered_share` and the columns of `plain_figures`."""
        t = self._everyone
        shares = {
            "late_share": t["n_late"] / t["n_due"].where(t["n_due"] > 0),
            "in_parts_share": t["n_in_parts"] / t["n_due"].where(t["n_due"] > 0),
            "unanswered_share": t["n_unanswered"] / t["n_tried"].where(t["n_tried"] > 0),
        }
        medians: pd.Series = t.assign(**shares).median()
        return medians

    @cached_property
    def late_share_of_all(self) -> float:
        """The share of late invoices in the whole portfolio, weighted by age as the shares of peers are."""
        usual = self._portfolio.usual.to_pandas()["usual_late_share"]
        return float(usual.iloc[0]) if len(usual) else math.nan

    @cached_property
    def disputed_for(self) -> dict[str, float]:
        """The invoices with an open dispute, and for how many days the oldest has been open."""
        d = self._portfolio.snapshot.known("disputes")
        d = d.filter(is_open(d))
        oldest = d.group_by("invoice_id").agg(days=d.as_of.delta(d.opened_on, unit="day").max()).to_pandas()
        return {str(invoice): float(days) for invoice, days in zip(oldest["invoice_id"], oldest["days"], strict=True)}
