"""A feed of payments that has stopped: everybody who pays is then taken for late, and called for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from ledger.snapshot import Snapshot

LEAST_DAYS, TIMES = 14, 3
"""Money is missed after a fortnight, and after three times the longest wait that there ever was."""
FEWEST = 10


def silence_lines(snapshot: Snapshot) -> list[str]:
    """A warning where no payment has become known for far longer than ever before, up to the newest day of the snapshot."""
    payments: Any = snapshot.known("payments")
    as_of = snapshot.days[-1]
    paid_on = payments.filter(payments.as_of == as_of).select("paid_on").distinct().to_pandas()["paid_on"]
    return stopped(paid_on, as_of)


def stopped(paid_on: pd.Series, as_of: date) -> list[str]:
    """The warning, from the days on which something was paid.

    >>> days = pd.Series(pd.date_range("2025-01-01", periods=20, freq="3D"))
    >>> stopped(days, date(2025, 3, 10)), stopped(days[:5], date(2025, 3, 31))
    ([], [])
    >>> stopped(days, date(2025, 3, 31))[0].split(";")[0]
    'warning: no payment is known after 2025-02-27, 32 days ago, and never before was there a wait of more than 3 days'
    """
    days = pd.to_datetime(paid_on).sort_values(ignore_index=True)
    if len(days) < FEWEST:
        return []
    silent, longest = (pd.Timestamp(as_of) - days.iloc[-1]).days, int(days.diff().dt.days.max())
    if silent <= max(LEAST_DAYS, TIMES * longest):
        return []
    return [
        f"warning: no payment is known after {days.iloc[-1].date()}, {silent} days ago, and never before was there a wait of more than "
        f"{longest} days; if payments are no longer loaded, customers who have paid are called late: load them first"
    ]
