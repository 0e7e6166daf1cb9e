"""What counts as late: paid after the due date, or after the business day to which the due date rolls.

A quarter of what is late by the calendar may be nothing but a due date on a weekend or a holiday. The convention is a setting, it is
stored with the champion, and rows carry it as `grace_days`, so that labels, model and scores cannot mean different things by it.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd

from models.arrays import Ints

Lateness = Literal["calendar", "business"]


def by_convention(rows: pd.DataFrame, lateness: Lateness) -> pd.DataFrame:
    """The feature rows with `grace_days`: days after the due date on which payment is still in time.

    >>> rows = pd.DataFrame({"dpd": [1, 1], "due_roll_days": [2.0, 0.0]})
    >>> by_convention(rows, "business")["grace_days"].tolist(), days_past(by_convention(rows, "business")).tolist()
    ([2, 0], [-1, 1])
    >>> by_convention(rows, "lunar")
    Traceback (most recent call last):
    ...
    ValueError: no such convention: lunar
    """
    if lateness not in ("calendar", "business"):
        raise ValueError(f"no such convention: {lateness}")
    return rows.assign(grace_days=roll_days(rows) if lateness == "business" else 0)


def roll_days(rows: pd.DataFrame) -> Ints:
    """Days by which the due date rolls to the next business day; 0 beyond the calendar.

    >>> roll_days(pd.DataFrame({"due_roll_days": [2.0, None]})).tolist()
    [2, 0]
    """
    rolled: Ints = rows["due_roll_days"].fillna(0).to_numpy(dtype="int64")
    return rolled


def days_past(rows: pd.DataFrame) -> Ints:
    """Days past the last day in time; below 0 nothing is late yet. Rows without a convention go by the calendar.

    >>> mixed = pd.concat([pd.DataFrame({"dpd": [1], "grace_days": [2]}), pd.DataFrame({"dpd": [1]})])
    >>> days_past(mixed)
    Traceback (most recent call last):
    ...
    ValueError: some of the rows have no convention of lateness
    """
    dpd = rows["dpd"].to_numpy(dtype="int64")
    if "grace_days" not in rows:
        return dpd
    if rows["grace_days"].isna().any():
        raise ValueError("some of the rows have no convention of lateness")
    past: Ints = dpd - rows["grace_days"].to_numpy(dtype="int64")
    return past
