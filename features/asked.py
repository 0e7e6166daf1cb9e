"""The customers whose type is asked for, and what collectors have said of them."""

from __future__ import annotations

from typing import Any

import ibis

from features.conduct import TRIFLE
from features.disputes import is_open
from features.fair import LATE_AFTER, own_late
from features.portfolio import Portfolio
from features.unapplied import covered_by_it
from ledger.tables import UNDETERMINED

POPULATION_DAYS = 180
BY_CHANCE = 0.2
"""Of five types anybody hits one in so many: a word that its speaker is less sure of is none."""
RECURRING_DAYS = 365
SETTLED_DAYS = 30
"""For so long after a dispute was settled the question is what is left of it."""


def asked_customers(portfolio: Portfolio) -> Any:
    """One row a customer with an open invoice (asked about or not) or one due in the last 180 days, on each `as_of`.

    Columns: `as_of, customer_id, is_recurring` (late in at least two different months of the last twelve, what was disputed or ended with a
    credit note left out), `has_open_dispute`, `dispute_settled` (lately, and none is open), `cash_to_apply`: money of theirs that nobody
    set against an invoice would pay half of what is overdue, or more; `is_new`: nothing of theirs has ended or come due before.
    """
    b = portfolio.snapshot.balances
    since_due = b.as_of.delta(b.due_on, unit="day")
    due_lately = (since_due >= 0) & (since_due <= POPULATION_DAYS)
    asked = b.filter(due_lately | (b.open_amount > 0)).select("as_of", "customer_id").distinct()
    late = own_late(portfolio, portfolio.tolerant_balances.filter((since_due >= 0) & (since_due < RECURRING_DAYS)))
    for quarrelled in (_disputed(portfolio), _credited(portfolio)):
        late = late.anti_join(quarrelled, ["as_of", "invoice_id"])
    months = late.group_by(["as_of", "customer_id"]).agg(late_months=late.due_on.truncate("M").nunique())
    told = b.paid_on.notnull() | (since_due > LATE_AFTER)
    known = b.group_by(["as_of", "customer_id"]).agg(is_known=told.any())
    d = portfolio.snapshot.known("disputes")
    disputes = d.group_by(["as_of", "customer_id"]).agg(
        is_open=is_open(d).any(), settled=(d.as_of.delta(d.closed_on, unit="day") <= SETTLED_DAYS).fill_null(False).any()
    )
    t = asked.left_join(months, ["as_of", "customer_id"]).drop("as_of_right", "customer_id_right")
    t = t.left_join(disputes, ["as_of", "customer_id"]).drop("as_of_right", "customer_id_right")
    t = t.left_join(known, ["as_of", "customer_id"]).drop("as_of_right", "customer_id_right")
    t = t.left_join(covered_by_it(portfolio.snapshot), ["as_of", "customer_id"]).drop("as_of_right", "customer_id_right")
    return t.select(
        "as_of",
        "customer_id",
        is_recurring=(t.late_months >= 2).fill_null(False),
        has_open_dispute=t.is_open.fill_null(False),
        dispute_settled=(t.settled & ~t.is_open).fill_null(False),
        is_new=~t.is_known.fill_null(False),
        cash_to_apply=t.cash_to_apply.fill_null(False),
    )


def _disputed(portfolio: Portfolio) -> Any:
    return portfolio.snapshot.known("disputes").select("as_of", "invoice_id").distinct()


def _credited(portfolio: Portfolio) -> Any:
    s = portfolio.snapshot.settlements
    amounts = portfolio.snapshot.balances.select("as_of", "invoice_id", "amount")
    credited = s.filter(~s.is_cash).group_by(["as_of", "invoice_id"]).agg(credited=s.amount.sum())
    t = credited.inner_join(amounts, ["as_of", "invoice_id"])
    return t.filter(t.credited > t.amount * TRIFLE).select("as_of", "invoice_id")


def last_labels(portfolio: Portfolio, valid_days: int) -> Any:
    """The last word of a collector on each customer, as known on each `as_of`.

    Columns `as_of, customer_id, debtor_type, confidence, labelled_on, labelled_by, is_agreed, said_either` (two types that were said,
    by a space, where it is not agreed). A word older than `valid_days` no longer counts: people change; nor does one that its speaker is
    less sure of than by chance. Two words of one day that became known together and contradict each other come to `undetermined`; one that
    came later corrects.
    """
    labels = portfolio.snapshot.known("type_labels")
    labels = labels.filter(labels.as_of.delta(labels.labelled_on, unit="day") <= valid_days, labels.confidence.fill_null(1) >= BY_CHANCE)
    newest = ibis.window(
        group_by=["as_of", "customer_id"], order_by=[ibis.desc("labelled_on"), ibis.desc("known_on"), ibis.desc("label_id")]
    )
    of_day = ibis.window(group_by=["as_of", "customer_id", "labelled_on", "known_on"])
    one, other = labels.debtor_type.min().over(of_day), labels.debtor_type.max().over(of_day)
    word = ibis.ifelse(one == other, labels.debtor_type, UNDETERMINED)
    either = ibis.ifelse(one == other, ibis.null("string"), one + " " + other)
    ranked = labels.mutate(place=ibis.row_number().over(newest), debtor_type=word, is_agreed=one == other, said_either=either)
    columns = ("as_of", "customer_id", "debtor_type", "confidence", "labelled_on", "labelled_by", "is_agreed", "said_either")
    return ranked.filter(ranked.place == 0).select(*columns)
