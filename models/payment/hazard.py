"""The hazard head: the chance of payment in each step to come, given unpaid until then.

A row and a step to come (`models.payment.steps`) make one example. Censored rows count for the steps that were seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.arrays import Bools, Floats, Ints
from models.bag import Bag
from models.boosting import Binned, Examples, fit_booster
from models.payment.curve import PaymentCurve, daily
from models.payment.steps import BY_MONTH_COLUMNS, COLUMNS, FIRST_DAY, KNOTS, design
from models.settings import BoosterSettings

ROWS_AT_ONCE = 4000
"""Each is as many rows of the design as there are steps."""


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
