"""Words of collectors draw the line of compliant: far where they are clear, hardly where they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.behaviour import NAMES
from ledger.tables import DEBTOR_TYPES
from models.types.debtor_type import TypeModel, codes_of
from models.types.line import line_of
from models.types.rules import fair_late_days
from models.types.settings import TypeSettings
from models.types.training import with_line

USUAL = 4.0
SEEDS = range(10)


def house(seed: int, line: float, n: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """Late days of customers, and whom a house calls compliant that minds more than `line` of them; a word in twenty is a slip."""
    rng = np.random.default_rng(seed)
    days = np.where(rng.random(n) < 0.5, rng.exponential(1.2, n), rng.gamma(2.0, 6.0, n))
    return days, (days <= line) != (rng.random(n) < 0.05)


@pytest.mark.parametrize("line", [2.0, 8.0])
def test_fifty_words_find_the_line_of_another_house(line: float) -> None:
    found = [line_of(*house(seed, line), USUAL) for seed in SEEDS]
    assert np.median(np.abs(np.log(np.array(found) / line))) < 0.25
    assert np.mean([abs(one - line) < abs(USUAL - line) for one in found]) >= 0.8


def test_words_that_agree_with_the_settings_leave_the_line_about_there() -> None:
    found = np.array([line_of(*house(seed, USUAL), USUAL) for seed in SEEDS])
    assert np.abs(found - USUAL).max() < 0.5
    assert abs(found.mean() - USUAL) < 0.1


def test_words_drawn_at_random_leave_the_line_about_there() -> None:
    found = []
    for seed in SEEDS:
        days, _ = house(seed, USUAL)
        found.append(line_of(days, np.random.default_rng([seed, 1]).random(len(days)) < 0.3, USUAL))
    assert np.abs(np.array(found) - USUAL).max() < 0.1


def test_one_word_moves_nothing_however_far_off() -> None:
    assert line_of(np.array([15.0]), np.array([True]), USUAL) == USUAL
    assert line_of(np.array([]), np.array([], dtype=bool), USUAL) == USUAL
    assert line_of(np.array([np.nan]), np.array([True]), 0.0) == 0.0


def test_training_takes_the_line_from_words_on_types_and_not_from_doubts() -> None:
    days, compliant = house(3, 9.0)
    late = {"late_days_each": days, "rhythm": 0.0, "slow_share": 0.0}
    frame = pd.DataFrame({**dict.fromkeys(NAMES, np.nan), "due_count": 6.0, "confidence": np.nan, **late})
    assert fair_late_days(frame).tolist() == days.tolist()
    model = TypeModel.untrained(TypeSettings())
    cause = np.array(DEBTOR_TYPES)[1:][model.probabilities(frame)[:, 1:].argmax(axis=1)]
    frame["said_type"] = np.where(compliant, "compliant", cause)
    moved = with_line(model, frame).compliant_days
    assert 6.0 < moved < 12.0
    assert with_line(model, frame.assign(said_type="undetermined")) == TypeSettings()
    assert with_line(TypeModel.untrained(TypeSettings(compliant_days=moved)), frame).compliant_days == pytest.approx(moved, rel=0.05)


def test_words_that_were_only_ever_said_against_us_hardly_move_the_line() -> None:
    """A house that speaks up where we were wrong: on the late whom it minds little, and of the others on their cause alone."""
    days, compliant = house(3, 9.0)
    late = {"late_days_each": days, "rhythm": 0.0, "slow_share": 0.0}
    frame = pd.DataFrame({**dict.fromkeys(NAMES, np.nan), "due_count": 6.0, "confidence": np.nan, **late})
    model = TypeModel.untrained(TypeSettings())
    p = model.probabilities(frame)
    other = np.array(DEBTOR_TYPES)[1:][p[:, 1:].argmin(axis=1)]
    frame["said_type"] = np.where(compliant, "compliant", other)
    against = frame[codes_of(frame["said_type"]) != p.argmax(axis=1)]
    assert len(against) > 20
    assert line_of(against["late_days_each"].to_numpy(), (against["said_type"] == "compliant").to_numpy(), USUAL) > USUAL
    assert USUAL <= with_line(model, against).compliant_days < 1.1 * USUAL
