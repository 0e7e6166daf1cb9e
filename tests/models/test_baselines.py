"""The curve that serves when there is too little to learn from."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.ledger import Ledger
from models.baselines import ShrunkKaplanMeier, kaplan_meier


def test_kaplan_meier_against_a_hand_example() -> None:
    # Five invoices: paid on day 0, unseen after 1, paid on 2, unseen after 2, paid on 3.
    days, paid = np.array([0, 1, 2, 2, 3]), np.array([True, False, True, False, True])
    assert kaplan_meier(days, paid, -1, 4).tolist() == pytest.approx([1.0, 4 / 5, 4 / 5, 4 / 5 * 2 / 3, 0.0, 0.0])


@given(st.lists(st.integers(-5, 20), min_size=1, max_size=30))
def test_without_censoring_it_is_the_share_still_unpaid(days: list[int]) -> None:
    told = kaplan_meier(np.array(days), np.ones(len(days), dtype=bool), -5, 20)
    assert told.tolist() == pytest.approx([sum(one > day for one in days) / len(days) for day in range(-5, 21)])


@pytest.fixture
def baseline(ledger_of: Callable[..., Ledger]) -> ShrunkKaplanMeier:
    """Three paid: on the day, 3 and 10 days late; one watched for six days after its due date."""
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        I1         ada         2024-01-01 2024-02-01 100
        I2         ada         2024-01-01 2024-02-01 100
        I3         ada         2024-01-01 2024-02-01 100
        I4         ada         2024-01-15 2024-02-15 100
        """,
        payments="""
        invoice_id paid_on    amount
        I1         2024-02-01 100
        I2         2024-02-04 100
        I3         2024-02-11 100
        """,
        stated=["2024-02-21"],
    )
    return ShrunkKaplanMeier.fit(ledger, date(2024, 2, 21))


def rows(dpd: list[int], share: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"dpd": dpd, "so_far_late_share": share})


def test_open_invoices_are_censored(baseline: ShrunkKaplanMeier) -> None:
    days_late = {day: baseline.unpaid[60 + day] for day in (-1, 0, 3, 6, 10)}
    assert days_late == pytest.approx({-1: 1.0, 0: 3 / 4, 3: 2 / 4, 6: 2 / 4, 10: 0.0})


def test_the_curve_passes_through_the_customers_own_share(baseline: ShrunkKaplanMeier) -> None:
    curve = baseline.curve(rows([-5, -5, -5], [0.1, 0.6, np.nan]))
    assert curve.at(np.array([5, 5, 5])).tolist() == pytest.approx([0.1, 0.6, 0.75])


def test_an_overdue_invoice_goes_on_from_where_it_is(baseline: ShrunkKaplanMeier) -> None:
    # Unpaid a day after due: 2 of 3 such were unpaid after three days.
    curve = baseline.curve(rows([1], [1.0]))
    assert curve.at(np.array([2])).tolist() == pytest.approx([(2 / 4) / (3 / 4)])


def test_it_comes_back_from_json_unchanged(baseline: ShrunkKaplanMeier) -> None:
    again = ShrunkKaplanMeier.from_json(json.loads(json.dumps(baseline.to_json())))
    assert (again.unpaid == baseline.unpaid).all()
