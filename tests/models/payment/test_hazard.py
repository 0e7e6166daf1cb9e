"""The hazard head learns from what was seen of each row, and no more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from features import month_days
from models.payment.curve import nearer
from models.payment.hazard import examples, fit_hazard, predict_hazard
from models.payment.steps import BY_MONTH_COLUMNS, COLUMNS, FIRST_DAY, KNOTS, design
from models.settings import BoosterSettings

SETTINGS = BoosterSettings(learning_rate=0.1, max_rounds=30, num_leaves=7, min_child_samples=300, feature_fraction=0.3)


def steps_of(days_seen: int, is_paid: bool, window_days: int | None = None) -> tuple[list[int], list[bool]]:
    window = days_seen if window_days is None else window_days
    rows = pd.DataFrame({"invoice_id": ["a"], "dpd": [3], "days_seen": [days_seen], "window_days": [window], "is_paid": [is_paid]})
    _, step, event, weight = examples(rows, 1000, 1)
    assert (weight == 1).all()
    return KNOTS[step].tolist(), event.tolist()


def test_a_row_counts_for_the_steps_that_were_seen() -> None:
    assert steps_of(3, True) == ([1, 2, 3], [False, False, True])
    assert steps_of(3, False) == ([1, 2, 3], [False, False, False])
    assert steps_of(0, False) == ([], [])
    # Weeks after the fifth: one that was watched to its end counts, an unfinished one does not, paid in or not.
    assert steps_of(38, True, 42)[0][-2:] == [35, 42]
    assert steps_of(38, True, 42)[1][-1]
    assert steps_of(38, True, 41) == steps_of(38, False)
    assert steps_of(38, False)[0][-1] == 35


def test_wide_steps_are_no_likelier_for_having_ended_the_window() -> None:
    """Everyone is paid with one chance in a hundred a day, and was watched for anything from five to a hundred days."""
    rng = np.random.default_rng(11)
    window, to_pay = rng.integers(5, 101, 60_000), rng.geometric(0.01, 60_000)
    told = {"invoice_id": np.arange(60_000), "dpd": -1, "window_days": window, "days_seen": np.minimum(to_pay, window)}
    _, step, event, _ = examples(pd.DataFrame(told | {"is_paid": to_pay <= window}), 10**9, 1)
    share = pd.Series(event).groupby(KNOTS[step]).mean()
    for end, days in ((49, 7), (70, 7), (84, 14), (98, 14)):
        assert share[end] == pytest.approx(1 - 0.99**days, abs=0.02)
    assert share.index.max() == 98


def test_sampled_steps_weigh_as_much_as_all(toy_rows: Callable[..., pd.DataFrame]) -> None:
    rows = toy_rows(2000)
    _, _, event, weight = examples(rows, 10**9, 1)
    _, _, some, heavier = examples(rows, 8_000, 1)
    assert some.sum() == event.sum()
    assert len(some) < 0.7 * len(event)
    assert (heavier.mean(), weight.mean()) == pytest.approx((1, 1))
    assert heavier[~some].sum() / heavier[some].sum() == pytest.approx(weight[~event].sum() / weight[event].sum(), rel=0.03)


def test_rows_of_one_invoice_past_due_weigh_together_as_the_root_of_their_number() -> None:
    rows = pd.DataFrame({"invoice_id": list("aaaaab"), "dpd": [-5, 0, 5, 10, 15, 2]})
    rows = rows.assign(days_seen=1, window_days=1, is_paid=True)
    row, _, _, weight = examples(rows, 10**9, 1)
    assert row.tolist() == [0, 1, 2, 3, 4, 5]
    assert weight / weight[0] == pytest.approx([1, 0.5, 0.5, 0.5, 0.5, 1])
    assert weight.mean() == pytest.approx(1)


@pytest.mark.parametrize("watched", [(60, 60), (1, 20)], ids=["hardly censored", "mostly censored"])
def test_censoring_does_not_bias_the_hazard(toy_rows: Callable[..., pd.DataFrame], watched: tuple[int, int]) -> None:
    """Overdue rows of the toy are paid on one day in ten, so a fortnight leaves 0.9 ** 14 = 23 % unpaid, however long we looked."""
    rows = toy_rows(6000, seed=5, watched=watched)
    rows = rows[rows["dpd"] >= 0].reset_index(drop=True)
    booster = fit_hazard(rows, None, SETTINGS, most=40_000, rounds=[30], seed=7, threads=1)
    unpaid = predict_hazard(booster, rows, threads=1).at(np.full(len(rows), 14))
    assert unpaid.mean() == pytest.approx(0.9**14, abs=0.03)


def test_the_design_knows_the_day_it_speaks_of(toy_rows: Callable[..., pd.DataFrame]) -> None:
    row = toy_rows(5).head(1).assign(as_of=pd.Timestamp("2024-07-03"), due_on=pd.Timestamp("2024-07-04"), dpd=-1.0, country="US")
    row = row.assign(days_late_mean=2.0, pay_share_fri=0.5, pay_share_from_1=0.75, days_since_payment=9.0, pay_gap=10.0)
    told = pd.DataFrame(design(row, np.array([0, 0, 0]), np.array([0, 1, 40])), columns=list(COLUMNS))
    assert told["step_days_ahead"].tolist() == [1, 2, KNOTS[40]]
    assert told["step_weekday"].tolist()[:2] == [3, 4]
    # The fourth of July is a Thursday on which no bank works; the due date rolls to the Friday.
    assert told["step_is_business"].tolist()[:2] == [0, 1]
    assert told["step_after_holiday"].tolist()[:2] == [0, 1]
    assert told["step_days_late"].tolist()[:2] == [0, 1]
    assert told["step_days_late_net"].tolist()[:2] == [-1, 0]
    assert told["step_less_usual"].tolist()[:2] == [-2, -1]
    assert told["step_pay_share"].tolist()[1] == 0.5
    assert told["step_month_share"].tolist()[1] == 0.75
    assert told["step_pay_gaps"].tolist()[:2] == pytest.approx([1.0, 1.1])
    assert told.loc[2, ["step_weekday", "step_is_business", "step_pay_share", "step_month_share"]].isna().all()


def test_where_customers_pay_by_the_month_its_last_business_day_is_known(toy_rows: Callable[..., pd.DataFrame]) -> None:
    """The thirtieth of April 2023 is a Sunday, the first of May a holiday in Germany but not in the United States."""
    row = toy_rows(5).head(1).assign(as_of=pd.Timestamp("2023-04-26"), due_on=pd.Timestamp("2023-04-30"), dpd=-4.0)
    for country, left in (("US", [1, 0, 0, 0, 21]), ("DE", [1, 0, 0, 0, 20])):
        asked = row.assign(country=country), np.zeros(5, dtype="int64"), np.arange(5)
        told = pd.DataFrame(design(*asked, by_month=True), columns=list(BY_MONTH_COLUMNS))
        assert told["step_to_month_end"].tolist() == left
        plain = pd.DataFrame(design(*asked), columns=list(COLUMNS))
        assert plain["step_to_month_end"].tolist() == [3, 2, 1, 0, 30]


def test_a_business_day_stands_for_the_weekend_before_it(toy_rows: Callable[..., pd.DataFrame]) -> None:
    """Asked on Friday the 14th of June; a customer who pays in the third sixth of a month pays on Monday the 17th what fell on the 15th."""
    row = toy_rows(5).head(1).assign(as_of=pd.Timestamp("2024-06-14"), due_on=pd.Timestamp("2024-06-10"), dpd=4.0, country="US")
    row = row.assign(pay_share_from_11=0.75, pay_share_from_16=0.25)
    asked = row, np.zeros(4, dtype="int64"), np.arange(4)
    told = pd.DataFrame(design(*asked, by_month=True), columns=list(BY_MONTH_COLUMNS))
    assert told["step_day_of_month"].tolist() == [15, 16, 17, 18]
    assert told[FIRST_DAY].tolist() == [15, 16, 15, 18]
    assert told["step_month_share"].tolist() == [0.75, 0.25, 0.75, 0.25]
    plain = pd.DataFrame(design(*asked), columns=list(COLUMNS))
    assert plain["step_month_share"].tolist() == [0.75, 0.25, 0.25, 0.25]
    others = [name for name in COLUMNS if name not in ("step_month_share", "step_to_month_end")]
    assert plain[others].equals(told[others])


@pytest.mark.parametrize(("end", "days"), [("2023-02-28", 3), ("2024-02-29", 4), ("2024-04-30", 5), ("2024-05-31", 6)])
def test_where_customers_pay_by_the_month_it_ends_on_the_same_day_in_february(
    toy_rows: Callable[..., pd.DataFrame], end: str, days: int
) -> None:
    """Of the 28 days of a February three lie in the last sixth of the month, which begins on the 26th; 1 March is one day after the end."""
    as_of = pd.Timestamp(end) - pd.Timedelta(days=days)
    row = toy_rows(5).head(1).assign(as_of=as_of, due_on=pd.Timestamp(end), dpd=-float(days), country="")
    asked = row, np.zeros(days + 1, dtype="int64"), np.arange(days + 1)
    told = pd.DataFrame(design(*asked, by_month=True), columns=list(BY_MONTH_COLUMNS))
    assert told["step_day_of_month"].tolist() == [*range(32 - days, 32), 1]
    # Who pays on the 28th finds it in every month.
    assert 28 in told[FIRST_DAY].tolist() or pd.Timestamp(end).replace(day=28).dayofweek >= 5
    plain = pd.DataFrame(design(*asked), columns=list(COLUMNS))
    assert plain["step_day_of_month"].tolist() == [*range(26, 26 + days), 1]


def test_who_owes_for_years_ahead_is_asked_on_a_day_near_the_due_one(toy_rows: Callable[..., pd.DataFrame]) -> None:
    due_on = pd.Timestamp("2026-07-06")
    near = toy_rows(5).head(1).assign(due_on=due_on, country="", pay_gap=7.0)
    far = near.assign(as_of=due_on - pd.Timedelta(days=900), dpd=-900.0)
    asked, ahead = nearer(far)
    assert ahead is not None
    told = [design(one, np.array([0]), np.array([40])) for one in (asked, near.assign(as_of=due_on - pd.Timedelta(days=300), dpd=-300.0))]
    assert np.array_equal(told[0], told[1], equal_nan=True)
    assert (ahead.tolist(), asked["as_of"].tolist()) == ([600], [due_on - pd.Timedelta(days=300)])


def test_who_pays_once_a_month_is_not_expected_in_between(toy_rows: Callable[..., pd.DataFrame]) -> None:
    """Every customer pays thirty days after its last payment, however far an invoice is past due."""
    rows = toy_rows(4000, seed=3)
    since = np.random.default_rng(4).integers(0, 30, len(rows))
    rows = rows.assign(days_since_payment=since.astype("float64"), pay_gap=30.0, is_paid=True, days_seen=30 - since, window_days=90)
    booster = fit_hazard(rows, None, SETTINGS, most=60_000, rounds=[60], seed=7, threads=1)
    paid = 1 - predict_hazard(booster, rows, threads=1).at(np.full(len(rows), 14))
    assert paid[since >= 18].mean() > 0.8
    assert paid[since <= 12].mean() < 0.2


def test_each_pays_in_its_own_part_of_a_month(toy_rows: Callable[..., pd.DataFrame]) -> None:
    """Half of the customers pay on a third, half on a thirteenth, whatever is due; asked when one of them is near and the other far."""
    rows = toy_rows(4000, seed=6, n_days=26)
    early = np.random.default_rng(8).random(len(rows)) < 0.5
    wait = (np.where(early, 3, 13) - rows["as_of"].dt.day - 1) % 30 + 1
    shares = dict.fromkeys(month_days.SHARES, 0.0) | {"pay_share_from_1": early * 1.0, "pay_share_from_11": ~early * 1.0}
    rows = rows.assign(**shares, is_paid=True, days_seen=wait, window_days=90)
    booster = fit_hazard(rows, None, SETTINGS, most=60_000, rounds=[60], seed=7, threads=1)
    paid = 1 - predict_hazard(booster, rows, threads=1).at(np.full(len(rows), 7))
    assert paid[wait <= 5].mean() > 0.8
    assert paid[wait >= 12].mean() < 0.1
