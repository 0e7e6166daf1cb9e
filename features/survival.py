"""What happened to invoices like this one that had come this far unpaid: the customer's own curve, drawn towards everyone's.

Of a fortnight to come an open invoice tells only what was seen of it. It counts by half where it was watched for less, as in a life table
(the actuarial estimate: Cutler and Ederer 1958, Maximum utilization of the life table method, Journal of Chronic Diseases 8, 699-712).
"""

from __future__ import annotations

from typing import Any

import ibis

from features.portfolio import LATEST, Portfolio, shrunk, within_share
from features.view import Feature, FeatureView

FEATURES = (
    Feature(
        "so_far_late_share",
        "of this customer's invoices still unpaid at this point, the share that went on to be late",
        "share",
        "HABIT_LATE",
    ),
    Feature("so_far_late_30_share", "the same, for more than 30 days late", "share", "HABIT_DAYS"),
    Feature("so_far_paid_7_share", "of those, the share paid within the next 7 days", "share", "HABIT_DAYS"),
    Feature("so_far_paid_14_share", "of those, the share paid within the next 14 days", "share", "HABIT_DAYS"),
    Feature("so_far_days_left", "usual days from this point to payment, given unpaid so far", "days", "HABIT_DAYS"),
    Feature("so_far_weekday_late_share", "share that went on to be late, same due weekday", "share", "DUE_DAY"),
    Feature("so_far_weight", "how much own history reaches this point: 0 none, towards 1 plenty", "share", "THIN_HISTORY"),
    Feature("days_late_mean_less_dpd", "usual days late minus days past due", "days", "HABIT_DAYS"),
)
MEASURES = ("n", "n_30", "n_7", "n_14", "late", "late_30", "paid_7", "paid_14", "days")
AMONG = {"late_30": "n_30", "paid_7": "n_7", "paid_14": "n_14"}


def survival(portfolio: Portfolio) -> Any:
    """One row an open invoice, on each `as_of`."""
    k = portfolio.settings.shrinkage
    h = portfolio.history
    h = h.mutate(reached=h.days_late.cast("int64"))
    steps = h.group_by(["as_of", "customer_id", "reached", "is_open", "due_weekday"]).agg(w=h.weight.sum())
    cohort = portfolio.cohort.select("as_of", "invoice_id", "customer_id", "dpd", "due_on")
    cohort = cohort.mutate(due_weekday=cohort.due_on.day_of_week.index(), at=ibis.least(cohort.dpd, 179))
    points = cohort.select("as_of", "customer_id", "at", "due_weekday").distinct()
    own = _beyond(points, steps.rename(step_weekday="due_weekday"), ["as_of", "customer_id"])
    everyone = steps.group_by(["as_of", "reached", "is_open", "due_weekday"]).agg(w=steps.w.sum())
    theirs = _beyond(points.select("as_of", "at", "due_weekday").distinct(), everyone.rename(step_weekday="due_weekday"), ["as_of"])
    theirs = theirs.rename({f"their_{m}": m for m in (*MEASURES, "n_weekday", "late_weekday")})
    t = cohort.left_join(own, ["as_of", "customer_id", "at", "due_weekday"]).select(cohort, *MEASURES, "n_weekday", "late_weekday")
    t = t.left_join(theirs, ["as_of", "at", "due_weekday"]).select(t, *theirs.columns[3:])
    means = h.group_by(["as_of", "customer_id"]).agg(days_all=(h.weight * h.days_late).sum(), n_all=h.weight.sum())
    t = t.left_join(means, ["as_of", "customer_id"]).select(t, "days_all", "n_all")
    t = t.join(portfolio.peers.select("as_of", "customer_id", "usual_days_late"), ["as_of", "customer_id"])
    n = t.n.fill_null(0)
    usual = {m: _ratio(t[f"their_{m}"], t[f"their_{AMONG.get(m, 'n')}"]) for m in MEASURES}
    # Where nobody has come so far: what is overdue is late, of the rest nothing is known.
    usual_late = usual["late"].fill_null(ibis.ifelse(t["at"] >= 0, 1.0, 0.5))
    late = shrunk(t.late, n, usual_late, k)
    # Where nobody's invoice was due on that weekday, it is taken for a day like the others.
    weekday_known = t.their_n_weekday.fill_null(0.0) > 0
    weekday_usual = ibis.ifelse(weekday_known, _ratio(t.their_late_weekday, t.their_n_weekday), usual_late)

    def share(measure: str, unknown: float) -> Any:
        return shrunk(t[measure], t[AMONG[measure]], usual[measure].fill_null(unknown), k)

    return t.select(
        "as_of",
        "invoice_id",
        so_far_late_share=late,
        so_far_late_30_share=share("late_30", 0.5),
        so_far_paid_7_share=share("paid_7", 0.1),
        so_far_paid_14_share=share("paid_14", 0.2),
        so_far_days_left=shrunk(t.days, n, usual["days"].fill_null(30.0), k),
        so_far_weekday_late_share=shrunk(t.late_weekday, t.n_weekday, within_share(late + weekday_usual - usual_late), k),
        so_far_weight=n / (n + k),
        days_late_mean_less_dpd=shrunk(t.days_all, t.n_all, t.usual_days_late, k) - t.dpd,
    )


def _beyond(points: Any, steps: Any, keys: list[str]) -> Any:
    """Weighted counts among the steps that lie beyond each point (`reached > at`)."""
    j = points.join(steps, [*keys, steps.reached > points["at"]])
    paid = ~j.is_open
    late = j.is_open | (j.reached > 0)

    def count(condition: Any) -> Any:
        return ibis.ifelse(condition, j.w, 0.0).sum()

    def watched(until: Any) -> Any:
        return j.w.sum() - count(j.is_open & (j.reached < ibis.least(until, LATEST))) / 2

    return j.group_by([*keys, "at", "due_weekday"]).agg(
        n=j.w.sum(),
        n_30=watched(31),
        n_7=watched(j["at"] + 7),
        n_14=watched(j["at"] + 14),
        late=count(late),
        late_30=count(j.reached > 30),
        paid_7=count(paid & (j.reached <= j["at"] + 7)),
        paid_14=count(paid & (j.reached <= j["at"] + 14)),
        days=(j.w * (j.reached - j["at"])).sum(),
        n_weekday=count(j.due_weekday == j.step_weekday),
        late_weekday=count((j.due_weekday == j.step_weekday) & late),
    )


def _ratio(total: Any, weight: Any) -> Any:
    return total / ibis.ifelse(weight > 0, weight, 1.0)


VIEW = FeatureView("survival", "invoice_id", FEATURES, survival)
