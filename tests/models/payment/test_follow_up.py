"""What has been open for longer than anything that was learned from is not told as if it were known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.payment.baselines import vague_daily
from models.payment.curve import PaymentCurve
from models.payment.follow_up import FollowUp

SURE = PaymentCurve(np.tile(0.1 ** np.arange(1.0, 401.0), (3, 1)))
ALL_PAID_BY_25 = FollowUp(np.array([25]), np.array([500]))


def paid_14(dpd: list[int], own_paid: list[float], watched: FollowUp = ALL_PAID_BY_25) -> np.ndarray:
    curve = watched.shrunk(SURE, np.array(dpd), 1 - np.array(own_paid))
    assert (np.diff(curve.unpaid, axis=1) <= 0).all()
    return 1 - curve.at(np.full(3, 14))


def test_of_what_outlived_all_the_customers_own_curve_is_all_that_is_said() -> None:
    assert paid_14([30, 60, 90], [0.1, 0.2, 0.4]) == pytest.approx([0.1, 0.2, 0.4])


def test_no_customers_curve_is_sure_of_what_nobody_was_seen_to_do() -> None:
    """Nor is it sure of nothing: a customer that never paid so old an invoice may have had none."""
    never, _, always = paid_14([120, 120, 120], [0.0, 0.5, 1.0])
    assert 0.01 < never < 0.05
    assert 0.3 < always < 0.5


def test_hundreds_do_not_hear_it() -> None:
    drawn = ALL_PAID_BY_25.shrunk(SURE, np.array([-20, 0, 10]), np.full(3, 0.99))
    assert drawn.unpaid[:, :10] == pytest.approx(SURE.unpaid[:, :10], abs=0.01)


def test_a_few_are_heard_by_as_much_as_they_are() -> None:
    told = [paid_14([30, 30, 30], [0.1] * 3, FollowUp(np.array([100]), np.array([n])))[0] for n in (0, 1, 4, 400)]
    assert told == sorted(told)
    assert told[0] == pytest.approx(0.1)
    assert told[-1] > 0.99


def test_without_a_habit_of_its_own_old_debt_is_paid_more_seldom_than_fresh() -> None:
    """At the pace of everybody before anything was watched, so much of the unpaid is paid within a fortnight."""
    usual = [1 - float(np.prod(1 - vague_daily(late + 1, late + 14))) for late in (30, 60, 90)]
    assert usual == sorted(usual, reverse=True)
    month = ALL_PAID_BY_25.shrunk(SURE, np.array([30, 60, 90]), 1 - np.array(usual))
    assert (1 - month.at(np.full(3, 30)) > usual).all()
    assert (1 - month.at(np.full(3, 30)) < 0.6).all()


def test_a_day_without_anything_open_has_nothing_to_draw() -> None:
    nothing = np.array([], dtype="int64")
    assert len(ALL_PAID_BY_25.shrunk(PaymentCurve(SURE.unpaid[:0]), nothing, nothing.astype("float64")).unpaid) == 0


def test_an_invoice_counts_once_to_the_last_day_on_which_it_was_seen() -> None:
    rows = pd.DataFrame({"invoice_id": list("aab"), "dpd": [-9, 5, 1], "days_seen": [30, 16, 7]})
    watched = FollowUp.of(rows)
    assert watched.at_risk(np.array([-50, 8, 9, 21, 22])).tolist() == [2, 2, 1, 1, 0]
    assert FollowUp.from_json(watched.to_json()).to_json() == watched.to_json()
    assert watched.outlived(np.array([0, 30])) == 2, "two invoices are too few to go by"
