"""What is enough to learn from, and what counts as usual."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.matrix import FEATURES, build_matrix
from features.part import n_open
from ledger.ledger import Ledger
from ledger.progress import silent
from models.folds import training_days
from models.settings import ModelSettings
from pipelines import learning
from pipelines.config import Config
from pipelines.learning import payment_metrics, too_little, usual_values

CONFIG = Config(models=ModelSettings(min_customers=5, min_of_either=30))
NOT_YET = "of no open invoice is it known yet whether it was late, or paid within 14 days; a later day tells more"
Toy = Callable[..., pd.DataFrame]


def test_enough_is_enough(toy_rows: Toy) -> None:
    assert too_little(toy_rows(500), CONFIG) == ""


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"customer_id": "ada"}, "only 1 customer had an open invoice on the days to learn from (5 customers are the least)"),
        ({"is_paid": True, "days_seen": 1}, "500 rows paid within 14 days and 0 not are too few to learn from (30 of each are the least)"),
        ({"is_paid": False, "days_seen": 90}, "no payment was seen of what was open on the days to learn from"),
        ({"window_days": 1, "dpd": -9.0}, NOT_YET),
    ],
)
def test_too_little_is_said_plainly(toy_rows: Toy, change: dict[str, object], why: str) -> None:
    assert too_little(toy_rows(500).assign(**change), CONFIG) == why


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"dpd": 3.0}, id="due at once, so that nothing is asked about before"),
        pytest.param({"dpd": -1.0, "days_seen": [2, 30] * 250}, id="everybody late"),
        pytest.param({"dpd": -20.0, "days_seen": [1, 19] * 250}, id="nobody late"),
    ],
)
def test_who_is_late_need_not_be_told_apart_to_learn_when_people_pay(toy_rows: Toy, change: dict[str, object]) -> None:
    assert too_little(toy_rows(500).assign(window_days=600, is_paid=True, **change), CONFIG) == ""


def test_rows_whose_window_is_unfinished_do_not_count(toy_rows: Toy) -> None:
    rows = toy_rows(300, watched=(11, 14)).assign(dpd=-1.0, days_seen=9, is_paid=True)
    rows.loc[:9, ["is_paid", "days_seen"]] = False, 20
    seen_to_the_end = int((rows["window_days"] >= 14).sum())
    paid, unpaid = (int(word) for word in np.array(too_little(rows, CONFIG).split())[[0, 7]])
    assert 0 < unpaid < 10
    assert paid + unpaid == seen_to_the_end
    assert too_little(pd.DataFrame(), CONFIG).startswith("nobody had an open invoice on the days to learn from")


def test_usual_is_the_median_over_customers_each_by_its_newest_row(toy_rows: Toy) -> None:
    rows = toy_rows(9).assign(customer_id=["a"] * 7 + ["b", "c"], as_of=pd.date_range("2024-01-01", periods=9))
    rows["late_share"] = [0.9] * 6 + [0.2, 0.4, np.nan]
    usual = usual_values(rows)
    assert usual["late_share"] == pytest.approx(0.3)
    assert set(usual) <= set(FEATURES)
    assert "late_share" not in usual_values(rows.assign(late_share=np.nan))
    assert usual_values(pd.DataFrame()) == {}


def test_the_last_digits_of_a_sum_do_not_change_what_is_usual(toy_rows: Toy) -> None:
    rows = toy_rows(50)
    shaken = rows.assign(late_share=rows["late_share"] * (1 + 1e-15), open_load=rows["open_load"] + 1e-14)
    assert not shaken.equals(rows)
    assert usual_values(shaken) == usual_values(rows)


def test_late_is_measured_on_rows_not_yet_due_and_payment_on_all(toy_rows: Toy) -> None:
    rows = toy_rows(400)
    scores = pd.DataFrame({"p_late": np.where(rows["dpd"] >= 0, 1.0, 0.5), "p_paid_14": 0.5})
    found = payment_metrics(rows, scores)
    assert found["p_late"]["n"] == int((rows["dpd"] < 0).sum())
    assert found["p_paid_14"]["n"] == 400
    assert found["p_paid_14"]["log_loss"] == pytest.approx(np.log(2))


def test_of_a_large_ledger_no_features_are_computed_but_those_of_the_part_that_was_drawn(
    trained: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "ENOUGH", 0)
    ledger = Ledger.open(trained.ledger)
    models = trained.config.models.model_copy(update={"max_rows": 100})
    config = trained.config.model_copy(update={"models": models})
    days = training_days(ledger.span[0], trained.as_of, models)
    share = learning.SPARE * 100 / n_open(ledger, days, config.features)
    assert share < 0.9
    part = ledger.sample(share).history("customers").to_pandas()["customer_id"]
    learned = learning.learn(ledger, trained.as_of, config, silent, payment_only=True)
    assert learned.observations["customer_id"].isin(part).all()
    assert 20 < len(learned.observations) < 250
    # The habits of everyone that its rows were given are those of the part.
    whole = build_matrix(ledger.sample(share), days, config.features).set_index(["as_of", "invoice_id"])
    rows = learned.observations.set_index(["as_of", "invoice_id"])
    assert (whole.loc[rows.index, "late_share"] == rows["late_share"]).all()


def _books(taken_over: str | None) -> dict[str, list[dict[str, str]]]:
    """Three invoices a day of 2024, paid thirty days after they were due; those paid before a day carry that day instead."""
    invoices, payments = [], []
    for n, issued in enumerate(pd.date_range("2024-01-01", "2024-10-31").repeat(3)):
        due = issued + pd.Timedelta(days=20)
        row = {"invoice_id": f"I{n}", "customer_id": f"c{n % 9}"}
        paid = due + pd.Timedelta(days=(n % 40) - 5)
        if taken_over and paid < pd.Timestamp(taken_over):
            paid = pd.Timestamp(taken_over)
        known = {"issued_on": str(issued.date()), "due_on": str(due.date()), "amount": "100"}
        invoices.append(row | known)
        payments.append(row | {"paid_on": str(paid.date()), "amount": "100"})
    return {"invoices": invoices, "payments": payments}


def test_nothing_is_learned_from_the_days_before_a_history_was_taken_over(ledger_of: Callable[..., Ledger]) -> None:
    as_of = date(2024, 12, 31)
    config = Config(models=ModelSettings(min_of_either=10**6, every_days=20))
    plain, taken = (learning.learn(ledger_of(**_books(day)), as_of, config, silent, payment_only=True) for day in (None, "2024-07-15"))
    assert plain.observations["as_of"].min() < pd.Timestamp("2024-04-01")
    assert taken.observations["as_of"].min() >= pd.Timestamp("2024-07-15")
    assert len(taken.observations) > 100
    assert taken.warnings[0].startswith("very many payments carry one day, 2024-07-15: a history seems to have been loaded then")
    assert len(taken.warnings) == len(plain.warnings) + 1
    # What becomes known later does not change what a day before it learns.
    before = learning.learn(ledger_of(**_books("2024-07-15")), date(2024, 7, 10), config, silent, payment_only=True)
    assert "very many payments" not in " ".join(before.warnings)
