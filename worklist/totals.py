"""What a worklist comes to: open, overdue and expected late, by currency and never added across currencies."""

from __future__ import annotations

import json

import pandas as pd

AMOUNTS = ("exposure", "overdue_amount", "expected_late_amount")


def totals_of(frame: pd.DataFrame) -> pd.DataFrame:
    """`AMOUNTS` by currency, what stands in `other_amounts` included; the currency of most rows first.

    >>> rows = pd.DataFrame({"currency": ["EUR"], "exposure": [9.0], "overdue_amount": [0.0], "expected_late_amount": [1.0]})
    >>> totals_of(rows.assign(other_amounts='{"USD": {"exposure": 5.0, "overdue_amount": 5.0}}')).reset_index().values.tolist()
    [['EUR', 9.0, 0.0, 1.0], ['USD', 5.0, 5.0, 0.0]]
    """
    beside = [
        {"currency": currency} | amounts for text in frame["other_amounts"].dropna() for currency, amounts in json.loads(text).items()
    ]
    whole = pd.concat([frame[["currency", *AMOUNTS]], pd.DataFrame(beside, columns=["currency", *AMOUNTS])]) if beside else frame
    sums = whole.groupby("currency", dropna=False)[list(AMOUNTS)].sum()
    first = frame["currency"].value_counts(dropna=False).index
    return sums.reindex(first.append(sums.index.difference(first)))
