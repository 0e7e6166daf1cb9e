"""Rules and booster together are surer than their mean, by as much as what is on record teaches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.behaviour import NAMES
from models.debtor_type import TypeModel
from models.type_lessons import UNSAID, Lessons
from models.type_rules import has_parts, has_words
from models.type_settings import TypeSettings
from models.type_training import STRETCH, STRETCH_OF_LESS, learn

N = 40
NO_WORDS = {"soon_after_first_share": np.nan, "kept_count": 0.0, "broken_count": 0.0, "dispute_count": 0.0}
SILENT = NO_WORDS | {f"told_{code}": 0.0 for code in ("hardship", "cash_management", "forgot", "dispute", "unwilling")}


def late_customers(in_parts: int = 0, **said: float) -> pd.DataFrame:
    """All late, by three weeks or much more; the first few pay in parts."""
    late = {"due_count": 6.0, "slow_count": 6.0, "slow_share": 1.0}
    frame = pd.DataFrame({**dict.fromkeys(NAMES, 0.0), **late, **SILENT, **said}, index=range(N))
    days = np.linspace(15.0, 60.0, N)
    return frame.assign(
        customer_id=[f"C{i:02}" for i in range(N)],
        as_of=pd.Timestamp("2025-06-30"),
        in_parts_share=np.where(np.arange(N) < in_parts, 0.8, 0.0),
        late_days_each=days,
        slow_mid=days,
    )


def learned_from(frame: pd.DataFrame) -> TypeModel:
    return learn(Lessons(frame, frame, np.full(N, UNSAID), np.full(N, np.nan)), TypeSettings(), seed=7, threads=1)


@pytest.mark.parametrize(
    "said", [{"soon_after_first_share": 0.5}, {"kept_count": 1.0}, {"broken_count": 1.0}, {"dispute_count": 2.0}, {"told_forgot": 1.0}]
)
def test_any_word_on_record_is_one(said: dict[str, float]) -> None:
    assert has_words(late_customers(**said))
    few = pd.concat([late_customers(**said).head(1), late_customers().tail(N - 1)], ignore_index=True)
    assert not has_words(few), "one of forty is no habit of writing things down"


def test_nobody_late_tells_nothing() -> None:
    frame = late_customers(in_parts=N, told_forgot=1.0).assign(slow_count=0.0)
    assert not has_words(frame)
    assert not has_parts(frame)


@pytest.mark.parametrize("in_parts", [0, 20])
@pytest.mark.parametrize("words", [False, True])
def test_training_stretches_more_where_less_is_on_record(words: bool, in_parts: int) -> None:
    frame = late_customers(in_parts, **({"told_forgot": 1.0} if words else {}))
    model = learned_from(frame)
    assert model.stretch == (STRETCH if words and in_parts else STRETCH_OF_LESS)
    again = TypeModel.from_parts(model.to_json(), model.boosters)
    np.testing.assert_array_equal(again.probabilities(frame), model.probabilities(frame))


def test_a_stretch_makes_surer_and_changes_nobody_s_likeliest_type() -> None:
    frame = late_customers(20)
    model = learned_from(frame)
    mean, stretched = (replace(model, stretch=stretch).probabilities(frame) for stretch in (1.0, 1.5))
    np.testing.assert_array_equal(mean.argmax(axis=1), stretched.argmax(axis=1))
    assert (stretched.max(axis=1) > mean.max(axis=1)).all()
