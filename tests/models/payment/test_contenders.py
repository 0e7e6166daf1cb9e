"""Every contender answers the same question in the same form."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from models.evaluate import metrics
from models.payment.contenders import contenders
from models.payment.observations import late_outcome


@pytest.fixture(scope="module")
def said(toy_rows: Callable[..., pd.DataFrame]) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    train, rows = toy_rows(1500, seed=1), toy_rows(600, seed=9, first="2024-06-03")
    rows.loc[0, "customer_id"] = "never seen before"
    return rows, {name: one.fit(train).predict(rows) for name, one in contenders().items()}


@pytest.mark.parametrize("name", list(contenders()))
def test_an_answer_is_a_chance_for_each_row_and_one_where_overdue(name: str, said: tuple[pd.DataFrame, dict[str, pd.DataFrame]]) -> None:
    rows, answers = said
    answer = answers[name]
    assert len(answer) == len(rows)
    assert answer.index.equals(rows.index)
    for target in {"p_late", "p_paid_14"} & set(answer):
        assert answer[target].between(0, 1).all()
    assert (answer.loc[rows["dpd"] >= 0, "p_late"] == 1).all()
    assert (answer.loc[rows["dpd"] < 0, "p_late"] < 1).all()
    if "days_late_p50" in answer:
        assert (answer["days_late_p50"] >= rows["dpd"] + 1).all()


@pytest.mark.parametrize("name", list(contenders()))
def test_each_finds_what_there_is_to_find(name: str, said: tuple[pd.DataFrame, dict[str, pd.DataFrame]]) -> None:
    rows, answers = said
    outcome = np.where(rows["dpd"] < 0, late_outcome(rows), np.nan)
    assert metrics(outcome, answers[name]["p_late"].to_numpy())["auc"] > 0.7


def test_a_contender_that_saw_one_outcome_only_stays_silent(toy_rows: Callable[..., pd.DataFrame]) -> None:
    always_late = toy_rows(300).assign(is_paid=False, days_seen=90)
    answer = contenders()["logistic"].fit(always_late).predict(always_late)
    assert list(answer) == []
