"""The payment-time model: two heads joined into one curve, each choice made on newer days than it was fitted on.

The hazard head gives the shape of the curve. The late head, which sees only the question that matters most, says where the curve
stands at the end of the due day; the curve is bent through that point. How much each head counts there, the pace of the hazards and
the calibration of `p_late` come from the validation days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.curve import PaymentCurve
from models.evaluate import metrics, row_losses
from models.hazard import fit_hazard, predict_hazard
from models.late import fit_late, predict_late
from models.observations import late_outcome, paid_outcome
from models.settings import ModelSettings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
PACES = tuple(np.round(np.geomspace(0.6, 1.6, 21), 4))
TAILS = (0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.24)
FORTNIGHT = 14


@dataclass(frozen=True)
class Joining:
    """How the heads are joined and calibrated.

    `late_head_share`: weight of the late head at the due day; `late_*`, `paid_*`: logistic calibration of `p_late` and of `p_paid_14`;
    `pace`: factor on the hazards; `interval_tail`: see `PaymentCurve`.
    """

    late_head_share: float = 0.5
    late_slope: float = 1.0
    late_intercept: float = 0.0
    paid_slope: float = 1.0
    paid_intercept: float = 0.0
    pace: float = 1.0
    interval_tail: float = 0.1

    def join(self, hazard: PaymentCurve, late: Floats, dpd: Ints) -> PaymentCurve:
        """The curve that leaves the model: paced, bent through the due day, then through the fortnight."""
        at_due = self.at_due(hazard, late, dpd)
        fortnight = np.full(len(dpd), FORTNIGHT)
        unpaid = _expit(self.paid_slope * _logit(at_due.at(fortnight)) + self.paid_intercept)
        return replace(at_due.anchored(fortnight, unpaid, np.maximum(-dpd, 0)), interval_tail=self.interval_tail)

    def at_due(self, hazard: PaymentCurve, late: Floats, dpd: Ints) -> PaymentCurve:
        """The paced curve, bent through the calibrated `p_late` at the end of the due day."""
        paced = hazard.paced(self.pace)
        margin = self.late_head_share * _logit(late) + (1 - self.late_head_share) * _logit(paced.at(-dpd))
        return paced.anchored(-dpd, _expit(self.late_slope * margin + self.late_intercept))


@dataclass(frozen=True)
class PaymentTimeModel:
    """A fitted champion: two stock boosters and a few numbers."""

    late: Any
    hazard: Any
    joining: Joining
    kind = "payment_time"

    def curve(self, rows: pd.DataFrame, *, threads: int = 1) -> PaymentCurve:
        """The calibrated payment curve of each row, shape (rows, 400)."""
        dpd = rows["dpd"].to_numpy(dtype="int64")
        return self.joining.join(predict_hazard(self.hazard, rows, threads=threads), predict_late(self.late, rows, threads=threads), dpd)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "joining": vars(self.joining)}


@dataclass(frozen=True)
class Fitted:
    """The model fitted on all observations, and what its like said of the validation days before it had seen them."""

    model: PaymentTimeModel
    valid_curve: PaymentCurve
    validation: dict[str, Any]


def fit_payment_time(
    fold_train: pd.DataFrame, fold_valid: pd.DataFrame, observations: pd.DataFrame, settings: ModelSettings, *, seed: int, threads: int
) -> Fitted:
    """Choose on the fold (older days for fitting, newer for choosing), then fit on all observations.

    `fold_train` carries outcomes as known when its days ended; `fold_valid` newer days with outcomes as known now.
    """
    late = fit_late(fold_train, fold_valid, settings.late_head, rounds=None, seed=seed, threads=threads)
    most = settings.max_steps
    hazard = fit_hazard(fold_train, fold_valid, settings.hazard_head, most=most, rounds=None, seed=seed, threads=threads)
    curve, p_late = predict_hazard(hazard, fold_valid, threads=threads), predict_late(late, fold_valid, threads=threads)
    joining = choose_joining(curve, p_late, fold_valid)
    joined = joining.join(curve, p_late, fold_valid["dpd"].to_numpy(dtype="int64"))
    rounds = {"late": max(late.best_iteration, 20), "hazard": max(hazard.best_iteration, 20)}
    model = PaymentTimeModel(
        fit_late(observations, None, settings.late_head, rounds=rounds["late"], seed=seed, threads=threads),
        fit_hazard(observations, None, settings.hazard_head, most=most, rounds=rounds["hazard"], seed=seed, threads=threads),
        joining,
    )
    return Fitted(model, joined, {"rounds": rounds, "formulations": formulations(curve, p_late, joined, fold_valid)})


def choose_joining(hazard: PaymentCurve, late: Floats, valid: pd.DataFrame) -> Joining:
    """The joining that does best on the validation days: pace, share of the late head, the two calibrations, the interval's tail."""
    dpd = valid["dpd"].to_numpy(dtype="int64")
    joining = Joining(pace=_best_pace(hazard, valid))
    outcome = np.where(dpd < 0, late_outcome(valid), np.nan)
    known = ~np.isnan(outcome)
    if _enough(outcome):
        from_hazard, from_late, y = _logit(hazard.paced(joining.pace).at(-dpd))[known], _logit(late)[known], outcome[known]
        share = min(SHARES, key=lambda s: float(row_losses(y, _expit(s * from_late + (1 - s) * from_hazard)).mean()))
        slope, intercept = _calibrated(share * from_late + (1 - share) * from_hazard, y)
        joining = replace(joining, late_head_share=share, late_slope=slope, late_intercept=intercept)
    unpaid = 1 - paid_outcome(valid, FORTNIGHT)
    known = ~np.isnan(unpaid)
    if _enough(unpaid):
        said = _logit(joining.at_due(hazard, late, dpd).at(np.full(len(dpd), FORTNIGHT)))[known]
        slope, intercept = _calibrated(said, unpaid[known])
        joining = replace(joining, paid_slope=slope, paid_intercept=intercept)
    return replace(joining, interval_tail=_best_tail(joining.join(hazard, late, dpd), valid))


def _best_pace(hazard: PaymentCurve, valid: pd.DataFrame) -> float:
    outcomes = {k: paid_outcome(valid, k) for k in (7, 14, 30)}
    if not any(np.isfinite(y).any() for y in outcomes.values()):
        return 1.0

    def loss(pace: float) -> float:
        curve = hazard.paced(pace)
        return float(np.nanmean(np.concatenate([row_losses(y, 1 - curve.at(np.full(len(valid), k))) for k, y in outcomes.items()])))

    return float(min(PACES, key=loss))


def _best_tail(curve: PaymentCurve, valid: pd.DataFrame) -> float:
    """The largest tail with which the interval still held the payment day of 80 % of the rows.

    Only rows whose window reached the interval's end can be judged, paid or not: judging paid ones alone would favour the fast.
    """
    days = valid["days_seen"].to_numpy(dtype="int64")
    window = valid["window_days"].to_numpy(dtype="int64")
    paid = valid["is_paid"].to_numpy(dtype=bool)
    judged = window >= curve.day(0.9)
    if judged.sum() < 50:
        return Joining.interval_tail
    held = {tail: ((days >= curve.day(tail)) & (days <= curve.day(1 - tail)) & paid)[judged].mean() for tail in TAILS}
    return float(max((tail for tail in TAILS if held[tail] >= 0.8), default=TAILS[0]))


def _enough(outcome: Floats) -> bool:
    known = outcome[~np.isnan(outcome)]
    return len(known) >= 50 and 0 < known.mean() < 1


def _calibrated(margin: Floats, y: Floats) -> tuple[float, float]:
    """Slope and intercept of a logistic calibration (Platt 1999), all but free of shrinkage."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e3, max_iter=500).fit(margin[:, None], y)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def formulations(hazard: PaymentCurve, late: Floats, joined: PaymentCurve, valid: pd.DataFrame) -> dict[str, Any]:
    """Validation figures of each formulation that was weighed, for the log and the card."""
    dpd = valid["dpd"].to_numpy(dtype="int64")
    outcome = np.where(dpd < 0, late_outcome(valid), np.nan)
    paid = paid_outcome(valid, 14)
    fortnight = np.full(len(valid), 14)
    return {
        "hazard": {"p_late": metrics(outcome, hazard.at(-dpd)), "p_paid_14": metrics(paid, 1 - hazard.at(fortnight))},
        "late_head": {"p_late": metrics(outcome, late)},
        "joined": {"p_late": metrics(outcome, joined.at(-dpd)), "p_paid_14": metrics(paid, 1 - joined.at(fortnight))},
    }


def _logit(p: Floats) -> Floats:
    q = np.clip(p, 1e-5, 1 - 1e-5)
    return np.asarray(np.log(q / (1 - q)))


def _expit(margin: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-margin)))
