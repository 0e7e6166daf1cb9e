"""The scorecard that credit departments know: each column cut into bins by optimal binning, their weights of evidence added up.

A contender only. It needs optbinning, which is no part of the core: `make bench` installs it beside, for `benchmarks/`.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from models.arrays import Floats

LEAST_INFORMATION = 0.01


def is_installed() -> bool:
    """Whether optbinning can be imported here."""
    return find_spec("optbinning") is not None


class Scorecard:
    """Optimal binning (columns of an information value of 0.01 and more), then logistic regression on the weights of evidence.

    Missing values are a bin of their own. Source: Navas-Palencia 2020.
    """

    def fit(self, rows: pd.DataFrame, outcome: Floats) -> Scorecard:
        from optbinning import BinningProcess
        from optbinning import Scorecard as Card
        from sklearn.linear_model import LogisticRegression

        told = rows.loc[:, rows.nunique(dropna=True) > 1]
        self._columns = list(told.columns)
        binning = BinningProcess(self._columns, selection_criteria={"iv": {"min": LEAST_INFORMATION}}, n_jobs=1)
        self._card = Card(binning_process=binning, estimator=LogisticRegression(C=1.0, max_iter=2000))
        self._card.fit(told, outcome.astype("int64"), metric_missing="empirical")
        return self

    def predict_proba(self, rows: pd.DataFrame) -> Floats:
        """Shape (rows, 2): probability of 0 and of 1."""
        found: Any = self._card.predict_proba(rows[self._columns])
        return np.asarray(found, dtype="float64")
