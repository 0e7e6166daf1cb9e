"""The curve that serves when there is too little to learn from."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.ledger import Ledger
from models.payment.baselines import VAGUE_WEIGHT, ShrunkKaplanMeier, kaplan_meier, vague_daily


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
    return pd.DataFrame({"as_of": pd.Timestamp("2024-02-21"), "dpd": dpd, "so_far_late_share": share})


def test_old_debt_is_paid_more_seldom_than_fresh(ledger_of: Callable[..., Ledger]) -> None:
    """Nobody ever paid, for a year: the longer it is owed, the less is to be expected."""
    invoices = [
        {
            "invoice_id": f"I{n}",
            "customer_id": f"C{n}",
            "issued_on": "2024-01-01",
            "due_on": str(date(2024, 1, 31) + timedelta(days=30 * n)),
        }
        for n in range(11)
    ]
    ledger = ledger_of(invoices=[one | {"amount": "100"} for one in invoices], payments=[], stated=["2024-12-31"])
    curve = ShrunkKaplanMeier.fit(ledger, date(2024, 12, 31)).curve(rows([3, 30, 90, 150, 300, 730], [np.nan] * 6))
    soon = 1 - curve.at(np.full(6, 30))
    assert (np.diff(soon) <= 0).all(), soon
    assert soon[-1] < 0.2


def test_who_owes_for_years_ahead_is_no_later_than_others(baseline: ShrunkKaplanMeier) -> None:
    """The curve is shorter than the wait: it begins when the due date comes near."""
    dpd = np.array([-900, -310, -80])
    as_of = pd.Series(pd.to_datetime(["2024-02-21"] * 3))
    scores = baseline.curve(rows(dpd.tolist(), [0.5] * 3)).scores(as_of, dpd)
    for name in ("p_late", "p_late_30", "p_late_90", "days_late_p50", "days_late_p90"):
        assert scores[name].to_numpy() == pytest.approx([scores[name].iloc[2]] * 3, abs=0.01), name
    assert (scores["p_paid_30"].iloc[:2] == 0).all()
    assert ((scores["expected_paid_on"] - as_of).dt.days == scores["days_late_p50"] - dpd).all()


@pytest.mark.parametrize("booked_after", [0, 6])
def test_what_is_not_booked_yet_is_not_unpaid(ledger_of: Callable[..., Ledger], booked_after: int) -> None:
    """Everybody pays on the due day."""
    days = [date(2024, 1, 1) + timedelta(days=n // 2) for n in range(120)]
    invoices = [{"invoice_id": f"I{n}", "customer_id": "C", "issued_on": day, "due_on": day, "amount": 10} for n, day in enumerate(days)]
    known = [(n, day, day + timedelta(days=booked_after)) for n, day in enumerate(days)]
    paid = [{"invoice_id": f"I{n}", "paid_on": on, "amount": 10, "known_on": told} for n, on, told in known if told <= days[-1]]
    fitted = ShrunkKaplanMeier.fit(ledger_of(invoices=invoices, payments=paid), days[-1])
    assert fitted.unpaid[60] < 0.05


def test_open_invoices_are_censored(baseline: ShrunkKaplanMeier) -> None:
    # Beside 4, 3, 2 and 1 at risk stand four more of whom one in thirty is paid on the due day, and hardly fewer on the next.
    paid = {day: 1 - baseline.unpaid[60 + day] / baseline.unpaid[59 + day] for day in (0, 3, 6, 10)}
    vague = {day: 4 / 30 * 2 ** (-day / 60) for day in paid}
    assert paid == pytest.approx({0: (1 + vague[0]) / 8, 3: (1 + vague[3]) / 7, 6: vague[6] / 6, 10: (1 + vague[10]) / 5})


def test_the_curve_passes_through_the_customers_own_share(baseline: ShrunkKaplanMeier) -> None:
    # Four invoices tell who was late; drawn towards one half by four more.
    curve = baseline.curve(rows([-5, -5, -5], [0.1, 0.6, np.nan]))
    usual = baseline.unpaid[60] / baseline.unpaid[55]
    assert curve.at(np.array([5, 5, 5])).tolist() == pytest.approx([(0.1 + 0.5) / 2, (0.6 + 0.5) / 2, usual])


def test_an_overdue_invoice_goes_on_from_where_it_is(baseline: ShrunkKaplanMeier) -> None:
    curve = baseline.curve(rows([1], [1.0]))
    assert curve.at(np.array([2])).tolist() == pytest.approx([baseline.unpaid[63] / baseline.unpaid[61]])


def story(n: int, late: int | None) -> dict[str, Any]:
    """So many invoices, one due every third day from the end of January on, paid `late` days late, or two or three times as many."""
    due = [date(2024, 1, 31) + timedelta(days=3 * i) for i in range(n)]
    about = [{"invoice_id": f"I{i:03}", "customer_id": f"C{i % 10}", "amount": 100} for i in range(n)]
    invoices = [one | {"issued_on": day - timedelta(days=30), "due_on": day} for one, day in zip(about, due, strict=True)]
    paid_on = [day + timedelta(days=(late or 0) * (1 + i % 3)) for i, day in enumerate(due)]
    paid = [one | {"paid_on": day} for one, day in zip(about, paid_on, strict=True)]
    return {"invoices": invoices, "payments": [] if late is None else paid}


@pytest.mark.parametrize(
    ("n", "late", "at_most"),
    [
        pytest.param(1, None, (0.4, 0.6), id="one invoice, no payment"),
        pytest.param(2, 3, (0.5, 0.9), id="two, paid three days late"),
        pytest.param(100, -1, (0.005, 0.1), id="nobody of 100 late"),
        pytest.param(100, 3, (0.9, 0.995), id="everybody of 100 late"),
        pytest.param(100, None, (0.9, 0.995), id="nobody of 100 paid"),
    ],
)
def test_who_knows_little_says_little(ledger_of: Callable[..., Ledger], n: int, late: int | None, at_most: tuple[float, float]) -> None:
    ledger = ledger_of(**story(n, late))
    day = ledger.watched_to
    told = ShrunkKaplanMeier.fit(ledger, day).curve(rows([-10, 3, 300], [0.5 if n == 1 else float(late is None or late > 0), 1.0, 1.0]))
    scores = told.scores(pd.Series([pd.Timestamp(day)] * 3), np.array([-10, 3, 300]))
    assert at_most[0] < scores["p_late"].iloc[0] < at_most[1]
    assert scores[["p_late_30", "p_paid_14"]].iloc[0].between(1e-3, 0.999).all()
    assert (scores["days_late_p10"] < scores["days_late_p90"]).all()


def test_thousands_of_invoices_do_not_hear_the_vague_curve() -> None:
    rng = np.random.default_rng(5)
    days, paid = rng.geometric(0.1, 20_000) - 3, rng.random(20_000) < 0.95
    strict = kaplan_meier(days, paid, -60, 60)
    drawn = kaplan_meier(days, paid, -60, 60, vague_daily(-60, 60), VAGUE_WEIGHT)
    assert np.abs(strict - drawn).max() < 0.001


def test_it_comes_back_from_json_unchanged(baseline: ShrunkKaplanMeier) -> None:
    again = ShrunkKaplanMeier.from_json(json.loads(json.dumps(baseline.to_json())))
    assert (again.unpaid == baseline.unpaid).all()
    assert again.known == baseline.known == 4
