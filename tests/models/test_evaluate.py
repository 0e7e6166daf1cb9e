"""The figures mean what they say: calibration, intervals, and the noise that a perfect model would show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.evaluate import auc_margin, ece, ece_noise_floor, log_loss_margin, metrics, row_losses, sliced, told_bounds


def test_a_calibrated_forecast_has_little_ece_and_a_bold_one_much() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(20_000)
    outcome = (rng.random(20_000) < p).astype("float64")
    assert ece(outcome, p) < 0.015
    assert ece(outcome, np.where(p > 0.5, 0.99, 0.01)) > 0.2


def test_unknown_outcomes_and_missing_forecasts_are_left_out() -> None:
    outcome, p = np.array([0.0, 1.0, np.nan, 1.0]), np.array([0.1, 0.8, 0.5, np.nan])
    assert metrics(outcome, p)["n"] == 2
    nothing = metrics(np.array([np.nan]), np.array([0.5]))
    assert nothing["n"] == 0
    assert np.isnan(nothing["auc"])
    assert np.isnan(metrics(np.ones(3), np.full(3, 0.5))["auc"])
    assert sliced(outcome, p, {"first": np.array([True, False, False, False])})["first"]["n"] == 1


def test_the_interval_covers_the_truth_although_a_customers_rows_hang_together() -> None:
    """Ours knows each customer's chance, theirs says the mean: the true margin is known, and 19 of 20 intervals should hold it."""
    held, truth = 0, []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        chance = rng.choice([0.2, 0.8], 60)
        customer = np.repeat(np.arange(60), 10)
        outcome = (rng.random(600) < chance[customer]).astype("float64")
        found = log_loss_margin(outcome, chance[customer], np.full(600, 0.5), pd.Series(customer), draws=200, seed=seed)
        expected = np.log(2) + 0.8 * np.log(0.8) + 0.2 * np.log(0.2)
        truth.append(found["margin"] - expected)
        held += found["low"] <= expected <= found["high"]
    assert abs(np.mean(truth)) < 0.01
    assert 52 <= held <= 60


def test_a_forecast_is_no_better_than_itself() -> None:
    rng = np.random.default_rng(3)
    p, customers = rng.random(300), pd.Series(rng.integers(0, 30, 300))
    outcome = (rng.random(300) < p).astype("float64")
    for margin in (log_loss_margin, auc_margin):
        assert margin(outcome, p, p, customers, draws=20) == {"margin": 0.0, "low": 0.0, "high": 0.0}
    better = auc_margin(outcome, p, np.full(300, 0.5), customers, draws=100)
    assert 0 < better["low"] < better["margin"] < better["high"]


@pytest.mark.parametrize("margin", [log_loss_margin, auc_margin])
def test_a_few_customers_give_no_interval(margin: Any) -> None:
    rng = np.random.default_rng(3)
    p = rng.random(300)
    outcome = (rng.random(300) < p).astype("float64")
    for n, is_told in ((1, False), (9, False), (10, True)):
        found = margin(outcome, p, np.full(300, 0.5), pd.Series(np.arange(300) % n), draws=50)
        assert found["margin"] > 0
        assert np.isfinite([found["low"], found["high"]]).tolist() == [is_told] * 2
        assert ("too few customers" in told_bounds(found)) is not is_told


def test_a_perfect_model_stays_below_the_noise_floor() -> None:
    rng = np.random.default_rng(4)
    p, fate = rng.random(2000), rng.integers(0, 500, 2000)
    floor = ece_noise_floor(p, fate, draws=100)
    perfect = [ece((rng.random(500)[fate] < p).astype("float64"), p) for _ in range(60)]
    assert 0.8 <= np.mean([one <= floor for one in perfect]) <= 1.0
    # Rows that share their fate are noisier than as many rows that do not.
    assert floor > ece_noise_floor(p, np.arange(2000), draws=100)
    assert ece((rng.random(2000) < p).astype("float64"), p**3) > floor


def test_losses_are_finite_where_somebody_was_certain_and_wrong() -> None:
    assert row_losses(np.array([1.0]), np.array([0.0]))[0] == pytest.approx(-np.log(1e-4))


def test_ranks_near_zero_and_one_count() -> None:
    """As anybody would compute it from the probabilities as they are written; only the log loss has to be kept from endless."""
    outcome, p = np.array([0.0, 1.0, 0.0, 1.0]), np.array([1e-7, 1e-5, 1 - 1e-5, 1.0])
    found = metrics(outcome, p)
    assert found["auc"] == 0.75
    assert found["brier"] == pytest.approx(np.mean((p - outcome) ** 2), abs=1e-12)
    assert np.isfinite(found["log_loss"])
