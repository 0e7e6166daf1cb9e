"""Votes become opinions: what Dawid and Skene recover on votes whose law is known, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ledger.tables import DEBTOR_TYPES
from models.types.rules import RULES, VOTES_FOR
from models.types.votes import EVEN_SHARE, DawidSkene, foretold, majority, summary

N = 4000


@pytest.fixture(scope="module")
def world() -> tuple[np.ndarray, pd.DataFrame, DawidSkene]:
    """Late customers of known types, and rules that err independently, each at rates somewhat off what is assumed."""
    rng = np.random.default_rng(5)
    truth = rng.choice(5, N, p=[0.0, 0.4, 0.3, 0.2, 0.1])
    assumed = DawidSkene.assumed()
    rates = np.clip(assumed.says_one * rng.uniform(0.5, 1.5, (len(RULES), 1)), 0.01, 0.97)
    votes = pd.DataFrame((rng.random((N, len(RULES))) < rates[:, truth].T).astype(float), columns=[one.name for one in RULES])
    votes = votes.mask(rng.random(votes.shape) < 0.6)
    return truth, votes, DawidSkene(rates, np.full(5, 0.2))


def test_error_rates_move_towards_the_true_ones(world: tuple[np.ndarray, pd.DataFrame, DawidSkene]) -> None:
    _, votes, true = world
    assumed = DawidSkene.assumed()
    late = slice(1, 5)
    before = np.abs(assumed.says_one - true.says_one)[:, late].mean()
    after = np.abs(assumed.fitted(votes).says_one - true.says_one)[:, late].mean()
    assert after < before


def test_weighed_votes_beat_counted_ones_and_foretell_better(world: tuple[np.ndarray, pd.DataFrame, DawidSkene]) -> None:
    truth, votes, _ = world
    fitted = DawidSkene.assumed().fitted(votes)
    assert (fitted.posterior(votes).argmax(axis=1) == truth).mean() > (majority(votes).argmax(axis=1) == truth).mean()
    scores = foretold(votes, fitted)
    assert scores["dawid_skene"] > scores["majority"] > 0.5


def test_the_share_of_each_type_is_learned(world: tuple[np.ndarray, pd.DataFrame, DawidSkene]) -> None:
    truth, votes, _ = world
    drawn_towards_even = (np.bincount(truth) / N + EVEN_SHARE / 5) / (1 + EVEN_SHARE)
    np.testing.assert_allclose(DawidSkene.assumed().fitted(votes).prior, drawn_towards_even, atol=0.05)


def test_confirmed_types_teach_a_rule_its_error_rate(world: tuple[np.ndarray, pd.DataFrame, DawidSkene]) -> None:
    truth, votes, _ = world
    lying = votes.assign(refuses=(truth == DEBTOR_TYPES.index("compliant")).astype(float))
    at = list(votes).index("refuses")
    told = DawidSkene.assumed().fitted(lying, np.eye(5)[truth])
    unwilling = DEBTOR_TYPES.index("intentional")
    assert told.says_one[at, unwilling] < DawidSkene.assumed().says_one[at, unwilling] - 0.02


def test_who_is_silent_on_everything_keeps_the_prior() -> None:
    silent = pd.DataFrame(np.nan, index=[0], columns=[one.name for one in RULES])
    model = DawidSkene(DawidSkene.assumed().says_one, np.array([0.4, 0.3, 0.1, 0.1, 0.1]))
    np.testing.assert_allclose(model.posterior(silent)[0], model.prior)


def test_every_type_has_rules_and_every_rule_a_name_of_its_own() -> None:
    assert set(VOTES_FOR.values()) == set(range(5))
    assert len(VOTES_FOR) == len(RULES)
    assert all(one.hit > one.says_one(other) for one in RULES for other in DEBTOR_TYPES if other != one.votes)


def test_a_summary_tells_coverage_overlap_and_conflict() -> None:
    votes = pd.DataFrame({"pays_round_parts": [1, 1, 0, 0.0], "mostly_in_parts": [1, 0, 0, 0.0], "refuses": [0, 1, 1, np.nan]})
    assert summary(votes)["pays_round_parts"] == {"coverage": 0.5, "overlap": 0.5, "conflict": 0.25}
    assert summary(votes)["refuses"] == {"coverage": 0.5, "overlap": 0.25, "conflict": 0.25}
