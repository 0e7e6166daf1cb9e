"""How customers move between types from month to month."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from ledger.tables import UNDETERMINED


def movement(types: pd.DataFrame) -> pd.DataFrame:
    """Counts of customers by the type they had and the type they have, from each day in `types` to the next.

    `types` has `as_of, customer_id, debtor_type`, as `TypeModel.predict` gives for several days. Customers that are asked about on one of
    the two days only count as coming from or going to '' .

    >>> days = pd.to_datetime(["2025-01-31", "2025-01-31", "2025-02-28"])
    >>> types = pd.DataFrame({"as_of": days, "customer_id": ["a", "b", "a"], "debtor_type": ["compliant", "compliant", "fortuitous"]})
    >>> movement(types)[["type_from", "type_to", "n_customers"]].values.tolist()
    [['compliant', '', 1], ['compliant', 'fortuitous', 1]]
    """
    days = sorted(types["as_of"].unique())
    told = []
    for before, after in pairwise(days):
        sides = [types.loc[types["as_of"] == day, ["customer_id", "debtor_type"]] for day in (before, after)]
        both = sides[0].merge(sides[1], on="customer_id", how="outer", suffixes=("_from", "_to"))
        both = both.rename(columns={"debtor_type_from": "type_from", "debtor_type_to": "type_to"}).fillna({"type_from": "", "type_to": ""})
        counts = both.groupby(["type_from", "type_to"]).size().rename("n_customers").reset_index()
        told.append(counts.assign(as_of_from=before, as_of=after))
    columns = ["as_of_from", "as_of", "type_from", "type_to", "n_customers"]
    return pd.concat(told, ignore_index=True)[columns] if told else pd.DataFrame(columns=columns)


def stability(types: pd.DataFrame) -> float:
    """Share of customers, determined on two days in a row, whose type is the same on both; NaN where there is none.

    Of rows with a true `is_word` a collector named the type: how long that stands says nothing of the customer, and they are left out.

    >>> days = pd.to_datetime(["2025-01-31", "2025-02-28"])
    >>> stability(pd.DataFrame({"as_of": days, "customer_id": ["a", "a"], "debtor_type": ["compliant", "fortuitous"]}))
    0.0
    """
    moves = movement(types[~types["is_word"]] if "is_word" in types else types)
    known = ~moves["type_from"].isin(["", UNDETERMINED]) & ~moves["type_to"].isin(["", UNDETERMINED])
    total = int(moves.loc[known, "n_customers"].sum())
    same = int(moves.loc[known & (moves["type_from"] == moves["type_to"]), "n_customers"].sum())
    return same / total if total else float("nan")
