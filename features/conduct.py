"""What became of each invoice on its way to payment: how late, in how many parts, overtaken, disputed, after whose call.

A window of half a year that ends on `as_of`, or `ahead_days` before it: then the invoices and late days are those of the earlier
window, while what is known of them is what `as_of` knew. Features look with `ahead_days = 0`; labelling rules may look back from later.
"""

from __future__ import annotations

from typing import Any

import ibis

from features.disputes import is_open
from features.fair import LATE_AFTER, with_excuses
from features.outcomes import is_complaint, is_unanswered
from features.portfolio import Portfolio

WINDOW_DAYS = 183
TRIFLE = 0.03
"""A credit note of no more than this share of its invoice is a discount or a bank's charge, and no quarrel."""
MOST, AT_ONCE = 0.6, 7


def conduct(portfolio: Portfolio, ahead_days: int = 0) -> Any:
    """One row an invoice that was due or late in the window, on each `as_of`.

    Columns beside those of the balance: `until` (the window's end), `in_window` (fell due in it), `late_days` (days of the window on
    which it was overdue by no fault of ours, and not for waiting for its payer's next pay run), `delay` (days from that fair due date to
    payment, or so far), `waited` (days that it waited for the run), `is_open`, `in_parts`,
    `first_share` and `first_round` (the first payment's share, and whether it was a round sum, and not most of an
    invoice as round paid at once), `first_delay`, `credited_share`,
    `overtaken_days` (days it stayed open after a later-due invoice was paid), `has_rival` (one could have been),
    `bunch` (invoices paid the same day), `load` (what fell due within a fortnight, in usual months),
    `disputed`, `in_dispute` (still), `dispute_days`, `after_dispute`, `n_contacts`, `after_first_contact`, `after_last_contact`,
    `after_formal` (contacts in writing, or that reached somebody), `amount_ratio`; and what is to be seen beside the delay: `quarrel` (a
    dispute, a complaint noted by a caller where no dispute of the customer is on record, a credit note, a part held back), `in_need` (paid
    in parts otherwise) or nothing, `plain`;
    `withheld`: an odd part, at once or most of it, was followed by nothing or by the rest.
    """
    return portfolio.once(_conduct, ahead_days)


def _conduct(portfolio: Portfolio, ahead_days: int) -> Any:
    b = portfolio.tolerant_balances
    b = b.mutate(until=(b.as_of - ibis.interval(days=ahead_days)).cast("date"))
    b = b.mutate(start=(b.until - ibis.interval(days=WINDOW_DAYS)).cast("date"))
    t = b.filter((b.issued_on <= b.until) & (b.due_on <= b.until) & ~b.is_prepaid)
    t = with_excuses(portfolio, t).mutate(is_open=t.paid_on.isnull())
    of_one = ["as_of", "customer_id", "currency"]
    usual = ibis.window(group_by=of_one)
    near = ibis.range_window(preceding=15, following=15, group_by=of_one, order_by="due_day")
    t = t.mutate(due_day=t.due_on.delta(ibis.date("2000-01-01"), unit="day"))
    t = t.mutate(usual_amount=t.amount.mean().over(usual), first_day=t.due_day.min().over(usual), total=t.amount.sum().over(usual))
    days = ibis.greatest(t.until.delta(ibis.date("2000-01-01"), unit="day") - t.first_day, 30)
    t = t.mutate(
        delay=t.seen_on.delta(t.due_on, unit="day") - t.excused,
        load=t.amount.sum().over(near) / (t.total * 30.0 / days),
        amount_ratio=t.amount / t.usual_amount,
        late_days=ibis.greatest(
            ibis.least(t.seen_on, t.until).delta(t.start, unit="day") - ibis.greatest(t.due_on.delta(t.start, unit="day") + t.excused, 0),
            0,
        ),
        in_window=t.due_on > t.start,
    )
    t = _overtaking(t, b)
    t = t.filter(t.in_window | (t.late_days > 0))
    for part in (_bunches(b), _parts(portfolio), _disputes(portfolio)):
        keys = ["as_of", "invoice_id"] if "invoice_id" in part.columns else ["as_of", "customer_id", "paid_on"]
        t = t.left_join(part, keys).select(t, *[c for c in part.columns if c not in keys])
    t = t.left_join(_contacts(portfolio, t), ["as_of", "invoice_id"]).drop("as_of_right", "invoice_id_right")
    t = t.mutate(n_payments=t.n_parts.fill_null(0)).drop("n_parts")
    t = t.mutate(
        in_parts=(t.n_payments > 1) | ((t.n_payments > 0) & t.is_open),
        first_as_round=t.zeros <= _zeros(t.amount.cast("float64")),
        first_share=ibis.ifelse(t.n_payments > 0, t.first_amount / t.amount, ibis.null("float64")),
        first_delay=t.first_paid_on.delta(t.due_on, unit="day") - t.excused,
        credited_share=t.credited.fill_null(0.0) / t.amount,
        disputed=t.n_disputes.fill_null(0) > 0,
        in_dispute=t.n_open_disputes.fill_null(0) > 0,
        dispute_days=ibis.ifelse(t.n_disputes.fill_null(0) > 0, _disputed_days(t), 0),
        after_dispute=t.paid_on.delta(t.dispute_closed, unit="day"),
        n_contacts=t.n_contacts.fill_null(0),
        after_first_contact=t.paid_on.delta(t.first_contact, unit="day"),
        after_last_contact=t.paid_on.delta(t.last_contact, unit="day"),
        after_formal=t.paid_on.delta(t.last_formal, unit="day"),
    )
    # A round sum on account is what there was money for; all but a part paid at once is no want of it.
    at_once, most = t.first_delay <= AT_ONCE, t.first_share >= MOST
    is_round = t.first_round & ~(t.first_as_round & at_once & most)
    withheld = t.in_parts & ~is_round & (t.n_payments <= 2) & (at_once | most)
    t = t.mutate(first_round=is_round, withheld=withheld.fill_null(False))
    # Callers note a complaint without the invoice it is about; a dispute on record says which.
    complained = (t.n_complaints.fill_null(0) > 0) & ~t.disputed.any().over(ibis.window(group_by=["as_of", "customer_id"]))
    quarrel = t.disputed | complained | (t.credited_share > TRIFLE) | (t.withheld & ((t.n_payments == 2) | (at_once & most)))
    return t.mutate(quarrel=quarrel, in_need=t.in_parts & ~quarrel, plain=~t.in_parts & ~quarrel).cache()


def _overtaking(t: Any, b: Any) -> Any:
    """Adds `overtaken_days`: how long it stayed open after the first payment of an invoice that was due later, and whether it could be
    overtaken at all: `has_rival`, a later one fell due before it was paid, or was paid ahead."""
    by_due = b.group_by(["as_of", "customer_id", "due_on"]).agg(paid_first=b.paid_on.min())
    later = ibis.window(preceding=(None, 1), group_by=["as_of", "customer_id"], order_by=ibis.desc("due_on"))
    by_due = by_due.mutate(later_paid=by_due.paid_first.min().over(later), next_due_on=by_due.due_on.min().over(later))
    t = t.left_join(by_due, ["as_of", "customer_id", "due_on"]).select(t, "later_paid", "next_due_on")
    # Not `greatest`: DuckDB passes over a null, and nothing was paid after it then.
    since = ibis.ifelse(t.later_paid < t.due_on, t.due_on, t.later_paid)
    t = t.mutate(overtaken_days=ibis.ifelse(since < t.seen_on, t.seen_on.delta(since, unit="day"), 0).fill_null(0))
    # Beside what is open, one that has just come due says nothing yet.
    fell_due = t.seen_on.delta(t.next_due_on, unit="day") > ibis.ifelse(t.is_open, LATE_AFTER, 0)
    return t.mutate(has_rival=fell_due.fill_null(False) | (t.overtaken_days > 0))


def _bunches(b: Any) -> Any:
    paid = b.filter(b.paid_on.notnull())
    return paid.group_by(["as_of", "customer_id", "paid_on"]).agg(bunch=paid.invoice_id.count())


def _parts(portfolio: Portfolio) -> Any:
    """What came on each invoice: credit notes, the first day's money, and on how many days some came until it was paid (`n_parts`).

    Money of one day is one payment, in however many rows it was set against the invoice; what came after it was paid is none.
    """
    s = portfolio.snapshot.settlements
    paid = portfolio.tolerant_balances.select("as_of", "invoice_id", cleared_on="paid_on")
    s = s.left_join(paid, ["as_of", "invoice_id"]).select(s, "cleared_on")
    s = s.mutate(counts=s.is_cash & (s.cleared_on.isnull() | (s.settled_on <= s.cleared_on)))
    # Decimals, so that the sum hangs on no order of rows.
    daily = s.group_by(["as_of", "invoice_id", "settled_on"]).agg(
        cash=s.amount.sum(where=s.counts), credited=s.amount.sum(where=~s.is_cash), counts=s.counts.any()
    )
    g = daily.group_by(["as_of", "invoice_id"]).agg(
        credited=daily.credited.fill_null(0).sum().cast("float64"),
        first_amount=daily.cash.cast("float64").first(where=daily.counts, order_by=daily.settled_on),
        n_parts=daily.counts.cast("int64").sum(),
    )
    zeros = _zeros(g.first_amount)
    return g.mutate(zeros=zeros, first_round=(zeros > 0) & (g.n_parts > 0))


def _zeros(amount: Any) -> Any:
    """How many zeros a whole amount ends in, five at most; none where there are cents."""
    return sum(((amount % 10**k == 0).cast("int64") for k in range(1, 6)), ibis.literal(0))


def _disputes(portfolio: Portfolio) -> Any:
    d = portfolio.snapshot.known("disputes")
    return d.group_by(["as_of", "invoice_id"]).agg(
        n_disputes=d.dispute_id.count(),
        dispute_opened=d.opened_on.min(),
        dispute_closed=d.closed_on.max(),
        n_open_disputes=is_open(d).cast("int64").sum(),
    )


def _disputed_days(t: Any) -> Any:
    """Days past due and unpaid on which the dispute was open."""
    end = ibis.least(ibis.ifelse(t.n_open_disputes > 0, t.as_of, t.dispute_closed), t.seen_on)
    days = ibis.greatest(end.delta(ibis.greatest(t.dispute_opened, t.due_on), unit="day"), 0)
    # DuckDB's `greatest` passes over a null: of a dispute without a day nobody knows how long it was open.
    return ibis.ifelse(t.dispute_opened.notnull(), days, 0).fill_null(0)


def _contacts(portfolio: Portfolio, t: Any) -> Any:
    """Contacts with the customer between the due date and the payment of each invoice, but for those that reached nobody."""
    contacts = portfolio.snapshot.known("contacts")
    contacts = contacts.filter(~is_unanswered(contacts)).mutate(complaint=is_complaint(contacts))
    contacts = contacts.select("as_of", "customer_id", "contacted_on", "action", "complaint")
    late = t.select("as_of", "customer_id", "invoice_id", "due_on", "seen_on")
    j = late.join(
        contacts,
        ["as_of", "customer_id", late.due_on < contacts.contacted_on, late.seen_on >= contacts.contacted_on],
    )
    return j.group_by(["as_of", "invoice_id"]).agg(
        n_contacts=j.contacted_on.count(),
        n_complaints=j.complaint.cast("int64").sum(),
        first_contact=j.contacted_on.min(),
        last_contact=j.contacted_on.max(),
        last_formal=ibis.ifelse(j.action == "formal", j.contacted_on, ibis.null("date")).max(),
    )
