"""On which part of a week, or of a month, a customer's invoices were cleared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ibis

from features.portfolio import Portfolio, shrunk


def pay_shares(portfolio: Portfolio, part_of: Callable[[Any], Any], names: Sequence[str]) -> Any:
    """`as_of, customer_id` and for each part of a cycle the share of the customer's invoices cleared in it, drawn towards everyone's.

    `part_of` gives a date's place among `names`, counted from 0. One row a customer with any invoice, on each `as_of` by which anybody
    has cleared one.
    """
    k = portfolio.settings.shrinkage
    h = portfolio.history
    paid = h.filter(h.paid_on.notnull())
    paid = paid.mutate(part=part_of(paid.paid_on))
    counts = {f"n_{name}": ibis.ifelse(paid.part == at, paid.weight, 0.0).sum() for at, name in enumerate(names)}
    own = paid.group_by(["as_of", "customer_id"]).agg(n=paid.weight.sum(), **counts)
    everyone = own.group_by("as_of").agg(m=own.n.sum(), **{f"m_{name}": own[f"n_{name}"].sum() for name in names})
    t = portfolio.peers.select("as_of", "customer_id").join(everyone, "as_of")
    t = t.left_join(own, ["as_of", "customer_id"]).select(t, "n", *counts)
    return t.select("as_of", "customer_id", **{name: shrunk(t[f"n_{name}"], t.n, t[f"m_{name}"] / t.m, k) for name in names})
