"""Straight lines beside the trees: heard where they know something, bounded by what was seen, the same for a row alone and among others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from models.evaluate import metrics
from models.payment import late
from models.payment.linear import LinearHead, fit_linear
from models.payment.observations import late_if_not_due

Rows = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def head(toy_rows: Rows) -> LinearHead:
    rows = toy_rows(1500, seed=1)
    return fit_linear(rows, late_if_not_due(rows))


def test_it_learns_what_the_rows_tell(head: LinearHead, toy_rows: Rows) -> None:
    newer = toy_rows(800, seed=2)
    margin = head.margin(late.design(newer))
    assert metrics(late_if_not_due(newer), 1 / (1 + np.exp(-margin)))["auc"] > 0.75


def test_a_figure_never_seen_before_does_not_run_away_with_the_answer(head: LinearHead, toy_rows: Rows) -> None:
    design = late.design(toy_rows(50, seed=3))
    column = int(np.abs(head.weight).argmax())
    far, farther = design.copy(), design.copy()
    far[:, column], farther[:, column] = head.most[column] + 1, head.most[column] + 1e6
    assert (head.margin(far) == head.margin(farther)).all()


def test_a_row_is_told_the_same_alone_and_among_others(head: LinearHead, toy_rows: Rows) -> None:
    design = late.design(toy_rows(300, seed=3))
    alone = np.concatenate([head.margin(design[[at]]) for at in range(len(design))])
    assert (alone == head.margin(design)).all()


def test_what_is_missing_or_never_varied_counts_as_usual(toy_rows: Rows) -> None:
    rows = toy_rows(900, seed=1).assign(open_load=np.nan, terms_days=30.0, late_share=0.1)
    head = fit_linear(rows, late_if_not_due(rows))
    says = dict(zip(late.COLUMNS, head.weight, strict=True))
    assert says["open_load"] == says["terms_days"] == says["late_share"] == 0
    other = rows.assign(open_load=5.0, terms_days=np.nan, late_share=0.9)
    assert (head.margin(late.design(rows)) == head.margin(late.design(other))).all()


def test_it_is_kept_as_plain_numbers(head: LinearHead, toy_rows: Rows) -> None:
    design = late.design(toy_rows(50, seed=3))
    kept = LinearHead.from_json(head.to_json(late.COLUMNS), late.COLUMNS)
    assert (kept.margin(design) == head.margin(design)).all()


@pytest.mark.parametrize(("outcome", "said"), [(1.0, 100.5 / 101), (0.0, 0.5 / 101), (np.nan, 0.5)])
def test_where_all_are_alike_it_says_so_of_everybody(toy_rows: Rows, outcome: float, said: float) -> None:
    rows = toy_rows(100, seed=1)
    margin = fit_linear(rows, np.full(len(rows), outcome)).margin(late.design(rows))
    assert 1 / (1 + np.exp(-margin)) == pytest.approx(np.full(len(rows), said), abs=1e-4)
