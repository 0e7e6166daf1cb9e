"""The level watch: it follows what has come true, by as much as that is worth."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.odds import expit, logit
from models.payment.curve import PaymentCurve
from models.payment.level import LEAST_ROWS, Level, Move, move, observed_level, overdispersion, said_of, watch_days


def asked(n: int, late_share: float) -> pd.DataFrame:
    """Rows due in five days, half of which the model takes to be late; what it said, and what came true."""
    is_late = np.arange(n) < late_share * n
    rows = pd.DataFrame(
        {
            "as_of": pd.Timestamp("2025-03-05"),
            "invoice_id": [f"i{i}" for i in range(n)],
            "customer_id": [f"c{i}" for i in range(n)],
            "due_on": pd.Timestamp("2025-03-10"),
            "dpd": -5,
            "days_seen": np.where(is_late, 9, 4),
            "window_days": 28,
            "is_paid": True,
        }
    )
    curve = PaymentCurve(np.tile(np.concatenate([np.full(5, 0.5), np.full(395, 0.1)]), (n, 1)))
    came = ["days_seen", "window_days", "is_paid"]
    return said_of(curve, rows).join(rows[came])


def test_a_level_that_moved_is_followed_and_one_that_did_not_is_left() -> None:
    moved = observed_level(asked(2000, 0.6), drift=0.2)
    assert 0.25 < moved.late.shift < logit(np.array([0.6]))[0]
    assert moved.not_due.shift < 0, "all were paid within the fortnight, more than the model said"
    assert moved.past_due == Move(), "none was past due"
    still = observed_level(asked(2000, 0.5), drift=0.1)
    assert still.late.shift == pytest.approx(0.0, abs=1e-9)


def test_an_invoice_due_in_a_fortnight_keeps_its_chance_of_being_late() -> None:
    curve = PaymentCurve(np.tile(np.linspace(0.99, 0.4, 30), (3, 1)))
    past = np.array([-13, -14, -15])
    said = Level(not_due=Move(-2.0)).applied(curve, past).at(-past)
    assert said == pytest.approx(curve.at(-past))


def test_few_rows_no_drift_or_nothing_seen_move_nothing() -> None:
    assert observed_level(asked(LEAST_ROWS - 2, 1.0), drift=0.1) == Level()
    assert observed_level(asked(2000, 0.9), drift=0.0) == Level()
    assert observed_level(asked(2000, 0.9).assign(window_days=3, is_paid=False, days_seen=3), drift=0.1) == Level()


def test_rows_of_one_fate_count_as_one_witness() -> None:
    margin, outcome = np.zeros(300), (np.arange(300) < 200).astype(float)
    apart = move(margin, outcome, overdispersion(margin, outcome, np.arange(300)), 0.2).shift
    together = move(margin, outcome, overdispersion(margin, outcome, np.arange(300) // 20), 0.2).shift
    assert 0 < together < apart / 2


def test_odds_that_were_too_bold_are_drawn_in() -> None:
    rng = np.random.default_rng(5)
    margin = rng.normal(0, 2, 4000)
    outcome = (rng.random(4000) < expit(0.7 * margin)).astype(float)
    found = move(margin, outcome, 1.0, 0.3)
    assert -0.35 < found.stretch < -0.2
    assert abs(found.shift) < 0.1


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.integers(-40, 40))
def test_a_moved_curve_stays_a_curve_and_passes_through_the_moved_points(late: float, unpaid: float, dpd: int) -> None:
    curve = PaymentCurve(np.exp(-0.02 * np.arange(1, 401))[None, :])
    days = np.array([dpd])
    moved = Level(Move(late), Move(-unpaid), Move(unpaid)).applied(curve, days)
    if dpd < 0:
        assert moved.at(-days)[0] == pytest.approx(expit(logit(curve.at(-days)) + late)[0], abs=1e-6)
    else:
        assert moved.at(np.array([14]))[0] == pytest.approx(expit(logit(curve.at(np.array([14]))) + unpaid)[0], abs=1e-6)


def test_days_that_the_training_saw_tell_nothing() -> None:
    assert watch_days(date(2025, 3, 31), date(2025, 3, 20)) == []
    assert watch_days(date(2025, 3, 31), date(2025, 1, 1)) == [date(2025, 3, 3), date(2025, 3, 17)]
