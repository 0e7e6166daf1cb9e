"""Fitting a booster: rounds chosen on newer days, or given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from models.settings import BoosterSettings

Examples = Callable[[pd.DataFrame], dict[str, Any]]


def fit_booster(
    examples: Examples,
    columns: tuple[str, ...],
    train: pd.DataFrame,
    valid: pd.DataFrame | None,
    settings: BoosterSettings,
    *,
    rounds: int | None,
    seed: int,
    threads: int,
) -> Any:
    """A LightGBM booster on what `examples` makes of the rows (`data`, `label`, perhaps `weight`).

    With `valid` it stops where those newer days stop gaining; without, it takes `rounds` (None: the most that the settings allow).
    """
    import lightgbm as lgb

    def dataset(rows: pd.DataFrame, reference: Any = None) -> Any:
        quiet = {"verbose": -1, "num_threads": threads}
        return lgb.Dataset(**examples(rows), feature_name=list(columns), reference=reference, params=quiet)

    data = dataset(train)
    params = settings.params(seed, threads)
    if valid is None:
        return lgb.train(params, data, rounds or settings.max_rounds)
    stop = lgb.early_stopping(settings.patience, verbose=False)
    return lgb.train(params, data, settings.max_rounds, valid_sets=[dataset(valid, data)], callbacks=[stop])
