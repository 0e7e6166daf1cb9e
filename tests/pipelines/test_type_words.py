"""The figures behind a type, as a collector would say them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.behaviour import FEATURES
from ledger.errors import UsageError
from pipelines.type_words import sentence
from worklist.texts import load_texts

ENGLISH = Path(__file__).resolve().parents[2] / "configs" / "texts" / "en.yaml"


def said(name: str, value: float) -> str:
    feature = next(feature for feature in FEATURES if feature.name == name)
    return sentence({"feature": name, "doc": feature.doc, "unit": feature.unit, "value": value}, load_texts())


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("delay_spread", 0.0, "Days late differ little from one late invoice to the next."),
        ("in_order_share", 1.0, "Pays in the order of the due dates."),
        ("in_order_share", 0.1, "Seldom pays in the order of the due dates."),
        ("delay_least", -3.0, "The quickest payment came 3 days early."),
        ("delay_least", 0.0, "The quickest payment came on the day."),
        ("quarrel_share", 0.464, "46 % of the late days are on invoices disputed, complained of, credited or paid but for an odd rest."),
    ],
)
def test_a_figure_is_a_sentence(name: str, value: float, sentence: str) -> None:
    assert said(name, value) == sentence


@pytest.mark.parametrize("value", [-50.0, -1.0, -0.4, 0.0, 0.004, 0.25, 0.7, 1.0, 6.3, 40.0])
def test_no_figure_is_said_as_nothing_at_all(value: float) -> None:
    for feature in FEATURES:
        told = said(feature.name, np.clip(value, 0, 1) if feature.unit == "share" else value)
        assert told.endswith("."), feature.name
        assert "{" not in told
        assert " 0 %" not in told
        assert "not known" not in told


def test_a_sentence_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    words = tmp_path / "words.yaml"
    words.write_text(ENGLISH.read_text("utf-8").replace("Invoices due in the half year: {value}.", "Invoices: {n}."), "utf-8")
    with pytest.raises(UsageError, match=r"type_figures\.due_count: 'Invoices: \{n\}\.' has an unknown field; known: value"):
        load_texts(words)
