"""Payments that have stopped coming in: nobody is thought not to have paid since then, for it was not seen."""

from __future__ import annotations

from datetime import date

import pandas as pd

LEAST_DAYS, TIMES = 14, 3
"""Money is missed after a fortnight, and after three times the longest wait that there ever was."""
FEWEST = 10


def silent_since(paid_on: pd.Series, until: date) -> tuple[date, int] | None:
    """The last day on which something was paid and the longest wait before it, where `until` lies far longer after it; else None.

    `paid_on`: the days on which something was paid, in any order; of fewer than ten nothing can be said.

    >>> days = pd.Series(pd.date_range("2025-01-01", periods=20, freq="3D"))
    >>> silent_since(days, date(2025, 3, 10)), silent_since(days[:5], date(2025, 3, 31))
    (None, None)
    >>> silent_since(days, date(2025, 3, 31))
    (datetime.date(2025, 2, 27), 3)
    """
    days = pd.to_datetime(paid_on).drop_duplicates().sort_values(ignore_index=True)
    if len(days) < FEWEST:
        return None
    silent, longest = (pd.Timestamp(until) - days.iloc[-1]).days, int(days.diff().dt.days.max())
    return (days.iloc[-1].date(), longest) if silent > max(LEAST_DAYS, TIMES * longest) else None
