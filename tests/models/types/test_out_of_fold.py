"""Of a small ledger the bars are set on what is said of customers whom the booster has not met."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.behaviour import NAMES
from models.types.out_of_fold import SMALL
from models.types.settings import TypeSettings
from models.types.training import learn, with_thresholds
from models.types.training_data import TrainingData

SETTINGS = TypeSettings(least_told=0.0, most_undetermined=0.4)


def lessons_of(customers: int) -> TrainingData:
    """Customers of whom nothing but noise is known, four month-ends each: whoever learns from them knows them, and nobody else."""
    rng = np.random.default_rng(3)
    each = np.repeat(rng.random((customers, len(NAMES))), 4, axis=0)
    frame = pd.DataFrame(each, columns=NAMES).assign(due_count=6.0, slow_count=4.0, late_days_each=20.0)
    frame["customer_id"] = [f"C{n // 4:03}" for n in range(len(frame))]
    frame["as_of"] = pd.Timestamp("2025-06-30")
    said = rng.integers(1, 5, customers).repeat(4)
    return TrainingData(frame, frame, said, np.full(len(frame), np.nan))


@pytest.mark.parametrize(("customers", "is_small"), [(100, True), (SMALL, False)])
def test_a_small_ledger_asks_for_no_more_than_strangers_can_show(customers: int, is_small: bool) -> None:
    data = lessons_of(customers)
    model = learn(data, SETTINGS, seed=7, threads=1)
    of_those_met = with_thresholds(model, data.seen)
    assert model.thresholds is not None
    assert of_those_met.thresholds is not None
    assert (model.thresholds.max() < of_those_met.thresholds.max()) == is_small


def test_of_a_handful_of_customers_nobody_is_left_out() -> None:
    data = lessons_of(3)
    model = learn(data, SETTINGS, seed=7, threads=1)
    np.testing.assert_array_equal(model.thresholds, with_thresholds(model, data.seen).thresholds)
