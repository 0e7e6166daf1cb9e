"""The payment-time model: its voices joined into one curve, each choice made on newer days than it was fitted on.

The hazard head gives the shape of the curve. The late head, which sees only the question that matters most, says with it where the
curve stands at the end of the due day; the curve is bent through that point. At the fortnight the customer's own shrunk Kaplan-Meier
curve has a say: it knows no features, but it moves with the ledger from day to day. Weights and how far the log odds of being late are
stretched about their centre come from the validation days. Their level does not: what one season was off by is no property of the model,
see `models.level`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.bag import Bag
from models.curve import PaymentCurve, nearer
from models.drift import clocks, drifts, without
from models.evaluate import auc_alike, metrics, of_either, row_losses
from models.hazard import fit_hazard, predict_hazard
from models.late import fit_late, predict_late
from models.lateness import days_past
from models.observations import late_if_not_due, paid_outcome
from models.odds import expit, logit
from models.settings import ModelSettings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SHARES = tuple(tenth / 10 for tenth in range(11))
FORTNIGHT = 14


@dataclass(frozen=True)
class Joining:
    """How the voices are joined.

    `late_head_share`: weight of the late head in the log odds of being late, the rest is the hazard head's; they are stretched by
    `late_slope` about `late_centre`; `own_share`: weight of the customer's own curve in the log odds of being unpaid after a
    fortnight.
    """

    late_head_share: float = 0.5
    late_slope: float = 1.0
    late_centre: float = 0.0
    own_share: float = 0.0

    def join(self, hazard: PaymentCurve, late: Floats, rows: pd.DataFrame) -> PaymentCurve:
        """The curve that leaves the model: bent through the due day, then through the fortnight."""
        at_due = self.at_due(hazard, late, rows)
        fortnight = np.full(len(rows), FORTNIGHT)
        margin = _between(self.own_share, _own_unpaid(rows), logit(at_due.at(fortnight)))
        kept = np.maximum(-days_past(rows), 0)
        return at_due.anchored(fortnight, expit(margin), kept)

    def at_due(self, hazard: PaymentCurve, late: Floats, rows: pd.DataFrame) -> PaymentCurve:
        """The hazard head's curve, bent through the joined `p_late` at the end of the due day."""
        past = days_past(rows)
        margin = _between(self.late_head_share, logit(late), logit(hazard.at(-past)))
        return hazard.anchored(-past, expit(self.late_centre + self.late_slope * (margin - self.late_centre)))


@dataclass(frozen=True)
class PaymentTimeModel:
    """A fitted champion: stock boosters and a few numbers; `left_out` names the features that the drift screen took from all boosters.

    Their joining is no booster, and still hears the customer's own curve.
    """

    late: Bag
    hazard: Bag
    joining: Joining
    left_out: tuple[str, ...] = ()
    kind = "payment_time"

    def curve(self, rows: pd.DataFrame, *, threads: int = 1) -> PaymentCurve:
        """The calibrated payment curve of each row, shape (rows, 400)."""
        rows, ahead = nearer(rows)
        known = without(rows, self.left_out)
        hazard, late = predict_hazard(self.hazard, known, threads=threads), predict_late(self.late, known, threads=threads)
        return replace(self.joining.join(hazard, late, rows), ahead=ahead)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "joining": vars(self.joining), "left_out": list(self.left_out)}


@dataclass(frozen=True)
class Fitted:
    """The model fitted on all observations, and what its like said of the validation days before it had seen them.

    `valid_curve`: the boosters had seen none of those days but to know when to stop, and its joining none of the row's customer.
    """

    model: PaymentTimeModel
    valid_curve: PaymentCurve
    validation: dict[str, Any]


def fit_payment_time(
    fold_train: pd.DataFrame, fold_valid: pd.DataFrame, observations: pd.DataFrame, settings: ModelSettings, *, seed: int, threads: int
) -> Fitted:
    """Choose on the fold (older days for fitting, newer for choosing), then fit on all observations.

    `fold_train` carries outcomes as known when its days ended; `fold_valid` newer days with outcomes as known now.
    """
    drift = drifts(fold_train, fold_valid)
    left_out = clocks(drift, settings.clock_auc)
    fold_train, known_valid, observations = (without(rows, left_out) for rows in (fold_train, fold_valid, observations))
    late = fit_late(fold_train, known_valid, settings.late_head, rounds=[None] * settings.late_fits, seed=seed, threads=threads)
    most = settings.max_steps
    hazard = fit_hazard(fold_train, known_valid, settings.hazard_head, most=most, rounds=[None], seed=seed, threads=threads)
    curve, p_late = predict_hazard(hazard, known_valid, threads=threads), predict_late(late, known_valid, threads=threads)
    joining = choose_joining(curve, p_late, fold_valid)
    joined = told_by_others(curve, p_late, fold_valid)
    # A fit of the hazard head takes longest, so that the choices are made on one of them.
    late_rounds, hazard_rounds = [max(one, 20) for one in late.rounds], max(hazard.rounds[0], 20)
    model = PaymentTimeModel(
        fit_late(observations, None, settings.late_head, rounds=late_rounds, seed=seed, threads=threads),
        fit_hazard(
            observations, None, settings.hazard_head, most=most, rounds=[hazard_rounds] * settings.hazard_fits, seed=seed, threads=threads
        ),
        joining,
        left_out,
    )
    weighed = formulations(curve, p_late, joined, fold_valid)
    rounds = {"late": late_rounds, "hazard": hazard_rounds}
    return Fitted(model, joined, {"rounds": rounds, "formulations": weighed, "drift": drift.head(5).to_dict(), "left_out": left_out})


def choose_joining(hazard: PaymentCurve, late: Floats, valid: pd.DataFrame) -> Joining:
    """The joining that does best on the validation days: weights and stretch."""
    joining = Joining()
    outcome = late_if_not_due(valid)
    if _enough(outcome):
        known = ~np.isnan(outcome)
        heads = logit(late)[known], logit(hazard.at(-days_past(valid)))[known]
        share = _best_share(outcome[known], *heads)
        margin = _between(share, *heads)
        slope, centre = _slope(margin, outcome[known]), float(margin.mean())
        joining = replace(joining, late_head_share=share, late_slope=slope, late_centre=centre)
    unpaid = 1 - paid_outcome(valid, FORTNIGHT)
    if _enough(unpaid):
        known = ~np.isnan(unpaid)
        joined = logit(joining.at_due(hazard, late, valid).at(np.full(len(valid), FORTNIGHT)))
        joining = replace(joining, own_share=_best_share(unpaid[known], _own_unpaid(valid)[known], joined[known]))
    return joining


def told_by_others(hazard: PaymentCurve, late: Floats, valid: pd.DataFrame) -> PaymentCurve:
    """The joined curve of each validation row, joined as the other half of the customers would have it.

    Who is judged on the rows that he was chosen on looks better than he is: by enough to win against his own like.
    """
    half = pd.factorize(valid["customer_id"], sort=True)[0] % 2
    unpaid = np.empty_like(hazard.unpaid)
    for side in (0, 1):
        mine, others = half == side, half != side
        chosen = choose_joining(hazard.of(others), late[others], valid[others])
        unpaid[mine] = chosen.join(hazard.of(mine), late[mine], valid[mine]).unpaid
    return PaymentCurve(unpaid)


def _between(share: float, first: Floats, second: Floats) -> Floats:
    return share * first + (1 - share) * second


def _best_share(outcome: Floats, first: Floats, second: Floats) -> float:
    """The weight of the first voice (log odds), in tenths, with the least log loss."""
    return min(SHARES, key=lambda share: float(row_losses(outcome, expit(_between(share, first, second))).mean()))


def _slope(margin: Floats, outcome: Floats) -> float:
    """Slope of a logistic calibration (Platt 1999), all but free of shrinkage."""
    from sklearn.linear_model import LogisticRegression

    return float(LogisticRegression(C=1e3, max_iter=500).fit(margin[:, None], outcome).coef_[0, 0])


def _enough(outcome: Floats) -> bool:
    known = outcome[~np.isnan(outcome)]
    return len(known) >= 50 and 0 < known.mean() < 1


def formulations(hazard: PaymentCurve, late: Floats, joined: PaymentCurve, valid: pd.DataFrame) -> dict[str, Any]:
    """Validation figures of each formulation that was weighed, for the log and the card."""
    past = days_past(valid)
    outcome = late_if_not_due(valid)
    paid = paid_outcome(valid, 14)
    fortnight = np.full(len(valid), 14)
    alike, pairs = auc_alike(paid, 1 - joined.at(fortnight), past.astype("float64"))
    return {
        "hazard": {"p_late": metrics(outcome, hazard.at(-past)), "p_paid_14": metrics(paid, 1 - hazard.at(fortnight))},
        "late_head": {"p_late": metrics(outcome, late)},
        "joined": {
            "p_late": metrics(outcome, joined.at(-past)) | {"of_either": of_either(outcome)},
            "p_paid_14": metrics(paid, 1 - joined.at(fortnight)) | {"of_either": of_either(paid), "auc_alike": alike, "pairs_alike": pairs},
        },
    }


def _own_unpaid(rows: pd.DataFrame) -> Floats:
    """Log odds of being unpaid after a fortnight by the customer's own curve."""
    return logit(1 - rows["so_far_paid_14_share"].to_numpy(dtype="float64"))
