"""Some customers for all: a part of the rows in which no customer's history is torn apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.arrays import Bools


def is_drawn(customers: pd.Series[str], share: float, seed: int) -> Bools:
    """Which rows, shape (rows,), are of the customers that were drawn: about a share of all, one at least; the same for the same seed.

    >>> ids = pd.Series([f"{n:03}" for n in range(1000)])
    >>> [int(is_drawn(ids.head(n), 0.25, seed=14).sum()) for n in (10, 1000)]
    [1, 243]
    """
    ids = np.sort(customers.unique())
    rng = np.random.default_rng(seed)
    drawn = rng.random(len(ids)) < share
    drawn[rng.integers(len(ids))] |= not drawn.any()
    return customers.isin(ids[drawn]).to_numpy()


def some_customers(rows: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """At most about `most` rows, all rows of the customers that were drawn, one at least; the same ones for the same seed.

    >>> rows = pd.DataFrame({"customer_id": ["ann", "bob"] * 100})
    >>> len(some_customers(rows, 200, seed=7)), len(some_customers(rows, 10, seed=7))
    (200, 100)
    """
    if len(rows) <= most:
        return rows
    return rows[is_drawn(rows["customer_id"], most / len(rows), seed)].reset_index(drop=True)
