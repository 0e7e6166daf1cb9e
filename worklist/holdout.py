"""Stable keyed hashes: the id of a row, and who is marked for the hold-out."""

from __future__ import annotations

from hashlib import blake2b

import pandas as pd


def row_ids(run_id: str, customer_id: pd.Series) -> pd.Series:
    """16 hex digits that name one customer in one run.

    >>> row_ids("r1", pd.Series(["C1", "C2"])).tolist()
    ['0854a5978009ec4c', '51e43eb4240622cf']
    """
    ids = [blake2b(f"{run_id}\x1f{one}".encode(), digest_size=8).hexdigest() for one in customer_id]
    return pd.Series(ids, index=customer_id.index, dtype="str")


def in_holdout(customer_id: pd.Series, *, share: float, seed: int) -> pd.Series:
    """Who is in the hold-out: the same customers night after night, as long as the seed stays.

    >>> ids = pd.Series([f"C{n}" for n in range(10_000)])
    >>> bool(in_holdout(ids, share=0.05, seed=7).mean().round(2) == 0.05), in_holdout(ids, share=0.0, seed=7).any().item()
    (True, False)
    """
    key = seed.to_bytes(8, "big", signed=True)
    draws = [int.from_bytes(blake2b(str(one).encode(), key=key, digest_size=8).digest(), "big") / 2**64 for one in customer_id]
    return pd.Series([draw < share for draw in draws], index=customer_id.index, dtype="bool")
