"""How a customer behaves when it is late, and what it says: what the debtor types are told from.

Shares are of the window's late days, so that they speak of the same thing as the type: the cause behind most of them. Contacts go to
those who are late already; a count of them says little, what follows upon them says more.
"""

from __future__ import annotations

from typing import Any

import ibis

from features.conduct import WINDOW_DAYS, conduct
from features.dealings import promise_outcomes
from features.fair import seen_on
from features.late_profile import late_profile, stepped
from features.outcomes import COMPLAINED, PROMISED, REFUSED, is_unanswered
from features.portfolio import Portfolio
from features.view import Feature, FeatureView
from ledger.tables import REASON_CODES

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
BESIDE = ("forced_share", "kept_late_count")
"""Told beside the features, and no features: the share of the late invoices paid within three weeks of a formal step, and the broken
promises whose invoice was paid within a fortnight after."""
KEPT_LATE_DAYS = 14


def behaviour(portfolio: Portfolio, ahead_days: int = 0) -> Any:
    """One row a customer with an invoice that was due or late in the window, on each `as_of`: `FEATURES`, and `BESIDE` them.

    With `ahead_days` the window ended so long before `as_of`: that is what labelling rules may look at, and features never.
    """
    t = late_profile(conduct(portfolio, ahead_days))
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
    told = {name: (filled.get(name, t[name])).cast("float64") for name in (*NAMES, *BESIDE)}
    return t.mutate(**filled).select("as_of", "customer_id", **told)


def _before(portfolio: Portfolio, ahead_days: int) -> Any:
    """The year before the window: how late the customer was then, and how much it ordered."""
    b = portfolio.tolerant_balances
    until = b.as_of - ibis.interval(days=ahead_days)
    age = until.cast("date").delta(b.due_on, unit="day")
    delay = seen_on(b).delta(b.due_on, unit="day")
    old = (age > WINDOW_DAYS) & (age <= WINDOW_DAYS + 365)
    amount = stepped(b.amount)
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
    late = late_profile(conduct(portfolio, ahead_days + WINDOW_DAYS), (*told, "plain_count"))
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
    kept_late = p.broken & (p.invoice_paid_on.delta(p.last_on, unit="day") <= KEPT_LATE_DAYS).fill_null(False)
    return p.group_by(["as_of", "customer_id"]).agg(
        kept_count=p.kept.cast("int64").sum(), broken_count=p.broken.cast("int64").sum(), kept_late_count=kept_late.cast("int64").sum()
    )


VIEW = FeatureView("behaviour", "customer_id", FEATURES, behaviour)
