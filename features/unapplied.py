"""Money of a customer that nobody has set against an invoice yet."""

from __future__ import annotations

from typing import Any

from ledger.snapshot import Snapshot

MOST = 0.5


def unapplied(snapshot: Snapshot) -> Any:
    """`as_of, customer_id, currency, amount`: payments and credit notes that name no invoice, and what goes beyond the one they name."""
    of_each, columns = ("as_of", "customer_id", "currency"), ("as_of", "invoice_id", "customer_id", "currency", "amount")
    given = snapshot.known("payments").select(*columns).union(snapshot.known("credit_notes").select(*columns))
    loose = given.filter(given.invoice_id.isnull()).select(*of_each, amount=lambda t: t.amount.cast("float64"))
    balances = snapshot.balances
    beyond = balances.filter(balances.settled_amount > balances.amount)
    beyond = beyond.select(*of_each, amount=(beyond.settled_amount - beyond.amount).cast("float64"))
    return loose.union(beyond).group_by(of_each).agg(amount=lambda t: t.amount.sum())


def covered_by_it(snapshot: Snapshot) -> Any:
    """`as_of, customer_id, cash_to_apply` of those with something overdue: whether such money would pay half of it or more, in each
    currency."""
    of_each = ["as_of", "customer_id", "currency"]
    b = snapshot.balances
    late = b.filter(b.paid_on.isnull() & (b.due_on < b.as_of))
    owed = late.group_by(of_each).agg(owed=(late.amount - late.settled_amount).sum().cast("float64"))
    both = owed.left_join(unapplied(snapshot), of_each).select(owed, "amount")
    return both.group_by(["as_of", "customer_id"]).agg(cash_to_apply=(both.amount.fill_null(0.0) >= MOST * both.owed).all())
