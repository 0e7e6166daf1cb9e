"""Which part of a large ledger is looked at: enough customers to learn from, so that the work stops growing with the ledger.

A part is drawn before anything is computed, and only where a ledger holds far more rows than are wanted. It then holds more customers than
the rows are taken from: figures about everyone and about peers are those of the part, and thousands of customers drawn at random tell
them nearly as well as all. Scores of a day are not made from a part; nobody is left out of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import ibis

from features.conduct import WINDOW_DAYS
from features.settings import FeatureSettings
from ledger.ledger import Ledger

ENOUGH = 500_000
"""Rows by the tens of thousands are learned from; from so many, peers are known."""


def part_of(ledger: Ledger, n_rows: int, enough: int = ENOUGH) -> Ledger:
    """The whole ledger, or where it would give more than `enough` rows, of `n_rows` that it has, a sample of its customers."""
    return ledger.sample(enough / n_rows) if n_rows > enough else ledger


def n_open(ledger: Ledger, days: Sequence[date], settings: FeatureSettings) -> int:
    """About how many rows the cohorts of these days hold together, told from what was known on the last of them."""
    b = ledger.as_of(max(days), history_days=settings.history_days).balances
    watched = (b.observed_until + ibis.interval(days=settings.staleness_days)).cast("date")
    counts = [
        ((b.known_on <= day) & (b.issued_on <= day) & (watched >= day) & (b.paid_on.isnull() | (b.paid_on > day))).cast("int64").sum()
        for day in days
    ]
    return _total(b, counts)


def n_judged(ledger: Ledger, days: Sequence[date], settings: FeatureSettings) -> int:
    """About how many customers had an invoice due, or late, in the half year before each of these days, added up."""
    b = ledger.as_of(max(days), history_days=settings.history_days).balances
    counts = []
    for day in days:
        start = day - timedelta(days=WINDOW_DAYS)
        judged = (b.known_on <= day) & (b.due_on <= day) & ((b.due_on > start) | b.paid_on.isnull() | (b.paid_on > start))
        counts.append(b.customer_id.nunique(where=judged))
    return _total(b, counts)


def _total(rows: ibis.Table, counts: Sequence[ibis.Scalar]) -> int:
    row = rows.agg(**{f"n_{place}": count for place, count in enumerate(counts)}).to_pandas().iloc[0]
    return int(row.fillna(0).sum())
