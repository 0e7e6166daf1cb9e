"""The parts of a backtest's rows that are looked at by themselves: a figure that holds over all may hide one that does not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.arrays import Bools

BY = ("business_unit", "country", "currency", "kind", "segment")
MOST_VALUES, LEAST_ROWS = 8, 100
TERMS = {"up to 14 days": 14, "15 to 30 days": 30, "31 to 60 days": 60, "more than 60 days": np.inf}
SIZES = ("small", "middle", "large")


def slices_of(rows: pd.DataFrame) -> dict[str, Bools]:
    """Named parts of the rows: all, without the largest customer, first sight of an invoice, overdue, not yet due, by history; by business
    unit, country, currency, kind, segment (the commonest values), terms and size of the invoice (thirds within its currency), by month.

    What all rows share is no part of them, and one of fewer than `LEAST_ROWS` rows is left out, months apart.

    >>> rows = pd.DataFrame({"customer_id": ["a", "b"] * 150, "invoice_id": range(300), "as_of": pd.Timestamp("2024-01-08"), "dpd": -5,
    ...     "history_weight": 0.9, "country": ["DE", "FR"] * 150, "currency": "EUR", "kind": None, "segment": None, "business_unit": None,
    ...     "amount": range(300), "issued_on": pd.Timestamp("2024-01-01"), "due_on": pd.Timestamp("2024-01-13")})
    >>> [name for name in slices_of(rows) if "=" in name]
    ['country=DE', 'country=FR', 'size=small', 'size=middle', 'size=large']
    """
    largest = rows["customer_id"].value_counts().sort_index().idxmax()
    found = {
        "all": np.ones(len(rows), dtype=bool),
        "without_largest_customer": (rows["customer_id"] != largest).to_numpy(),
        "first_sight": first_sight(rows),
        "not_yet_due": (rows["dpd"] < 0).to_numpy(),
        "overdue": (rows["dpd"] > 0).to_numpy(),
        "thin_history": (rows["history_weight"].fillna(0) < 0.5).to_numpy(),
    }
    days = (rows["due_on"] - rows["issued_on"]).dt.days
    terms = pd.cut(days, [-np.inf, *TERMS.values()], labels=list(TERMS)).astype("object")
    rank = rows.groupby("currency")["amount"].rank(pct=True, method="average")
    size = pd.cut(rank, [0, 1 / 3, 2 / 3, 1], labels=list(SIZES)).astype("object")
    for name in BY:
        found |= _parts(name, rows[name], list(rows[name].value_counts().sort_index().nlargest(MOST_VALUES).index))
    found |= _parts("terms", terms, list(TERMS)) | _parts("size", size, list(SIZES))
    months = rows["as_of"].dt.strftime("%Y-%m")
    return {**found, **{month: (months == month).to_numpy() for month in sorted(months.unique())}}


def first_sight(rows: pd.DataFrame) -> Bools:
    """The first row of each invoice that was issued while the backtest ran: what was open before the first day is no news on it.

    On the first day those count that were issued since a step before it, the step being that to the second day.

    >>> days = pd.to_datetime(["2024-01-08", "2024-01-08", "2024-01-15"])
    >>> issued = pd.to_datetime(["2023-11-20", "2024-01-04", "2024-01-04"])
    >>> first_sight(pd.DataFrame({"invoice_id": ["old", "new", "new"], "as_of": days, "issued_on": issued})).tolist()
    [False, True, False]
    """
    days = sorted(rows["as_of"].unique())
    step = days[1] - days[0] if len(days) > 1 else pd.Timedelta(days=1)
    news = rows["issued_on"] > days[0] - step
    first = rows["as_of"] == rows.groupby("invoice_id")["as_of"].transform("min")
    return np.asarray(news & first, dtype=bool)


def _parts(name: str, values: pd.Series, asked: list[str]) -> dict[str, Bools]:
    parts = {f"{name}={value}": (values == value).fillna(False).to_numpy(dtype=bool) for value in asked}
    return {part: rows for part, rows in parts.items() if LEAST_ROWS <= rows.sum() < len(rows)}
