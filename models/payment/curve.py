"""The payment curve: for each open invoice, the chance that it is still unpaid at the end of each day to come.

Every probability, quantile and date that leaves the product is read off this one curve, so they cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.arrays import Bools, Floats, Ints

LAST_DAY = 400
ROWS_AT_ONCE = 20_000
LATE_DAYS = (0, 5, 30, 60, 90)
PAID_DAYS = (7, 14, 30)
FARTHEST = 300
"""From further ahead of the due date the end of the curve would not reach `p_late_90`."""
SMALLEST = 1e-6
INTERVAL_SHARE = 0.8
TAILS = tuple(percent / 100 for percent in range(4, 35, 2))


@dataclass(frozen=True)
class PaymentCurve:
    """`unpaid[i, u - 1]`: probability that row i is unpaid at the end of day `as_of + u`, for u = 1..400; never rises along a row.

    `ahead` (none without it) is by how many days a row's curve begins after `as_of`: until then nothing is paid.

    >>> curve = PaymentCurve(np.array([[0.8, 0.5, 0.5, 0.1]]))
    >>> curve.at(np.array([0])), curve.at(np.array([2])), curve.at(np.array([9]))
    (array([1.]), array([0.5]), array([0.1]))
    >>> curve.day(0.5)
    array([2])
    >>> later = PaymentCurve(np.array([[0.8, 0.5, 0.5, 0.1]]), ahead=np.array([100]))
    >>> later.at(np.array([90])), later.at(np.array([102])), later.day(0.5)
    (array([1.]), array([0.5]), array([102]))
    >>> PaymentCurve(np.array([[0.5, 0.8]]))
    Traceback (most recent call last):
    ...
    ValueError: a payment curve lies within 0..1 and never rises
    """

    unpaid: Floats
    ahead: Ints | None = None

    def __post_init__(self) -> None:
        rises = np.diff(self.unpaid, axis=1) > 1e-9
        if rises.any() or not ((self.unpaid >= 0) & (self.unpaid <= 1 + 1e-9)).all():
            raise ValueError("a payment curve lies within 0..1 and never rises")

    def of(self, rows: Bools) -> PaymentCurve:
        """The curves of some rows."""
        return replace(self, unpaid=self.unpaid[rows], ahead=None if self.ahead is None else self.ahead[rows])

    def _own(self, days: Ints) -> Ints:
        """Days from `as_of` as days of the curve."""
        return days if self.ahead is None else days - self.ahead

    def at(self, days: Ints) -> Floats:
        """Probability of being unpaid at the end of `as_of + days`; 1 for days that have passed."""
        days = self._own(days)
        column = np.clip(days, 1, self.unpaid.shape[1]) - 1
        value = self.unpaid[np.arange(len(self.unpaid)), column]
        return np.where(days <= 0, 1.0, value)

    def day(self, probability: float) -> Ints:
        """The first day on which the invoice is paid with at least that probability; the last day of the curve if none is."""
        reached = (1 - self.unpaid) >= probability - 1e-12
        first = reached.argmax(axis=1) + 1
        found = np.where(reached.any(axis=1), first, self.unpaid.shape[1])
        return np.asarray(found if self.ahead is None else found + self.ahead, dtype="int64")

    def interval(self) -> tuple[Ints, Ints]:
        """The first and the last day of the interval between two equal tails of the curve that holds nearest to 80 % of it, the narrower
        of two that are as near.

        In whole days both ends belong to the interval, so that tails of a tenth hold more than 80 %, by as much as is paid on those two
        days: much where a customer pays on one day of the month, little where any day will do.

        >>> even, lumped = np.linspace(0.9, 0, 10), np.repeat([1.0, 0.85, 0.0], [4, 5, 1])
        >>> first, last = PaymentCurve(np.array([even, lumped])).interval()
        >>> list(zip(first.tolist(), last.tolist(), strict=True))
        [(2, 9), (10, 10)]
        """
        first = last = np.zeros(len(self.unpaid), dtype="int64")
        least = np.full(len(self.unpaid), np.inf)
        for tail in TAILS:
            low, high = self.day(tail), self.day(1 - tail)
            off = np.abs(self.at(low - 1) - self.at(high) - INTERVAL_SHARE)
            nearer_to_it = off <= least + 1e-9
            first, last = np.where(nearer_to_it, low, first), np.where(nearer_to_it, high, last)
            least = np.minimum(off, least)
        return first, last

    def anchored(self, days: Ints, unpaid: Floats, kept: Ints | None = None) -> PaymentCurve:
        """The curve bent so that it passes through `unpaid` at `days`; rows with `days <= 0` stay.

        Its shape before and after is kept, and where `kept` (days, 0 for none) is given, so is its value on that day and beyond it, seen
        from `days`: an earlier bend survives, and where it was made on the day itself nothing is bent again.

        >>> bent = PaymentCurve(np.array([[0.8, 0.5, 0.4, 0.2]])).anchored(np.array([2]), np.array([0.6]))
        >>> bent.unpaid.round(2)
        array([[0.84, 0.6 , 0.48, 0.24]])
        >>> bent.anchored(np.array([4]), np.array([0.1]), np.array([2])).unpaid.round(2)
        array([[0.84, 0.6 , 0.43, 0.1 ]])
        >>> bent.anchored(np.array([2]), np.array([0.1]), np.array([2])).unpaid.round(2)
        array([[0.84, 0.6 , 0.48, 0.24]])
        """
        kept = np.zeros_like(days) if kept is None else np.maximum(kept, 0)
        at, at_kept = self.at(days), self.at(kept)
        days, kept = self._own(days), np.maximum(self._own(kept), 0)
        # The new value has to lie on the side of the kept one on which its day lies.
        aim = np.where(kept == 0, unpaid, np.where(days > kept, np.minimum(unpaid, at_kept), np.maximum(unpaid, at_kept)))
        aim = np.clip(aim, SMALLEST, 1 - SMALLEST)[:, None]
        at = np.clip(at, SMALLEST, 1 - SMALLEST)[:, None]
        upper = np.where((kept > 0) & (kept < days), at_kept, 1.0)[:, None]
        lower = np.where(kept > days, at_kept, 0.0)[:, None]
        before = upper - (upper - self.unpaid) * (upper - aim) / np.maximum(upper - at, SMALLEST)
        after = lower + (self.unpaid - lower) * (aim - lower) / np.maximum(at - lower, SMALLEST)
        column = np.arange(1, self.unpaid.shape[1] + 1)[None, :]
        bent = np.where(column < days[:, None], np.clip(before, aim, upper), np.clip(after, lower, aim))
        bent = np.where(column == days[:, None], aim, bent)
        # Only the side of the kept day on which the bent one lies.
        touched = (days > 0)[:, None] & ((column - kept[:, None]) * (days - kept)[:, None] > 0)
        return replace(self, unpaid=np.minimum.accumulate(np.clip(np.where(touched, bent, self.unpaid), 0, 1), axis=1))

    def paced(self, day: int, pace: Floats) -> PaymentCurve:
        """The curve with the hazard of each row after `day` times `pace`, shape (rows,).

        >>> PaymentCurve(np.array([[0.8, 0.4, 0.2]])).paced(1, np.array([0.5])).unpaid.round(3)
        array([[0.8  , 0.566, 0.4  ]])
        """
        until = np.maximum(self.unpaid[:, day - 1 : day], SMALLEST)
        later = until * np.minimum(self.unpaid[:, day:] / until, 1.0) ** pace[:, None]
        slower = np.where(pace[:, None] == 1.0, self.unpaid[:, day:], later)
        return replace(self, unpaid=np.hstack([self.unpaid[:, :day], np.minimum(slower, self.unpaid[:, day - 1 : day])]))

    def scores(self, as_of: pd.Series, dpd: Ints, past: Ints | None = None) -> pd.DataFrame:
        """The columns of `invoice_scores`: late and paid probabilities, quantiles of the days late, the expected day.

        `past`: days past due by the convention of what is late; quantiles are calendar days always. One that is not reached within the 400
        days of the curve stands at their end, which is no forecast but the least that can be said.
        """
        past = dpd if past is None else past
        columns: dict[str, object] = {}
        for k in LATE_DAYS:
            columns["p_late" if k == 0 else f"p_late_{k}"] = self.at(k - past)
        for k in PAID_DAYS:
            columns[f"p_paid_{k}"] = 1 - self.at(np.full(len(dpd), k))
        first, last = self.interval()
        for name, day in (("p10", first), ("p50", self.day(0.5)), ("p90", last)):
            columns[f"days_late_{name}"] = dpd + day
        columns["expected_paid_on"] = as_of.to_numpy() + self.day(0.5).astype("timedelta64[D]")
        return pd.DataFrame(columns, index=as_of.index)


def nearer(rows: pd.DataFrame) -> tuple[pd.DataFrame, Ints | None]:
    """The feature rows with those due in more than 300 days asked 300 days before they are due, and by how many days each was moved.

    None is moved where all are nearer.

    >>> rows, ahead = nearer(pd.DataFrame({"as_of": pd.to_datetime(["2024-01-01"] * 2), "dpd": [-900.0, 3.0]}))
    >>> rows["dpd"].tolist(), rows["as_of"].dt.strftime("%F").tolist(), ahead
    ([-300.0, 3.0], ['2025-08-23', '2024-01-01'], array([600,   0]))
    >>> nearer(pd.DataFrame({"dpd": [3.0]}))[1]
    """
    ahead = np.maximum(-FARTHEST - rows["dpd"].to_numpy(dtype="int64"), 0)
    if not ahead.any():
        return rows, None
    return rows.assign(dpd=rows["dpd"] + ahead, as_of=rows["as_of"] + pd.to_timedelta(ahead, unit="D")), ahead


def pieces(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows, so many at a time that their curves do not fill the memory; of no rows one piece without any.

    >>> [len(piece) for piece in pieces(pd.DataFrame(index=range(30_000)))], [len(piece) for piece in pieces(pd.DataFrame())]
    ([20000, 10000], [0])
    """
    for start in range(0, max(len(rows), 1), ROWS_AT_ONCE):
        yield rows.iloc[start : start + ROWS_AT_ONCE]


def daily(knots: Ints, at_knots: Floats, last_day: int = LAST_DAY) -> PaymentCurve:
    """A daily curve from values at some days; between them the hazard is even, after the last one nothing more is paid.

    >>> daily(np.array([1, 3]), np.array([[0.8, 0.2]]), last_day=4).unpaid.round(2)
    array([[0.8, 0.4, 0.2, 0.2]])
    """
    days = np.arange(1, last_day + 1)
    grid = np.concatenate([[0], knots])
    logs = np.concatenate([np.zeros((len(at_knots), 1)), np.log(np.maximum(at_knots, 1e-12))], axis=1)
    right = np.clip(np.searchsorted(grid, days, side="left"), 1, len(grid) - 1)
    left = right - 1
    share = np.clip((days - grid[left]) / (grid[right] - grid[left]), 0, 1)
    # Rounding must not let the curve rise: what is read off it would contradict itself in the last digit.
    return PaymentCurve(np.minimum.accumulate(np.exp(logs[:, left] * (1 - share) + logs[:, right] * share), axis=1))
