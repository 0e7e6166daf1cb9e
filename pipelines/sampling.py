"""Some customers for all: a part of the rows in which no customer's history is torn apart."""

from __future__ import annotations

import numpy as np
import pandas as pd


def some_customers(rows: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """At most about `most` rows, all rows of the customers that were drawn, one at least; the same ones for the same seed.

    >>> rows = pd.DataFrame({"customer_id": ["ann", "bob"] * 100})
    >>> len(some_customers(rows, 200, seed=7)), len(some_customers(rows, 10, seed=7))
    (200, 100)
    """
    if len(rows) <= most:
        return rows
    customers = pd.Index(rows["customer_id"].unique()).sort_values()
    rng = np.random.default_rng(seed)
    drawn = rng.random(len(customers)) < most / len(rows)
    drawn[rng.integers(len(customers))] |= not drawn.any()
    return rows[rows["customer_id"].isin(customers[drawn])].reset_index(drop=True)
