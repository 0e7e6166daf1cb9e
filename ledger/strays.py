"""Facts dated long after all others: nearly always a slip in the year, and costly, since a source counts as watched to its last fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ledger.ledger import BOOKED
from ledger.reading import ROW
from ledger.tables import Table

LONG_AFTER_DAYS = 366
LEAST_DATES, FEW, SLIPS = 20, 100, 3


@dataclass(frozen=True)
class Stray:
    """The first of `rows` facts that lie more than a year after all others of their table, which end on `others_until`."""

    table: str
    column: str
    source_row: int
    value: date
    others_until: date
    rows: int

    def __str__(self) -> str:
        more = f" and {self.rows - 1} more" if self.rows > 1 else ""
        found = f"row {self.source_row}{more}: {self.table}.{self.column} {self.value} is more than a year after all others, which end on "
        if self.table not in BOOKED:
            return f"{found}{self.others_until}; nobody knows of it before that day: if the year is a slip, load it anew under another id"
        return (
            f"{found}{self.others_until}; if the year is a slip, put it right and load into a new ledger, "
            "or state `observed_until` in the source file: the source counts as watched to its last fact"
        )


def strays(good_rows: Iterable[tuple[Table, pa.Table]]) -> Iterator[Stray]:
    """One a table in which at most one row in a hundred is dated so, or three; small tables say nothing."""
    for table, rows in good_rows:
        if table.event_on is None:
            continue
        days = rows[table.event_on].to_numpy().astype("datetime64[D]")
        at = first_stray(days)
        if at is not None:
            others = days[days < days[at]].max().item()
            n_rows = int((days >= days[at]).sum())
            yield Stray(table.name, table.event_on, rows[ROW][at].as_py(), days[at].item(), others, n_rows)


def first_stray(days: npt.NDArray[np.datetime64]) -> int | None:
    """The position of the earliest day that lies, with at most one in a hundred or two others, more than a year after all others, or None.

    >>> days = np.array(["2025-01-01"] * 30 + ["2035-01-01"], dtype="datetime64[D]")
    >>> first_stray(days), first_stray(days[:30]), first_stray(days[20:])
    (30, None, None)
    """
    order = np.argsort(days, kind="stable")  # days that could not be read come last
    order = order[: int((~np.isnat(days)).sum())]
    if len(order) < LEAST_DATES:
        return None
    tail = order[-(max(len(order) // FEW, SLIPS) + 1) :]
    gaps = np.flatnonzero(np.diff(days[tail]).astype("int64") > LONG_AFTER_DAYS)
    return int(tail[gaps[0] + 1]) if len(gaps) else None
