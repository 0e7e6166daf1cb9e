"""Stacking: the heads of the payment-time model blended into one curve, by weights that newer days choose.

The hazard head gives the shape of the curve. The late head and a linear one, which see only the question that matters most, say with it
where the curve stands at the end of the due day; the curve is bent through that point. At the fortnight the customer's own shrunk
Kaplan-Meier curve has a say: it knows no features, but it moves with the ledger from day to day. So has a linear head, where that gains
clearly. Weights and how far the log odds of being late are stretched about their centre come from the validation days. Their level does
not: what one season was off by is no property of the model, see `models.payment.level`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from models.arrays import Bools, Floats, Ints
from models.evaluate import of_either, row_losses
from models.odds import expit, logit
from models.payment.curve import PaymentCurve
from models.payment.lateness import days_past
from models.payment.observations import FORTNIGHT, late_if_not_due, paid_outcome

TENTHS = 10
SLOPES = (0.0, 1.0)
"""A few days of an odd season turn no head round; and where the heads told its days apart better than they thought, the next season
need not be as clear: newer days may take sharpness from them, and give none."""
CLEARLY = 0.002
"""What log loss must gain on the validation days for the fortnight to hear the linear head: twice what one fit is known to."""


@dataclass(frozen=True)
class HeadPredictions:
    """What is said of each row: the hazard head's curve, the log odds of being late by the late head and by a linear one, and by
    another linear one those of being unpaid after a fortnight."""

    hazard: PaymentCurve
    late: Floats
    linear_late: Floats
    linear_unpaid: Floats

    def of(self, kept: Bools) -> HeadPredictions:
        """The predictions on some of the rows."""
        return HeadPredictions(self.hazard.of(kept), self.late[kept], self.linear_late[kept], self.linear_unpaid[kept])

    def margins(self, past: Ints) -> tuple[Floats, Floats, Floats]:
        """Log odds of being late at the end of the due day, in the order of `Stacking`'s weights."""
        return self.late, self.linear_late, logit(self.hazard.at(-past))


@dataclass(frozen=True)
class Stacking:
    """How the heads are blended (Wolpert 1992, Stacked generalization).

    `late_head_weight`, `linear_late_weight`: weights of these heads in the log odds of being late, the rest is the hazard head's; they are
    stretched by `late_slope` about `late_centre`; `own_curve_weight`, `linear_unpaid_weight`: weights of the customer's own curve and of
    the linear head in the log odds of being unpaid after a fortnight, the rest is the curve's so far.
    """

    late_head_weight: float = 0.5
    linear_late_weight: float = 0.0
    late_slope: float = 1.0
    late_centre: float = 0.0
    own_curve_weight: float = 0.0
    linear_unpaid_weight: float = 0.0

    def join(self, predictions: HeadPredictions, rows: pd.DataFrame) -> PaymentCurve:
        """The curve that leaves the model: bent through the due day, then through the fortnight."""
        at_due = self.at_due(predictions, rows)
        fortnight = np.full(len(rows), FORTNIGHT)
        rest = 1 - self.own_curve_weight - self.linear_unpaid_weight
        said = _own_unpaid(rows), predictions.linear_unpaid, logit(at_due.at(fortnight))
        margin = _blend((self.own_curve_weight, self.linear_unpaid_weight, rest), said)
        kept = np.maximum(-days_past(rows), 0)
        return at_due.anchored(fortnight, expit(margin), kept)

    def at_due(self, predictions: HeadPredictions, rows: pd.DataFrame) -> PaymentCurve:
        """The hazard head's curve, bent through the stacked `p_late` at the end of the due day."""
        past = days_past(rows)
        rest = 1 - self.late_head_weight - self.linear_late_weight
        margin = _blend((self.late_head_weight, self.linear_late_weight, rest), predictions.margins(past))
        return predictions.hazard.anchored(-past, expit(self.late_centre + self.late_slope * (margin - self.late_centre)))


def fit_stacking(predictions: HeadPredictions, valid: pd.DataFrame) -> Stacking:
    """The stacking that does best on the validation days: weights and stretch."""
    outcome = late_if_not_due(valid)
    # Where all came out alike nothing can be weighed: the linear head says so, as surely as so many rows allow.
    stacking = Stacking() if of_either(outcome) else Stacking(late_head_weight=0.0, linear_late_weight=1.0)
    if _enough(outcome):
        known = ~np.isnan(outcome)
        heads = predictions.of(known).margins(days_past(valid[known]))
        weights = best_weights(outcome[known], heads)
        margin = _blend(weights, heads)
        slope, centre = float(np.clip(_slope(margin, outcome[known]), *SLOPES)), float(margin.mean())
        stacking = replace(stacking, late_head_weight=weights[0], linear_late_weight=weights[1], late_slope=slope, late_centre=centre)
    unpaid = 1 - paid_outcome(valid, FORTNIGHT)
    if _enough(unpaid):
        known = ~np.isnan(unpaid)
        stacked = logit(stacking.at_due(predictions, valid).at(np.full(len(valid), FORTNIGHT)))
        own, linear, so_far = _own_unpaid(valid)[known], predictions.linear_unpaid[known], stacked[known]
        without, with_linear = best_weights(unpaid[known], (own, so_far)), best_weights(unpaid[known], (own, linear, so_far))
        losses = _loss(unpaid[known], without, (own, so_far)), _loss(unpaid[known], with_linear, (own, linear, so_far))
        weights = with_linear if losses[0] - losses[1] >= CLEARLY else (without[0], 0.0)
        stacking = replace(stacking, own_curve_weight=weights[0], linear_unpaid_weight=weights[1])
    return stacking


def cross_fitted(predictions: HeadPredictions, valid: pd.DataFrame) -> PaymentCurve:
    """The stacked curve of each validation row, by weights that the other half of the customers chose.

    Who is judged on the rows that he was chosen on looks better than he is: by enough to win against his own like.
    """
    half = pd.factorize(valid["customer_id"], sort=True)[0] % 2
    unpaid = np.empty_like(predictions.hazard.unpaid)
    for side in (0, 1):
        mine, others = half == side, half != side
        chosen = fit_stacking(predictions.of(others), valid[others])
        unpaid[mine] = chosen.join(predictions.of(mine), valid[mine]).unpaid
    return PaymentCurve(unpaid)


def best_weights(outcome: Floats, predictions: Sequence[Floats]) -> tuple[float, ...]:
    """The weights of the predictions (log odds), in tenths that sum to 1, with the least log loss.

    >>> outcome, knows = np.array([0.0, 1.0] * 50), np.array([-2.0, 2.0] * 50)
    >>> best_weights(outcome, (np.zeros(100), knows, -knows))
    (0.0, 1.0, 0.0)
    """
    ways = (tenths for tenths in product(range(TENTHS + 1), repeat=len(predictions)) if sum(tenths) == TENTHS)
    weighed = [tuple(tenth / TENTHS for tenth in tenths) for tenths in ways]
    return min(weighed, key=lambda weights: _loss(outcome, weights, predictions))


def _loss(outcome: Floats, weights: Sequence[float], predictions: Sequence[Floats]) -> float:
    return float(row_losses(outcome, expit(_blend(weights, predictions))).mean())


def _blend(weights: Sequence[float], predictions: Sequence[Floats]) -> Floats:
    return np.asarray(sum(share * voice for share, voice in zip(weights, predictions, strict=True)))


def _slope(margin: Floats, outcome: Floats) -> float:
    """Slope of a logistic calibration (Platt 1999), all but free of shrinkage."""
    from sklearn.linear_model import LogisticRegression

    return float(LogisticRegression(C=1e3, max_iter=500).fit(margin[:, None], outcome).coef_[0, 0])


def _enough(outcome: Floats) -> bool:
    known = outcome[~np.isnan(outcome)]
    return len(known) >= 50 and 0 < known.mean() < 1


def _own_unpaid(rows: pd.DataFrame) -> Floats:
    """Log odds of being unpaid after a fortnight by the customer's own curve."""
    return logit(1 - rows["so_far_paid_14_share"].to_numpy(dtype="float64"))
