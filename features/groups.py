"""Whom a customer resembles: the groups, each within the last, towards which a thin or empty history is drawn.

Everyone; the same country and currency; of these the same segment, or kind, or beginning of the customer number; then similar terms;
then a similar size. In a group each customer counts by how well it is known, not by how much it buys, and never for itself.
"""

from __future__ import annotations

import math
from typing import Any

import ibis

from features.settings import FeatureSettings
from ledger.snapshot import Snapshot

LEVELS = ("market", "group", "terms", "size")
MOST_PREFIXES = 20
TERMS_STEPS = (7, 21, 35, 50, 75)
USUAL = ("usual_late_share", "usual_late_30_share", "usual_days_late", "usual_days_late_net", "usual_part_paid_share")


def peers(snapshot: Snapshot, history: Any, settings: FeatureSettings) -> Any:
    """One row a customer with any invoice, on each `as_of`: what is usual among its peers, columns `USUAL` (null: nobody is known yet)."""
    k = settings.shrinkage
    measures = {
        "usual_late_share": history.is_late.cast("float64"),
        "usual_late_30_share": (history.days_late > 30).cast("float64"),
        "usual_days_late": history.days_late,
        "usual_days_late_net": history.days_late_net,
        "usual_part_paid_share": (history.n_payments > 1).cast("float64"),
    }
    own = history.group_by(["as_of", "customer_id"]).agg(
        n=history.weight.sum(), **{name: (history.weight * value).sum() for name, value in measures.items()}
    )
    t = _grouped(snapshot)
    t = t.left_join(own, ["as_of", "customer_id"]).select(t, "n", *USUAL)
    known = t.n.fill_null(0.0) / (t.n.fill_null(0.0) + k)
    t = t.mutate(known=known, **{name: ibis.ifelse(t.n > 0, t[name] / t.n * known, 0.0) for name in USUAL})
    # Each level starts from the one above it; above all of them stand all other customers, or for a lonely one itself.
    keys: list[str] = ["as_of"]
    others = _others(t, "known", keys)
    itself = {name: t[name] / ibis.ifelse(t.known > 0, t.known, ibis.null("float64")) for name in USUAL}
    drawn = {name: ibis.ifelse(others > 1e-9, _others(t, name, keys) / ibis.greatest(others, 1e-9), itself[name]) for name in USUAL}
    t = t.mutate(**{f"drawn_{name}": value for name, value in drawn.items()})
    for level in LEVELS:
        keys = [*keys, level]
        others = _others(t, "known", keys)
        t = t.mutate(**{f"drawn_{name}": (_others(t, name, keys) + k * t[f"drawn_{name}"]) / (others + k) for name in USUAL})
    return t.select("as_of", "customer_id", **{name: t[f"drawn_{name}"] for name in USUAL})


def _others(t: Any, name: str, keys: list[str]) -> Any:
    return t[name].sum().over(ibis.window(group_by=keys)) - t[name]


def _grouped(snapshot: Snapshot) -> Any:
    """One row a customer with any invoice: the groups of `LEVELS` as text."""
    b = snapshot.balances
    terms = b.due_on.delta(b.issued_on, unit="day")
    t = b.group_by(["as_of", "customer_id"]).agg(currency=b.currency.max(), terms_days=terms.mean(), amount=b.amount.mean())
    c = snapshot.customers.select("as_of", "customer_id", "country", "kind", "segment")
    t = t.left_join(c, ["as_of", "customer_id"]).select(t, "country", "kind", "segment")
    t = t.mutate(prefix=t.customer_id.left(2))
    n_prefixes = t.group_by("as_of").agg(n_prefixes=t.prefix.nunique())
    t = t.join(n_prefixes, "as_of")
    # A beginning that nearly every customer has to itself is a number, not a kind of customer.
    prefix = ibis.ifelse(t.n_prefixes <= MOST_PREFIXES, t.prefix, "")
    step = sum(((t.terms_days > days).cast("int64") for days in TERMS_STEPS), ibis.literal(0))
    return t.select(
        "as_of",
        "customer_id",
        market=t.country.fill_null("") + "|" + t.currency.fill_null(""),
        group=t.segment.fill_null("") + "|" + t.kind.fill_null("") + "|" + ibis.ifelse(t.segment.isnull(), prefix, ""),
        terms=step.cast("string"),
        size=((t.amount + 1).ln() / math.log(10)).floor().cast("string"),
    )
