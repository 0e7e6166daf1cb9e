"""What a ledger holds and where it came from."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.store import Store, open_store
from ledger.tables import TABLES, Table


def describe_ledger(uri: str) -> dict[str, Any]:
    """Tables, inputs, how far each source was watched, and the rows in quarantine; fit for JSON.

    `rows` counts keys and `versions` the stored rows; `first_on` and `last_on` are ISO days of the table's own event (invoices:
    `issued_on`), None for a table without rows or without an event. Raises RefusedError where there is no ledger.

    >>> describe_ledger("nowhere/books")
    Traceback (most recent call last):
    ...
    ledger.errors.RefusedError: no ledger at nowhere/books: run `duewise ingest` or `duewise simulate` with it first
    """
    store = open_store(uri)
    meta = store.meta()
    row = ["source", "input_sha256", "source_row"]  # one may break several rules
    shown = ("source", "file", "input_sha256", "batch", "source_rows", "loaded", "quarantined", "skipped")
    return {
        "ledger_id": meta.ledger_id,
        "tables": {name: _describe_table(store, table) for name, table in TABLES.items()},
        "inputs": [{key: asdict(one)[key] for key in shown} for one in meta.inputs],
        "observed_until": _watched(store),
        "quarantine": store.read("quarantine", row).group_by(row).aggregate([]).num_rows,
    }


def _watched(store: Store) -> dict[str, str]:
    """How far each source was watched: what it states, else its greatest fact date."""
    ledger = Ledger(store)
    stated = {source: max(days) for source, days in store.meta().observed_until.items()}
    try:
        found = {source: day.isoformat() for source, day in ledger.observed_until(ledger.today).items()}
    except RefusedError:  # nothing booked
        found = {}
    return dict(sorted({**stated, **found}.items()))


def _describe_table(store: Store, table: Table) -> dict[str, int | str | None]:
    columns = [*table.key, *([table.event_on] if table.event_on and table.event_on not in table.key else [])]
    stored = store.read(table.name, columns)
    first, last = _range(stored, table.event_on)
    keys = stored.group_by(list(table.key)).aggregate([]).num_rows
    return {"rows": keys, "versions": stored.num_rows, "first_on": first, "last_on": last}


def _range(stored: pa.Table, event_on: str | None) -> tuple[str | None, str | None]:
    if event_on is None:
        return None, None
    first, last = pc.min_max(stored[event_on]).as_py().values()
    return first and first.isoformat(), last and last.isoformat()


def as_lines(described: dict[str, Any]) -> list[str]:
    """The same for people: two plain tables, numbers to the right.

    >>> empty = {"rows": 0, "versions": 0, "first_on": None, "last_on": None}
    >>> rows = {"rows": 2, "versions": 3, "first_on": "2024-01-01", "last_on": "2024-02-29"}
    >>> facts = {"ledger_id": "abc", "tables": {"invoices": rows, "rates": empty}, "inputs": [], "observed_until": {}, "quarantine": 0}
    >>> print(*as_lines(facts), sep="\\n")
    ledger abc
    <BLANKLINE>
    table     rows  versions  first       last
    invoices     2         3  2024-01-01  2024-02-29
    <BLANKLINE>
    in quarantine: 0
    """
    filled = {name: facts for name, facts in described["tables"].items() if facts["versions"]}
    tables = [(name, f"{f['rows']:,}", f"{f['versions']:,}", f["first_on"] or "", f["last_on"] or "") for name, f in filled.items()]
    until = described["observed_until"]
    counts = ("source_rows", "loaded", "quarantined", "skipped")
    inputs = [
        (one["source"], one["file"], *(f"{one[key]:,}" for key in counts), until.get(one["source"], "")) for one in described["inputs"]
    ]
    lines = [f"ledger {described['ledger_id']}", ""]
    lines += aligned(("table", "rows", "versions", "first", "last"), tables, right=(1, 2))
    if inputs:
        head = ("source", "file", "rows", "loaded", "quarantined", "skipped", "watched until")
        lines += ["", *aligned(head, inputs, right=(2, 3, 4, 5))]
    return [*lines, "", f"in quarantine: {described['quarantine']:,}"]


def aligned(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, right: Container[int]) -> list[str]:
    """A plain table for people; the columns named in `right` are set to the right.

    >>> aligned(("type", "n"), [("compliant", "12"), ("undetermined", "3")], right=(1,))
    ['type           n', 'compliant     12', 'undetermined   3']
    """
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    cells = [
        [text.rjust(w) if i in right else text.ljust(w) for i, (text, w) in enumerate(zip(row, widths, strict=True))]
        for row in [head, *rows]
    ]
    return ["  ".join(row).rstrip() for row in cells]
