"""The profile of a customer's late invoices: what is told of those of a window, most of it weighted by late days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from features.conduct import TRIFLE
from features.fair import LATE_AFTER

SOON_DAYS, FORMAL_DAYS = 6, 12
FORCED_DAYS = 21
"""A formal letter gives a fortnight as a rule, and money takes some days more."""
STEPS = 1024
"""Sums of fractions hang on the order of their rows in the last bit, and rules compare them with round numbers; sums of steps do not."""


def late_profile(c: Any, names: Sequence[str] = ()) -> Any:
    """Aggregates of the window's invoices, all or those named; most of them weighted by late days.

    An invoice that is open and no more than three days late is left out: whether it will be late is not told yet.
    """
    c = c.filter(~c.is_open | (c.delay > LATE_AFTER))
    # What is open says how late it is so far: to be compared with others only once it is as late as those that were paid.
    usual = ibis.ifelse(c.is_open, ibis.null("int64"), c.delay).mean().over(ibis.window(group_by=["as_of", "customer_id"]))
    c = c.mutate(is_told=~c.is_open | (c.delay >= usual))
    is_late = c.delay > LATE_AFTER
    is_late_in_all = is_late & c.is_told
    days = c.late_days.cast("float64")
    delay = ibis.greatest(c.delay, 0).cast("float64")
    told_delay = ibis.ifelse(c.is_told, delay, ibis.null("float64"))
    touched = is_late & (c.n_contacts > 0)
    total = days.sum()

    def share(condition: Any) -> Any:
        return ibis.ifelse(condition, days, 0.0).sum() / ibis.ifelse(total > 0, total, 1.0)

    def among(condition: Any, of: Any) -> Any:
        return ibis.ifelse(of & condition, 1.0, 0.0).sum() / ibis.ifelse(of, 1.0, ibis.null("float64")).sum()

    def mean(value: Any, of: Any) -> Any:
        return ibis.ifelse(of, value.cast("float64"), ibis.null("float64")).mean()

    def ended(contact: Any, days: int) -> Any:
        """Whether it is known if payment came within so many days: of what is open and was asked for lately nobody can tell yet."""
        return ~c.is_open | (c.seen_on.delta(contact, unit="day") >= days).fill_null(True)

    logs, load = stepped((delay + 1.0).ln()), stepped(c.load)
    due = c.due_day.cast("float64")
    told = {
        "due_count": c.in_window.cast("int64").sum(),
        "late_days_each": total / ibis.greatest(c.in_window.cast("int64").sum(), 1),
        "slow_count": is_late.cast("int64").sum(),
        "slow_share": is_late.cast("float64").mean(),
        "delay_mean": mean(delay, is_late),
        "delay_least": c.delay.min(),
        "delay_low": c.delay.quantile(0.25),
        "delay_mid": c.delay.quantile(0.5),
        "delay_high": c.delay.quantile(0.75),
        "delay_most": c.delay.max(),
        "slow_low": ibis.ifelse(is_late, c.delay, ibis.null("int64")).quantile(0.25),
        "slow_mid": ibis.ifelse(is_late, c.delay, ibis.null("int64")).quantile(0.5),
        "run_wait_each": c.waited.cast("float64").mean(),
        "steadiness": ibis.greatest(c.delay.quantile(0.5), 0) / ibis.greatest(c.delay.quantile(0.75), 3),
        "delay_spread": mean(logs * logs, is_late_in_all) - mean(logs, is_late_in_all) * mean(logs, is_late_in_all),
        "delay_trend": _correlation(told_delay, due),
        "delay_load": _correlation(told_delay, load),
        "delay_amount": _correlation(told_delay, stepped(c.amount_ratio)),
        "in_parts_share": share(c.in_parts),
        "round_part_share": share(c.in_parts & c.first_round.fill_null(False)),
        "odd_part_share": share(c.in_parts & ~c.first_round.fill_null(True)),
        "withheld_share": share(c.withheld),
        "parts_mean": mean(c.n_payments, c.in_parts),
        "short_share": share(
            (c.first_share < 0.97).fill_null(False) & (c.first_delay <= 3).fill_null(False) & ~c.first_round.fill_null(False)
        ),
        "credited_share": share(c.credited_share > TRIFLE),
        "overtaken_share": ibis.least(c.overtaken_days, c.late_days).cast("float64").sum() / ibis.ifelse(total > 0, total, 1.0),
        "in_order_share": ibis.ifelse(c.has_rival & (c.overtaken_days <= 0), days, 0.0).sum()
        / ibis.ifelse(c.has_rival & (days > 0), days, ibis.null("float64")).sum(),
        "bunch_mean": mean(c.bunch, is_late),
        "load_late": mean(load, is_late),
        "load_prompt": mean(load, ~is_late),
        "quarrel_share": share(c.quarrel),
        "need_share": share(c.in_need),
        "plain_share": share(c.plain),
        "plain_slow_share": among(is_late, c.plain),
        "plain_low": ibis.ifelse(c.plain, c.delay, ibis.null("int64")).quantile(0.25),
        "plain_mid": ibis.ifelse(c.plain, c.delay, ibis.null("int64")).quantile(0.5),
        "plain_high": ibis.ifelse(c.plain, c.delay, ibis.null("int64")).quantile(0.75),
        "plain_count": c.plain.cast("int64").sum(),
        "plain_slow_count": (c.plain & is_late).cast("int64").sum(),
        "disputed_share": share(c.disputed),
        "in_dispute_share": ibis.least(c.dispute_days, c.late_days).cast("float64").sum() / ibis.ifelse(total > 0, total, 1.0),
        "dispute_count": c.disputed.cast("int64").sum(),
        "after_dispute_days": mean(c.after_dispute, c.disputed),
        "open_dispute_count": c.in_dispute.cast("int64").sum(),
        "dispute_late_start": mean(c.dispute_opened.delta(c.due_on, unit="day"), c.disputed),
        "contacted_share": share(c.n_contacts > 0),
        "contacts_each": mean(c.n_contacts, is_late),
        "soon_after_first_share": among(c.after_first_contact.fill_null(999) <= SOON_DAYS, touched & ended(c.first_contact, SOON_DAYS)),
        "soon_after_last_share": among(c.after_last_contact.fill_null(999) <= SOON_DAYS, touched & ended(c.last_contact, SOON_DAYS)),
        "after_first_days": mean(c.after_first_contact, touched),
        "after_formal_share": among(c.after_formal.fill_null(999) <= FORMAL_DAYS, is_late & ended(c.last_formal, FORMAL_DAYS)),
        "forced_share": among(c.after_formal.fill_null(999) <= FORCED_DAYS, is_late & ended(c.last_formal, FORCED_DAYS)),
        "open_late_share": among(c.is_open, is_late),
    }
    return c.group_by(["as_of", "customer_id"]).agg(**{name: told[name] for name in names or told})


def stepped(value: Any) -> Any:
    """The value in whole steps, so that its sums are the same in any order of rows."""
    return (value.cast("float64") * STEPS).round() / STEPS


def _correlation(x: Any, y: Any) -> Any:
    """Pearson's over the rows that have `x`, from sums; null where either does not vary."""
    y = ibis.ifelse(x.notnull(), y, ibis.null("float64"))
    covariance = (x * y).mean() - x.mean() * y.mean()
    vx, vy = (x * x).mean() - x.mean() * x.mean(), (y * y).mean() - y.mean() * y.mean()
    varies = (vx > 1e-6) & (vy > 1e-6)
    return ibis.ifelse(varies, covariance / (ibis.ifelse(varies, vx, 1.0) * ibis.ifelse(varies, vy, 1.0)).sqrt(), ibis.null("float64"))
