"""Luck: what the weeks in which invoices are paid do to the cash of each, where the open invoices of a customer share part of a week's."""

from __future__ import annotations

import numpy as np

from models.arrays import Floats, Ints
from models.cash.book import FIT_WEEKS, Book, groups_of, sums

CORRELATIONS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 0.97, 0.99)
USUAL_CORRELATION = 0.3
ROUGH_DRAWS = 80


def simulate(book: Book, groups: Ints, customer: float, draws: int, seed: int) -> Floats:
    """Cash of each group of invoices by week, shape (draws, groups, weeks).

    In each calendar week what is still open of a customer and day shares a factor: in a pay run what is payable is paid together, whenever
    it was due, and what a customer does in one week says nothing of the next.

    >>> import pandas as pd
    >>> book = Book(pd.DataFrame({"as_of": 0, "customer_id": ["a", "b"], "open_amount": [10.0, 5.0]}), np.array([[1.0, 1.0], [0.0, 1.0]]))
    >>> simulate(book, np.array([0, 0]), customer=0.3, draws=2, seed=7).tolist()
    [[[10.0, 5.0]], [[10.0, 5.0]]]
    """
    from scipy.special import ndtri

    weeks = book.cleared.shape[1]
    n_groups = int(groups.max()) + 1 if len(groups) else 1
    limits = np.ascontiguousarray(-ndtri(np.clip(book.hazard, 1e-12, 1 - 1e-12)).T)
    owner = groups_of(book.rows[["as_of", "customer_id"]])
    n_owners = int(owner.max()) + 1 if len(owner) else 0
    amount = book.rows["open_amount"].to_numpy(dtype="float64")
    own, shared = np.sqrt(1 - customer), np.sqrt(customer)
    # One generator a week: its luck is the same however many weeks follow.
    generators = [np.random.default_rng([seed, 0, week]) for week in range(weeks)]
    cell, n_cells = groups * (weeks + 1), n_groups * (weeks + 1)
    out = np.empty((draws, n_groups, weeks))
    for draw in range(draws):
        first = np.full(len(amount), weeks)
        for week in reversed(range(weeks)):
            rng = generators[week]
            luck = own * rng.standard_normal(len(amount)) + shared * rng.standard_normal(n_owners)[owner]
            first[luck > limits[week]] = week
        paid = np.bincount(cell + first, weights=amount, minlength=n_cells)
        out[draw] = paid.reshape(n_groups, weeks + 1)[:, :weeks]
    return out


def customer_correlation(book: Book, cash: Floats, seed: int) -> float:
    """The correlation at which the numbers of a customer's invoices that are paid in a week scatter as much as they did.

    Counted, not weighed, so that one large invoice does not decide; from customers with several open invoices on a day, and the usual one
    where these are few. `cash` has the book's shape, NaN for weeks not yet seen.

    >>> import pandas as pd
    >>> book = Book(pd.DataFrame({"as_of": 0, "customer_id": ["a", "b"], "open_amount": [10.0, 5.0]}), np.array([[0.5], [0.5]]))
    >>> customer_correlation(book, np.array([[10.0], [0.0]]), seed=7) == USUAL_CORRELATION
    True
    """
    owner = groups_of(book.rows[["as_of", "customer_id"]])
    several = np.bincount(owner)[owner] > 1
    most = cash[several] > 0.5 * book.amounts[several]
    book = book.where(several)
    if len(book.rows) < 50:
        return USUAL_CORRELATION
    book = Book(book.rows.assign(open_amount=1.0), book.cleared)
    owner = groups_of(book.rows[["as_of", "customer_id"]])
    seen = np.isfinite(cash[several])
    off = (sums(owner, most.astype("float64")) - sums(owner, book.weekly)) ** 2
    known = sums(owner, seen.astype("float64")) > 0
    ratios = [
        off[known].sum() / max(simulate(book, owner, rho, ROUGH_DRAWS // 2, seed).var(axis=0, ddof=1)[known].sum(), 1e-12)
        for rho in CORRELATIONS
    ]
    # Scatter grows with the correlation, so the ratio falls; where it passes 1 the correlation explains what was seen.
    return float(np.round(np.interp(-1.0, -np.maximum.accumulate(ratios[::-1])[::-1], CORRELATIONS), 4))


def shared_luck(draws: int, weeks: int, seed: int) -> Floats:
    """Normal numbers, shape (draws, weeks): those of the first weeks are the same however many follow.

    >>> bool((shared_luck(4, 9, seed=7)[:, :3] == shared_luck(4, 3, seed=7)).all())
    True
    """
    near = np.random.default_rng([seed, 1]).standard_normal((draws, FIT_WEEKS))
    beyond = np.random.default_rng([seed, 2]).standard_normal((max(weeks - FIT_WEEKS, 0), draws)).T
    return np.hstack([near, beyond])[:, :weeks]
