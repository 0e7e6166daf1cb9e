"""The heads are stacked by weights that the newer days choose; what a row is judged by was chosen without its customer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.evaluate import row_losses
from models.payment.curve import daily
from models.payment.observations import FORTNIGHT, late_if_not_due, paid_outcome
from models.payment.stacking import HeadPredictions, cross_fitted, fit_stacking

ROWS = 800


@pytest.fixture
def valid(toy_rows: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return toy_rows(ROWS, seed=4)


def predictions(seed: int) -> HeadPredictions:
    """Heads that know nothing."""
    rng = np.random.default_rng(seed)
    hazard = rng.uniform(0.01, 0.5, (ROWS, 6))
    curve = daily(np.array([1, 2, 7, 30, 100, 400]), np.cumprod(1 - hazard, axis=1))
    return HeadPredictions(curve, *rng.logistic(size=(3, ROWS)))


def test_what_came_of_a_customer_does_not_change_how_its_own_rows_are_stacked(valid: pd.DataFrame) -> None:
    said = predictions(1)
    told = cross_fitted(said, valid)
    one = (valid["customer_id"] == valid["customer_id"].min()).to_numpy()
    other = valid.assign(is_paid=valid["is_paid"] & ~one, days_seen=valid["days_seen"].where(~one, valid["window_days"]))
    again = cross_fitted(said, other)
    assert (told.unpaid[one] == again.unpaid[one]).all()
    assert (told.unpaid != again.unpaid).any(), "the others hear of it"


def test_heads_that_know_nothing_look_better_only_to_who_chose_them(valid: pd.DataFrame) -> None:
    outcome, past = late_if_not_due(valid), valid["dpd"].to_numpy(dtype="int64")
    gains = []
    for seed in range(20):
        said = predictions(seed)
        joining = fit_stacking(said, valid)
        own, others = joining.join(said, valid), cross_fitted(said, valid)
        gains.append(np.nanmean(row_losses(outcome, others.at(-past))) - np.nanmean(row_losses(outcome, own.at(-past))))
    assert np.mean(gains) > 0.001


def test_one_customer_has_no_others_and_is_joined_as_before_anything_was_chosen(valid: pd.DataFrame) -> None:
    said = predictions(2)
    alone = valid.assign(customer_id="ada")
    told = cross_fitted(said, alone)
    assert told.unpaid.shape == said.hazard.unpaid.shape


def test_the_fortnight_hears_the_linear_head_only_where_that_gains_clearly(valid: pd.DataFrame) -> None:
    said = predictions(3)
    unpaid = 1 - paid_outcome(valid, FORTNIGHT)
    assert fit_stacking(said, valid).linear_unpaid_weight == 0.0
    knows = replace(said, linear_unpaid=np.where(np.nan_to_num(unpaid) == 1, 2.0, -2.0))
    heard = fit_stacking(knows, valid)
    assert heard.linear_unpaid_weight > 0.5
    curve = heard.join(knows, valid).at(np.full(ROWS, FORTNIGHT))
    assert np.nanmean(row_losses(unpaid, curve)) < 0.3


def test_an_odd_season_does_not_turn_the_heads_round(valid: pd.DataFrame) -> None:
    """Sixty rows on which whoever is told late pays on time, and the other way round."""
    odd = valid[valid["dpd"] < 0].head(60).reset_index(drop=True)
    outcome = late_if_not_due(odd)
    assert 0 < np.nanmean(outcome) < 1
    wrong = np.where(outcome == 1, -2.0, 2.0)
    hazard = predictions(1).hazard.of(np.arange(ROWS) < len(odd))
    assert fit_stacking(HeadPredictions(hazard, wrong, wrong, wrong), odd).late_slope >= 0
    assert fit_stacking(HeadPredictions(hazard, -40 * wrong, -40 * wrong, -40 * wrong), odd).late_slope <= 1


def test_what_was_clearer_than_told_makes_no_head_surer(valid: pd.DataFrame) -> None:
    """Heads that are right and too timid for these days are left as they are; those that were too sure are held back."""
    outcome = np.nan_to_num(late_if_not_due(valid), nan=0.5)
    rng = np.random.default_rng(5)
    margin = (outcome - 0.5) * 2 + rng.normal(size=ROWS)
    timid, sure = (HeadPredictions(predictions(1).hazard, share * margin, share * margin, share * margin) for share in (0.3, 9.0))
    assert fit_stacking(timid, valid).late_slope == 1.0
    assert fit_stacking(sure, valid).late_slope < 0.9
