"""Votes that hang together, and how much was seen: what points know of both, and what becomes of a ledger's own agreement beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from type_points import learned, text_of

from features.behaviour import NAMES as FEATURES
from ledger.plain_yaml import read_yaml
from models.types.characteristics import CHARACTERISTICS, characteristics, steps_of
from models.types.debtor_type import TypeModel
from models.types.label_model import LabelModel
from models.types.points import Points
from models.types.rules import RULES, VOTES_FOR
from models.types.settings import TypeSettings
from models.types.votes import DawidSkene, majority, told_and_not

NAMES = [one.name for one in RULES]
INTENTIONAL = 3


SEEN = [one.name for one in CHARACTERISTICS]


def some_votes(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(rng.choice([0.0, 1.0, np.nan], (n, len(NAMES))), columns=NAMES)


def some_seen(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame(rng.choice([-5.0, 0.1, 0.45, 0.99, 30.0, np.nan], (n, len(SEEN))), columns=SEEN)


def nothing(columns: list[str], n: int = 1) -> pd.DataFrame:
    return pd.DataFrame(np.nan, index=range(n), columns=columns)


def test_no_vote_speaks_against_its_own_type() -> None:
    """Beside a characteristic that says the same a vote may add nothing, or serve another cause; most add to their own."""
    points = Points.shipped()
    causes = [at for at, name in enumerate(NAMES) if VOTES_FOR[name] > 0]
    own = np.array([VOTES_FOR[NAMES[at]] - 1 for at in causes])
    gain = (points.saw - points.saw_not)[causes]
    assert (gain[np.arange(len(own)), own] > -0.05).all()
    assert (gain[np.arange(len(own)), own] > 0.1).mean() >= 0.9
    assert (gain.argmax(axis=1) == own).mean() >= 0.8


def test_a_rule_and_its_copy_count_as_one_witness() -> None:
    """Two rules that always say the same: independent witnesses to Dawid and Skene, one and the same to the points."""
    rng = np.random.default_rng(4)
    truth = rng.integers(1, 5, 20_000)
    said = (rng.random(len(truth)) < np.where(truth == 1, 0.7, 0.2)).astype(float)
    twice = pd.DataFrame(np.nan, index=range(len(truth)), columns=NAMES).assign(pays_round_parts=said, mostly_in_parts=said)
    points = learned([twice], [nothing(SEEN, len(truth))], [truth])
    asked = twice.iloc[[int(said.argmax())]]
    independent = DawidSkene.assumed().fitted(twice, np.eye(5)[truth])
    assert points.of(asked, nothing(SEEN))[0, 0] == pytest.approx(0.7 / (0.7 + 3 * 0.2), abs=0.03)
    late = independent.posterior(asked)[0, 1:]
    assert late[0] / late.sum() > 0.7


def test_the_table_comes_back_from_its_text() -> None:
    table, _ = read_yaml(text_of(Points.shipped()), "points.yaml")
    again = Points.from_table(table)
    for one, other in zip(vars(again).values(), vars(Points.shipped()).values(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("counted", [False, True])
def test_the_share_leads_from_what_is_agreed_here_to_the_points(counted: bool) -> None:
    votes, seen = some_votes(), some_seen()
    none, half, all_points = (LabelModel.assumed(TypeSettings(points_share=share)) for share in (0.0, 0.5, 1.0))
    agreed = majority(votes) if counted else none.agreed.posterior(votes)
    np.testing.assert_allclose(none.posterior(votes, seen, counted=counted), agreed, atol=1e-5)
    told = all_points.posterior(votes, seen, counted=counted)
    np.testing.assert_allclose(told[:, 1:] / told[:, 1:].sum(axis=1, keepdims=True), none.points.of(votes, seen), atol=3e-6)
    sure = agreed.min(axis=1) > 1e-6
    between = half.posterior(votes, seen, counted=counted)[sure, 1:] ** 2 / (agreed[sure, 1:] * told[sure, 1:])
    np.testing.assert_allclose(between, np.repeat(between[:, :1], 4, axis=1))


def test_points_leave_alone_whether_a_customer_is_late() -> None:
    votes, seen = some_votes(), some_seen()
    with_points, without = (LabelModel.assumed(TypeSettings(points_share=share)).posterior(votes, seen) for share in (0.75, 0.0))
    np.testing.assert_allclose(with_points[:, 0], without[:, 0])
    assert np.abs(with_points[:, 1:] - without[:, 1:]).max() > 0.1


def test_who_is_silent_on_everything_gets_no_points() -> None:
    assert not told_and_not(nothing(NAMES)).any()
    assert not steps_of(nothing(SEEN)).any()
    start = np.exp(Points.shipped().start)
    np.testing.assert_allclose(Points.shipped().of(nothing(NAMES), nothing(SEEN))[0], start / start.sum())


@pytest.mark.parametrize("name", SEEN)
def test_the_points_of_a_characteristic_are_those_of_the_step_in_which_it_lies(name: str) -> None:
    table = Points.shipped().to_table()["characteristics"][name]
    for at, value in enumerate([table["above"][0], *np.nextafter(table["above"], np.inf)]):
        given = Points.shipped().of_each(nothing(SEEN).assign(**{name: value}))
        np.testing.assert_allclose(given[name][0], table["points"][at], atol=1e-9)
        assert not any(given[other].any() for other in SEEN if other != name)


def test_what_characteristics_say_is_what_the_field_expects() -> None:
    """The unwilling are late with everything, and evenly; who forgets has no other reason; who is short of cash pays the oldest first."""
    told = {name: np.array(one["points"]) for name, one in Points.shipped().to_table()["characteristics"].items()}
    fortuitous, disorganized, intentional, circumstantial = range(4)
    assert told["plain_slow_share"][-1].argmax() == told["before_plain_slow_share"][-1].argmax() == intentional
    assert told["delay_spread"][0].argmax() == intentional
    assert told["delay_spread"][-1].argmax() == circumstantial
    assert told["plain_share"][-1].argmax() == disorganized
    assert told["in_order_share"][0].argmin() == fortuitous
    assert told["in_order_share"][-1, fortuitous] > told["in_order_share"][-1, [disorganized, circumstantial]].max()


def test_how_much_is_not_asked_where_there_is_nothing_to_look_at() -> None:
    late = dict.fromkeys(FEATURES, 0.0) | {"due_count": 4.0, "slow_count": 3.0, "late_days_each": 30.0, "delay_spread": 0.4}
    rows = {
        "late": {},
        "prompt": {"late_days_each": 0.0},
        "once": {"slow_count": 1.0},
        "up to our call": {"contacted_share": 1.0, "soon_after_first_share": 1.0},
    }
    seen = characteristics(pd.DataFrame([late | row for row in rows.values()], index=list(rows)), TypeSettings())
    assert seen["delay_spread"].dropna().index.tolist() == ["late"]
    assert seen["before_plain_slow_share"].dropna().index.tolist() == ["late", "once"]
    assert seen.loc["prompt"].isna().all()
    assert seen["plain_share"].notna().tolist() == [True, False, True, True]
    assert seen[["short_share", "after_dispute_days"]].isna().all().all(), "nobody pays in parts here, and there is no dispute"


def test_a_kept_model_keeps_the_points_that_it_was_trained_with() -> None:
    model = TypeModel.untrained(TypeSettings())
    votes, seen = some_votes(), some_seen()
    again = TypeModel.from_parts(model.to_json(), {})
    np.testing.assert_array_equal(again.rules.posterior(votes, seen), model.rules.posterior(votes, seen))
    other = model.to_json()
    other["rules"]["points"]["votes"]["refuses"]["saw"][INTENTIONAL - 1] += 2.0
    refuses = votes.assign(refuses=1.0)
    more = TypeModel.from_parts(other, {}).rules.posterior(refuses, seen)[:, INTENTIONAL]
    assert (more > model.rules.posterior(refuses, seen)[:, INTENTIONAL]).all()


@pytest.mark.parametrize("what", ["votes", "characteristics"])
def test_points_of_other_rules_are_refused(what: str) -> None:
    table = Points.shipped().to_table()
    name = next(iter(table[what]))
    for changed in ({**table[what], "another": table[what][name]}, {key: value for key, value in table[what].items() if key != name}):
        with pytest.raises(ValueError, match="points of other rules than these"):
            Points.from_table(table | {what: changed})
    moved = table["characteristics"] | {"short_share": {"above": [0.1, 0.2], "points": [[0.0] * 4] * 3}}
    with pytest.raises(ValueError, match="short_share"):
        Points.from_table(table | {"characteristics": moved})
