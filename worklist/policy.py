"""Whether and when we may get in touch: waiting, business days, limits, promises, disputes and cash that is not applied yet.

A hold says why a customer must not be contacted now. It depends on the facts alone, never on the age of the debt, so that
growing older cannot put anybody on hold. Waiting for the bank after the due date, or for the answer to what we wrote, is not a hold:
it only moves the first day.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from features.outcomes import UNANSWERED
from ledger.calendars import calendar_of
from worklist.facts import Facts, per_customer
from worklist.money import elsewhere
from worklist.playbook import AUTOMATED
from worklist.promises import held_by, standing
from worklist.settings import WorklistSettings
from worklist.value import CENT, all_disputed

WRITTEN = (*AUTOMATED, "letter")


def business_days(days: pd.Series, country: pd.Series, offset: int, *, roll: str) -> pd.Series:
    """Each day moved by so many business days of its country, after rolling it onto one (`forward` or `preceding`).

    >>> days = pd.Series(pd.to_datetime(["2019-12-21", "2019-12-24", None]))
    >>> business_days(days, pd.Series(["US", "DE", None]), 1, roll="preceding").dt.strftime("%F").tolist()
    ['2019-12-23', '2019-12-27', nan]
    """
    moved = pd.Series(np.datetime64("NaT", "s"), index=days.index, dtype="datetime64[s]")
    present = days.notna()
    if not present.any():
        return moved
    first, last = days[present].min().date(), days[present].max().date()
    for code, group in days[present].groupby(country[present].fillna("")):
        calendar = calendar_of(str(code), date(first.year - 1, 1, 1), date(last.year + 1, 12, 31))
        raw = group.to_numpy().astype("datetime64[D]")
        moved[group.index] = np.busday_offset(raw, offset, roll=roll, busdaycal=calendar).astype("datetime64[s]")  # type: ignore[call-overload]
    return moved


def next_days(customers: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """The next business day after `as_of` in each customer's country: nobody is contacted before it."""
    return business_days(pd.Series(as_of, index=customers.index), customers["country"], 1, roll="preceding")


def holds_of(customers: pd.DataFrame, facts: Facts, settings: WorklistSettings, as_of: pd.Timestamp, actions: pd.Series) -> pd.DataFrame:
    """One boolean column a hold, in the order in which they are told, and `hold_until`: the last day of the dated ones.

    `promised_for` and `promise_until` are the promised day and the last day of its grace, `spoke_on` and `quiet_until` those of the last
    conversation, `calls_until` the last day on which one more call is one too many.

    `disputed` does not hold a customer whose action is to solve the dispute.
    """
    first = next_days(customers, as_of)
    by_id = customers["customer_id"].to_numpy()
    promises = standing(facts.promises, settings, first.set_axis(by_id))
    promised = held_by(promises, customers["overdue_amount"].fillna(0.0).set_axis(by_id))
    promised_for, promise = _until(customers, promised["due_on"]), _until(customers, promised["until"])
    spoke_on = _until(customers, _conversations(facts, settings))
    spoke = spoke_on + pd.Timedelta(days=settings.quiet_days_after_conversation)
    calls = _until(customers, _calls(facts, settings))
    overdue, unapplied = customers["overdue_amount"].fillna(0.0), customers["unapplied_amount"].fillna(0.0)
    frame = pd.DataFrame(
        {
            "promise_pending": promise >= first,
            "recent_conversation": spoke >= first,
            "call_limit": calls >= first,
            "disputed": pd.Series(all_disputed(customers), index=customers.index) & (actions != "solve"),
            "cash_to_apply": (overdue > CENT) & (unapplied >= overdue - CENT) & ~elsewhere(customers["other_amounts"], "overdue_amount"),
        },
        index=customers.index,
    )
    ends = pd.concat([day.where(day >= first) for day in (promise, spoke, calls)], axis=1)
    days = {"promised_for": promised_for, "promise_until": promise, "spoke_on": spoke_on, "quiet_until": spoke, "calls_until": calls}
    return frame.assign(hold_until=ends.max(axis=1).astype("datetime64[s]"), **days)


def _until(customers: pd.DataFrame, last_day: pd.Series) -> pd.Series:
    return per_customer(customers, last_day).astype("datetime64[s]")


def _conversations(facts: Facts, settings: WorklistSettings) -> pd.Series:
    """The day of the last conversation."""
    spoke = facts.contacts[facts.contacts["outcome"].isin(settings.conversation_outcomes)]
    return spoke.groupby("customer_id")["contacted_on"].max()


def _calls(facts: Facts, settings: WorklistSettings) -> pd.Series:
    """The last day on which one more call would be one too many: the n-th newest call is still within the window."""
    calls = facts.contacts[facts.contacts["channel"] == "phone"].sort_values("contacted_on", ascending=False, kind="stable")
    nth = calls[calls.groupby("customer_id").cumcount() == settings.max_calls - 1]
    return nth.set_index("customer_id")["contacted_on"] + pd.Timedelta(days=settings.calls_window_days - 1)


def preferred_channel(customers: pd.DataFrame, facts: Facts, settings: WorklistSettings, as_of: pd.Timestamp) -> pd.Series:
    """The channel that worked most often for each customer of late, the latest of equals; missing where none did."""
    contacts = facts.contacts
    worked = contacts[
        contacts["outcome"].isin(settings.worked_outcomes)
        & contacts["channel"].notna()
        & (contacts["contacted_on"] > as_of - pd.Timedelta(days=settings.channel_memory_days))
    ]
    counted = worked.groupby(["customer_id", "channel"])["contacted_on"].agg(["size", "max"]).reset_index()
    best = counted.sort_values(["size", "max", "channel"]).drop_duplicates("customer_id", keep="last")
    return per_customer(customers, best.set_index("customer_id")["channel"]).astype("str")


def still_waiting(customers: pd.DataFrame, settings: WorklistSettings, as_of: pd.Timestamp) -> pd.Series:
    """Where calls and letters still have to wait on the next business day."""
    waited = business_days(_due_on(customers, as_of), customers["country"], settings.wait_business_days, roll="forward")
    return waited > next_days(customers, as_of)


def _due_on(customers: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """The due day that contact is about: the oldest undisputed one that has come, else the next one."""
    overdue = customers["chased_dpd"].astype("float64").fillna(-1.0)
    oldest = (as_of - pd.to_timedelta(overdue.clip(lower=0), unit="D")).astype("datetime64[s]")
    return oldest.where(overdue >= 0, customers["next_due_on"].astype("datetime64[s]"))


def answer_days(customers: pd.DataFrame, facts: Facts, settings: WorklistSettings) -> pd.Series:
    """The first business day on which what we wrote last has had its time to be answered.

    Missing where nothing was written, and where it was answered or reached nobody.
    """
    written = facts.contacts[facts.contacts["channel"].isin(WRITTEN)].sort_values("contacted_on", kind="stable")
    newest = written.drop_duplicates("customer_id", keep="last")
    waiting = newest[~newest["outcome"].isin([*settings.worked_outcomes, *UNANSWERED])].set_index("customer_id")["contacted_on"]
    last = per_customer(customers, waiting).astype("datetime64[s]")
    return business_days(last, customers["country"], settings.answer_business_days + 1, roll="preceding")


def contact_days(
    customers: pd.DataFrame,
    actions: pd.Series,
    channels: pd.Series,
    hold_until: pd.Series,
    answered: pd.Series,
    settings: WorklistSettings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """`contact_from` and `contact_until`: business days of the customer's country, both missing where the action is `none`.

    A due date that is no business day counts as the next one before the wait begins, since payment on that day is in time in
    many countries. A reminder may go before the due date or on the first business day after it; later it waits like all else.
    Solving a problem by e-mail or SMS needs no waiting for the bank: it is ours to solve. `answered`: see `answer_days`.
    """
    country = customers["country"]
    first = next_days(customers, as_of)
    overdue = customers["chased_dpd"].astype("float64").fillna(-1.0)
    due_on = _due_on(customers, as_of)
    waited = business_days(due_on, country, settings.wait_business_days, roll="forward")
    day_after = business_days(due_on, country, 1, roll="preceding")
    lead = business_days(due_on, country, -settings.reminder_lead_business_days, roll="forward")

    automated = channels.isin(AUTOMATED)
    reminds = (actions == "remind") & automated
    before = reminds & (overdue < 0) & (first <= day_after)
    right_after = reminds & (overdue >= 0) & (first <= day_after)
    at_once = ((actions == "solve") & automated) | due_on.isna()

    start = _later(first, waited)
    start = start.mask(at_once | right_after, first).mask(before, _later(first, lead))
    start = _later(start, answered)
    start = start.mask(hold_until.notna(), _later(start, business_days(hold_until, country, 1, roll="preceding")))
    # A hold, or the time to answer, may outlast the days of a reminder: from then on it waits like all else.
    missed = (before | right_after) & (start > day_after)
    start = start.mask(missed, _later(start, waited))
    before, right_after = before & ~missed, right_after & ~missed
    end = business_days(start, country, settings.contact_window_business_days, roll="forward")
    end = end.mask(right_after, start).mask(before, _later(start, business_days(due_on, country, 0, roll="preceding")))
    nobody = actions == "none"
    return pd.DataFrame({"contact_from": start.mask(nobody), "contact_until": end.mask(nobody)})


def _later(one: pd.Series, other: pd.Series) -> pd.Series:
    return one.where(one >= other, other).where(other.notna(), one)
