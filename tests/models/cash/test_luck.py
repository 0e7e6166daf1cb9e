"""Luck shared by a customer's invoices: by calendar week, as pay runs have it, and as much of it as the past shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.cash.book import Book
from models.cash.luck import customer_correlation, simulate

RUN = 0.4
"""Probability that a customer pays in a week, and then all that is due."""


def test_a_pay_run_takes_along_what_fell_due_in_other_weeks() -> None:
    rows = pd.DataFrame({"as_of": 0, "customer_id": "C", "open_amount": [1.0, 1.0]})
    made = Book(rows, 1 - (1 - RUN) ** np.array([[1, 2, 3], [0, 1, 2]]))
    old, new = np.moveaxis(simulate(made, np.array([0, 1]), 0.99, draws=4000, seed=7), 1, 0)
    assert old.mean(axis=0) == pytest.approx(made.weekly[0], abs=0.03), "each on its own is paid as its curve says"
    assert new.mean(axis=0) == pytest.approx(made.weekly[1], abs=0.03)
    assert new[old[:, 1] == 1, 1].mean() > 0.9
    assert new[old[:, 0] == 1, 1].mean() == pytest.approx(RUN, abs=0.03), "one run says nothing of the next"


def test_pay_runs_are_told_by_the_scatter_of_what_a_customer_pays() -> None:
    rng = np.random.default_rng(1)
    owner = np.repeat(np.arange(200), 20)
    due = rng.integers(0, 3, len(owner))[:, None] <= np.arange(3)
    paid = due & (rng.random((200, 3)) < RUN)[owner]
    paid &= np.cumsum(paid, axis=1) == 1
    rows = pd.DataFrame({"as_of": 0, "customer_id": owner.astype(str), "open_amount": 1.0})
    assert customer_correlation(Book(rows, 1 - np.cumprod(np.where(due, 1 - RUN, 1.0), axis=1)), paid.astype("float64"), 7) > 0.95
