"""Fitting a booster: rounds chosen on newer days, or given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Binned:
    """Examples as LightGBM bins them: once for all fits that learn from them, and `newer` ones, which tell when to stop, likewise."""

    older: Any
    newer: Any = None

    @classmethod
    def of(cls, older: Examples, newer: Examples | None, columns: Sequence[str], threads: int) -> Binned:
        """Both with these column names; they are binned when the first booster asks for them."""
        import lightgbm as lgb

        kept: dict[str, Any] = {"feature_name": list(columns), "params": {"verbose": -1, "num_threads": threads}}
        first = lgb.Dataset(**older, **kept)
        return cls(first, None if newer is None else lgb.Dataset(**newer, reference=first, **kept))


def fit_booster(examples: Binned, settings: BoosterSettings, *, rounds: int | None, seed: int, threads: int, **params: Any) -> Any:
    """A LightGBM booster; `params` go before those of the settings.

    With newer examples it stops where those stop gaining; without, it takes `rounds` (None: the most that the settings allow).
    """
    import lightgbm as lgb

    chosen = settings.params(seed, threads) | params
    if examples.newer is None:
        return lgb.train(chosen, examples.older, rounds or settings.max_rounds)
    stop = lgb.early_stopping(settings.patience, verbose=False)
    return lgb.train(chosen, examples.older, settings.max_rounds, valid_sets=[examples.newer], callbacks=[stop])
