"""How a customer behaves when it is late, and what it says: what the debtor types are told from.

Shares are of the window's late days, so that they speak of the same thing as the type: the cause behind most of them. Contacts go to
those who are late already; a count of them says little, what follows upon them says more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from features.conduct import TRIFLE, WINDOW_DAYS, conduct
from features.dealings import promise_outcomes
from features.fair import LATE_AFTER, seen_on
from features.outcomes import COMPLAINED, PROMISED, REFUSED, is_unanswered
from features.portfolio import Portfolio
from features.view import Feature, FeatureView
from ledger.tables import REASON_CODES

SOON_DAYS, FORMAL_DAYS = 6, 12
STEPS = 1024
"""Sums of fractions hang on the order of their rows in the last bit, and rules compare them with round numbers; sums of steps do not."""

FEATURES = (
    Feature("due_count", "invoices that fell due in the half year, without those just due and open", "count", "THIN_HISTORY"),
    Feature("late_days_each", "late days of the half year for each invoice due, our own delays left out", "days", "HABIT_DAYS"),
    Feature("slow_count", "invoices late by more than three days", "count", "HABIT_LATE"),
    Feature("slow_share", "share of the invoices late by more than three days", "share", "HABIT_LATE"),
    Feature("delay_mean", "mean days late of the late ones", "days", "HABIT_DAYS"),
    Feature("delay_least", "least days late of any invoice", "days", "STEADY_DELAY"),
    Feature("delay_low", "days late that three in four exceed", "days", "STEADY_DELAY"),
    Feature("delay_mid", "median days late", "days", "STEADY_DELAY"),
    Feature("delay_high", "days late that one in four exceeds", "days", "STEADY_DELAY"),
    Feature("delay_most", "most days late", "days", "HABIT_DAYS"),
    Feature("slow_low", "days late that three in four of the late ones exceed", "days", "STEADY_DELAY"),
    Feature("slow_mid", "median days late of the late ones", "days", "STEADY_DELAY"),
    Feature("steadiness", "median days late over the days that one in four exceeds", "ratio", "STEADY_DELAY"),
    Feature(
        "rhythm", "share of invoices cleared on the customer's commonest weekday, as if five more had been on all days", "share", "PAY_DAY"
    ),
    Feature(
        "run_wait_each",
        "days that each invoice waited for the customer's own pay run, which are not counted as late",
        "days",
        "PAY_DAY",
    ),
    Feature("delay_spread", "spread of the days late, on a log scale", "ratio", "STEADY_DELAY"),
    Feature("delay_before", "mean days late in the year before the half year", "days", "SLOWING"),
    Feature("delay_trend", "correlation of days late with time within the half year", "ratio", "SLOWING"),
    Feature("delay_load", "correlation of days late with what else was due around then", "ratio", "LOAD"),
    Feature("delay_amount", "correlation of days late with the amount", "ratio", "LOAD"),
    Feature("in_parts_share", "share of late days on invoices paid in parts", "share", "PART_PAYMENTS"),
    Feature("round_part_share", "share of late days on invoices whose first part was a round sum", "share", "PART_PAYMENTS"),
    Feature("parts_mean", "payments for each invoice paid in parts", "count", "PART_PAYMENTS"),
    Feature("odd_part_share", "share of late days on invoices whose first part was no round sum", "share", "WITHHELD"),
    Feature("withheld_share", "share of late days on invoices paid at once or for the most part, but for an odd rest", "share", "WITHHELD"),
    Feature("short_share", "share of late days on invoices paid on time but for an odd part", "share", "WITHHELD"),
    Feature("credited_share", "share of late days on invoices that ended with a credit note", "share", "WITHHELD"),
    Feature("overtaken_share", "share of late days on invoices overtaken by later ones", "share", "WITHHELD"),
    Feature(
        "in_order_share", "share of the late days beside which a later one fell due that were on invoices nothing overtook", "share", "LOAD"
    ),
    Feature("bunch_mean", "late invoices paid on one day together, on average", "count", "BUNCHES"),
    Feature("load_late", "what was due around the late ones, in usual months", "ratio", "LOAD"),
    Feature("load_prompt", "what was due around the prompt ones, in usual months", "ratio", "LOAD"),
    Feature(
        "quarrel_share", "share of late days on invoices disputed, complained of, credited or paid but for an odd part", "share", "DISPUTE"
    ),
    Feature("need_share", "share of late days on other invoices paid in parts", "share", "PART_PAYMENTS"),
    Feature("plain_share", "share of late days without a visible reason", "share", "NO_REASON"),
    Feature("plain_slow_share", "share late by more than three days among invoices without a visible reason", "share", "HABIT_LATE"),
    Feature("plain_low", "days late that three in four of the invoices without a visible reason exceed", "days", "STEADY_DELAY"),
    Feature("plain_mid", "median days late of the invoices without a visible reason", "days", "STEADY_DELAY"),
    Feature("plain_high", "days late that one in four of the invoices without a visible reason exceeds", "days", "STEADY_DELAY"),
    Feature("plain_slow_count", "late invoices without a visible reason", "count", "HABIT_LATE"),
    Feature("before_late_days_each", "late days for each invoice due in the half year before", "days", "SLOWING"),
    Feature(
        "before_quarrel_share",
        "share of the late days of the half year before on invoices disputed, complained of, credited or held back in part",
        "share",
        "DISPUTE",
    ),
    Feature(
        "before_need_share", "share of the late days of the half year before on other invoices paid in parts", "share", "PART_PAYMENTS"
    ),
    Feature(
        "before_plain_slow_share", "share late among the invoices without a visible reason of the half year before", "share", "HABIT_LATE"
    ),
    Feature(
        "before_plain_mid", "median days late of the invoices without a visible reason of the half year before", "days", "STEADY_DELAY"
    ),
    Feature("disputed_share", "share of late days on disputed invoices", "share", "DISPUTE"),
    Feature("in_dispute_share", "share of late days on which the dispute was open", "share", "DISPUTE"),
    Feature("dispute_count", "disputed invoices", "count", "DISPUTE"),
    Feature("after_dispute_days", "days from the end of a dispute to payment, on average", "days", "DISPUTE"),
    Feature("dispute_late_start", "days after the due date on which disputes began, on average", "days", "DISPUTE"),
    Feature("contacted_share", "share of late days on invoices about which we reached them or wrote", "share", "PRESSED"),
    Feature("contacts_each", "contacts before payment, in writing or with somebody reached, for each late invoice", "count", "PRESSED"),
    Feature(
        "soon_after_first_share",
        "share of contacted late invoices paid in full within six days of the first contact",
        "share",
        "PAYS_WHEN_ASKED",
    ),
    Feature("soon_after_last_share", "share of contacted late invoices paid within six days of some contact", "share", "PAYS_WHEN_ASKED"),
    Feature("after_first_days", "days from the first contact to payment, on average", "days", "PAYS_WHEN_ASKED"),
    Feature("after_formal_share", "share of late invoices paid within twelve days of a formal step", "share", "PRESSED"),
    Feature("open_late_share", "share of the late invoices that are still open", "share", "OVERDUE_NOW"),
    Feature("order_change", "what fell due in the half year over the half year before (log)", "ratio", "ORDERS"),
    *(Feature(f"told_{code}", f"times the reason that they told was `{code}`", "count", "TOLD") for code in REASON_CODES),
    Feature("promised_count", "contacts that ended in a promise", "count", "PROMISES"),
    Feature("refused_count", "contacts that ended in a refusal", "count", "PROMISES"),
    Feature("complained_count", "contacts that ended in a complaint", "count", "DISPUTE"),
    Feature("unanswered_count_share", "share of contacts that reached nobody", "share", "NO_ANSWER"),
    Feature("kept_count", "promises kept by their day", "count", "PROMISES"),
    Feature("broken_count", "promises broken", "count", "PROMISES"),
    Feature("open_dispute_count", "disputes that are open now", "count", "DISPUTE"),
)
NAMES = tuple(feature.name for feature in FEATURES)


def behaviour(portfolio: Portfolio, ahead_days: int = 0) -> Any:
    """One row a customer with an invoice that was due or late in the window, on each `as_of`.

    With `ahead_days` the window ended so long before `as_of`: that is what labelling rules may look at, and features never.
    """
    t = _late(conduct(portfolio, ahead_days))
    for part in (
        _before(portfolio, ahead_days),
        _half_year_before(portfolio, ahead_days),
        _rhythm(portfolio),
        _contacts(portfolio, ahead_days),
        _promises(portfolio, ahead_days),
    ):
        t = t.left_join(part, ["as_of", "customer_id"]).select(t, *part.columns[2:])
    counts = [
        *(f"told_{code}" for code in REASON_CODES),
        "promised_count",
        "refused_count",
        "complained_count",
        "kept_count",
        "broken_count",
    ]
    filled = {name: t[name].fill_null(0).cast("float64") for name in counts}
    return t.mutate(**filled).select("as_of", "customer_id", **{name: (filled.get(name, t[name])).cast("float64") for name in NAMES})


def _late(c: Any, names: Sequence[str] = ()) -> Any:
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

    logs, load = _stepped((delay + 1.0).ln()), _stepped(c.load)
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
        "delay_amount": _correlation(told_delay, _stepped(c.amount_ratio)),
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
        "open_late_share": among(c.is_open, is_late),
    }
    return c.group_by(["as_of", "customer_id"]).agg(**{name: told[name] for name in names or told})


def _stepped(value: Any) -> Any:
    return (value.cast("float64") * STEPS).round() / STEPS


def _correlation(x: Any, y: Any) -> Any:
    """Pearson's over the rows that have `x`, from sums; null where either does not vary."""
    y = ibis.ifelse(x.notnull(), y, ibis.null("float64"))
    covariance = (x * y).mean() - x.mean() * y.mean()
    vx, vy = (x * x).mean() - x.mean() * x.mean(), (y * y).mean() - y.mean() * y.mean()
    varies = (vx > 1e-6) & (vy > 1e-6)
    return ibis.ifelse(varies, covariance / (ibis.ifelse(varies, vx, 1.0) * ibis.ifelse(varies, vy, 1.0)).sqrt(), ibis.null("float64"))


def _before(portfolio: Portfolio, ahead_days: int) -> Any:
    """The year before the window: how late the customer was then, and how much it ordered."""
    b = portfolio.tolerant_balances
    until = b.as_of - ibis.interval(days=ahead_days)
    age = until.cast("date").delta(b.due_on, unit="day")
    delay = seen_on(b).delta(b.due_on, unit="day")
    old = (age > WINDOW_DAYS) & (age <= WINDOW_DAYS + 365)
    amount = _stepped(b.amount)
    ordered = ibis.ifelse((age >= 0) & (age <= WINDOW_DAYS), amount, 0.0).sum()
    ordered_before = ibis.ifelse((age > WINDOW_DAYS) & (age <= 2 * WINDOW_DAYS), amount, 0.0).sum()
    return b.group_by(["as_of", "customer_id"]).agg(
        delay_before=ibis.ifelse(old, ibis.greatest(delay, 0).cast("float64"), ibis.null("float64")).mean(),
        order_change=ibis.ifelse(
            (ordered_before > 0) & (b.currency.nunique() == 1),
            ibis.least(ibis.greatest((ordered + 1.0) / (ordered_before + 1.0), 0.05), 20.0).ln(),
            0.0,
        ),
    )


def _half_year_before(portfolio: Portfolio, ahead_days: int) -> Any:
    """The causes of lateness in the half year before the window: people change slowly."""
    told = ("late_days_each", "quarrel_share", "need_share", "plain_slow_share", "plain_mid")
    late = _late(conduct(portfolio, ahead_days + WINDOW_DAYS), (*told, "plain_count"))
    # One invoice is no habit.
    late = late.mutate(
        **{name: ibis.ifelse(late.plain_count >= 2, late[name], ibis.null("float64")) for name in ("plain_slow_share", "plain_mid")}
    )
    return late.select("as_of", "customer_id", **{f"before_{name}": late[name] for name in told})


def _rhythm(portfolio: Portfolio) -> Any:
    """How far invoices are cleared on one day of the week."""
    b = portfolio.tolerant_balances
    paid = b.filter(b.paid_on.notnull())
    by_day = paid.group_by(["as_of", "customer_id", paid.paid_on.day_of_week.index().name("weekday")]).agg(n=paid.invoice_id.count())
    return by_day.group_by(["as_of", "customer_id"]).agg(rhythm=(by_day.n.max() + 1.0) / (by_day.n.sum() + 5.0))


def _contacts(portfolio: Portfolio, ahead_days: int) -> Any:
    contacts = portfolio.snapshot.known("contacts")
    since = contacts.as_of.delta(contacts.contacted_on, unit="day")
    k = contacts.filter(since <= WINDOW_DAYS + ahead_days)

    def count(condition: Any) -> Any:
        return condition.fill_null(False).cast("int64").sum()

    return k.group_by(["as_of", "customer_id"]).agg(
        **{f"told_{code}": count(k.reason_code == code) for code in REASON_CODES},
        promised_count=count(k.outcome.isin(PROMISED)),
        refused_count=count(k.outcome == REFUSED),
        complained_count=count(k.outcome.isin(COMPLAINED)),
        unanswered_count_share=is_unanswered(k).cast("float64").mean(),
    )


def _promises(portfolio: Portfolio, ahead_days: int) -> Any:
    p = promise_outcomes(portfolio)
    p = p.filter(p.as_of.delta(p.promised_on, unit="day") <= WINDOW_DAYS + ahead_days)
    return p.group_by(["as_of", "customer_id"]).agg(kept_count=p.kept.cast("int64").sum(), broken_count=p.broken.cast("int64").sum())


VIEW = FeatureView("behaviour", "customer_id", FEATURES, behaviour)
