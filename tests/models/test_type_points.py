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
from models.type_votes import DawidSkene, majority, told_and_not

NAMES = [one.name for one in RULES]
INTENTIONAL = 3


def some_votes(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(rng.choice([0.0, 1.0, np.nan], (n, len(NAMES))), columns=NAMES)


def test_every_vote_speaks_for_its_own_type_more_than_its_absence() -> None:
    points = Points.shipped()
    causes = [at for at, name in enumerate(NAMES) if VOTES_FOR[name] > 0]
    own = np.array([VOTES_FOR[NAMES[at]] - 1 for at in causes])
    gain = (points.saw - points.saw_not)[causes]
    assert (gain[np.arange(len(own)), own] > 0).all()
    assert (gain.argmax(axis=1) == own).mean() >= 0.9


def test_a_rule_and_its_copy_count_as_one_witness() -> None:
    """Two rules that always say the same: independent witnesses to Dawid and Skene, one and the same to the points."""
    rng = np.random.default_rng(4)
    truth = rng.integers(1, 5, 20_000)
    said = (rng.random(len(truth)) < np.where(truth == 1, 0.7, 0.2)).astype(float)
    twice = pd.DataFrame(np.nan, index=range(len(truth)), columns=NAMES).assign(pays_round_parts=said, mostly_in_parts=said)
    points = learned([twice], [truth])
    asked = twice.iloc[[int(said.argmax())]]
    independent = DawidSkene.assumed().fitted(twice, np.eye(5)[truth])
    assert points.of(asked)[0, 0] == pytest.approx(0.7 / (0.7 + 3 * 0.2), abs=0.03)
    late = independent.posterior(asked)[0, 1:]
    assert late[0] / late.sum() > 0.7


def test_the_table_comes_back_from_its_text() -> None:
    table, _ = read_yaml(text_of(Points.shipped()), "points.yaml")
    again = Points.from_table(table)
    for one, other in zip((again.start, again.saw, again.saw_not), vars(Points.shipped()).values(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("counted", [False, True])
def test_the_share_leads_from_what_is_agreed_here_to_the_points(counted: bool) -> None:
    votes = some_votes()
    none, half, all_points = (LabelModel.assumed(TypeSettings(points_share=share)) for share in (0.0, 0.5, 1.0))
    agreed = majority(votes) if counted else none.agreed.posterior(votes)
    np.testing.assert_allclose(none.posterior(votes, counted=counted), agreed, atol=1e-5)
    told = all_points.posterior(votes, counted=counted)
    np.testing.assert_allclose(told[:, 1:] / told[:, 1:].sum(axis=1, keepdims=True), none.points.of(votes))
    sure = agreed.min(axis=1) > 1e-6
    between = half.posterior(votes, counted=counted)[sure, 1:] ** 2 / (agreed[sure, 1:] * told[sure, 1:])
    np.testing.assert_allclose(between, np.repeat(between[:, :1], 4, axis=1))


def test_points_leave_alone_whether_a_customer_is_late() -> None:
    votes = some_votes()
    with_points, without = (LabelModel.assumed(TypeSettings(points_share=share)).posterior(votes) for share in (0.75, 0.0))
    np.testing.assert_allclose(with_points[:, 0], without[:, 0])
    assert np.abs(with_points[:, 1:] - without[:, 1:]).max() > 0.1


def test_who_is_silent_on_everything_gets_no_points() -> None:
    silent = pd.DataFrame(np.nan, index=[0], columns=NAMES)
    assert not told_and_not(silent).any()
    start = np.exp(Points.shipped().start)
    np.testing.assert_allclose(Points.shipped().of(silent)[0], start / start.sum())


def test_a_kept_model_keeps_the_points_that_it_was_trained_with() -> None:
    model = TypeModel.untrained(TypeSettings())
    again = TypeModel.from_parts(model.to_json(), {})
    np.testing.assert_array_equal(again.rules.posterior(some_votes()), model.rules.posterior(some_votes()))
    other = model.to_json()
    other["rules"]["points"]["votes"]["refuses"]["saw"][INTENTIONAL - 1] += 2.0
    refuses = some_votes().assign(refuses=1.0)
    more = TypeModel.from_parts(other, {}).rules.posterior(refuses)[:, INTENTIONAL]
    assert (more > model.rules.posterior(refuses)[:, INTENTIONAL]).all()
