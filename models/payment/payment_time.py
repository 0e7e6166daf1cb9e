"""The payment-time model: its heads, stacked into one curve of the payment day (`models.payment.stacking`).

Each choice is made on newer days than it was fitted on; then all heads are fitted again on all observations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from models.bag import Bag
from models.drift import clocks, drifts, without
from models.evaluate import among_alike, auc_within, metrics
from models.odds import expit, logit
from models.payment import late as late_head
from models.payment.curve import PaymentCurve, nearer
from models.payment.follow_up import FollowUp
from models.payment.hazard import fit_hazard, predict_hazard
from models.payment.late import fit_late, predict_late
from models.payment.lateness import days_past, roll_days
from models.payment.linear import LinearHead, fit_linear
from models.payment.observations import FORTNIGHT, late_if_not_due, paid_outcome
from models.payment.stacking import HeadPredictions, Stacking, cross_fitted, fit_stacking
from models.payment.steps import FIRST_DAY, pays_by_month
from models.settings import ModelSettings


@dataclass(frozen=True)
class PaymentTimeModel:
    """A fitted champion: stock boosters and a few numbers; `follow_up` says how long the invoices it learned from stayed open, `left_out`
    which features the drift screen took from all boosters.

    Their stacking is no booster, and still hears the customer's own curve.
    """

    late: Bag
    linear_late: LinearHead
    linear_unpaid: LinearHead
    hazard: Bag
    follow_up: FollowUp
    stacking: Stacking
    left_out: tuple[str, ...] = ()
    kind = "payment_time"

    def curve(self, rows: pd.DataFrame, *, threads: int = 1) -> PaymentCurve:
        """The calibrated payment curve of each row, shape (rows, 400)."""
        rows, ahead = nearer(rows)
        linear = self.linear_late, self.linear_unpaid
        stacked = self.stacking.join(head_predictions(self.late, linear, self.hazard, without(rows, self.left_out), threads), rows)
        own = 1 - rows["so_far_paid_14_share"].to_numpy(dtype="float64")
        return replace(self.follow_up.shrunk(stacked, rows["dpd"].to_numpy(dtype="int64"), own), ahead=ahead)

    def to_json(self) -> dict[str, Any]:
        linear = {"late": self.linear_late, "unpaid": self.linear_unpaid}
        return {
            "kind": self.kind,
            "stacking": vars(self.stacking),
            "linear": {name: head.to_json(late_head.COLUMNS) for name, head in linear.items()},
            "follow_up": self.follow_up.to_json(),
            "left_out": list(self.left_out),
        }


def fit_linear_heads(rows: pd.DataFrame) -> tuple[LinearHead, LinearHead]:
    """Linear heads of being late, and of being unpaid after a fortnight."""
    return fit_linear(rows, late_if_not_due(rows)), fit_linear(rows, 1 - paid_outcome(rows, FORTNIGHT))


def head_predictions(late: Bag, linear: tuple[LinearHead, LinearHead], hazard: Bag, rows: pd.DataFrame, threads: int) -> HeadPredictions:
    """What the heads say of rows."""
    design = late_head.design(rows)
    return HeadPredictions(
        predict_hazard(hazard, rows, threads=threads),
        logit(predict_late(late, rows, threads=threads)),
        *(head.margin(design) for head in linear),
    )


@dataclass(frozen=True)
class Fitted:
    """The model fitted on all observations, and what its like said of the validation days before it had seen them.

    `valid_curve`: the boosters had seen none of those days but to know when to stop, and its stacking none of the row's customer.
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
    fit_steps = partial(fit_hazard, most=settings.max_steps, by_month=pays_by_month(fold_train), seed=seed, threads=threads)
    hazard = fit_steps(fold_train, known_valid, settings.hazard_head, rounds=[None])
    said = head_predictions(late, fit_linear_heads(fold_train), hazard, known_valid, threads)
    stacking = fit_stacking(said, fold_valid)
    stacked = cross_fitted(said, fold_valid)
    # A fit of the hazard head takes longest, so that the choices are made on one of them.
    late_rounds, hazard_rounds = [max(one, 20) for one in late.rounds], max(hazard.rounds[0], 20)
    model = PaymentTimeModel(
        fit_late(observations, None, settings.late_head, rounds=late_rounds, seed=seed, threads=threads),
        *fit_linear_heads(observations),
        fit_steps(observations, None, settings.hazard_head, rounds=[hazard_rounds] * settings.hazard_fits),
        FollowUp.of(observations),
        stacking,
        left_out,
    )
    weighed = formulations(said, stacked, fold_valid)
    rounds = {"late": late_rounds, "hazard": hazard_rounds}
    chosen = {"rounds": rounds, "by_month": FIRST_DAY in hazard.columns, "left_out": left_out}
    return Fitted(model, stacked, {"formulations": weighed, "drift": drift.head(5).to_dict(), **chosen})


def formulations(said: HeadPredictions, stacked: PaymentCurve, valid: pd.DataFrame) -> dict[str, Any]:
    """Validation figures of each formulation that was weighed, for the log and the card."""
    past = days_past(valid)
    outcome = late_if_not_due(valid)
    paid = paid_outcome(valid, FORTNIGHT)
    fortnight = np.full(len(valid), FORTNIGHT)
    rolls, said_late, said_paid = roll_days(valid), stacked.at(-past), 1 - stacked.at(fortnight)
    return {
        "hazard": {"p_late": metrics(outcome, said.hazard.at(-past)), "p_paid_14": metrics(paid, 1 - said.hazard.at(fortnight))},
        "late_head": {"p_late": metrics(outcome, expit(said.late))},
        "linear_head": {
            "p_late": metrics(outcome, expit(said.linear_late)),
            "p_paid_14": metrics(paid, 1 - expit(said.linear_unpaid)),
        },
        "stacked": {
            "p_late": metrics(outcome, said_late)
            | among_alike(outcome, said_late, rolls, rolls)
            | {"auc_within": auc_within(outcome, said_late, valid["customer_id"], rolls)},
            "p_paid_14": metrics(paid, said_paid)
            | among_alike(paid, said_paid, past, rolls)
            | {"auc_within": auc_within(paid, said_paid, valid["customer_id"], past)},
        },
    }
