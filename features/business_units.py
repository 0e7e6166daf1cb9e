"""The business unit that an invoice is of: a customer's plants, shops or departments may pay each at a pace of their own."""

from __future__ import annotations

from typing import Any

import ibis

from features.portfolio import Portfolio, shrunk, within_share
from features.view import Feature, FeatureView

FEATURES = (
    Feature("unit_late_share", "share paid late among the customer's invoices of this business unit", "share", "BUSINESS_UNIT"),
    Feature(
        "unit_days_late", "usual days late, net of the roll, of the customer's invoices of this business unit", "days", "BUSINESS_UNIT"
    ),
)


def business_units(portfolio: Portfolio) -> Any:
    """One row an open invoice, on each `as_of`; null where its unit is not known, or no other one is.

    A unit is drawn towards what this customer, or else its peers, do overall and what sets the unit apart for everyone.
    """
    k = portfolio.settings.shrinkage
    h = portfolio.history
    measures = {"late": h.is_late.cast("float64"), "days": h.days_late_net}

    def sums(prefix: str, *keys: str) -> Any:
        told = {f"{prefix}_{name}": (h.weight * value).sum() for name, value in measures.items()}
        return h.group_by(["as_of", *keys]).agg(**{f"{prefix}_n": h.weight.sum()}, **told)

    units = portfolio.snapshot.balances.group_by("as_of").agg(n_units=lambda b: b.business_unit.nunique())
    peers = portfolio.peers.select("as_of", "customer_id", "usual_late_share", "usual_days_late_net")
    usual = portfolio.usual.select("as_of", everyones_late="usual_late_share", everyones_days="usual_days_late_net")
    t = portfolio.cohort.select("as_of", "invoice_id", "customer_id", "business_unit")
    for keys, part in (
        (["as_of", "customer_id", "business_unit"], sums("own", "customer_id", "business_unit")),
        (["as_of", "customer_id"], sums("all", "customer_id")),
        (["as_of", "business_unit"], sums("unit", "business_unit")),
        (["as_of", "customer_id"], peers),
        (["as_of"], usual),
        (["as_of"], units),
    ):
        t = t.left_join(part, keys).select(t, *(name for name in part.columns if name not in keys))
    of_peers = {"late": t.usual_late_share, "days": t.usual_days_late_net}
    found = {}
    for name, peers_do in of_peers.items():
        everyones = t[f"everyones_{name}"]
        overall = shrunk(t[f"all_{name}"], t.all_n, peers_do, k)
        expected = overall + shrunk(t[f"unit_{name}"], t.unit_n, everyones, k) - everyones
        found[name] = shrunk(t[f"own_{name}"], t.own_n, within_share(expected) if name == "late" else expected, k)
    is_told = t.business_unit.notnull() & (t.n_units > 1)
    return t.select(
        "as_of",
        "invoice_id",
        unit_late_share=ibis.ifelse(is_told, found["late"], ibis.null("float64")),
        unit_days_late=ibis.ifelse(is_told, found["days"], ibis.null("float64")),
    )


VIEW = FeatureView("business_units", "invoice_id", FEATURES, business_units)
