"""How far off cash forecasts were, and what that teaches the next ones: a share for their level, a shock for what luck does not explain.

Cells are the weeks ahead of some days, shape (days, weeks), NaN where a week was not seen. A week ahead with little experience of its own
is drawn towards all weeks together.
"""

from __future__ import annotations

import numpy as np

from models.arrays import Floats

PRIOR_WEEKS = 8
"""What was known before weighs as much as so many weeks of newer experience, seen in each of the weeks ahead."""
GREATEST_SHOCK = 2.0


def shares_of(came: Floats, expected: Floats) -> Floats:
    """What came as a multiple of what was expected, by week ahead, each week drawn towards all of them together.

    >>> shares_of(np.array([[80.0, 20.0], [80.0, np.nan]]), np.array([[100.0, 10.0], [100.0, 10.0]])).round(2)
    array([0.94, 1.09])
    """
    level = _level(came, expected)
    return np.array([level * _level(came[:, [week]], level * expected[:, [week]]) for week in range(expected.shape[1])])


def shocks_of(came: Floats, expected: Floats, spread: Floats, before: Floats | None = None) -> Floats:
    """The shock of each week ahead, drawn towards what was known `before` of it, else towards that of all weeks together.

    `spread` is the standard deviation that luck alone gives each cell.

    >>> off = np.array([[90.0, 5.0], [110.0, 15.0]] * 8)
    >>> shocks_of(off, np.full((16, 2), [100.0, 10.0]), np.full((16, 2), [1.0, 0.1])).round(2)
    array([0.13, 0.42])
    """
    prior = np.full(came.shape[1], _shock(came, expected, spread)) if before is None else before
    own = np.array([_shock(came[:, [week]], expected[:, [week]], spread[:, [week]]) for week in range(came.shape[1])])
    n = np.isfinite(came).sum(axis=0)
    return np.asarray(np.sqrt((n * own**2 + PRIOR_WEEKS * prior**2) / (n + PRIOR_WEEKS)))


def _level(came: Floats, expected: Floats) -> float:
    """Cash that came as a multiple of what was expected, drawn towards 1 as by some weeks of experience.

    Of several weeks ahead a calendar week lies in as many cells, a day later in each: it is one experience. While the far ones have not
    come, the level follows more slowly.
    """
    seen = np.isfinite(came)
    if not seen.any() or expected[seen].sum() <= 0:
        return 1.0
    prior = PRIOR_WEEKS * came.shape[1] * expected[seen].mean()
    return float((came[seen].sum() + prior) / (expected[seen].sum() + prior))


def _shock(came: Floats, expected: Floats, spread: Floats) -> float:
    """The relative shock that, beside luck, makes the errors as large as they were; 0 where luck alone does.

    Weeks count by what is expected of them: the few late stragglers of a far week are off by more, and carry little.
    """
    seen = np.isfinite(came)
    error, mean, luck = (came - expected)[seen], expected[seen], np.maximum(spread[seen], 1e-9)
    weight = mean / mean.sum() if mean.sum() > 0 else np.ones(len(mean))

    def excess(shock: float) -> float:
        return float(np.average(error**2 / (luck**2 + (shock * mean) ** 2), weights=weight)) - 1

    low, high = 0.0, GREATEST_SHOCK
    if not seen.any() or excess(low) <= 0:
        return low
    if excess(high) >= 0:
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high
