"""Weeks that bring nothing: how often a week of which some was expected stayed empty, by how much of what is open was expected of it.

Where all are paid in runs, a week has one or none. The curves tell most of it, and leave to a week without a run a remainder that never
comes, or place a run a week too early. A shock is a factor and cannot say so: however large, something is left of each draw.
"""

from __future__ import annotations

import numpy as np

from models.arrays import Bools, Floats, Ints
from models.cash.errors import PRIOR_WEEKS

SIZES = (0.01, 0.03, 0.1, 0.3)
"""Shares of what is open; a week of which as little is expected as of another is as likely to be empty."""
NEVER = (0.0,) * (len(SIZES) + 1)
EMPTY = 0.05
"""A week is empty that brings less than so much of what was expected: one small invoice paid by hand is no run."""
HABIT = 0.2
"""Fewer empty weeks are accidents, and one or two of them among few weeks would pull down the bounds of all that are like them."""


def empty_shares(came: Floats, expected: Floats, draws: Floats, owed: Floats, before: Floats) -> Floats:
    """The share of weeks that stayed empty beyond those that luck leaves so, shape (sizes,), drawn towards what was known `before`.

    `came` and `expected` are cells, the weeks ahead of some days, shape (days, weeks), NaN where a week was not seen; `draws` what luck
    alone makes of them, shape (draws, days, weeks); `owed` is what was open on each day, shape (days,).

    >>> expected = np.tile([2.0, 50.0], (8, 1))
    >>> empty_shares(expected * [0, 1], expected, expected[None], np.full(8, 100.0), np.array(NEVER)).tolist()
    [0.0, 0.5, 0.0, 0.0, 0.0]
    """
    told, least = np.isfinite(came) & (expected > 0), EMPTY * expected
    size = sizes_of(expected, owed[:, None])[told]
    n = np.bincount(size, minlength=len(NEVER))
    by_luck = (draws < least).mean(axis=0)[told]
    beyond = np.bincount(size, weights=(came[told] < least[told]) - by_luck, minlength=len(NEVER))
    return np.asarray((np.maximum(beyond, 0.0) + PRIOR_WEEKS * before) / (n + PRIOR_WEEKS))


def may_be_empty(empty: Floats, expected: Floats, owed: float, tail: float) -> Bools:
    """Whether a week stays empty as often as it may lie below its lower bound, which is the quantile `tail`; shape (weeks,).

    `empty` is what `empty_shares` found, `expected` by week, `owed` what is open in all.

    >>> may_be_empty(np.array([0.3, 0.1, 0.0, 0.0, 0.0]), np.array([0.5, 2.0, 50.0]), 100.0, tail=0.1).tolist()
    [True, False, False]
    """
    return np.asarray(empty[sizes_of(expected, owed)] >= max(tail, HABIT))


def sizes_of(expected: Floats, owed: Floats | float) -> Ints:
    """Which of the sizes a week has, 0 the least, by what is expected of it and what is open.

    >>> sizes_of(np.array([0.0, 1.0, 50.0]), 100.0).tolist()
    [0, 1, 4]
    """
    return np.digitize(expected / np.maximum(owed, 1e-9), SIZES)
