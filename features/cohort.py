"""Who is asked about: the open invoices of a day."""

from __future__ import annotations

from typing import Any

import ibis

from features.customers import with_country
from features.settings import FeatureSettings
from ledger.snapshot import Snapshot

LEAST = 0.005
"""Less than half a cent is nothing to pay: it would be asked for, and shown, as 0.00."""


def open_invoices(snapshot: Snapshot, settings: FeatureSettings) -> Any:
    """One row an open invoice and `as_of`: issued, not settled but for less than half a cent, of a source that was still watched.

    An invoice with a payment before its own date never enters; nor does one whose source was last watched more than
    `staleness_days` before `as_of` (see `left_out`). Adds `dpd`, `terms_days` and the customer's `country` ('' if unknown).
    """
    balances = snapshot.balances
    fresh = balances.observed_until + ibis.interval(days=settings.staleness_days) >= balances.as_of
    cohort = balances.filter(_is_open(balances) & (balances.issued_on <= balances.as_of) & ~balances.is_prepaid & fresh)
    joined = with_country(cohort, snapshot, "kind", "segment")
    return joined.mutate(
        dpd=joined.as_of.delta(joined.due_on, unit="day"),
        terms_days=joined.due_on.delta(joined.issued_on, unit="day"),
    )


def left_out(snapshot: Snapshot, settings: FeatureSettings, customer: str | None = None) -> dict[str, int]:
    """How many open invoices, of all or of one customer, were left out of the cohort, and why."""
    balances = snapshot.balances
    if customer is not None:
        balances = balances.filter(balances.customer_id == customer)
    is_open = _is_open(balances)
    stale = is_open & (balances.observed_until + ibis.interval(days=settings.staleness_days) < balances.as_of)
    counted = balances.agg(stale=stale.sum().fill_null(0), prepaid=(is_open & ~stale & balances.is_prepaid).sum().fill_null(0)).to_pandas()
    return {str(reason): int(counted[reason].iloc[0]) for reason in counted}


def _is_open(balances: Any) -> Any:
    return (balances.open_amount >= LEAST) & balances.paid_on.isnull()
