"""Follow-up: how long the invoices of the training were watched. Of what has been open for longer, no model knows anything.

A booster goes on beyond what it has seen as it was there: where everybody had paid by the twenty-fifth day late, it is as sure of the
payment on the next day for what is forty days late, and for good. So the chance of payment on each day late is drawn towards what is
thought before anybody was watched (`models.payment.baselines.vague_daily`), at the pace of the customer's own curve over a fortnight,
which moves with the ledger. It counts as much as one more invoice: hundreds do not hear it, of one that has outlived them all it is all
that is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models.arrays import Floats, Ints
from models.payment.baselines import vague_daily
from models.payment.curve import SMALLEST, PaymentCurve
from models.payment.observations import FORTNIGHT

WEIGHT = 1.0
PACE = 4.0
"""So many times faster or slower than the vague curve at most: what nobody was seen to do, no curve of a customer knows for sure."""
FEW = 3
"""Of what outlived all but so many invoices of the training it is said that the model guesses."""


@dataclass(frozen=True)
class FollowUp:
    """`until` (days,): the days late, rising, on which the watching of some invoice ended, by its payment or without; `n`: of how many."""

    until: Ints
    n: Ints

    @classmethod
    def of(cls, observations: pd.DataFrame) -> FollowUp:
        """Each invoice counts once, to the last day late on which it was seen.

        >>> rows = pd.DataFrame({"invoice_id": ["a", "a", "b"], "dpd": [-5, 2, -5], "days_seen": [9, 2, 6]})
        >>> FollowUp.of(rows)
        FollowUp(until=array([1, 4]), n=array([1, 1]))
        """
        until = (observations["dpd"] + observations["days_seen"]).groupby(observations["invoice_id"]).max()
        days, n = np.unique(until.to_numpy(dtype="int64"), return_counts=True)
        return cls(days, n.astype("int64"))

    def at_risk(self, days_late: Ints) -> Ints:
        """The number at risk on each of these days late, of any shape: invoices that were watched until then.

        >>> FollowUp(np.array([1, 4]), np.array([1, 1])).at_risk(np.array([-9, 1, 2, 4, 5]))
        array([2, 2, 1, 1, 0])
        """
        left = np.append(np.cumsum(self.n[::-1])[::-1], 0)
        return np.asarray(left[np.searchsorted(self.until, days_late)])

    def outlived(self, dpd: Ints) -> int:
        """How many of these, so many days past due, have outlived all but a few that were watched."""
        return int((self.at_risk(dpd) < FEW).sum())

    def shrunk(self, curve: PaymentCurve, dpd: Ints, own_unpaid: Floats) -> PaymentCurve:
        """The curve with the hazard of each day late drawn towards the vague one at the customer's own pace.

        `own_unpaid` (rows,): the chance of being unpaid after a fortnight by the customer's own curve.

        >>> sure = PaymentCurve(np.tile(0.01 ** np.arange(1.0, 31.0), (2, 1)))
        >>> everybody_paid = FollowUp(np.array([20]), np.array([99]))
        >>> everybody_paid.shrunk(sure, np.array([5, 40]), np.array([0.8, 0.8])).at(np.array([14, 14])).round(2).tolist()
        [0.0, 0.8]
        >>> everybody_paid.shrunk(sure, np.array([40, 40]), np.array([1.0, 0.0])).at(np.array([14, 14])).round(2).tolist()
        [0.93, 0.34]
        """
        if not len(dpd):
            return curve
        last = curve.unpaid.shape[1]
        first = int(dpd.min()) + 1
        day = dpd[:, None] + np.arange(1, last + 1)[None, :] - first
        vague = np.cumprod(1 - vague_daily(first, int(dpd.max()) + last)[day], axis=1)
        own = np.log(np.clip(own_unpaid, SMALLEST, 1 - SMALLEST)) / np.log(vague[:, min(FORTNIGHT, last) - 1])
        own = np.clip(own, 1 / PACE, PACE)
        n = self.at_risk(np.arange(first, first + int(day.max()) + 1))[day]
        stays = (n * _stays(curve.unpaid) + WEIGHT * _stays(vague ** own[:, None])) / (n + WEIGHT)
        return replace(curve, unpaid=np.asarray(np.cumprod(stays, axis=1), dtype="float64"))

    def to_json(self) -> dict[str, Any]:
        return {"until": self.until.tolist(), "n": self.n.tolist()}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> FollowUp:
        """What `to_json` wrote."""
        return cls(np.asarray(raw["until"], dtype="int64"), np.asarray(raw["n"], dtype="int64"))


def _stays(unpaid: Floats) -> Floats:
    """The chance of each day to be unpaid at its end, given unpaid until then."""
    before = np.hstack([np.ones((len(unpaid), 1)), unpaid[:, :-1]])
    return np.asarray(np.where(before > 0, unpaid / np.where(before > 0, before, 1.0), 0.0))
