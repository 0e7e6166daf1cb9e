"""Rules and booster together are surer than their mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.behaviour import NAMES
from models.types.debtor_type import TypeModel
from models.types.needs import has_parts, has_words
from models.types.settings import TypeSettings
from models.types.training import STRETCH, STRETCH_OF_LESS, learn
from models.types.training_data import UNSAID, TrainingData

N = 40


def late_customers(in_parts: int) -> pd.DataFrame:
    """All late, by three weeks or much more; the first few pay in parts."""
    late = {"due_count": 6.0, "slow_count": 6.0, "slow_share": 1.0}
    frame = pd.DataFrame({**dict.fromkeys(NAMES, 0.0), **late}, index=range(N))
    days = np.linspace(15.0, 60.0, N)
    return frame.assign(
        customer_id=[f"C{i:02}" for i in range(N)],
        as_of=pd.Timestamp("2025-06-30"),
        in_parts_share=np.where(np.arange(N) < in_parts, 0.8, 0.0),
        soon_after_first_share=np.nan,
        late_days_each=days,
        slow_mid=days,
    )


def learned_from(frame: pd.DataFrame) -> TypeModel:
    return learn(TrainingData(frame, frame, np.full(N, UNSAID), np.full(N, np.nan)), TypeSettings(), seed=7, threads=1)


@pytest.mark.parametrize(
    "said", [{"soon_after_first_share": 0.5}, {"promised_count": 1.0}, {"refused_count": 1.0}, {"dispute_count": 2.0}, {"told_forgot": 1.0}]
)
def test_any_word_on_record_is_one(said: dict[str, float]) -> None:
    silent = late_customers(0)
    assert not has_words(silent)
    assert has_words(silent.assign(**said))
    few = pd.concat([silent.assign(**said).head(1), silent.tail(N - 1)], ignore_index=True)
    assert not has_words(few), "one of forty is no habit of writing things down"


@pytest.mark.parametrize(
    ("in_parts", "said", "stretch"), [(20, 1.0, STRETCH), (20, 0.0, STRETCH_OF_LESS), (0, 1.0, STRETCH_OF_LESS), (0, 0.0, STRETCH_OF_LESS)]
)
def test_with_less_on_record_the_mean_is_stretched_further(in_parts: int, said: float, stretch: float) -> None:
    frame = late_customers(in_parts).assign(told_forgot=said)
    assert learned_from(frame).stretch == stretch


def test_nobody_late_pays_in_parts() -> None:
    assert has_parts(late_customers(in_parts=N))
    assert not has_parts(late_customers(in_parts=N).assign(slow_count=0.0))


def test_a_kept_model_is_stretched_as_it_was_trained() -> None:
    frame = late_customers(20)
    model = replace(learned_from(frame), stretch=1.3)
    again = TypeModel.from_parts(model.to_json(), model.boosters)
    np.testing.assert_array_equal(again.probabilities(frame), model.probabilities(frame))


def test_a_stretch_makes_surer_and_changes_nobody_s_likeliest_type() -> None:
    frame = late_customers(20)
    model = learned_from(frame)
    mean, stretched = (replace(model, stretch=stretch).probabilities(frame) for stretch in (1.0, 1.5))
    np.testing.assert_array_equal(mean.argmax(axis=1), stretched.argmax(axis=1))
    assert (stretched.max(axis=1) > mean.max(axis=1)).all()
