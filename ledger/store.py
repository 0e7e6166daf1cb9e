"""Where a ledger is kept: a folder of Parquet files (`ledger.parquet_store`), or one DuckDB database (`ledger.duckdb_store`).

A commit is all or nothing. One writes at a time: who adds to a ledger holds it `alone` from reading what is there to the commit.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from ledger.duckdb_store import DuckDBStore
from ledger.errors import UsageError, without_password
from ledger.meta import LedgerMeta
from ledger.parquet_store import ParquetStore
from ledger.progress import Progress, silent


class Store(Protocol):
    """What the rest of the ledger asks of a place that keeps tables."""

    uri: str
    folder: Path
    data_docs: Path

    def exists(self) -> bool:
        """Whether a ledger is here."""
        ...

    def alone(self, progress: Progress = silent) -> AbstractContextManager[None]:
        """Keep other writers out; one who is at it is waited for, and RefusedError where that takes too long."""
        ...

    def meta(self) -> LedgerMeta:
        """What is kept about the ledger; RefusedError where there is none, or one of another version."""
        ...

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows of a table, in the order in which they were added; of all columns or those named."""
        ...

    def attach(self, connection: Any, table: str) -> Any:
        """The table as an Ibis expression of a DuckDB `connection`, read where it lies."""
        ...

    def commit(self, appended: Mapping[str, pa.Table], meta: LedgerMeta, quarantine: pa.Table | None = None) -> None:
        """Add rows to tables, and put `quarantine`, where it is given, in place of the one that is there."""
        ...

    def claim(self) -> None:
        """Refuse a place in which a new ledger would meet files or tables that are not its own."""
        ...


def open_store(uri: str | Path) -> Store:
    """The store behind a ledger's address; nothing is created before the first commit.

    >>> type(open_store("duckdb:///tmp/books.duckdb")).__name__
    'DuckDBStore'
    >>> open_store("postgresql://me:secret@host/books")
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: ledger address 'postgresql://me:***@host/books' is not known here; give a folder or duckdb:///path/to/file.duckdb
    """
    text, shown = str(uri), without_password(str(uri))
    if text.startswith("duckdb:///") and not text.endswith((":memory:", "/")):
        return DuckDBStore(text)
    if not text or "://" in text or text.startswith("duckdb:"):
        raise UsageError(f"ledger address '{shown}' is not known here; give a folder or duckdb:///path/to/file.duckdb")
    if Path(text).is_file():
        raise UsageError(f"ledger address '{shown}' is a file; give a folder, or duckdb:///{shown} for a DuckDB database")
    return ParquetStore(text)


def new_meta(store: Store) -> LedgerMeta:
    """The meta of the store, or that of a ledger about to be born (its id is random: two ledgers never share models)."""
    if store.exists():
        return store.meta()
    store.claim()
    return LedgerMeta(uuid.uuid4().hex[:12])
