"""`types movement`: who moved from which type to which, by month, for people and for programs."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pandas as pd
import pytest

from pipelines.movement import NOT_ASKED, MovementReport

STORY = """
2025-04-30 ann compliant
2025-05-31 ann fortuitous
2025-06-30 ann compliant
2025-04-30 bob compliant
2025-05-31 bob fortuitous
2025-06-30 bob fortuitous
2025-04-30 eve undetermined
2025-05-31 eve intentional
2025-04-30 sam compliant
2025-06-30 sam compliant
"""


@pytest.fixture
def report() -> MovementReport:
    told = pd.DataFrame([line.split() for line in STORY.strip().splitlines()], columns=["as_of", "customer_id", "debtor_type"])
    return MovementReport(date(2025, 3, 31), told.assign(as_of=pd.to_datetime(told["as_of"]), is_word=False))


def test_moves_are_counted_by_month_the_most_frequent_first(report: MovementReport) -> None:
    moves = report.moves
    assert moves.index.tolist() == [
        ("compliant", "fortuitous"),
        ("fortuitous", "compliant"),
        ("undetermined", "intentional"),
        (NOT_ASKED, "compliant"),
        ("compliant", NOT_ASKED),
        ("intentional", NOT_ASKED),
    ]
    assert moves.to_numpy().tolist() == [[2, 0, 2], [0, 1, 1], [1, 0, 1], [0, 1, 1], [1, 0, 1], [0, 1, 1]]
    assert report.counts.loc["compliant"].tolist() == [3, 0, 2]


def test_people_see_two_tables_and_how_many_kept_their_type(report: MovementReport) -> None:
    told = report.lines()
    assert told[0] == "debtor types by month, all told by the champion of 2025-03-31"
    assert "customers       2025-04-30  2025-05-31  2025-06-30" in told
    assert "together                 4           3           3" in told
    assert "compliant      fortuitous              2           .      2" in told
    assert told[-1] == "25.0% of those whose type was clear on two days in a row kept it"


def test_programs_see_who_changed(report: MovementReport) -> None:
    told = json.loads(json.dumps(report.to_json()))
    assert told["as_of"] == ["2025-04-30", "2025-05-31", "2025-06-30"]
    assert told["customers"]["fortuitous"] == [0, 2, 1]
    # Sam had nothing due in May: coming back is no change of type.
    assert told["moved"] == [
        {"as_of": "2025-05-31", "customer_id": "ann", "type_from": "compliant", "type_to": "fortuitous", "by_word": False},
        {"as_of": "2025-05-31", "customer_id": "bob", "type_from": "compliant", "type_to": "fortuitous", "by_word": False},
        {"as_of": "2025-05-31", "customer_id": "eve", "type_from": "undetermined", "type_to": "intentional", "by_word": False},
        {"as_of": "2025-06-30", "customer_id": "ann", "type_from": "fortuitous", "type_to": "compliant", "by_word": False},
    ]


def test_where_nobody_moved_it_says_so() -> None:
    days = pd.to_datetime(["2025-05-31", "2025-06-30"])
    told = MovementReport(
        date(2025, 3, 31), pd.DataFrame({"as_of": days, "customer_id": "ann", "debtor_type": "undetermined", "is_word": False})
    )
    assert told.lines()[-1] == "nobody"
    assert (told.to_json()["moved"], told.to_json()["kept_share"]) == ([], None)


def test_the_verb_tells_the_last_day_as_score_would(trained: Any, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert trained.called("score", as_of=trained.today, out=tmp_path) == 0
    capsys.readouterr()
    assert trained.called("types movement", as_of=trained.today, months=1) == 0
    scored = pd.read_parquet(tmp_path / "latest" / "customer_scores.parquet")["debtor_type"].value_counts()
    sizes = capsys.readouterr().out.split("moved since")[0]
    shown = {line.split()[0]: line.split()[-1] for line in sizes.splitlines() if line}
    assert {name: shown[name] for name in scored.index} == {name: f"{n:,}" for name, n in scored.items()}


@pytest.mark.parametrize(
    ("as_of", "message"),
    [
        ("2025-04-20", "holds no fact before 2025-04-20"),
        ("2026-02-01", "raise staleness_days"),
        ("2025-11-29", "champion was trained as of"),
    ],
)
def test_a_day_that_cannot_be_told_is_refused(trained: Any, as_of: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert trained.called("types movement", as_of=as_of) == 1
    told = capsys.readouterr()
    assert message in told.err
    assert told.out == ""


def test_what_a_collectors_word_changed_is_said_to_be_ours(report: MovementReport) -> None:
    types = report.types.assign(is_word=(report.types["customer_id"] == "bob") & (report.types["as_of"] >= "2025-05-31"))
    worded = MovementReport(report.champion_as_of, types)
    by_word = {(one["customer_id"], one["as_of"]): one["by_word"] for one in worded.to_json()["moved"]}
    assert by_word.pop(("bob", "2025-05-31"))
    assert by_word
    assert not any(by_word.values())
    # Without bob two moved and nobody stayed.
    assert worded.to_json()["kept_share"] == 0.0
    assert (
        worded.lines()[-1] == "1 of the moves came of a collector's word that began or ended to stand; they are not counted in that share"
    )
