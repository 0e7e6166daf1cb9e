"""Rows for benchmarks that ask once an invoice: at the end of the day on which it was issued."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date

import pandas as pd

from features.matrix import feature_matrix
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger

CHUNK = 12


def issue_days(ledger: Ledger, after: date | None = None) -> list[date]:
    """The days on which invoices were issued, or those later than `after`."""
    issued = ledger.as_of(ledger.span[1]).balances.select("issued_on").distinct().to_pandas()["issued_on"]
    return sorted(day.date() for day in issued if after is None or day.date() > after)


def matrix_at_issue(ledger: Ledger, days: Sequence[date], settings: FeatureSettings) -> pd.DataFrame:
    """The feature matrix of the invoices issued on each of these days, as known at the end of that day."""
    parts = []
    for start in range(0, len(days), CHUNK):
        matrix = feature_matrix(Portfolio.on(ledger, settings, *days[start : start + CHUNK]))
        parts.append(matrix[matrix["issued_on"] == matrix["as_of"]])
        print(f"features: {min(start + CHUNK, len(days))} of {len(days)} days", file=sys.stderr)
    return pd.concat(parts, ignore_index=True)
