"""One large customer who turns late is followed by a level of their own, and does not carry everybody else along."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.payment.curve import PaymentCurve
from models.payment.level import Level, observed_level, said_of
from models.payment.structural_breaks import LEAST_DUE_DATES, Levels, observed_levels, with_structural_break

DAYS = (pd.Timestamp("2025-03-05"), pd.Timestamp("2025-03-19"))


def said(n: int) -> PaymentCurve:
    """The model takes everybody to be paid in time: .1 are late, .05 unpaid after a fortnight."""
    return PaymentCurve(np.tile(np.concatenate([np.full(13, 0.1), np.full(387, 0.05)]), (n, 1)))


def watched(big: int, late_on: tuple[pd.Timestamp, ...] = DAYS, due_dates: int = 8, others: int = 300) -> pd.DataFrame:
    """Rows of two watch days, due within days: of the others a tenth was late, of `big` all on the days of `late_on` and none on others."""
    frames = []
    for day in DAYS:
        n = big + others
        is_late = np.concatenate([np.full(big, day in late_on), np.arange(others) % 10 == 0])
        ahead = 1 + np.arange(n) % due_dates
        rows = pd.DataFrame(
            {
                "as_of": day,
                "invoice_id": [f"i{i}" for i in range(n)],
                "customer_id": ["big"] * big + [f"c{i}" for i in range(others)],
                "due_on": day + pd.to_timedelta(ahead, unit="D"),
                "dpd": -ahead,
                "days_seen": np.where(is_late, 28, ahead),
                "window_days": 28,
                "is_paid": ~is_late,
            }
        )
        frames.append(said_of(said(n), rows).join(rows[["days_seen", "window_days", "is_paid"]]))
    return pd.concat(frames, ignore_index=True)


def late_of(levels: Levels, customer: str) -> float:
    rows = pd.DataFrame({"customer_id": [customer], "dpd": [-5], "grace_days": [0]})
    return float(levels.applied(said(1), rows).at(np.array([5]))[0])


def test_who_broke_away_is_followed_and_the_others_are_left_where_they_are() -> None:
    levels = observed_levels(watched(120), drift=0.2)
    assert list(levels.own) == ["big"]
    assert late_of(levels, "big") > 0.2
    assert late_of(levels, "c1") == pytest.approx(0.1, abs=0.02)


def test_who_pays_as_was_said_has_no_level_of_their_own() -> None:
    rows = watched(120, late_on=())
    assert observed_levels(rows, drift=0.2) == Levels(observed_level(rows, 0.2))


def test_a_few_bad_days_are_no_change_of_mind() -> None:
    assert observed_levels(watched(120, due_dates=LEAST_DUE_DATES - 1), drift=0.2).own == {}


def test_one_fortnight_is_no_change_of_mind() -> None:
    assert observed_levels(watched(120, late_on=DAYS[:1]), drift=0.2).own == {}
    assert with_structural_break(watched(120), Level()) == ["big"]


def test_a_ledger_of_one_customer_is_followed() -> None:
    levels = observed_levels(watched(200, others=0), drift=0.2)
    assert late_of(levels, "big") > 0.2


def test_no_watch_no_levels() -> None:
    assert observed_levels(watched(120), drift=0.0) == Levels()
    assert observed_levels(pd.DataFrame(), drift=0.2) == Levels()
