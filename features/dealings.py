"""What passed between us and the customer: contacts, promises and disputes, where the ledger has them.

Contacts go to those who are already late, so a contact is a sign of lateness and never a cause of it; nothing ranks on these alone.
"""

from __future__ import annotations

from typing import Any

import ibis

from features.conduct import WINDOW_DAYS
from features.customers import with_country
from features.outcomes import SENT, is_unanswered
from features.portfolio import Portfolio, shrunk
from features.view import Feature, FeatureView
from ledger.snapshot import TOLERANCE

FEATURES = (
    Feature("contact_count", "contacts in the last half year", "count"),
    Feature("days_since_contact", "days since the last contact (at most 183)", "days"),
    Feature("unanswered_share", "share of contacts in the last half year that reached nobody", "share", "NO_ANSWER"),
    Feature("promise_kept_share", "share of promises that were kept by their day", "share", "BROKEN_PROMISES"),
    Feature("promise_broken_count", "promises broken in the last half year", "count", "BROKEN_PROMISES"),
    Feature("promise_pending", "1 where a promise is still to fall due", "code"),
    Feature("dispute_share", "share of the customer's known invoices that were disputed", "share", "DISPUTE"),
)


def dealings(portfolio: Portfolio) -> Any:
    """One row a customer with an open invoice, on each `as_of`."""
    customers = portfolio.cohort.select("as_of", "customer_id").distinct()
    t = customers
    for part in (contacts(portfolio), promises(portfolio), _disputes(portfolio)):
        t = t.left_join(part, ["as_of", "customer_id"]).drop("as_of_right", "customer_id_right")
    return t.select(
        "as_of",
        "customer_id",
        contact_count=t.n_contacts.fill_null(0).cast("float64"),
        days_since_contact=t.days_since_contact.fill_null(WINDOW_DAYS).cast("float64"),
        unanswered_share=shrunk(t.n_unanswered.cast("float64"), t.n_contacts.cast("float64"), ibis.literal(0.3), 2.0),
        promise_kept_share=shrunk(t.n_kept.cast("float64"), (t.n_kept + t.n_broken).cast("float64"), ibis.literal(0.5), 2.0),
        promise_broken_count=t.n_broken.fill_null(0).cast("float64"),
        promise_pending=(t.n_pending.fill_null(0) > 0).cast("float64"),
        dispute_share=shrunk(t.n_disputes.cast("float64"), t.n_known.cast("float64"), t.usual_dispute_share, 4.0),
    )


def contacts(portfolio: Portfolio) -> Any:
    """Of the last half year `n_contacts`, of them `n_tried` that could be answered at once (of what was only sent that is not known) and
    `n_unanswered`, and `days_since_contact`; one row a customer with a contact in it.
    """
    known = portfolio.snapshot.known("contacts")
    age = known.as_of.delta(known.contacted_on, unit="day")
    recent = known.filter(age <= WINDOW_DAYS)
    return recent.group_by(["as_of", "customer_id"]).agg(
        n_contacts=recent.contact_id.count(),
        days_since_contact=recent.as_of.delta(recent.contacted_on, unit="day").min(),
        n_tried=(recent.outcome.notnull() & (recent.outcome != SENT)).cast("int64").sum(),
        n_unanswered=is_unanswered(recent).cast("int64").sum(),
    )


def promise_outcomes(portfolio: Portfolio) -> Any:
    """Each promise with what became of it, as known on `as_of`: `kept`, `broken`, or neither while it is pending or money is not watched.

    A promise is kept if the promised amount, but for cents, came between the promise and its day: for that invoice where it names one,
    else for that customer. No bank books money on a day off, so a promise for one lasts until the next business day of the customer's
    country (`last_on`). Of several promises made at once, a plan of instalments, each needs what the earlier ones asked for too. One
    for an invoice is also kept if the invoice was cleared by its day, one without either an amount or an invoice if anything came. A sum
    that was promised without an invoice by somebody with invoices of several currencies is of nobody knows which: neither kept nor broken.
    """
    known = _with_last_day(portfolio)
    plan = ibis.cumulative_window(
        group_by=["as_of", "customer_id", "invoice_id", "promised_on"], order_by=["due_on", "amount", "promise_id"]
    )
    known = known.mutate(asked=known.amount.sum().over(plan))
    paid = portfolio.tolerant_balances.select("as_of", "invoice_id", invoice_paid_on="paid_on")
    t = known.left_join(paid, ["as_of", "invoice_id"]).select(known, "invoice_paid_on")
    for_it, from_them = _received(portfolio, t, "invoice_id"), _received(portfolio, t, "customer_id")
    t = t.left_join(for_it, ["as_of", "promise_id"]).select(t, for_invoice="received")
    t = t.left_join(from_them, ["as_of", "promise_id"]).select(t, "received")
    cleared = (t.invoice_paid_on <= t.last_on).fill_null(False)
    enough = t.asked * (TOLERANCE - 1)
    by_invoice = cleared | (t.amount.notnull() & (t.for_invoice * TOLERANCE >= enough)).fill_null(False)
    by_sum = (t.received.notnull() & t.amount.isnull()) | (t.received * TOLERANCE >= enough).fill_null(False)
    kept = ibis.ifelse(t.invoice_id.notnull(), by_invoice, by_sum)
    balances = portfolio.snapshot.balances
    watch = balances.group_by(["as_of", "customer_id"]).agg(
        watched=ibis.least(balances.as_of, balances.observed_until).max(), n_currencies=balances.currency.nunique()
    )
    t = t.mutate(kept=kept).left_join(watch, ["as_of", "customer_id"]).drop("as_of_right", "customer_id_right")
    day_over = t.last_on < t.as_of
    told = t.invoice_id.notnull() | t.amount.isnull() | (t.n_currencies.fill_null(1) == 1)
    t = t.mutate(kept=t.kept & told)
    return t.mutate(broken=told & ~t.kept & day_over & (t.last_on <= t.watched.fill_null(t.as_of)), pending=~t.kept & ~day_over)


def _with_last_day(portfolio: Portfolio) -> Any:
    """The known promises with `last_on`, the business day on which each falls due, or the next one."""
    promises = portfolio.snapshot.known("promises")
    t = with_country(promises, portfolio.snapshot)
    days = portfolio.snapshot.calendar.select("country", "roll_on", due_on="day")
    t = t.left_join(days, ["country", "due_on"]).select(promises, "roll_on")
    return t.mutate(last_on=t.roll_on.fill_null(t.due_on)).drop("roll_on")


def _received(portfolio: Portfolio, promised: Any, whose: str) -> Any:
    """What came between each promise and its day for the same invoice, or the same customer; one row a promise for which some did."""
    payments = portfolio.snapshot.receipts.select("as_of", whose, "paid_on", received="amount")
    within = [payments.paid_on >= promised.promised_on, payments.paid_on <= promised.last_on]
    between = promised.join(payments, ["as_of", whose, *within])
    return between.group_by(["as_of", "promise_id"]).agg(received=between.received.sum())


def promises(portfolio: Portfolio) -> Any:
    """`n_kept, n_broken, n_pending` of the promises of the last half year; one row a customer with a promise in it."""
    t = promise_outcomes(portfolio)
    t = t.filter(t.as_of.delta(t.promised_on, unit="day") <= WINDOW_DAYS)
    return t.group_by(["as_of", "customer_id"]).agg(
        n_kept=t.kept.cast("int64").sum(), n_broken=t.broken.cast("int64").sum(), n_pending=t.pending.cast("int64").sum()
    )


def _disputes(portfolio: Portfolio) -> Any:
    disputed = portfolio.snapshot.known("disputes").select("as_of", "invoice_id").distinct().mutate(is_disputed=1)
    b = portfolio.snapshot.balances
    b = b.left_join(disputed, ["as_of", "invoice_id"]).select(b, "is_disputed")
    own = b.group_by(["as_of", "customer_id"]).agg(n_known=b.invoice_id.count(), n_disputes=b.is_disputed.fill_null(0).sum())
    all_of_them = own.group_by("as_of").agg(usual_dispute_share=own.n_disputes.sum() / own.n_known.sum())
    return own.join(all_of_them, "as_of")


VIEW = FeatureView("dealings", "customer_id", FEATURES, dealings)
