"""The naive answers that a model has to beat, and the curve that serves when there is too little to learn from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.portfolio import EARLIEST, LATEST
from ledger.ledger import Ledger
from models.arrays import Bools, Floats, Ints
from models.payment.curve import LAST_DAY, PaymentCurve, nearer

VAGUE_WEIGHT = 4.0
"""With how many invoices' weight the vague curve below speaks: a ledger of a handful knows little, one of thousands does not hear it."""


def vague_daily(first: int, last: int) -> Floats:
    """What of the unpaid is thought to be paid on each day from `first` to `last` (days late) before anybody was watched.

    One in thirty on the due day, half as much with each week before it and with each two months after it: old debt is paid more seldom
    than fresh. Not yet seen is not never.

    >>> vague_daily(-14, 60).round(4)[[0, 7, 14, 74]]
    array([0.0083, 0.0167, 0.0333, 0.0167])
    """
    days = np.arange(first, last + 1)
    return np.asarray(2.0 ** (np.minimum(days, 0) / 7 - np.maximum(days, 0) / 60) / 30, dtype="float64")


def kaplan_meier(days: Ints, is_event: Bools, first: int, last: int, usual: Floats | float = 0.0, weight: float = 0.0) -> Floats:
    """Share still unpaid at the end of each day from `first` to `last`, from days to payment or to the end of watching.

    What is paid after `last` is only unpaid until then. It is drawn towards `usual`, the share of the unpaid thought to be paid each day,
    as if `weight` more invoices had been watched all along. Source: Kaplan and Meier 1958.

    >>> kaplan_meier(np.array([0, 1, 1, 2]), np.array([True, True, False, True]), 0, 2).round(3)
    array([0.75, 0.5 , 0.  ])
    >>> kaplan_meier(np.array([0, 7]), np.array([True, True]), 0, 2)
    array([0.5, 0.5, 0.5])
    >>> kaplan_meier(np.array([0, 1]), np.array([True, False]), 0, 3, usual=0.1, weight=2.0).round(3)
    array([0.7  , 0.653, 0.588, 0.529])
    """
    is_event = is_event & (days <= last)
    days = np.clip(days, first, last)
    size = last - first + 1
    events = np.bincount(days[is_event] - first, minlength=size)
    leaving = np.bincount(days - first, minlength=size)
    at_risk = len(days) - np.concatenate([[0], np.cumsum(leaving)[:-1]])
    watched = at_risk + weight
    paid = np.where(watched > 0, (events + weight * usual) / np.where(watched > 0, watched, 1), usual)
    return np.asarray(np.cumprod(1 - paid), dtype="float64")


@dataclass(frozen=True)
class ShrunkKaplanMeier:
    """Everyone's curve of days late, given the days passed, bent through the customer's own share of late invoices.

    `unpaid[i]` is the share unpaid at `-60 + i` days late; `known` how many invoices told whether they were late. It needs no training
    rows, so it serves ledgers of one customer, or ones in which nothing has been paid yet; the fewer invoices, the vaguer it is.
    """

    unpaid: Floats
    known: int = 10**9
    kind = "kaplan_meier"

    @classmethod
    def fit(cls, ledger: Ledger, as_of: date) -> ShrunkKaplanMeier:
        """From every invoice known on `as_of`; open ones are censored."""
        balances = ledger.as_of(as_of).balances
        frame = balances.select("due_on", "paid_on", "source").to_pandas()
        seen_until = pd.to_datetime(frame["source"].map(ledger.seen_until(as_of)))
        is_paid = (frame["paid_on"] <= seen_until).to_numpy()
        end = frame["paid_on"].where(is_paid, seen_until)
        days = (end - frame["due_on"]).dt.days.to_numpy(dtype="int64")
        last = LATEST + LAST_DAY
        unpaid = kaplan_meier(days, is_paid, EARLIEST, last, vague_daily(EARLIEST, last), VAGUE_WEIGHT)
        return cls(unpaid, int((is_paid | (days >= 0)).sum()))

    def curve(self, rows: pd.DataFrame, *, threads: int = 1) -> PaymentCurve:
        """The payment curve of each row, from `dpd` and, where known, `so_far_late_share`.

        Who is later than anybody was watched goes on like one `LATEST` days late.
        """
        rows, ahead = nearer(rows)
        dpd = rows["dpd"].to_numpy(dtype="int64")
        padded = np.concatenate([[1.0], np.maximum(self.unpaid, 1e-12)])
        at = np.clip(np.minimum(dpd, LATEST)[:, None] + np.arange(0, LAST_DAY + 1)[None, :] - EARLIEST + 1, 0, len(padded) - 1)
        level = padded[at]
        curve = PaymentCurve(np.minimum.accumulate(level[:, 1:] / level[:, :1], axis=1))
        share = rows["so_far_late_share"].to_numpy(dtype="float64")
        # That nobody of three was ever late, or everybody, makes neither certain.
        share = (share * self.known + 0.5 * VAGUE_WEIGHT) / (self.known + VAGUE_WEIGHT)
        return replace(curve.anchored(np.where(np.isnan(share), 0, -dpd), np.nan_to_num(share, nan=0.5)), ahead=ahead)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "unpaid": [float(v) for v in self.unpaid], "known": self.known}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> ShrunkKaplanMeier:
        """What `to_json` wrote."""
        return cls(np.asarray(raw["unpaid"], dtype="float64"), raw["known"])
