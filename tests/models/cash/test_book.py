"""How a book is filled where what comes is more than its invoices can be cleared for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cash.book import Book


def of(amounts: list[float], cleared: list[list[float]]) -> Book:
    return Book(pd.DataFrame({"open_amount": amounts}), np.array(cleared))


ONE = np.zeros(2, dtype="int64")


def test_what_the_sure_cannot_bring_the_others_do() -> None:
    book = of([100.0, 100.0], [[0.9, 0.9], [0.02, 0.04]])
    shares = np.array([1.5, 2.0])
    assert book.paced(shares).expected(ONE).round(6).tolist() == [[103.0, 4.0]]
    filled = book.filled(shares, ONE)
    assert filled.expected(ONE).round(6).tolist() == [[138.0, 4.0]], "1.5 and 2 times what the curves say"
    assert filled.cleared.round(6).tolist() == [[1.0, 1.0], [0.38, 0.42]]


def test_without_a_bound_in_the_way_filling_is_pacing_to_the_last_bit() -> None:
    rng = np.random.default_rng(3)
    book = Book(pd.DataFrame({"open_amount": rng.uniform(1, 9, 50)}), np.cumsum(rng.dirichlet(np.ones(4), 50)[:, :3], axis=1))
    shares = np.array([0.9, 0.7, 0.8])
    assert (book.filled(shares, np.arange(50) % 3).cleared == book.paced(shares).cleared).all()


def test_a_group_brings_nothing_for_another() -> None:
    book = of([100.0, 100.0], [[0.9], [0.1]])
    assert book.filled(np.array([2.0]), np.array([0, 1])).cleared.round(6).tolist() == [[1.0], [0.2]]


def test_an_invoice_that_is_ruled_out_stays_so() -> None:
    book = of([100.0, 100.0], [[0.9], [0.0]])
    assert book.filled(np.array([2.0]), ONE).cleared.tolist() == [[1.0], [0.0]]


@given(share=st.floats(0.1, 5.0), seed=st.integers(0, 9))
def test_nothing_is_cleared_twice(share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    book = Book(pd.DataFrame({"open_amount": rng.uniform(1, 9, 9)}), np.cumsum(rng.dirichlet(np.ones(4), 9)[:, :3], axis=1))
    groups = np.arange(9) % 2
    filled = book.filled(np.full(3, share), groups)
    assert (filled.cleared <= 1).all()
    assert (filled.weekly >= -1e-12).all()
    wanted = share * book.expected(groups)
    assert (filled.expected(groups) <= wanted * (1 + 1e-9)).all()
    room = book.amounts.sum() - filled.expected(groups).sum()
    assert room < 0.2 * book.amounts.sum() or filled.expected(groups).sum() == pytest.approx(wanted.sum(), rel=1e-6)
