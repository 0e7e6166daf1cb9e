"""The steps to come of an open invoice, and what is known of each: the columns that the hazard head looks at.

Steps are days for five weeks, then weeks, fortnights and months. Of a single day the head knows the weekday, whether banks work, the day of
the month counted from its first and from its last, how late it would be, how often this customer pays on that weekday and in that sixth of
a month, and how many of its usual days between payments the last one would be ago.
Where customers pay by the month, a business day stands for the weekend or holidays before it, too: what is paid on the fifteenth of each
month is paid on the Monday after. What the month has left is counted in business days: who pays on the last one does so on the 28th
where the 30th is a Sunday. And its last sixth is counted back from 31: the end of February is a month's end like any other. The first of
the days that a business day stands for keeps its date: who pays on the 28th does so in every month.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import due_day, month_days, pay_gaps
from features.matrix import FEATURES
from ledger.calendars import Days, calendar_of
from models.arrays import Bools, Ints

KNOTS: Ints = np.array([*range(1, 36), *range(42, 71, 7), *range(84, 141, 14), *range(170, 401, 46)], dtype="int64")
STARTS: Ints = np.concatenate([[0], KNOTS[:-1]])
STEP_COLUMNS = (
    "step_days_ahead",
    "step_width",
    "step_days_late",
    "step_days_late_net",
    "step_is_business",
    "step_after_holiday",
    "step_weekday",
    "step_day_of_month",
    "step_to_month_end",
    "step_pay_share",
    "step_month_share",
    "step_less_usual",
    "step_less_usual_weekday",
    "step_less_usual_unit",
    "step_pay_gaps",
)
ROW_COLUMNS = tuple(name for name in FEATURES if name not in (*due_day.SHARES, *month_days.SHARES, *pay_gaps.VIEW.names))
COLUMNS = (*STEP_COLUMNS, *ROW_COLUMNS)
FIRST_DAY = "step_first_day_of_month"
BY_MONTH_COLUMNS = (*COLUMNS, FIRST_DAY)
MOSTLY, MANY = 0.4, 0.25


def pays_by_month(rows: pd.DataFrame) -> bool:
    """Whether of a good part of the rows the customer mostly pays in one sixth of the month.

    >>> rows = pd.DataFrame(1 / 6, index=range(4), columns=list(month_days.SHARES))
    >>> pays_by_month(rows), pays_by_month(rows.assign(pay_share_from_11=[0.7, 0.2, 0.2, 0.2]))
    (False, True)
    """
    mostly = rows[list(month_days.SHARES)].to_numpy(dtype="float64").max(axis=1) >= MOSTLY
    return bool(mostly.mean() >= MANY)


def design(rows: pd.DataFrame, row: Ints, step: Ints, *, by_month: bool = False) -> npt.NDArray[np.float32]:
    """Examples for the given (row, step) pairs, shape (pairs, columns): `BY_MONTH_COLUMNS` where it is so, else `COLUMNS`."""
    out = np.empty((len(row), len(BY_MONTH_COLUMNS if by_month else COLUMNS)), dtype="float32")
    out[:, len(STEP_COLUMNS) : len(COLUMNS)] = rows[list(ROW_COLUMNS)].to_numpy(dtype="float32")[row]
    width = KNOTS[step] - STARTS[step]
    ahead = KNOTS[step]
    day: Days = rows["as_of"].to_numpy().astype("datetime64[D]")[row] + ahead.astype("timedelta64[D]")
    of_month = day_of_month(day, by_month=by_month)
    single = width == 1
    weekday = (day.astype("int64") + 3) % 7
    next_month = (day.astype("datetime64[M]") + 1).astype("datetime64[D]")
    banks = _banks(rows, row, day, next_month)
    to_month_end = banks.days_left if by_month else (next_month - day).astype("int64") - 1
    from_of_month = day_of_month(banks.first_day) if by_month else of_month
    dpd = rows["dpd"].to_numpy(dtype="float64")
    days_late = dpd[row] + ahead
    net = (day - banks.rolled[row]).astype("int64")
    shares = rows[list(due_day.SHARES)].to_numpy(dtype="float64")
    sixths = rows[list(month_days.SHARES)].to_numpy(dtype="float64")
    since = rows["days_since_payment"].to_numpy(dtype="float64")[row] + ahead
    columns = (
        ahead,
        width,
        days_late,
        net,
        np.where(single, banks.is_business, np.nan),
        np.where(single, banks.after_holiday, np.nan),
        np.where(single, weekday, np.nan),
        np.where(single, of_month, np.nan),
        np.where(single, to_month_end, np.nan),
        np.where(single, shares[row, weekday], np.nan),
        np.where(single, np.maximum(*(sixths[row, month_days.sixth_of(one)] for one in (from_of_month, of_month))), np.nan),
        days_late - rows["days_late_mean"].to_numpy(dtype="float64")[row],
        net - rows["weekday_days_late"].to_numpy(dtype="float64")[row],
        net - rows["unit_days_late"].to_numpy(dtype="float64")[row],
        since / rows["pay_gap"].to_numpy(dtype="float64")[row],
    )
    for position, values in enumerate(columns):
        out[:, position] = values
    if by_month:
        out[:, -1] = np.where(single, from_of_month, np.nan)
    return out


def day_of_month(day: Days, *, by_month: bool = False) -> Ints:
    """Counted from 1; `by_month`, its last sixth back from 31, so that every month ends on one day: who pays on its last pays on it in
    February, too.

    >>> days = np.array(["2025-02-25", "2025-02-28", "2025-04-30", "2025-05-26"], dtype="datetime64[D]")
    >>> day_of_month(days).tolist(), day_of_month(days, by_month=True).tolist()
    ([25, 28, 30, 26], [25, 31, 31, 26])
    """
    month = day.astype("datetime64[M]")
    of_month = (day - month).astype("int64") + 1
    from_end = 32 - ((month + 1).astype("datetime64[D]") - day).astype("int64")
    return np.where(by_month & (of_month >= month_days.STARTS[-1]), from_end, of_month)


class _Banks(NamedTuple):
    """Of each day whether it is a business day, whether the day before was none, the first of the days that it stands for, and how many
    business days its month has left after it; of each row, the business day that its due date rolls to."""

    is_business: Bools
    after_holiday: Bools
    first_day: Days
    days_left: Ints
    rolled: Days


def _banks(rows: pd.DataFrame, row: Ints, day: Days, next_month: Days) -> _Banks:
    countries = rows["country"].fillna("").to_numpy(dtype=object)
    due = rows["due_on"].to_numpy().astype("datetime64[D]")
    is_business = np.empty(len(day), dtype=bool)
    after_holiday = np.empty(len(day), dtype=bool)
    first_day, rolled = day.copy(), due.copy()
    days_left = np.empty(len(day), dtype="int64")
    first = min(rows["due_on"].min(), rows["as_of"].min()).date() - timedelta(days=7)
    last = rows["as_of"].max().date() + timedelta(days=int(KNOTS[-1]) + 31)
    for country in sorted(set(countries)):
        calendar = calendar_of(country, first, last)
        mine = countries == country
        rolled[mine] = np.busday_offset(due[mine], 0, roll="forward", busdaycal=calendar)
        pairs = mine[row]
        asked = day[pairs]
        is_business[pairs] = np.is_busday(asked, busdaycal=calendar)
        after_holiday[pairs] = ~np.is_busday(asked - 1, busdaycal=calendar)
        before = np.busday_offset(asked - 1, 0, roll="backward", busdaycal=calendar)
        first_day[pairs] = np.where(is_business[pairs], before + 1, asked)
        days_left[pairs] = np.busday_count(asked + 1, next_month[pairs], busdaycal=calendar)
    return _Banks(is_business, after_holiday, first_day, days_left, rolled)
