"""Fitting a booster: rounds chosen on newer days, or given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import numpy as np
import numpy.typing as npt

from models.arrays import Floats
from models.settings import BoosterSettings


class Examples(TypedDict):
    """What a booster learns from: `data` of shape (rows, columns), and for each row a `label`, perhaps a `weight`."""

    data: npt.NDArray[np.float32]
    label: npt.NDArray[Any]
    weight: NotRequired[Floats]


def fit_booster(
    train: Examples,
    valid: Examples | None,
    columns: Sequence[str],
    settings: BoosterSettings,
    *,
    rounds: int | None,
    seed: int,
    threads: int,
    **params: Any,
) -> Any:
    """A LightGBM booster; `params` go before those of the settings.

    With `valid` it stops where those newer days stop gaining; without, it takes `rounds` (None: the most that the settings allow).
    """
    import lightgbm as lgb

    def dataset(examples: Examples, reference: Any = None) -> Any:
        quiet = {"verbose": -1, "num_threads": threads}
        return lgb.Dataset(**examples, feature_name=list(columns), reference=reference, params=quiet)

    data = dataset(train)
    chosen = settings.params(seed, threads) | params
    if valid is None:
        return lgb.train(chosen, data, rounds or settings.max_rounds)
    stop = lgb.early_stopping(settings.patience, verbose=False)
    return lgb.train(chosen, data, settings.max_rounds, valid_sets=[dataset(valid, data)], callbacks=[stop])
