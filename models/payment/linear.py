"""A linear head: logistic regression on the late head's features, of being late or of being unpaid after a fortnight.

Trees say nothing between their steps and need rows for each of them; straight lines carry what is known to where little was seen. Each
feature counts within the range that nearly all rows learned from had, so that a figure never seen before does not run away with the
answer; a missing one counts as the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.arrays import Floats
from models.odds import logit
from models.payment import late

TAIL = 0.01
PULL = 0.1
DIGITS = 9


@dataclass(frozen=True)
class LinearHead:
    """Log odds = `constant` + sum of `weight` times how far the feature, kept between `least` and `most`, is above `usual`."""

    constant: float
    weight: Floats
    usual: Floats
    least: Floats
    most: Floats

    def contributions(self, design: npt.NDArray[np.float32]) -> Floats:
        """What each feature adds to a row's log odds, shape (rows, features); its SHAP values, were the features independent.

        >>> head = LinearHead(-1.0, np.array([2.0]), np.array([0.5]), np.array([0.0]), np.array([1.0]))
        >>> head.contributions(np.array([[0.25], [7.0], [np.nan]], dtype="float32")).tolist()
        [[-0.5], [1.0], [0.0]]
        """
        # Rows one after the other in memory, else they are added up in another order for other numbers of rows.
        known = np.clip(np.ascontiguousarray(design, dtype="float64"), self.least, self.most)
        return np.asarray(np.nan_to_num(known - self.usual) * self.weight)

    def margin(self, design: npt.NDArray[np.float32]) -> Floats:
        """Log odds of each row of a design of shape (rows, features); a row's do not depend on the others.

        >>> head = LinearHead(-1.0, np.array([2.0]), np.array([0.5]), np.array([0.0]), np.array([1.0]))
        >>> head.margin(np.array([[0.25], [7.0], [np.nan]], dtype="float32")).tolist()
        [-1.5, 0.0, -1.0]
        """
        return np.asarray(self.constant + self.contributions(design).sum(axis=1))

    def to_json(self, columns: Sequence[str]) -> dict[str, Any]:
        """Plain numbers: the constant, and for each feature that says anything its weight, usual value, least and most."""
        table = np.column_stack([self.weight, self.usual, self.least, self.most]).tolist()
        return {"constant": self.constant, "features": {name: row for name, row in zip(columns, table, strict=True) if row[0]}}

    @classmethod
    def from_json(cls, raw: dict[str, Any], columns: Sequence[str]) -> LinearHead:
        """What `to_json` wrote.

        >>> head = LinearHead(-1.0, np.array([0.0, 2.0]), np.zeros(2), np.zeros(2), np.ones(2))
        >>> LinearHead.from_json(head.to_json(["load", "share"]), ["load", "share"]).weight.tolist()
        [0.0, 2.0]
        """
        return cls(raw["constant"], *np.array([raw["features"].get(name, [0.0] * 4) for name in columns], dtype="float64").T)


def fit_linear(train: pd.DataFrame, outcome: Floats) -> LinearHead:
    """A head for an outcome (1, 0, or NaN where it is not known) of feature-matrix rows.

    Where all are alike it says so of everybody, as surely as so many rows allow: as if one more had come out half so, half otherwise.
    To nine digits: what lies behind is where the solver happened to stop.
    """
    from sklearn.linear_model import LogisticRegression

    kept = ~np.isnan(outcome)
    if len(np.unique(outcome[kept])) < 2:
        nothing = np.zeros(len(late.COLUMNS))
        share = (outcome[kept].sum() + 0.5) / (kept.sum() + 1)
        return LinearHead(float(logit(share)), nothing, nothing, nothing, nothing)
    design = late.design(train[kept]).astype("float64")
    says = np.isfinite(design).any(axis=0)
    seen = design[:, says]
    least, most = np.nanquantile(seen, TAIL, axis=0), np.nanquantile(seen, 1 - TAIL, axis=0)
    seen = np.clip(seen, least, most)
    usual, spread = np.nanmean(seen, axis=0), np.nanstd(seen, axis=0)
    varies = most > least  # a spread that should be nought need not be
    scaled = np.nan_to_num((seen - usual)[:, varies] / spread[varies])
    found = LogisticRegression(C=PULL, max_iter=2000).fit(scaled, outcome[kept])
    weight = np.zeros(len(spread))
    weight[varies] = found.coef_[0] / spread[varies]
    whole = np.zeros((4, design.shape[1]))
    whole[:, says] = weight, usual, least, most
    return LinearHead(_rounded(found.intercept_[0]), *(np.array([_rounded(one) for one in row]) for row in whole))


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
