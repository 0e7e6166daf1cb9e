"""What of a delay is the customer's own: not that an invoice left us late, nor its payer's next pay run, nor what a bank kept of it."""

from __future__ import annotations

from typing import Any

import ibis

from features.pay_runs import wait
from features.portfolio import Portfolio
from ledger.snapshot import TOLERANCE

LATE_AFTER = 3
"""Days after a fair due date that banks and weekends take."""
PROMPT_DAYS = 3
"""Where invoices usually reach us later than this, the day is that of a load, and says nothing of the day they were sent."""


def with_tolerance(balances: Any) -> Any:
    """Balances in which an invoice of which no more than the payment tolerance is open was paid on the day from which on that was so."""
    paid = balances.paid_on.isnull() & (balances.open_amount * TOLERANCE <= balances.amount) & (balances.n_payments > 0)
    return balances.mutate(paid_on=ibis.ifelse(paid, balances.nearly_paid_on, balances.paid_on))


def seen_on(balances: Any) -> Any:
    """The day of payment; of an open invoice the last day its source was watched, the due date at least."""
    return ibis.coalesce(balances.paid_on, ibis.least(balances.as_of, ibis.greatest(balances.observed_until, balances.due_on)))


def with_excuses(portfolio: Portfolio, balances: Any) -> Any:
    """Adds to rows of balances `seen_on`, and the days of delay that are not the customer's: `sent_late`, `waited`, both `excused`.

    An invoice that left us late is late only from as many days after its due date; so is one that waits for its payer's next pay run.
    It left us late where it became known late, of a source most of whose invoices become known within three days.
    """
    t = balances.left_join(portfolio.pay_runs, ["as_of", "customer_id"]).select(balances, "run_period", "run_at")
    t = t.mutate(seen_on=seen_on(t), known_after=t.first_known_on.delta(t.issued_on, unit="day"))
    all_known = portfolio.snapshot.balances
    usual = all_known.group_by(["as_of", "source"]).agg(
        usually_after=all_known.first_known_on.delta(all_known.issued_on, unit="day").median()
    )
    t = t.left_join(usual, ["as_of", "source"]).select(t, "usually_after")
    t = t.mutate(sent_late=ibis.ifelse(t.usually_after <= PROMPT_DAYS, t.known_after.clip(lower=0), 0))
    late = t.seen_on.delta(t.due_on, unit="day") - t.sent_late
    waited = ibis.least(wait(t.due_on + t.sent_late.as_interval("D"), t.run_period, t.run_at), ibis.greatest(late, 0))
    return t.mutate(waited=waited, excused=t.sent_late + waited).drop("run_period", "run_at", "known_after", "usually_after")
