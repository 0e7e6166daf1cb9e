"""The order of the worklist.

1. Customers on hold come last.
2. Then the larger `value_of_contact` comes first.
3. Between equals the larger `exposure` comes first, then the smaller `customer_id`.

Values are compared as they are written, rounded to the currency's unit, so that the order can be checked on the file.
"""

from __future__ import annotations

import pandas as pd


def ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows in order, with `rank` 1 to n and a fresh index. Needs customer_id, value_of_contact, exposure, holds ("" where none).

    >>> frame = pd.DataFrame({"customer_id": ["B", "A", "C"], "value_of_contact": [5.0, 5.0, 9.0], "exposure": [1.0, 1.0, 1.0]})
    >>> ranked(frame.assign(holds=["", "", "disputed"]))[["customer_id", "rank"]].values.tolist()
    [['A', 1], ['B', 2], ['C', 3]]
    """
    keyed = frame.assign(_held=frame["holds"].fillna("") != "", _id=frame["customer_id"].astype("str"))
    ordered = keyed.sort_values(
        ["_held", "value_of_contact", "exposure", "_id"], ascending=[True, False, False, True], kind="stable", ignore_index=True
    ).drop(columns=["_held", "_id"])
    return ordered.assign(rank=range(1, len(ordered) + 1))
