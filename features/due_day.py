"""The due date against the customer's week: does it fall on a day after which they pay late, and how far is their next pay day?"""

from __future__ import annotations

from typing import Any

import ibis

from features.pay_shares import pay_shares
from features.portfolio import Portfolio, shrunk, within_share
from features.view import Feature, FeatureView

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHARES = tuple(f"pay_share_{day}" for day in WEEKDAYS)

FEATURES = (
    Feature("weekday_late_share", "share paid late among invoices due on this weekday", "share", "DUE_DAY"),
    Feature("weekday_days_late", "usual days late, net of the roll, of invoices due on this weekday", "days", "DUE_DAY"),
    Feature("pay_day_gap", "days from the due date to the customer's usual pay day, averaged over its habits", "days", "PAY_DAY"),
    *(
        Feature(name, f"share of this customer's invoices that were cleared on a {day}", "share", "PAY_DAY")
        for name, day in zip(SHARES, WEEKDAYS, strict=True)
    ),
)


def due_day(portfolio: Portfolio) -> Any:
    """One row an open invoice, on each `as_of`."""
    k = portfolio.settings.shrinkage
    h = portfolio.history
    by_weekday = h.group_by(["as_of", "customer_id", "due_weekday"]).agg(
        n=h.weight.sum(),
        late=(h.weight * h.is_late.cast("float64")).sum(),
        days=(h.weight * h.days_late_net).sum(),
    )
    overall = h.group_by(["as_of", "customer_id"]).agg(
        n_all=h.weight.sum(), late_all=(h.weight * h.is_late.cast("float64")).sum(), days_all=(h.weight * h.days_late_net).sum()
    )
    peers = portfolio.peers.select("as_of", "customer_id", peers_late="usual_late_share", peers_days="usual_days_late_net")
    usual_by_weekday = by_weekday.group_by(["as_of", "due_weekday"]).agg(
        usual_n=by_weekday.n.sum(), usual_late=by_weekday.late.sum(), usual_days=by_weekday.days.sum()
    )
    cohort = portfolio.cohort.select("as_of", "invoice_id", "customer_id", "due_on")
    cohort = cohort.mutate(due_weekday=cohort.due_on.day_of_week.index())
    t = cohort.left_join(by_weekday, ["as_of", "customer_id", "due_weekday"]).select(cohort, "n", "late", "days")
    t = t.left_join(overall, ["as_of", "customer_id"]).select(t, "n_all", "late_all", "days_all")
    t = t.left_join(peers, ["as_of", "customer_id"]).select(t, "peers_late", "peers_days")
    t = t.left_join(portfolio.usual, "as_of").select(t, "usual_late_share", "usual_days_late_net")
    t = t.left_join(usual_by_weekday, ["as_of", "due_weekday"]).select(t, "usual_n", "usual_late", "usual_days")
    paid_on = pay_shares(portfolio, lambda day: day.day_of_week.index(), SHARES)
    t = t.left_join(paid_on, ["as_of", "customer_id"]).select(t, *SHARES)
    # A weekday is drawn towards what this customer, or else its peers, do overall and what sets that weekday apart for everyone.
    own_late = shrunk(t.late_all, t.n_all, t.peers_late, k)
    own_days = shrunk(t.days_all, t.n_all, t.peers_days, k)
    their_late = shrunk(t.usual_late, t.usual_n, t.usual_late_share, k)
    their_days = shrunk(t.usual_days, t.usual_n, t.usual_days_late_net, k)
    gap = sum((t[name] * ((i - t.due_weekday + 7) % 7) for i, name in enumerate(SHARES)), ibis.literal(0.0))
    return t.select(
        "as_of",
        "invoice_id",
        weekday_late_share=shrunk(t.late, t.n, within_share(own_late + their_late - t.usual_late_share), k),
        weekday_days_late=shrunk(t.days, t.n, own_days + their_days - t.usual_days_late_net, k),
        pay_day_gap=gap,
        **{name: t[name] for name in SHARES},
    )


VIEW = FeatureView("due_day", "invoice_id", FEATURES, due_day)
