"""Who keeps back about the same small part of nearly every invoice: a discount, a bank's fee, a tax. That is a habit and no quarrel."""

from __future__ import annotations

from typing import Any

import ibis

from ledger.snapshot import Snapshot

SEEN_DAYS = 365
MOST = 0.05
"""The largest share of an invoice that is a deduction."""
FEWEST, NEARLY_ALL = 3, 0.8
ALIKE = 1.25
"""How much larger than most of the others a rest may be."""


def deductions(snapshot: Snapshot) -> Any:
    """`as_of, customer_id, currency, deducted_share, deducted_amount`: up to what share, or sum, the rest of an invoice is a deduction.

    Told by what fell due within a year and was paid in one payment: of at least three, four in five have a small rest, and the middle
    half of all rests are about the same share or the same sum; the other column is null. What is in dispute does not count.

    >>> from types import SimpleNamespace
    >>> day, names = ibis.date("2025-06-30"), {"customer_id": ["ada"] * 3 + ["bo"] * 3, "invoice_id": list("abcdef")}
    >>> money = {"amount": [100.0, 200.0, 400.0, 100.0, 200.0, 400.0], "open_amount": [3.0, 6.0, 12.0, 5.0, 5.0, 5.0]}
    >>> b = ibis.memtable(names | money).mutate(as_of=day, due_on=day, n_payments=1, currency=ibis.literal("EUR"))
    >>> snapshot = SimpleNamespace(balances=b, known=lambda table: b.select("as_of", "invoice_id").limit(0))
    >>> deductions(snapshot).order_by("customer_id").to_pandas().iloc[:, 3:].round(4).values.tolist()
    [[0.0375, nan], [nan, 6.25]]
    """
    b = snapshot.balances
    b = b.filter((b.n_payments == 1) & (b.as_of.delta(b.due_on, unit="day") <= SEEN_DAYS))
    b = b.anti_join(snapshot.known("disputes"), ["as_of", "invoice_id"])
    rest, share = b.open_amount, b.open_amount / b.amount
    t = b.group_by(["as_of", "customer_id", "currency"]).agg(
        n=b.invoice_id.count(),
        small=((share > 0) & (share <= MOST)).mean(),
        least_share=share.quantile(0.25),
        most_share=share.quantile(0.75),
        least_amount=rest.quantile(0.25),
        most_amount=rest.quantile(0.75),
    )
    t = t.filter((t.n >= FEWEST) & (t.small >= NEARLY_ALL))

    def where_alike(least: Any, most: Any) -> Any:
        return ibis.ifelse(most <= ALIKE * least, ALIKE * most, ibis.null("float64"))

    return t.select(
        "as_of",
        "customer_id",
        "currency",
        deducted_share=where_alike(t.least_share, t.most_share),
        deducted_amount=where_alike(t.least_amount, t.most_amount),
    )
