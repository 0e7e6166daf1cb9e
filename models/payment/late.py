"""The late head: will an invoice that is not yet due be paid after its due date?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import pay_gaps
from features.matrix import FEATURES
from models.arrays import Floats
from models.bag import Bag
from models.boosting import Binned, Examples, fit_booster
from models.payment.observations import late_if_not_due, late_outcome
from models.settings import BoosterSettings

# The days between payments speak of a day to come, see `models.payment.steps`; as a mark of the customer they lead astray (decision 14).
COLUMNS = tuple(name for name in FEATURES if name not in pay_gaps.VIEW.names)


def design(rows: pd.DataFrame) -> npt.NDArray[np.float32]:
    """The rows' features as the head wants them, shape (rows, features)."""
    return rows[list(COLUMNS)].to_numpy(dtype="float32")


def fit_late(
    train: pd.DataFrame,
    valid: pd.DataFrame | None,
    settings: BoosterSettings,
    *,
    rounds: Sequence[int | None],
    seed: int,
    threads: int,
) -> Bag:
    """LightGBM boosters for `p_late` on rows not yet due, one for each of the `rounds` (None: it stops where `valid`, newer days, do)."""

    seen = Binned.of(_examples(train), None if valid is None else _examples(valid), COLUMNS, threads)

    def fit_one(most: int | None, dice: int) -> Any:
        return fit_booster(seen, settings, rounds=most, seed=dice, threads=threads)

    return Bag.fit(fit_one, rounds, seed)


def _examples(rows: pd.DataFrame) -> Examples:
    outcome = late_if_not_due(rows)
    if np.isnan(outcome).all():  # Of books whose invoices are due at once: what is open there is late.
        outcome = late_outcome(rows)
    kept = ~np.isnan(outcome)
    return {"data": design(rows[kept]), "label": outcome[kept]}


def predict_late(head: Bag, rows: pd.DataFrame, *, threads: int = 1) -> Floats:
    """Uncalibrated `p_late`, meaningful on rows not yet due."""
    return head.predict(design(rows), threads=threads)
