"""How this customer pays: shares and days late, recency-weighted and drawn towards its peers where history is thin."""

from __future__ import annotations

from typing import Any

import ibis

from features.portfolio import Portfolio, shrunk
from features.view import Feature, FeatureView

FEATURES = (
    Feature("late_share", "share of known invoices paid late, recent ones weighing more", "share", "HABIT_LATE"),
    Feature("late_share_recent", "the same among invoices that fell due lately", "share", "HABIT_LATE"),
    Feature("late_30_share", "share paid more than 30 days late", "share", "HABIT_DAYS"),
    Feature("days_late_mean", "usual days late (negative: early)", "days", "HABIT_DAYS"),
    Feature("days_late_net", "usual days late counted from the business day a due date rolls to", "days", "HABIT_DAYS"),
    Feature("days_late_spread", "how much the days late vary", "days", "HABIT_DAYS"),
    Feature("days_late_last", "mean days late of what was paid on the last three days with a payment", "days", "RECENT_CHANGE"),
    Feature("days_late_change", "days slower lately than before (negative: faster)", "days", "RECENT_CHANGE"),
    Feature("part_paid_share", "share of invoices paid in more than one part", "share", "PART_PAYMENTS"),
    Feature("late_share_plain", "share paid late, plainly counted", "share"),
    Feature("days_late_median", "median days late", "days"),
    Feature("history_weight", "how much own history there is: 0 none, towards 1 plenty", "share", "THIN_HISTORY"),
)


def habits(portfolio: Portfolio) -> Any:
    """One row a customer that has any invoice, on each `as_of`: one without history is told by its peers, at a `history_weight` of 0."""
    k = portfolio.settings.shrinkage
    recent = portfolio.settings.recent_days
    h = portfolio.history
    runs = ibis.window(group_by=["as_of", "customer_id"], order_by=ibis.desc("paid_on"))
    h = h.mutate(run=ibis.dense_rank().over(runs))
    is_recent = (h.age <= recent) & (h.age >= 0)
    is_last = h.paid_on.notnull() & (h.run < 3)
    sums = h.group_by(["as_of", "customer_id"]).agg(
        n=h.weight.sum(),
        late=(h.weight * h.is_late.cast("float64")).sum(),
        late_30=(h.weight * (h.days_late > 30).cast("float64")).sum(),
        days=(h.weight * h.days_late).sum(),
        days_net=(h.weight * h.days_late_net).sum(),
        squares=(h.weight * h.days_late * h.days_late).sum(),
        least=h.days_late.min(),
        most=h.days_late.max(),
        part_paid=(h.weight * (h.n_payments > 1).cast("float64")).sum(),
        n_recent=is_recent.cast("float64").sum(),
        late_recent=(is_recent & h.is_late).cast("float64").sum(),
        days_recent=ibis.ifelse(is_recent, h.days_late, 0.0).sum(),
        n_last=is_last.cast("float64").sum(),
        days_last=ibis.ifelse(is_last, h.days_late, 0.0).sum(),
        plain=h.is_late.cast("float64").mean(),
        median=h.days_late.quantile(0.5),
    )
    everyone = portfolio.peers
    t = everyone.left_join(sums, ["as_of", "customer_id"]).select(everyone, *sums.columns[2:])
    n = t.n.fill_null(0.0)
    late_share = shrunk(t.late, t.n, t.usual_late_share, k)
    days_late_mean = shrunk(t.days, t.n, t.usual_days_late, k)
    # `greatest` would pass over a null: how much a customer without history varies is not known.
    variance = (t.squares / t.n - (t.days / t.n) * (t.days / t.n)).clip(lower=0.0)
    return t.select(
        "as_of",
        "customer_id",
        late_share=late_share,
        late_share_recent=shrunk(t.late_recent, t.n_recent, late_share, k),
        late_30_share=shrunk(t.late_30, t.n, t.usual_late_30_share, k),
        days_late_mean=days_late_mean,
        days_late_net=shrunk(t.days_net, t.n, t.usual_days_late_net, k),
        # What is left of a difference that should be none hangs on the order of rows, and its root is large.
        days_late_spread=ibis.ifelse(t.least == t.most, 0.0, variance.sqrt()),
        days_late_last=shrunk(t.days_last, t.n_last, days_late_mean, 1.0),
        days_late_change=shrunk(t.days_recent, t.n_recent, days_late_mean, k) - days_late_mean,
        part_paid_share=shrunk(t.part_paid, t.n, t.usual_part_paid_share, k),
        history_weight=n / (n + k),
        late_share_plain=t.plain,
        days_late_median=t["median"],
    )


VIEW = FeatureView("habits", "customer_id", FEATURES, habits)
