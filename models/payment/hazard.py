"""The hazard head: the chance of payment in each step to come, given unpaid until then.

A row and a step to come make one example. Steps are days for five weeks, then weeks, fortnights and months. Of a single day the head
knows the weekday, whether banks work, the day of the month counted from its first and from its last, how late it would be, how often
this customer pays on that weekday and in that sixth of a month, and how many of its usual days between payments the last one would be ago.
Where customers pay by the month, a business day stands for the weekend or holidays before it, too: what is paid on the fifteenth of each
month is paid on the Monday after. What the month has left is counted in business days: who pays on the last one does so on the 28th
where the 30th is a Sunday. And its last sixth is counted back from 31: the end of February is a month's end like any other. The first of
the days that a business day stands for keeps its date: who pays on the 28th does so in every month.
Censored rows count for the steps that were seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import due_day, month_days, pay_gaps
from features.matrix import FEATURES
from ledger.calendars import calendar_of
from models.arrays import Bools, Floats, Ints
from models.bag import Bag
from models.boosting import Binned, Examples, fit_booster
from models.payment.curve import PaymentCurve, daily
from models.settings import BoosterSettings

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
    "step_pay_gaps",
)
ROW_COLUMNS = tuple(name for name in FEATURES if name not in (*due_day.SHARES, *month_days.SHARES, *pay_gaps.VIEW.names))
COLUMNS = (*STEP_COLUMNS, *ROW_COLUMNS)
FIRST_DAY = "step_first_day_of_month"
BY_MONTH_COLUMNS = (*COLUMNS, FIRST_DAY)
MOSTLY, MANY = 0.4, 0.25
Days = npt.NDArray[np.datetime64]
ROWS_AT_ONCE = 4000
"""Each is as many rows of the design as there are steps."""


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
    is_business, after_holiday, first_day, days_left, rolled = _business(rows, row, day, next_month)
    to_month_end = days_left if by_month else (next_month - day).astype("int64") - 1
    from_of_month = day_of_month(first_day) if by_month else of_month
    dpd = rows["dpd"].to_numpy(dtype="float64")
    days_late = dpd[row] + ahead
    net = (day - rolled[row]).astype("int64")
    shares = rows[list(due_day.SHARES)].to_numpy(dtype="float64")
    sixths = rows[list(month_days.SHARES)].to_numpy(dtype="float64")
    since = rows["days_since_payment"].to_numpy(dtype="float64")[row] + ahead
    columns = (
        ahead,
        width,
        days_late,
        net,
        np.where(single, is_business, np.nan),
        np.where(single, after_holiday, np.nan),
        np.where(single, weekday, np.nan),
        np.where(single, of_month, np.nan),
        np.where(single, to_month_end, np.nan),
        np.where(single, shares[row, weekday], np.nan),
        np.where(single, np.maximum(*(sixths[row, month_days.sixth_of(one)] for one in (from_of_month, of_month))), np.nan),
        days_late - rows["days_late_mean"].to_numpy(dtype="float64")[row],
        net - rows["weekday_days_late"].to_numpy(dtype="float64")[row],
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


def _business(rows: pd.DataFrame, row: Ints, day: Days, next_month: Days) -> tuple[Any, Any, Any, Any, Any]:
    """Of each day whether it is a business day, whether the day before was none, the first of the days that it stands for, and how many
    business days its month has left after it.

    Last, the business day that each row's due date rolls to.
    """
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
    return is_business, after_holiday, first_day, days_left, rolled


def examples(rows: pd.DataFrame, most: int, seed: int) -> tuple[Ints, Ints, Bools, Floats]:
    """The (row, step) pairs that were seen, whether payment came in the step, and a weight.

    Steps with a payment are all kept; those without are sampled down to about `most` in all and weighted up. Weights are 1 on average, so
    that settings mean the same however many were sampled. A step counts where the window reached its end: a payment within an unfinished
    one says nothing, because its unpaid peers cannot be told yet.
    """
    paid = rows["is_paid"].to_numpy(dtype=bool)
    within = np.searchsorted(KNOTS, rows["days_seen"].to_numpy(dtype="int64"), side="left")
    watched = np.searchsorted(KNOTS, rows["window_days"].to_numpy(dtype="int64"), side="right")
    n_steps = np.minimum(np.where(paid, within + 1, len(KNOTS)), watched)
    row = np.repeat(np.arange(len(rows)), n_steps)
    step = np.arange(n_steps.sum()) - np.repeat(np.cumsum(n_steps) - n_steps, n_steps)
    event = paid[row] & (step == within[row])
    sampled = np.ones(len(row))
    spare = max(most - int(event.sum()), most // 4)
    without = int((~event).sum())
    if without > spare:
        share = spare / without
        kept = event | (np.random.default_rng(seed).random(len(row)) < share)
        row, step, event = row[kept], step[kept], event[kept]
        sampled = np.where(event, 1.0, 1.0 / share)
    weight = row_weight(rows)[row] * sampled
    return row, step, event, weight / weight.mean() if len(weight) else weight


def row_weight(rows: pd.DataFrame) -> Floats:
    """What each row weighs, shape (rows,): those of one invoice past due together as much as the root of their number, others 1.

    An invoice that stays open comes back on every day that is learned from, and all its rows share one fate: at full weight the few that
    stay open longest are learned by heart, and whoever resembles them is thought slower than it is.

    >>> row_weight(pd.DataFrame({"invoice_id": list("aaaab"), "dpd": [-9, 1, 6, 11, 3]})).round(2).tolist()
    [1.0, 0.58, 0.58, 0.58, 1.0]
    """
    past_due = rows["dpd"].to_numpy() >= 0
    together = pd.Series(past_due.astype("float64")).groupby(rows["invoice_id"].to_numpy()).transform("sum").to_numpy()
    return np.where(past_due, 1 / np.sqrt(np.maximum(together, 1)), 1.0)


def fit_hazard(
    train: pd.DataFrame,
    valid: pd.DataFrame | None,
    settings: BoosterSettings,
    *,
    most: int,
    rounds: Sequence[int | None],
    seed: int,
    threads: int,
    by_month: bool = False,
) -> Bag:
    """LightGBM boosters for the hazard of each step, one for each of the `rounds` (None: it stops where `valid`, newer days, do)."""
    columns = BY_MONTH_COLUMNS if by_month else COLUMNS

    def fit_one(till: int | None, dice: int) -> Any:
        def weighted(rows: pd.DataFrame) -> Examples:
            row, step, event, weight = examples(rows, most, dice)
            return {"data": design(rows, row, step, by_month=by_month), "label": event.astype("float64"), "weight": weight}

        seen = Binned.of(weighted(train), None if valid is None else weighted(valid), columns, threads)
        return fit_booster(seen, settings, rounds=till, seed=dice, threads=threads)

    return Bag.fit(fit_one, rounds, seed)


def predict_hazard(head: Bag, rows: pd.DataFrame, *, threads: int) -> PaymentCurve:
    """The uncalibrated daily payment curve of each row."""
    parts, by_month = [], FIRST_DAY in head.columns
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows.iloc[start : start + ROWS_AT_ONCE]
        row = np.repeat(np.arange(len(part)), len(KNOTS))
        step = np.tile(np.arange(len(KNOTS)), len(part))
        hazard = head.predict(design(part, row, step, by_month=by_month), threads=threads).reshape(len(part), len(KNOTS))
        parts.append(np.exp(np.cumsum(np.log1p(-np.minimum(hazard, 1 - 1e-9)), axis=1)))
    at_knots = np.concatenate(parts) if parts else np.empty((0, len(KNOTS)))
    return daily(KNOTS, at_knots)
