"""The scorecard competes where its library is, through the same interface as the others, and its absence hurts nobody."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.payment.contenders import contenders


class Binning:
    """In the place of optbinning's: remembers the columns."""

    def __init__(self, variable_names: list[str], **chosen: Any) -> None:
        self.columns = variable_names


class Card:
    """In the place of optbinning's: its only bin is everybody."""

    def __init__(self, *, binning_process: Binning, estimator: Any) -> None:
        self.columns = binning_process.columns

    def fit(self, rows: pd.DataFrame, outcome: Any, **chosen: Any) -> Card:
        assert list(rows) == self.columns
        assert set(outcome) == {0, 1}
        self.share = outcome.mean()
        return self

    def predict_proba(self, rows: pd.DataFrame) -> Any:
        assert list(rows) == self.columns
        return np.tile([1 - self.share, self.share], (len(rows), 1))


def test_without_its_library_there_is_no_scorecard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optbinning", None)
    assert "scorecard" not in contenders()


def test_with_its_library_the_scorecard_answers_as_the_others_do(
    toy_rows: Callable[..., pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    optbinning = ModuleType("optbinning")
    optbinning.__spec__ = ModuleSpec("optbinning", None)
    optbinning.__dict__.update(BinningProcess=Binning, Scorecard=Card)
    monkeypatch.setitem(sys.modules, "optbinning", optbinning)
    train, rows = toy_rows(300, seed=1), toy_rows(100, seed=9, first="2024-06-03")
    scorecard = contenders()["scorecard"].fit(train)
    answer = scorecard.predict(rows)
    assert set(answer) == {"p_late", "p_paid_14"}
    assert answer.index.equals(rows.index)
    assert (answer.loc[rows["dpd"] >= 0, "p_late"] == 1).all()
    assert answer.loc[rows["dpd"] < 0, "p_late"].between(0.01, 0.99).all()
