"""The naive answers that a model has to beat, and the curve that serves when there is too little to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.portfolio import EARLIEST, LATEST
from ledger.ledger import Ledger
from models.curve import LAST_DAY, PaymentCurve

Floats = npt.NDArray[np.float64]


UNSEEN_DAILY = 1 / 30
"""What of the unpaid is thought to be paid in a day so late that nobody has been watched there: not yet seen is not never."""


def kaplan_meier(days: npt.NDArray[np.int64], is_event: npt.NDArray[np.bool_], first: int, last: int, unseen_daily: float = 0.0) -> Floats:
    """Share still unpaid at the end of each day from `first` to `last`, from days to payment or to the end of watching.

    `unseen_daily` is the share paid on days on which nobody was watched any more. Source: Kaplan and Meier 1958.

    >>> kaplan_meier(np.array([0, 1, 1, 2]), np.array([True, True, False, True]), 0, 2).round(3)
    array([0.75, 0.5 , 0.  ])
    >>> kaplan_meier(np.array([0, 1]), np.array([True, False]), 0, 3, unseen_daily=0.1).round(3)
    array([0.5  , 0.5  , 0.45 , 0.405])
    """
    days = np.clip(days, first, last)
    size = last - first + 1
    events = np.bincount(days[is_event] - first, minlength=size)
    leaving = np.bincount(days - first, minlength=size)
    at_risk = len(days) - np.concatenate([[0], np.cumsum(leaving)[:-1]])
    paid = np.where(at_risk > 0, events / np.maximum(at_risk, 1), unseen_daily)
    return np.asarray(np.cumprod(1 - paid), dtype="float64")


@dataclass(frozen=True)
class ShrunkKaplanMeier:
    """Everyone's curve of days late, given the days passed, bent through the customer's own share of late invoices.

    `unpaid[i]` is the share unpaid at `-60 + i` days late. It needs no training rows, so it serves ledgers of one customer, or ones in
    which nobody was ever late.
    """

    unpaid: Floats
    kind = "kaplan_meier"

    @classmethod
    def fit(cls, ledger: Ledger, as_of: date) -> ShrunkKaplanMeier:
        """From every invoice known on `as_of`; open ones are censored."""
        balances = ledger.as_of(as_of).balances
        frame = balances.select("due_on", "paid_on", "observed_until", "as_of").to_pandas()
        end = frame["paid_on"].fillna(frame["observed_until"])
        days = (end - frame["due_on"]).dt.days.to_numpy(dtype="int64")
        return cls(kaplan_meier(days, frame["paid_on"].notna().to_numpy(), EARLIEST, LATEST, UNSEEN_DAILY))

    def curve(self, rows: pd.DataFrame, *, threads: int = 1) -> PaymentCurve:
        """The payment curve of each row, from `dpd` and, where known, `so_far_late_share`."""
        dpd = rows["dpd"].to_numpy(dtype="int64")
        padded = np.concatenate([[1.0], np.maximum(self.unpaid, 1e-6)])
        at = np.clip(dpd[:, None] + np.arange(0, LAST_DAY + 1)[None, :] - EARLIEST + 1, 0, len(padded) - 1)
        level = padded[at]
        curve = PaymentCurve(np.minimum.accumulate(level[:, 1:] / level[:, :1], axis=1))
        share = rows["so_far_late_share"].to_numpy(dtype="float64")
        return curve.anchored(np.where(np.isnan(share), 0, -dpd), np.nan_to_num(share, nan=0.5))

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "unpaid": [float(v) for v in self.unpaid]}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> ShrunkKaplanMeier:
        return cls(np.asarray(raw["unpaid"], dtype="float64"))
