"""Corrections move what is said of others where they agree with each other, and only as far as their number allows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.behaviour import NAMES
from ledger.tables import DEBTOR_TYPES
from models.types.corrections import prior_shift_of, prior_shifted
from models.types.debtor_type import TypeModel, evidence_of
from models.types.settings import TypeSettings
from models.types.training import taught, with_thresholds

INTENTIONAL = DEBTOR_TYPES.index("intentional")


@pytest.fixture(scope="module")
def opinions() -> tuple[np.ndarray, np.ndarray]:
    """What a model says of late customers, and the truth: it takes many an intentional for a disorganized."""
    rng = np.random.default_rng(3)
    p = np.hstack([np.full((4000, 1), 0.05), 0.95 * rng.dirichlet([0.5, 0.5, 0.5, 0.5], 4000)])
    meant = prior_shifted(p, np.array([0.0, 0.0, -0.8, 0.8, 0.0]))
    truth = (rng.random((4000, 1)) > meant.cumsum(axis=1)).sum(axis=1)
    return p, np.minimum(truth, 4)


def right(p: np.ndarray, truth: np.ndarray) -> float:
    return float((p.argmax(axis=1) == truth).mean())


def test_fifty_corrections_of_a_model_that_errs_to_one_side_help_the_others(opinions: tuple[np.ndarray, np.ndarray]) -> None:
    p, truth = opinions
    gains = []
    for start in range(0, 500, 50):
        some = slice(start, start + 50)
        prior_shift = prior_shift_of(p[some], truth[some], caution=20.0)
        gains.append(right(prior_shifted(p[500:], prior_shift), truth[500:]) - right(p[500:], truth[500:]))
    assert np.mean(gains) - 2.26 * np.std(gains, ddof=1) / 10**0.5 > 0


def test_random_wrong_words_do_not_help(opinions: tuple[np.ndarray, np.ndarray]) -> None:
    p, truth = opinions
    rng = np.random.default_rng(4)
    gains = []
    for start in range(0, 500, 50):
        some = slice(start, start + 50)
        wrong = np.array([rng.choice([code for code in range(5) if code != true]) for true in truth[some]])
        gains.append(right(prior_shifted(p[500:], prior_shift_of(p[some], wrong, caution=20.0)), truth[500:]) - right(p[500:], truth[500:]))
    assert np.mean(gains) < 0


def test_corrections_that_say_what_the_model_says_teach_nearly_nothing(opinions: tuple[np.ndarray, np.ndarray]) -> None:
    p, _ = opinions
    rng = np.random.default_rng(5)
    agreed = np.minimum((rng.random((50, 1)) > p[:50].cumsum(axis=1)).sum(axis=1), 4)
    assert np.abs(prior_shift_of(p[:50], agreed, caution=20.0)).max() < 0.35


def test_nobody_becomes_late_or_compliant_by_the_word_on_another(opinions: tuple[np.ndarray, np.ndarray]) -> None:
    p, truth = opinions
    moved = prior_shifted(p, prior_shift_of(p[:50], truth[:50], caution=5.0))
    np.testing.assert_array_equal(moved[:, 0], p[:, 0])
    np.testing.assert_allclose(moved.sum(axis=1), 1.0)


def test_a_model_that_was_taught_says_so_of_others_and_survives_its_json() -> None:
    """Ten customers without any behaviour that a rule knows; a collector calls them all intentional."""
    late = dict.fromkeys(NAMES, 0.0) | {"due_count": 6.0, "late_days_each": 20.0, "slow_count": 4.0, "slow_share": 0.7}
    frame = pd.DataFrame([late] * 10).assign(said_type="intentional", confidence=np.nan)
    model = TypeModel.untrained(TypeSettings())
    after = taught(model, frame, frame)
    assert (after.probabilities(frame)[:, INTENTIONAL] > model.probabilities(frame)[:, INTENTIONAL]).all()
    assert after.card["taught_by"] == 10
    back = TypeModel.from_parts(after.to_json(), {})
    np.testing.assert_array_equal(back.probabilities(frame), after.probabilities(frame))
    silent = taught(model, frame.assign(said_type="undetermined"), frame)
    np.testing.assert_array_equal(silent.probabilities(frame), model.probabilities(frame))
    np.testing.assert_array_equal(replace(silent, prior_shift=after.prior_shift).prior_shift, after.prior_shift)


def test_bars_follow_what_is_said_after_words() -> None:
    """Thirty words move what is said of everybody: as many as before are told all the same."""
    rng = np.random.default_rng(6)
    seen = pd.DataFrame(rng.random((300, len(NAMES))), columns=NAMES).assign(due_count=6.0, slow_count=4.0, late_days_each=20.0)
    words = seen.head(30).assign(said_type="intentional", confidence=np.nan)
    model = with_thresholds(TypeModel.untrained(TypeSettings(least_told=0.0, most_undetermined=0.45, correction_caution=1.0)), seen)
    after = taught(model, words, seen)
    before, now, as_they_were = (_told(one, seen) for one in (model, after, replace(after, thresholds=model.thresholds)))
    assert abs(now - before) < abs(as_they_were - before)


def _told(model: TypeModel, seen: pd.DataFrame) -> float:
    p = model.probabilities(seen)
    return float((evidence_of(p) >= model.threshold_of(p)).mean())
