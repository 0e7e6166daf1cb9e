"""Whatever curve comes in, what is read off it can never contradict itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.payment.curve import LAST_DAY, SMALLEST, TAILS, Floats, Ints, PaymentCurve, daily

N = 4
hazards = hnp.arrays("float64", (N, 6), elements=st.sampled_from([0.0, 1e-9, 0.05, 0.3, 0.9, 1.0]))
some_days = hnp.arrays("int64", N, elements=st.integers(-30, 200))
chances = hnp.arrays("float64", N, elements=st.sampled_from([0.0, 1e-7, 0.02, 0.5, 0.97, 1.0]))


def curve_of(hazard: Floats) -> PaymentCurve:
    return daily(np.array([1, 2, 7, 30, 100, 400]), np.cumprod(1 - hazard, axis=1))


@given(hazards, some_days)
def test_scores_never_contradict_each_other(hazard: Floats, dpd: Ints) -> None:
    as_of = pd.Series(pd.to_datetime(["2024-02-28"] * N))
    scores = curve_of(hazard).scores(as_of, dpd)
    late = scores[["p_late", "p_late_5", "p_late_30", "p_late_60", "p_late_90"]].to_numpy()
    paid = scores[["p_paid_7", "p_paid_14", "p_paid_30"]].to_numpy()
    days = scores[["days_late_p10", "days_late_p50", "days_late_p90"]].to_numpy()
    assert (np.diff(late, axis=1) <= 0).all()
    assert (np.diff(paid, axis=1) >= 0).all()
    assert (np.diff(days, axis=1) >= 0).all()
    assert ((late >= 0) & (late <= 1)).all()
    assert ((paid >= 0) & (paid <= 1)).all()
    assert (scores.loc[dpd >= 0, "p_late"] == 1).all()
    assert (days[:, 0] >= dpd + 1).all()
    assert ((scores["expected_paid_on"] - as_of).dt.days == scores["days_late_p50"] - dpd).all()


@given(hazards, some_days, chances)
def test_an_anchored_curve_passes_through_its_anchor(hazard: Floats, days: Ints, unpaid: Floats) -> None:
    curve = curve_of(hazard)
    bent = curve.anchored(days, unpaid)
    ahead = days > 0
    assert np.allclose(bent.at(days)[ahead], np.clip(unpaid, SMALLEST, 1 - SMALLEST)[ahead], atol=1e-9)
    assert np.allclose(bent.unpaid[~ahead], curve.unpaid[~ahead], atol=1e-12)


@given(hazards, st.integers(1, 40), st.integers(1, 40), chances, chances)
def test_a_second_bend_leaves_the_first_where_it_is(hazard: Floats, first: int, second: int, one: Floats, other: Floats) -> None:
    days, later = np.full(N, first), np.full(N, second)
    once = curve_of(hazard).anchored(days, one)
    twice = once.anchored(later, other, days)
    assert np.allclose(twice.at(days), once.at(days), atol=1e-9)
    # Where the two do not contradict each other, the second holds as well.
    agrees = np.where(later > days, other <= once.at(days), other >= once.at(days)) & (first != second)
    assert np.allclose(twice.at(later)[agrees], np.clip(other, SMALLEST, 1 - SMALLEST)[agrees], atol=2e-6)


@given(hazards)
def test_the_likelier_the_later(hazard: Floats) -> None:
    curve = curve_of(hazard)
    days = np.array([curve.day(q) for q in (0.1, 0.5, 0.9)])
    assert ((days >= 1) & (days <= LAST_DAY)).all()
    assert (np.diff(days, axis=0) >= 0).all()
    for q, day in zip((0.1, 0.5, 0.9), days, strict=True):
        reached = 1 - curve.at(day) >= q - 1e-9
        assert (reached | (day == LAST_DAY)).all()
        assert ((1 - curve.at(day - 1) < q) | (day == 1) | ~reached).all()


@given(hazards)
def test_the_interval_holds_nearest_to_four_fifths_that_equal_tails_can(hazard: Floats) -> None:
    curve = curve_of(hazard)
    first, last = curve.interval()
    assert ((first <= curve.day(0.5)) & (curve.day(0.5) <= last)).all()
    for row in range(N):
        paid_by = np.concatenate([[0.0], 1 - curve.unpaid[row]])

        def off(low: int, high: int, paid_by: Floats = paid_by) -> float:
            return abs(paid_by[high] - paid_by[low - 1] - 0.8)

        others = [(int(curve.day(tail)[row]), int(curve.day(1 - tail)[row])) for tail in TAILS]
        assert off(first[row], last[row]) <= min(off(*ends) for ends in others) + 1e-6


def test_a_curve_that_rises_is_refused() -> None:
    for wrong in ([[0.2, 0.3]], [[1.2, 0.3]], [[0.2, -0.1]]):
        with pytest.raises(ValueError, match="and never rises"):
            PaymentCurve(np.array(wrong))
