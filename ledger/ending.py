"""A copy of a ledger that ends on a day, for replays: whatever is asked as of that day must have the same answer there.

Nothing in it leads back to the whole: its files are its own, and its customers and invoices go by other ids, so that what somebody
remembers of the whole ledger finds nobody here, nor the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from ledger.ledger import Ledger
from ledger.meta import LedgerMeta
from ledger.parquet_store import ParquetStore
from ledger.tables import TABLES

RENAMED = ("customer_id", "parent_id", "invoice_id")
KEPT = 2
"""So many characters at its beginning tell what kind of customer it is (`features.groups`); no more is meant by an id."""


@contextmanager
def ending(ledger: Ledger, day: date) -> Iterator[Ledger]:
    """The ledger as if nothing had become known after `day`, all ids `renamed`; its files are gone afterwards."""
    with TemporaryDirectory(prefix="ledger-ending-") as folder:
        store = ParquetStore(folder)
        until = {source: (sign.isoformat(),) for source, sign in ledger.observed_until(day).items()}
        store.commit({name: _cut(ledger, name, day) for name in TABLES}, LedgerMeta(ledger.meta.ledger_id, until))
        copy = Ledger(store, staleness_days=ledger.staleness_days, settled_within=ledger.settled_within)
        copy.share = ledger.share
        yield copy


def renamed(ids: pd.Series[str]) -> pd.Series[str]:
    """Other ids, no two alike, that begin and sort as the old ones do.

    >>> renamed(pd.Series(["C10433", "C1", None])).tolist()
    ['C1 0433', 'C1 ', nan]
    """
    return ids.str[:KEPT] + " " + ids.str[KEPT:]


def _cut(ledger: Ledger, name: str, day: date) -> pa.Table:
    facts: Any = ledger.history(name).drop("superseded_on")
    facts = facts.filter(facts.known_on <= day)
    if name == "disputes":
        facts = facts.mutate(closed_on=ibis.ifelse(facts.closed_on <= day, facts.closed_on, ibis.null("date")))
    table: pa.Table = facts.to_pyarrow()
    for column in set(RENAMED) & set(table.column_names):
        ids = pa.array(renamed(table[column].to_pandas().astype("str")), type=pa.string(), from_pandas=True)
        table = table.set_column(table.column_names.index(column), column, ids)
    return table
