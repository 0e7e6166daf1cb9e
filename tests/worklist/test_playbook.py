"""The playbook says what to do; what is wrong with it is told with the key and the nearest known one."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from ledger.errors import UsageError
from worklist.playbook import Playbook, load_playbook
from worklist.texts import load_texts


@pytest.fixture
def shipped() -> Any:
    return yaml.safe_load((Path(__file__).parents[2] / "configs" / "playbook.yaml").read_text(encoding="utf-8"))


def _refused(tmp_path: Path, content: Any) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        load_playbook(path)
    assert str(refusal.value).startswith(str(path))
    return str(refusal.value)


def test_an_unknown_key_names_the_nearest(tmp_path: Path, shipped: Any) -> None:
    shipped["offerz"] = shipped.pop("offers")
    assert "unknown key 'offerz': did you mean 'offers'?" in _refused(tmp_path, shipped)


def test_an_unknown_key_deep_inside_names_its_place_and_the_nearest(tmp_path: Path, shipped: Any) -> None:
    shipped["types"]["compliant"]["early"][0]["chanels"] = ["email"]
    assert "unknown key 'types.compliant.early.0.chanels': did you mean 'channels'?" in _refused(tmp_path, shipped)


def test_an_unknown_type_an_unknown_offer_and_a_missing_effect_are_refused(tmp_path: Path, shipped: Any) -> None:
    wrong = {**shipped, "types": {**shipped["types"], "forgetfull": deepcopy(shipped["types"]["compliant"])}}
    assert "unknown key 'forgetfull'" in _refused(tmp_path, wrong)
    wrong = {**shipped, "when_disputed": {**shipped["when_disputed"], "offers": ["settle_disputes", "statement"]}}
    assert "did you mean 'settle_dispute'?" in _refused(tmp_path, wrong)
    wrong = {**shipped, "effects": {**shipped["effects"], "compliant": {"remind": 0.1}}}
    assert "effects.compliant lacks call" in _refused(tmp_path, wrong)


def test_a_recurring_debtor_never_gets_more_room(tmp_path: Path, shipped: Any) -> None:
    shipped["offers"]["pause"]["recurring"]["days"] = 60
    assert "a recurring debtor may not be offered more than a first-time one: days 60 > 30" in _refused(tmp_path, shipped)


def test_nobody_is_called_before_the_due_date_and_no_conversation_has_one_proposal_only(tmp_path: Path, shipped: Any) -> None:
    step = {"action": "call", "channels": ["phone"], "offers": ["pay_day", "pause"]}
    wrong = {**shipped, "types": {**shipped["types"], "compliant": {"preventive": [step]}}}
    assert "before the due date only none, remind or solve is allowed" in _refused(tmp_path, wrong)
    wrong = {**shipped, "when_disputed": {**shipped["when_disputed"], "offers": ["statement"]}}
    assert "needs at least two offers" in _refused(tmp_path, wrong)


def test_before_the_due_date_anybody_may_be_left_alone(tmp_path: Path, shipped: Any) -> None:
    steps = shipped["types"]["circumstantial"]["preventive"]
    shipped["types"]["circumstantial"]["preventive"] = [step for step in steps if step["action"] != "none"]
    assert "types.circumstantial: before the due date none is needed too" in _refused(tmp_path, shipped)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "old.yaml"
    file.write_bytes("name: Müller".encode("latin-1"))
    with pytest.raises(UsageError, match=r"old.yaml: byte 7 is not UTF-8"):
        load_playbook(file)


def test_a_channel_that_the_action_cannot_take_is_refused(tmp_path: Path, shipped: Any) -> None:
    shipped["types"]["compliant"]["early"][1]["channels"] = ["phone", "email"]
    assert "types.compliant.early.1: the action 'call' goes by phone, not by email" in _refused(tmp_path, shipped)


def test_a_step_that_a_cheaper_one_of_its_action_always_outbids_is_refused(tmp_path: Path, shipped: Any) -> None:
    shipped["types"]["undetermined"]["late"][0]["channels"] = ["phone", "email"]
    said = "types.undetermined: the action 'ask' by phone costs more than the earlier one by email, and would never be proposed"
    assert said in _refused(tmp_path, shipped)


@pytest.mark.parametrize(("content", "said"), [("types: [", "this is not YAML"), ("", "holds none"), ("- a", "holds none")])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        load_playbook(path)


def test_every_offer_of_the_playbook_has_a_text(playbook: Playbook) -> None:
    assert set(playbook.offers) == set(load_texts().offers)


@pytest.mark.parametrize("code", ["SKIPPED", "LAST_PAYMENT", "MONTH_DAY"])
def test_texts_without_a_sentence_for_a_reason_are_refused_when_they_are_read(tmp_path: Path, code: str) -> None:
    path = tmp_path / "words.yaml"
    words = yaml.safe_load((Path(__file__).parents[2] / "configs" / "texts" / "en.yaml").read_text(encoding="utf-8"))
    del words["reasons"][code]
    path.write_text(yaml.safe_dump(words), encoding="utf-8")
    with pytest.raises(UsageError, match=f"reasons has no text for {code}"):
        load_texts(path=path)
