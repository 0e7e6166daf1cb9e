"""Votes that hang together: what points know of them, and what becomes of a ledger's own agreement beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from type_points import learned, text_of

from ledger.plain_yaml import read_yaml
from models.debtor_type import TypeModel
from models.type_label_model import LabelModel
from models.type_points import Points
from models.type_rules import RULES, VOTES_FOR
from models.type_settings import TypeSettings
from models.type_votes import DawidSkene, told_and_not

NAMES = [one.name for one in RULES]
FORTUITOUS, INTENTIONAL = 1, 3


def some_votes(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(rng.choice([0.0, 1.0, np.nan], (n, len(NAMES))), columns=NAMES)


def test_every_vote_speaks_for_its_own_type_more_than_its_absence() -> None:
    points = Points.shipped()
    own = np.array([VOTES_FOR[name] for name in NAMES])
    gain = points.saw - points.saw_not
    assert (gain[np.arange(len(NAMES)), own] > 0).all()
    most = gain.argmax(axis=1) == own
    assert most.mean() >= 0.9


def test_a_rule_and_its_copy_count_as_one_witness() -> None:
    """Two rules that always say the same: independent witnesses to Dawid and Skene, one and the same to the points."""
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 5, 20_000)
    said = (rng.random(len(truth)) < np.where(truth == FORTUITOUS, 0.7, 0.2)).astype(float)
    twice = pd.DataFrame(np.nan, index=range(len(truth)), columns=NAMES).assign(pays_round_parts=said, mostly_in_parts=said)
    points = learned([twice], [truth])
    asked = twice.iloc[[int(said.argmax())]]
    independent = DawidSkene.assumed().fitted(twice, np.eye(5)[truth])
    assert points.posterior(asked)[0, FORTUITOUS] == pytest.approx(0.7 / (0.7 + 4 * 0.2), abs=0.03)
    assert independent.posterior(asked)[0, FORTUITOUS] > 0.65


def test_the_table_comes_back_from_its_text() -> None:
    table, _ = read_yaml(text_of(Points.shipped()), "points.yaml")
    again = Points.from_table(table)
    for one, other in zip((again.start, again.saw, again.saw_not), vars(Points.shipped()).values(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_the_share_leads_from_what_is_agreed_here_to_the_points(share: float) -> None:
    votes, model = some_votes(), LabelModel.assumed(TypeSettings(points_share=share))
    agreed, points = np.log(model.agreed.posterior(votes)), np.log(model.points.posterior(votes))
    expected = (1 - share) * agreed + share * points
    told = np.log(model.posterior(votes))
    between = (told - expected) - (told - expected).mean(axis=1, keepdims=True)
    assert np.abs(between[np.minimum(agreed, points).min(axis=1) > np.log(1e-6)]).max() < 1e-9


def test_who_is_silent_on_everything_gets_no_points() -> None:
    silent = pd.DataFrame(np.nan, index=[0], columns=NAMES)
    assert not told_and_not(silent).any()
    start = np.exp(Points.shipped().start)
    np.testing.assert_allclose(Points.shipped().posterior(silent)[0], start / start.sum())


def test_a_kept_model_keeps_the_points_that_it_was_trained_with() -> None:
    model = TypeModel.untrained(TypeSettings())
    again = TypeModel.from_parts(model.to_json(), {})
    np.testing.assert_array_equal(again.rules.posterior(some_votes()), model.rules.posterior(some_votes()))
    other = model.to_json()
    other["rules"]["points"]["votes"]["refuses"]["saw"][INTENTIONAL] += 2.0
    refuses = some_votes().assign(refuses=1.0)
    more = TypeModel.from_parts(other, {}).rules.posterior(refuses)[:, INTENTIONAL]
    assert (more > model.rules.posterior(refuses)[:, INTENTIONAL]).all()
