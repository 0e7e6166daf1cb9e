"""The other ways to answer, always reported beside the champion, on the same rows and the same label cut.

Each is fitted on the training observations and gives a frame with whichever of `p_late`, `p_paid_14` and `days_late_p50` it can say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from features.matrix import FEATURES
from models.arrays import Floats
from models.payment import scorecard
from models.payment.lateness import days_past
from models.payment.observations import FORTNIGHT, late_if_not_due, paid_outcome

RAW_COLUMNS = ("customer_id", "log_amount", "due_weekday", "due_day_of_month")


class Contender(Protocol):
    """What can be fitted on observations and asked about rows."""

    def fit(self, observations: pd.DataFrame) -> Contender:
        """Learn from feature-matrix rows with outcomes, see `models.payment.observations.with_outcomes`; returns itself."""
        ...

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """`p_late` and whichever else of `p_paid_14`, `days_late_p50` (days) it can tell, on the index of `rows`."""
        ...


@dataclass
class Naive:
    """The customer's own past late share, and its usual days late; the portfolio's where it has no past."""

    late_share: float = 0.5

    def fit(self, observations: pd.DataFrame) -> Naive:
        outcome = late_if_not_due(observations)
        self.late_share = float(np.nanmean(outcome)) if np.isfinite(outcome).any() else 0.5
        return self

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        median = np.maximum(rows["days_late_median"].fillna(0).round(), rows["dpd"] + 1)
        own = rows["late_share_plain"].fillna(self.late_share).to_numpy(dtype="float64")
        return pd.DataFrame({"p_late": overdue_is_late(rows, own), "days_late_p50": median}, index=rows.index)


@dataclass
class KaplanMeier:
    """The customer's shrunk curve given the days already passed, straight from the features."""

    def fit(self, observations: pd.DataFrame) -> KaplanMeier:
        return self

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        late = overdue_is_late(rows, rows["so_far_late_share"].to_numpy(dtype="float64"))
        days = (rows["dpd"] + rows["so_far_days_left"].round().clip(lower=1)).to_numpy(dtype="float64")
        return pd.DataFrame({"p_late": late, "p_paid_14": rows["so_far_paid_14_share"], "days_late_p50": days}, index=rows.index)


@dataclass
class Direct:
    """One classifier a target, made by `make`; `columns` are what it sees (the raw peer sees four, and the days past due)."""

    make: Callable[[], Any]
    columns: tuple[str, ...] = tuple(FEATURES)
    fitted: dict[str, Any] = field(default_factory=dict)
    categories: Mapping[str, Any] = field(default_factory=dict)

    def fit(self, observations: pd.DataFrame) -> Direct:
        self.categories = {"customer_id": pd.Index(sorted(observations["customer_id"].unique()))}
        late = late_if_not_due(observations)
        for target, outcome in (("p_late", late), ("p_paid_14", paid_outcome(observations, FORTNIGHT))):
            known = ~np.isnan(outcome)
            if len(np.unique(outcome[known])) == 2:
                self.fitted[target] = self.make().fit(self._design(observations[known], target), outcome[known])
        return self

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        out = pd.DataFrame(index=rows.index)
        for target, model in self.fitted.items():
            p = model.predict_proba(self._design(rows, target))[:, 1]
            out[target] = overdue_is_late(rows, p) if target == "p_late" else p
        return out

    def _design(self, rows: pd.DataFrame, target: str) -> pd.DataFrame:
        columns = list(self.columns)
        if target != "p_late" and "dpd" not in columns:
            columns.append("dpd")
        design = rows[columns].copy()
        if "customer_id" in design:
            known = self.categories["customer_id"]
            # A customer that was not there in training has code -1: missing.
            design["customer_id"] = pd.Categorical.from_codes(known.get_indexer(design["customer_id"]), categories=known)
        return design


def overdue_is_late(rows: pd.DataFrame, p: Floats) -> Floats:
    """Every contender says 1 once the due day has ended with the invoice open."""
    return np.where(days_past(rows) >= 0, 1.0, p)


def logistic() -> Any:
    """Logistic regression on all features, imputed and scaled."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))


def raw_lightgbm() -> Any:
    """LightGBM with its defaults."""
    import lightgbm as lgb

    return lgb.LGBMClassifier(n_jobs=1, verbose=-1, random_state=7, deterministic=True, force_row_wise=True)


def contenders() -> dict[str, Contender]:
    """All that run within a minute, by name; the scorecard where optbinning is installed."""
    found: dict[str, Contender] = {
        "naive": Naive(),
        "kaplan_meier": KaplanMeier(),
        "logistic": Direct(logistic),
        "raw_lightgbm": Direct(raw_lightgbm, RAW_COLUMNS),
    }
    return {**found, "scorecard": Direct(scorecard.Scorecard)} if scorecard.is_installed() else found
