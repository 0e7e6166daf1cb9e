"""What of a delay is the customer's own: not that an invoice left us late, nor its payer's next pay run, nor what a bank kept of it."""

from __future__ import annotations

from typing import Any

import ibis

from features.customers import with_country
from features.pay_runs import wait
from features.portfolio import Portfolio

LATE_AFTER = 3
"""Days after a fair due date that banks and weekends take."""
PROMPT_DAYS = 3
"""Where most invoices reach us later than this, the day is that of a load, and says nothing of the day they were sent."""
LOAD_DAYS = 31
"""What became known on one day is a history that was loaded where its issue days are further apart than this, and most became known later
than this: one old invoice among the post of a day is none."""


def seen_on(balances: Any) -> Any:
    """The day of payment; of an open invoice the last day its source was watched, the due date at least."""
    return ibis.coalesce(balances.paid_on, ibis.least(balances.as_of, ibis.greatest(balances.observed_until, balances.due_on)))


def with_excuses(portfolio: Portfolio, balances: Any) -> Any:
    """Adds to rows of balances `seen_on`, and the days of delay that are not the customer's: `sent_late`, `waited`, both `excused`.

    An invoice that left us late is late only from as many days after its due date; so is one that waits for its payer's next pay run.
    It left us late where it became known late, but was not paid before, nor came of a load: there most invoices of the source become known
    late, or most of those of that day more than a month late, issued over more than a month.
    """
    t = balances.left_join(portfolio.pay_runs, ["as_of", "customer_id"]).select(balances, "run_period", "run_at")
    t = t.left_join(_loads(portfolio.snapshot.balances), ["as_of", "source", "first_known_on"]).select(t, "is_load")
    says_nothing = t.is_load.fill_null(False) | (t.paid_on < t.first_known_on).fill_null(False)
    t = t.mutate(seen_on=seen_on(t), sent_late=ibis.ifelse(says_nothing, 0, _known_after(t).clip(lower=0)))
    late = t.seen_on.delta(t.due_on, unit="day") - t.sent_late
    waited = ibis.least(wait(t.due_on + t.sent_late.as_interval("D"), t.run_period, t.run_at), ibis.greatest(late, 0))
    return t.mutate(waited=waited, excused=t.sent_late + waited).drop("run_period", "run_at", "is_load")


def own_late(portfolio: Portfolio, balances: Any) -> Any:
    """The rows of balances that were late by their own doing: after the days that banks take and the weekend or holiday beyond them."""
    t = with_country(with_excuses(portfolio, balances), portfolio.snapshot)
    t = t.mutate(last_on=(t.due_on + (t.excused + LATE_AFTER).as_interval("D")).cast("date"))
    days = portfolio.snapshot.calendar.select("country", "roll_on", last_on="day")
    t = t.left_join(days, ["country", "last_on"]).select(t, "roll_on")
    return t.filter(t.seen_on > t.roll_on.fill_null(t.last_on))


def _loads(balances: Any) -> Any:
    """Whether the invoices of a source that became known on one day came of a load: `as_of, source, first_known_on, is_load`."""
    t = balances.mutate(is_late=_known_after(balances) > PROMPT_DAYS)
    source = t.group_by(["as_of", "source"]).agg(usually_late=t.is_late.mean() > 0.5)
    span = t.issued_on.max().delta(t.issued_on.min(), unit="day")
    day = t.group_by(["as_of", "source", "first_known_on"]).agg(loaded=(span > LOAD_DAYS) & (_known_after(t).median() > LOAD_DAYS))
    day = day.left_join(source, ["as_of", "source"]).select(day, "usually_late")
    return day.select("as_of", "source", "first_known_on", is_load=day.usually_late | day.loaded)


def _known_after(balances: Any) -> Any:
    return balances.first_known_on.delta(balances.issued_on, unit="day")
