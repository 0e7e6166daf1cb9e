"""How far a source was watched, told by the days of its facts: a few of them far after all others are slips, or dated ahead."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np

from ledger.calendars import Days

LEAST_DAYS, FEW = 20, 3
LEAST_GAP_DAYS, TIMES_THE_LONGEST = 30, 5
LOOKED_BACK = 100


def last_sign(days: Days) -> date:
    """The last of the days, but for up to three that come more than a month, and five times the longest gap before, after all others.

    A year that was mistyped, or a cheque of next spring, must not make an invoice unpaid that was only unseen. Fewer than twenty
    days say nothing of gaps.

    >>> spring = np.arange("2025-01-01", "2025-03-01", dtype="datetime64[D]")
    >>> last_sign(np.append(spring, np.datetime64("2052-03-15")))
    datetime.date(2025, 2, 28)
    >>> last_sign(np.append(spring[:10], np.datetime64("2052-03-15")))
    datetime.date(2052, 3, 15)
    """
    own: list[date] = np.unique(days.astype("datetime64[D]")).tolist()
    gaps = [(later - earlier).days for earlier, later in pairwise(own)]
    for ahead in range(FEW, 0, -1) if len(own) >= LEAST_DAYS else ():
        usual = max(gaps[-ahead - LOOKED_BACK : -ahead])
        if gaps[-ahead] > max(LEAST_GAP_DAYS, TIMES_THE_LONGEST * usual):
            return own[-ahead - 1]
    return own[-1]
