"""What became of each asked row: paid after so many days, or unseen after so many days (censored, never a negative)."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from ledger.ledger import Ledger
from models.arrays import Floats, Ints
from models.payment.lateness import days_past

FORTNIGHT = 14


def with_outcomes(matrix: pd.DataFrame, ledger: Ledger, known_on: date) -> pd.DataFrame:
    """The matrix with its outcomes as they were known at the end of `known_on`.

    Adds `paid_on` (NaT: not paid as far as was seen), `seen_until` (how far the invoice's source was watched, and what was paid is booked),
    `window_days` (days from `as_of` to there), `days_seen` (days from `as_of` to payment, or `window_days`) and `is_paid`. What was paid
    after `seen_until` was not seen, as its unpaid peers were not. Rows that were paid by `as_of` already, which only became known later,
    are dropped: they were not unpaid.
    """
    balances = ledger.as_of(known_on).balances
    outcomes = balances.select("invoice_id", "paid_on", "source").to_pandas()
    outcomes["seen_until"] = pd.to_datetime(outcomes.pop("source").map(ledger.seen_until(known_on))).astype("datetime64[s]")
    kept = matrix.drop(columns=["paid_on", "seen_until", "window_days", "days_seen", "is_paid"], errors="ignore")
    merged = kept.merge(outcomes, on="invoice_id", how="left", validate="many_to_one")
    merged = merged[~(merged["paid_on"] <= merged["as_of"])]
    merged["paid_on"] = merged["paid_on"].where(merged["paid_on"] <= merged["seen_until"])
    is_paid = merged["paid_on"].notna()
    end = merged["paid_on"].where(is_paid, merged["seen_until"])
    merged["days_seen"] = (end - merged["as_of"]).dt.days
    merged["is_paid"] = is_paid
    merged["window_days"] = (merged["seen_until"] - merged["as_of"]).dt.days
    return merged[merged["days_seen"].notna()].reset_index(drop=True)


def late_outcome(observations: pd.DataFrame, days: int = 0) -> Floats:
    """1 if cleared more than `days` after due (see `models.payment.lateness`), 0 if by then, NaN where the window was not seen to its end.

    An invoice paid early within an unfinished window is NaN too: its unpaid peers cannot be told yet.

    >>> rows = pd.DataFrame({"dpd": [-5, -5, -5], "days_seen": [5, 6, 2], "window_days": [9, 9, 3], "is_paid": [True, True, True]})
    >>> late_outcome(rows)
    array([ 0.,  1., nan])
    """
    allowed = days - days_past(observations).astype("float64")
    return _outcome(observations, allowed, paid_later=1.0)


def late_if_not_due(observations: pd.DataFrame, days: int = 0) -> Floats:
    """`late_outcome` of the rows that are not yet due; NaN for the others, of which there is nothing to ask."""
    return np.where(days_past(observations) < 0, late_outcome(observations, days), np.nan)


def paid_outcome(observations: pd.DataFrame, days: int) -> Floats:
    """1 if cleared within `days` after `as_of`, 0 if not, NaN where the window was not seen to its end.

    >>> rows = pd.DataFrame({"days_seen": [14, 15, 3], "window_days": [30, 30, 3], "is_paid": [True, True, False]})
    >>> paid_outcome(rows, 14)
    array([ 1.,  0., nan])
    """
    return _outcome(observations, np.full(len(observations), float(days)), paid_later=0.0)


def fates_of(observations: pd.DataFrame) -> Ints:
    """A number for each row; rows of one customer that fall due on one day share it, as they share their fate.

    >>> day = pd.Timestamp("2025-06-30")
    >>> fates_of(pd.DataFrame({"customer_id": ["ann", "bob", "ann"], "due_on": [day, day, day]})).tolist()
    [0, 1, 0]
    """
    return pd.factorize(observations["customer_id"] + "|" + observations["due_on"].astype(str))[0]


def _outcome(observations: pd.DataFrame, allowed: Floats, paid_later: float) -> Floats:
    in_time = observations["is_paid"].to_numpy(dtype=bool) & (observations["days_seen"].to_numpy(dtype="float64") <= allowed)
    seen_to_end = observations["window_days"].to_numpy(dtype="float64") >= allowed
    return np.where(seen_to_end, np.where(in_time, 1.0 - paid_later, paid_later), np.nan)
