"""What may be learned from: features of a month-end see nothing after it, labels may; corrections outrank rules, near their day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.behaviour import BESIDE, NAMES
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from ledger.tables import DEBTOR_TYPES
from models.types.debtor_type import TypeModel
from models.types.settings import TypeSettings
from models.types.training import confirmed, learn
from models.types.training_data import SPARE, UNSAID, TrainingData, corrected_customers, gather, training_days
from pipelines.simulate import run_simulate

TRAINED_ON = date(2025, 6, 30)
MONTH_END = pd.Timestamp("2025-04-30")
SETTINGS = TypeSettings(hindsight_days=60, warm_up_days=90, max_month_ends=1)

BOOKS = {
    "invoices": """
    invoice_id customer_id issued_on  due_on     amount
    A1         ann         2024-12-20 2025-01-19 100
    A2         ann         2025-01-20 2025-02-19 100
    A3         ann         2025-02-20 2025-03-22 100
    A4         ann         2025-03-10 2025-04-09 100
    B1         bob         2025-01-05 2025-02-04 100
    B2         bob         2025-02-05 2025-03-07 100
    B3         bob         2025-03-05 2025-04-04 100
    """,
    "payments": """
    invoice_id paid_on    amount
    A1         2025-01-19 100
    A2         2025-02-19 100
    A3         2025-03-22 100
    B1         2025-02-04 100
    B2         2025-03-07 100
    B3         2025-04-04 100
    """,
}
# After the month-end Ann pays the rest in round parts, and says why she was late.
LATER = {
    "payments": "\n    A4         2025-05-10 50\n    A4         2025-06-10 50",
    "contacts": "customer_id contacted_on action outcome reason_code\n ann 2025-05-20 call reached hardship",
}


@pytest.fixture(scope="module")
def data(ledger_of: Callable[..., Ledger]) -> tuple[TrainingData, TrainingData]:
    """What there is to learn without and with what happened after the month-end."""
    later = BOOKS | {"payments": BOOKS["payments"].rstrip() + LATER["payments"], "contacts": LATER["contacts"]}
    # FollowUp to the day on which hindsight ends.
    without, after = (ledger_of(**tables, stated=("2025-06-29",)) for tables in (BOOKS, later))
    one, other = (gather(ledger, TRAINED_ON, FeatureSettings(), SETTINGS) for ledger in (without, after))
    return one, other


def test_features_of_a_month_end_do_not_look_beyond_it(data: tuple[TrainingData, TrainingData]) -> None:
    without, after = data
    assert MONTH_END in set(without.seen["as_of"])
    pd.testing.assert_frame_equal(without.seen, after.seen)


def test_labels_of_a_month_end_do_look_beyond_it(data: tuple[TrainingData, TrainingData]) -> None:
    said = []
    for one in data:
        ann = ((one.seen["customer_id"] == "ann") & (one.seen["as_of"] == MONTH_END)).to_numpy()
        said.append(one.votes(SETTINGS)[ann][["pays_round_parts", "says_hardship"]].iloc[0].tolist())
    assert said[1] == [1.0, 1.0]
    # Without the later days nobody has paid in parts, and nobody was asked: both stay out.
    assert np.isnan(said[0]).all()


def test_no_month_end_is_learned_from_before_its_hindsight_is_over(data: tuple[TrainingData, TrainingData]) -> None:
    assert data[1].seen["as_of"].max() == MONTH_END


def test_a_ledger_that_is_too_young_teaches_nothing(ledger_of: Callable[..., Ledger]) -> None:
    assert len(gather(ledger_of(**BOOKS), date(2025, 2, 28), FeatureSettings(), TypeSettings())) == 0


def test_a_young_ledger_teaches_what_its_day_shows_and_nothing_later(ledger_of: Callable[..., Ledger]) -> None:
    """No month-end has its hindsight behind it: the day itself is learned from, and labels see no more than features."""
    later = BOOKS | {"payments": BOOKS["payments"].rstrip() + LATER["payments"], "contacts": LATER["contacts"]}
    one, other = (gather(ledger_of(**tables), MONTH_END.date(), FeatureSettings(), TypeSettings()) for tables in (BOOKS, later))
    assert set(one.seen["as_of"]) == {MONTH_END}
    assert (one.hindsight, len(one)) == (0, 2)
    for data in (one, other):
        pd.testing.assert_frame_equal(data.seen, one.seen)
        pd.testing.assert_frame_equal(data.later, one.seen)


def test_month_ends_are_learned_from_as_soon_as_hindsight_on_two_is_over(ledger_of: Callable[..., Ledger]) -> None:
    ledger, two = ledger_of(**BOOKS), SETTINGS.model_copy(update={"max_month_ends": 2})
    assert training_days(ledger, date(2025, 6, 28), two) == ([date(2025, 6, 28)], 0)
    assert training_days(ledger, date(2025, 6, 29), two) == ([date(2025, 3, 31), date(2025, 4, 30)], 60)
    assert training_days(ledger, date(2025, 6, 29), SETTINGS) == ([date(2025, 4, 30)], 60)


def test_a_model_of_no_lessons_is_the_untrained_rules(ledger_of: Callable[..., Ledger]) -> None:
    nothing = gather(ledger_of(**BOOKS), date(2025, 2, 28), FeatureSettings(), TypeSettings())
    assert not learn(nothing, TypeSettings(), seed=7, threads=1).boosters


@pytest.fixture(scope="module")
def corrected_books(ledger_of: Callable[..., Ledger]) -> Ledger:
    """Bob, who pays on time, was called intentional in April, by somebody who is not very sure; Ann somewhat later."""
    labels = """
    label_id customer_id debtor_type   labelled_on labelled_by confidence
    L1       bob         disorganized  2025-03-01  eve         0.9
    L2       bob         intentional   2025-04-15  eve         0.3
    L3       ann         undetermined  2025-06-29  eve         -
    """
    return ledger_of(**BOOKS, type_labels=labels, stated=("2025-06-30",))


def predicted(ledger: Ledger, day: date) -> pd.DataFrame:
    from features.portfolio import Portfolio

    return TypeModel.untrained(SETTINGS).predict(Portfolio(ledger.as_of(day), FeatureSettings())).set_index("customer_id")


def test_the_last_word_of_a_collector_outranks_every_rule_however_unsure(corrected_books: Ledger) -> None:
    bob = predicted(corrected_books, date(2025, 4, 15)).loc["bob"]
    assert bob["debtor_type"] == "intentional"
    # A third of what a word usually is, so that it makes a third as sure.
    assert bob["type_evidence"] == pytest.approx(0.3 / 0.9)
    assert bob["p_intentional"] > 0.5
    assert bob[[f"p_{one}" for one in DEBTOR_TYPES]].sum() == pytest.approx(1.0)


def test_a_word_stands_as_it_grows_old_but_makes_less_sure(corrected_books: Ledger) -> None:
    new, older = (predicted(corrected_books, day).loc["bob"] for day in (date(2025, 4, 15), TRAINED_ON))
    assert older["debtor_type"] == "intentional"
    assert 0.5 < older["p_intentional"] <= new["p_intentional"]
    assert 0.5 * new["type_evidence"] <= older["type_evidence"] < new["type_evidence"]


def test_a_word_counts_from_its_day_on_and_not_for_ever(corrected_books: Ledger, ledger_of: Callable[..., Ledger]) -> None:
    assert predicted(corrected_books, date(2025, 3, 20)).loc["bob", "debtor_type"] == "disorganized"
    assert predicted(corrected_books, date(2025, 2, 20)).loc["bob", "debtor_type"] == "compliant"
    settings = TypeSettings(correction_days=30)
    from features.portfolio import Portfolio

    later = TypeModel.untrained(settings).predict(Portfolio(corrected_books.as_of(TRAINED_ON), FeatureSettings())).set_index("customer_id")
    assert later.loc["bob", "debtor_type"] == "compliant"


def test_whom_a_collector_calls_undetermined_is_undetermined(corrected_books: Ledger) -> None:
    ann = predicted(corrected_books, TRAINED_ON).loc["ann"]
    assert (ann["debtor_type"], ann["type_evidence"]) == ("undetermined", 0.0)


def test_a_word_of_undetermined_stands_in_a_house_that_asks_for_no_evidence(corrected_books: Ledger) -> None:
    from features.portfolio import Portfolio

    bold = TypeModel.untrained(TypeSettings(least_evidence=0))
    told = bold.predict(Portfolio(corrected_books.as_of(TRAINED_ON), FeatureSettings())).set_index("customer_id")["debtor_type"]
    assert told["ann"] == "undetermined"
    assert not (told.drop("ann") == "undetermined").any()


def test_a_correction_is_learned_from_at_once(corrected_books: Ledger) -> None:
    data = gather(corrected_books, TRAINED_ON, FeatureSettings(), SETTINGS)
    bob = (data.seen["customer_id"] == "bob").to_numpy()
    assert set(data.told[bob]) == {DEBTOR_TYPES.index("intentional")}
    assert set(data.told[~bob]) == {UNSAID}
    known = confirmed(data)
    assert (known[bob].argmax(axis=1) == DEBTOR_TYPES.index("intentional")).all()
    assert np.isnan(known[~bob]).all()


def test_others_learn_from_whom_a_collector_spoke_of_lately(corrected_books: Ledger, ledger_of: Callable[..., Ledger]) -> None:
    spoken = corrected_customers(corrected_books, TRAINED_ON, FeatureSettings()).set_index("customer_id")["said_type"]
    assert spoken.to_dict() == {"ann": "undetermined", "bob": "intentional"}
    before = corrected_customers(corrected_books, date(2025, 3, 20), FeatureSettings()).set_index("customer_id")["said_type"]
    assert before.to_dict() == {"bob": "disorganized"}
    assert corrected_customers(ledger_of(**BOOKS, stated=("2025-06-30",)), TRAINED_ON, FeatureSettings()).empty


def test_the_columns_that_are_learned_from_are_those_that_are_told_from(data: tuple[TrainingData, TrainingData]) -> None:
    def features(one: TrainingData) -> list[Any]:
        return [name for name in one.seen if name not in ("as_of", "customer_id")]

    assert features(data[0]) == [*NAMES, *BESIDE]
    assert not set(NAMES) & set(data[0].votes(SETTINGS))


def test_of_a_large_ledger_those_are_learned_from_who_would_be_drawn_from_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = str(tmp_path / "books")
    run_simulate(uri, None, customers=130, months=8, until=date(2025, 12, 31), seed=5)
    settings = TypeSettings(max_rows=100, warm_up_days=60, max_month_ends=4)
    drawn = []
    for spare in (SPARE, 10**6):
        monkeypatch.setattr("models.types.training_data.SPARE", spare)
        drawn.append(set(gather(Ledger.open(uri), date(2025, 12, 31), FeatureSettings(), settings).seen["customer_id"]))
    before, after = drawn[1], drawn[0]
    assert 10 < len(before) < 50
    assert before <= after or after <= before
    assert len(before ^ after) < 0.2 * len(before)
