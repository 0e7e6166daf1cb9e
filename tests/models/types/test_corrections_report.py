"""What words of collectors did is told in one line, in the summary of a training and in the card; where nobody spoke nothing is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from features.behaviour import NAMES
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from models.card import labelling
from models.champion import Champion
from models.payment.baselines import ShrunkKaplanMeier
from models.types.corrections_report import corrections_report, words_line
from models.types.debtor_type import TypeModel
from models.types.settings import TypeSettings
from models.types.training import fit_types, with_line
from pipelines.train import types_lines

AGAINST = "10 of 10 words contradict the model, and words that confirm it where it is right would teach more"


def spoken(said: str, late_days: float = 5.0) -> pd.DataFrame:
    late = {"late_days_each": late_days, "due_count": 6.0, "slow_count": 4.0, "rhythm": 0.0, "slow_share": 0.0}
    return pd.DataFrame([dict.fromkeys(NAMES, np.nan) | late] * 10).assign(said_type=said, confidence=np.nan)


def told(frame: pd.DataFrame) -> str:
    model = TypeModel.untrained(TypeSettings())
    return words_line(corrections_report(model, frame, with_line(model, frame)))


def test_words_of_one_kind_without_a_confirmation_are_called_so() -> None:
    line = told(spoken("compliant"))
    assert "what collectors said of 10 customers in the last quarter: up to 4." in line
    assert "now, 4.00 without them" in line
    assert line.endswith(AGAINST)


def test_words_that_confirm_teach_and_are_not_asked_for() -> None:
    line = told(spoken("compliant", late_days=0.5))
    assert line.endswith("up to 4.00 late days for each invoice due are compliant, as without them")
    assert "contradict" not in told(pd.concat([spoken("compliant"), spoken("compliant", 0.5).head(2)], ignore_index=True))


def test_a_doubt_is_heard_and_contradicts_nothing() -> None:
    assert told(spoken("undetermined")).endswith("4.00 late days for each invoice due are compliant, as without them")


def test_where_nobody_spoke_nothing_is_told() -> None:
    assert told(spoken("compliant").head(0)) == ""
    assert labelling({}) == []


def test_the_summary_and_the_card_say_it() -> None:
    model = TypeModel.untrained(TypeSettings())
    frame = spoken("compliant")
    taught = replace(model, card=corrections_report(model, frame, with_line(model, frame)))
    (rules, line) = types_lines(Champion(date(2024, 3, 31), ShrunkKaplanMeier(np.ones(241)), taught.to_json(), {}), None)
    assert rules.startswith("debtor types by rules alone")
    assert line.endswith(AGAINST)
    assert AGAINST in "\n".join(labelling(taught.card))
    learned = {"labels": "majority", "foretold": {"majority": 0.9}, "rows": 5, "corrections": 0, "rules": {}}
    assert AGAINST in "\n".join(labelling(learned | taught.card))
    assert "What words did" not in "\n".join(labelling(learned))


def test_of_a_young_ledger_both_say_that_there_was_no_hindsight() -> None:
    learned = {"labels": "majority", "foretold": {"majority": 0.9}, "rows": 5, "corrections": 0, "rules": {}}
    for young, words in (
        (True, "5 rows (a customer on the day of the training, without hindsight)"),
        (False, "(a customer at a month-end)"),
    ):
        assert words in "\n".join(labelling(learned | {"young": young}))
        types = TypeModel.untrained(TypeSettings()).to_json() | {"card": {"young": young}}
        champion = Champion(date(2024, 3, 31), ShrunkKaplanMeier(np.ones(241)), types, {}, {"type": object()})
        assert bool(types_lines(champion, None)) == young
    assert "without hindsight" in types_lines(replace(champion, types=types | {"card": {"young": True}}), None)[0]


def test_a_training_keeps_what_it_heard(ledger_of: Callable[..., Ledger]) -> None:
    invoices = [
        {"invoice_id": f"I{n}", "customer_id": "ada", "issued_on": f"2025-0{n}-01", "due_on": f"2025-0{n}-20", "amount": 10}
        for n in range(1, 6)
    ]
    label = {"label_id": "L1", "customer_id": "ada", "labelled_on": "2025-06-01", "debtor_type": "intentional"}
    for labels, words in (([], None), ([label], 1)):
        ledger = ledger_of(invoices=invoices, type_labels=labels)
        card = fit_types(ledger, date(2025, 6, 10), FeatureSettings(), TypeSettings(), seed=7, threads=1).card
        assert card.get("words", {}).get("typed") == words
