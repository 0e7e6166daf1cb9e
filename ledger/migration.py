"""A history that was taken over at once: paid invoices that all carry the day on which one system followed another.

Nobody knows when they were paid. Asked about any day before, everything looks unpaid.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

LEAST_SHARE, LEAST_PAYMENTS = 0.2, 200
NEXT_TO_IT = 0.25
"""Direct debits and pay runs come again: what was loaded once has no other day beside it."""


def taken_over_on(paid: pd.DataFrame) -> date | None:
    """The one day that a fifth of all payments carry, and no other day nearly as many; None where there is none.

    `paid`: `paid_on` and `n`, how many payments were made on it.

    >>> days = pd.to_datetime(["2025-01-31", "2025-02-03", "2025-02-04"])
    >>> taken_over_on(pd.DataFrame({"paid_on": days, "n": [300, 60, 40]}))
    datetime.date(2025, 1, 31)
    >>> taken_over_on(pd.DataFrame({"paid_on": days, "n": [300, 290, 40]})), taken_over_on(pd.DataFrame({"paid_on": days, "n": [30, 2, 4]}))
    (None, None)
    """
    by_day = paid.groupby("paid_on")["n"].sum().sort_values(ascending=False)
    if by_day.empty or by_day.iloc[0] < max(LEAST_PAYMENTS, LEAST_SHARE * by_day.sum()):
        return None
    if len(by_day) > 1 and by_day.iloc[1] > NEXT_TO_IT * by_day.iloc[0]:
        return None
    return pd.Timestamp(by_day.index[0]).date()
