"""Where there is nothing to look at a rule abstains: parts where nobody pays in parts, a past where the ledger has none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.behaviour import NAMES
from ledger.tables import DEBTOR_TYPES
from models.types.rules import RULES, vote
from models.types.settings import TypeSettings
from models.types.training import learn
from models.types.training_data import UNSAID, TrainingData
from models.types.votes import DawidSkene

ON_PARTS = ["pays_round_parts", "mostly_in_parts", "withholds_a_part"]


def twenty_late_customers(in_parts: int) -> pd.DataFrame:
    """All late by three weeks with each of six invoices; the first few pay them in parts."""
    late = {"due_count": 6.0, "slow_count": 6.0, "slow_share": 1.0, "late_days_each": 21.0}
    frame = pd.DataFrame({**dict.fromkeys(NAMES, 0.0), **late}, index=range(20))
    return frame.assign(in_parts_share=np.where(np.arange(20) < in_parts, 0.8, 0.0))


@pytest.mark.parametrize(("in_parts", "asked"), [(0, False), (1, False), (2, True), (10, True)])
def test_who_pays_at_once_says_something_only_where_some_pay_in_parts(in_parts: int, asked: bool) -> None:
    votes = vote(twenty_late_customers(in_parts), TypeSettings())[ON_PARTS]
    assert votes.notna().to_numpy().all() == asked
    assert votes.notna().to_numpy().any() == asked


def test_nobody_late_leaves_nothing_to_ask() -> None:
    frame = twenty_late_customers(0).assign(slow_count=0.0, slow_share=0.0, late_days_each=0.0)
    assert vote(frame, TypeSettings())[ON_PARTS].isna().to_numpy().all()


@pytest.mark.parametrize(
    ("rule", "looks_at"),
    [("was_good_then_slows", "delay_before"), ("later_when_more_is_due", "delay_load")],
)
def test_early_in_a_ledger_nobody_has_changed(rule: str, looks_at: str) -> None:
    frame = twenty_late_customers(0)
    assert vote(frame, TypeSettings())[rule].eq(0.0).all(), "it looked and did not see"
    assert vote(frame.assign(**{looks_at: np.nan}), TypeSettings())[rule].isna().all()


@pytest.mark.parametrize(("rule", "looks_at"), [("pays_in_due_order", "in_order_share"), ("late_before_too", "before_plain_slow_share")])
def test_without_an_order_or_a_past_nothing_is_said_of_it(rule: str, looks_at: str) -> None:
    frame = twenty_late_customers(0)
    assert [vote(frame.assign(**{looks_at: share}), TypeSettings())[rule].unique().tolist() for share in (0.5, 0.8)] == [[0.0], [1.0]]
    assert vote(frame.assign(**{looks_at: np.nan}), TypeSettings())[rule].isna().all()


@pytest.mark.parametrize(("usual", "said"), [(0.1, 0.0), (0.3, 1.0)])
def test_who_is_always_late_forgets_nearly_everything_where_others_are_far_steadier(usual: float, said: float) -> None:
    """Delays of four to thirty-four days are no habit, unless everybody's here are like that."""
    always = {"plain_share": 1.0, "plain_slow_share": 1.0, "before_plain_slow_share": 1.0, "delay_least": 4.0}
    frame = twenty_late_customers(0).assign(**always, delay_mean=15.0, delay_before=15.0, delay_spread=usual)
    frame.loc[0, "delay_spread"] = 0.5
    votes = vote(frame, TypeSettings())[["nearly_always_late", "never_on_time", "late_before_too"]]
    assert votes.loc[0].eq(said).all()
    assert votes.loc[1:].eq(1.0).to_numpy().all()


def test_whoever_is_late_with_a_few_as_ever_has_not_slowed_down() -> None:
    """Before, the mean was over all invoices; so it is now, though `delay_mean` is that of the late ones."""
    frame = twenty_late_customers(0).assign(delay_trend=0.5, delay_mean=20.0, slow_share=0.25, delay_before=5.0)
    assert vote(frame, TypeSettings())["was_good_then_slows"].eq(0.0).all()
    assert vote(frame.assign(delay_before=1.0), TypeSettings())["was_good_then_slows"].eq(1.0).all()


def test_who_pays_none_of_the_late_ones_keeps_no_order() -> None:
    frame = twenty_late_customers(0).assign(in_order_share=1.0)
    assert vote(frame, TypeSettings())["pays_in_due_order"].eq(1.0).all()
    assert vote(frame.assign(open_late_share=1.0), TypeSettings())["pays_in_due_order"].isna().all()


@pytest.mark.parametrize(("rule", "outcome", "code"), [("refuses", "refused", "unwilling"), ("says_dispute", "complained", "dispute")])
def test_what_came_of_a_call_is_heard_without_a_reason_code(rule: str, outcome: str, code: str) -> None:
    frame = twenty_late_customers(0)
    assert vote(frame, TypeSettings())[rule].isna().all(), "nobody was asked"
    assert vote(frame.assign(**{f"{outcome}_count": 1.0}), TypeSettings())[rule].eq(1.0).all()
    assert vote(frame.assign(**{f"told_{code}": 1.0}), TypeSettings())[rule].eq(1.0).all()
    assert vote(frame.assign(told_forgot=1.0), TypeSettings())[rule].eq(0.0).all(), "asked, and not heard"


def test_a_complaint_noted_twice_is_one() -> None:
    frame = twenty_late_customers(0).assign(told_dispute=1.0, complained_count=1.0, told_hardship=2.0)
    said = vote(frame, TypeSettings())
    assert said["says_hardship"].eq(1.0).all()
    assert said["says_dispute"].eq(0.0).all()


FORTUITOUS = DEBTOR_TYPES.index("fortuitous")


def test_without_parts_a_delay_without_a_visible_reason_may_well_be_want_of_money() -> None:
    said = pd.DataFrame(np.nan, index=[0], columns=[one.name for one in RULES])
    said[["late_under_load", "some_slip_some_do_not"]] = 1.0
    with_parts, without = (DawidSkene.assumed(0.35, parts=parts).posterior(said)[0, FORTUITOUS] for parts in (True, False))
    assert without > 1.3 * with_parts


@pytest.mark.parametrize(("in_parts", "how_often"), [(0, 0.5), (10, 0.12)])
def test_training_asks_whether_the_ledger_tells_of_parts(in_parts: int, how_often: float) -> None:
    frame = twenty_late_customers(in_parts).assign(customer_id=[f"C{i}" for i in range(20)], as_of=pd.Timestamp("2025-06-30"))
    model = learn(TrainingData(frame, frame, np.full(20, UNSAID), np.full(20, np.nan)), TypeSettings(), seed=7, threads=1)
    at = [one.name for one in RULES].index("some_slip_some_do_not")
    assert model.rules.agreed.says_one[at, FORTUITOUS] == pytest.approx(how_often, abs=0.1)
