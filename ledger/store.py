"""Where a ledger is kept: a folder of Parquet files, or one DuckDB database.

A commit is all or nothing. The Parquet store writes the next state beside the current one, marks it complete, and only then moves
the files over; an interrupted move is finished by the next one who opens the ledger. The DuckDB store uses a transaction.

One writes at a time: who adds to a ledger holds it `alone` from reading what is there to the commit.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from ledger.errors import RefusedError, UsageError, without_password
from ledger.lock import Lock, attempts, being_written
from ledger.progress import Progress, silent
from ledger.sql import literal, quoted
from ledger.tables import TABLES

QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string()),
        pa.field("input_sha256", pa.string()),
        pa.field("source_row", pa.int64()),
        pa.field("table", pa.string()),
        pa.field("column", pa.string()),
        pa.field("rule", pa.string()),
        pa.field("value", pa.string()),
    ]
)
READER_WAIT = 10.0
"""Seconds that a reader waits while a commit is moved to its place."""
RESTORE = "restore it from a backup, or ingest again into a new ledger"
SCHEMAS = {name: table.schema for name, table in TABLES.items()} | {"quarantine": QUARANTINE_SCHEMA}


@dataclass(frozen=True)
class Input:
    """One ingested file and what became of its rows: `source_rows = loaded + quarantined + skipped`."""

    batch: str
    source: str
    file: str
    input_sha256: str
    source_rows: int
    loaded: int
    quarantined: int
    skipped: int


@dataclass(frozen=True)
class LedgerMeta:
    """Who this ledger is, what was loaded into it, and how far each source says it was watched.

    >>> meta = LedgerMeta("abc").stating("erp", date(2024, 1, 31)).stating("erp", date(2024, 2, 29))
    >>> meta.observed_until
    {'erp': ('2024-01-31', '2024-02-29')}
    """

    ledger_id: str
    observed_until: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()

    def stating(self, source: str, until: date) -> LedgerMeta:
        """This meta with one more statement that `source` was watched until that day."""
        stated = tuple(sorted({*self.observed_until.get(source, ()), until.isoformat()}))
        return replace(self, observed_until={**self.observed_until, source: stated})

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> LedgerMeta:
        raw: dict[str, Any] = json.loads(text)
        stated = {source: tuple(days) for source, days in raw["observed_until"].items()}
        return cls(raw["ledger_id"], stated, tuple(Input(**one) for one in raw["inputs"]))


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


class ParquetStore:
    """A folder with `ledger.json` and one `<table>.parquet` for each table that has rows."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.folder = Path(uri)
        self.data_docs = self.folder / "data_docs"
        self._next = self.folder / ".next"
        self._complete = self._next / "COMPLETE"
        self._lock = Lock(self.folder / ".lock", uri)

    def exists(self) -> bool:
        self._wait_for_whole()
        return (self.folder / "ledger.json").exists()

    @contextmanager
    def alone(self, progress: Progress = silent) -> Iterator[None]:
        with self._lock.held(progress):
            self._finish_commit()
            yield

    def meta(self) -> LedgerMeta:
        if not self.exists():
            raise RefusedError(f"no ledger at {self.uri}: run `duewise ingest` or `duewise simulate` with it first")
        path = self.folder / "ledger.json"
        try:
            text = path.read_text(encoding="utf-8")
            missing = [name for name in json.loads(text).get("tables", []) if not (self.folder / f"{name}.parquet").is_file()]
            meta = LedgerMeta.from_json(text)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RefusedError(f"{path} cannot be read ({type(error).__name__}): {RESTORE}") from None
        if missing:
            raise RefusedError(f"{self.folder / missing[0]}.parquet is not there, though rows were loaded into it: {RESTORE}")
        return meta

    def _file(self, table: str) -> Path | None:
        """Where the rows of a table lie, if it has any."""
        import pyarrow.parquet as pq

        path = self.folder / f"{table}.parquet"
        if not (self.exists() and path.exists()):
            return None
        try:
            names = pq.read_schema(path).names
        except (OSError, pa.ArrowException) as error:
            raise RefusedError(f"{path} cannot be read ({type(error).__name__}): {RESTORE}") from None
        missing = [name for name in SCHEMAS[table].names if name not in names]
        if missing:
            raise RefusedError(f"{path} has no column {', '.join(missing)}: {RESTORE}")
        return path

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        import pyarrow.parquet as pq

        path = self._file(table)
        wanted = None if columns is None else list(columns)
        if path is None:
            empty = SCHEMAS[table].empty_table()
            return empty if wanted is None else empty.select(wanted)
        return pq.read_table(path, columns=wanted, partitioning=None)

    def attach(self, connection: Any, table: str) -> Any:
        import ibis

        path = self._file(table)
        if path is not None:
            # A folder may be called `source=erp`, which is a column to who guesses.
            return connection.read_parquet(str(path), table_name=f"stored_{table}", hive_partitioning=False)
        return connection.create_table(f"empty_{table}", schema=ibis.schema(SCHEMAS[table]), temp=True)

    def claim(self) -> None:
        others = [name for name in SCHEMAS if (self.folder / f"{name}.parquet").exists()]
        if others:
            raise RefusedError(f"{self.folder} holds a {others[0]}.parquet and no ledger; give the ledger a folder of its own")

    def commit(self, appended: Mapping[str, pa.Table], meta: LedgerMeta, quarantine: pa.Table | None = None) -> None:
        with self.alone():
            if not self.exists():
                self.claim()
            self._write_next(appended, meta, quarantine)
            self._finish_commit()

    def _write_next(self, appended: Mapping[str, pa.Table], meta: LedgerMeta, quarantine: pa.Table | None) -> None:
        import pyarrow.parquet as pq

        shutil.rmtree(self._next, ignore_errors=True)
        self._next.mkdir(parents=True)
        for table, rows in appended.items():
            if rows.num_rows:
                whole = pa.concat_tables([self.read(table), rows.cast(SCHEMAS[table])])
                pq.write_table(whole, self._next / f"{table}.parquet", compression="zstd")
        if quarantine is not None and (quarantine.num_rows or (self.folder / "quarantine.parquet").exists()):
            pq.write_table(quarantine.cast(QUARANTINE_SCHEMA), self._next / "quarantine.parquet", compression="zstd")
        tables = sorted(name for name in SCHEMAS if any((place / f"{name}.parquet").exists() for place in (self.folder, self._next)))
        stated = json.loads(meta.to_json()) | {"tables": tables}
        (self._next / "ledger.json").write_text(json.dumps(stated, indent=1, sort_keys=True), encoding="utf-8")
        self._complete.touch()

    def _finish_commit(self) -> None:
        """Move what a complete commit wrote to its place; only who is `alone` may."""
        if not self._complete.exists():
            return
        # The meta comes last: what it speaks of is there.
        for path in sorted(self._next.iterdir(), key=lambda path: (path.name == "ledger.json", path.name)):
            if path != self._complete:
                os.replace(path, self.folder / path.name)
        shutil.rmtree(self._next)

    def _wait_for_whole(self) -> None:
        """Wait while a commit is moved to its place; finish one that was interrupted, where nobody is at it."""
        denied = None
        for _ in attempts(READER_WAIT):
            if not self._complete.exists():
                return
            try:
                with self._lock.held(seconds=0):
                    self._finish_commit()
            except RefusedError:  # somebody is at it
                continue
            except PermissionError as error:  # who may only read can but wait
                denied = error
        raise denied or being_written(self.uri)


class DuckDBStore:
    """One DuckDB database file with the canonical tables and a one-row table `ledger_meta`."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.path = Path(uri.removeprefix("duckdb:///"))
        self.folder = self.path.parent
        self.data_docs = self.path.with_suffix(".data_docs")  # two databases may lie in one folder
        self._lock = Lock(self.path.with_name(f".{self.path.name}.lock"), uri)

    def exists(self) -> bool:
        return self.path.exists() and "ledger_meta" in self._tables()

    def alone(self, progress: Progress = silent) -> AbstractContextManager[None]:
        return self._lock.held(progress)

    def _tables(self) -> list[str]:
        """The tables of the database; none where a first commit was interrupted."""
        with self._connect(read_only=True) as connection:
            return [str(name) for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()]

    def meta(self) -> LedgerMeta:
        if not self.exists():
            self.claim()
            raise RefusedError(f"no ledger at {self.uri}: run `duewise ingest` or `duewise simulate` with it first")
        with self._connect(read_only=True) as connection:
            (text,) = connection.execute("select meta from ledger_meta").fetchone()
        return LedgerMeta.from_json(text)

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        wanted = SCHEMAS[table].names if columns is None else list(columns)
        schema = pa.schema([SCHEMAS[table].field(name) for name in wanted])
        if not self.exists():
            return schema.empty_table()
        names = ", ".join(map(quoted, wanted))
        with self._connect(read_only=True) as connection:
            return connection.sql(f"select {names} from {quoted(table)}").to_arrow_table().cast(schema)

    def attach(self, connection: Any, table: str) -> Any:
        self._opened(lambda: connection.raw_sql(f"attach if not exists {literal(self.path)} as stored (read_only)"))
        return connection.table(table, database=("stored", "main"))

    def claim(self) -> None:
        if self.path.exists() and self._tables():
            raise RefusedError(f"{self.path} is a database without a ledger: ingest into a file of its own")

    def commit(self, appended: Mapping[str, pa.Table], meta: LedgerMeta, quarantine: pa.Table | None = None) -> None:
        with self.alone():
            if not self.exists():
                self.claim()
            self._add(appended, meta, quarantine)

    def _add(self, appended: Mapping[str, pa.Table], meta: LedgerMeta, quarantine: pa.Table | None) -> None:
        with self._connect() as connection:
            connection.execute("begin")
            for table, schema in SCHEMAS.items():
                connection.register("incoming", appended.get(table, schema.empty_table()).cast(schema))
                connection.execute(f'create table if not exists "{table}" as select * from incoming limit 0')
                connection.execute(f'insert into "{table}" select * from incoming')
                connection.unregister("incoming")
            if quarantine is not None:
                connection.register("incoming", quarantine.cast(QUARANTINE_SCHEMA))
                connection.execute("delete from quarantine")
                connection.execute("insert into quarantine select * from incoming")
            connection.execute("create or replace table ledger_meta (meta text)")
            connection.execute("insert into ledger_meta values (?)", [meta.to_json()])
            connection.execute("commit")

    def _connect(self, *, read_only: bool = False) -> Any:
        import duckdb

        return self._opened(lambda: duckdb.connect(str(self.path), read_only=read_only))

    def _opened(self, way: Callable[[], Any]) -> Any:
        """What a way to open the database gives. DuckDB lets in one who writes or many who read: a commit is waited for."""
        import duckdb

        for _ in attempts(READER_WAIT):
            try:
                return way()
            except duckdb.Error as error:
                if "set lock on file" not in str(error):
                    why = f"({type(error).__name__}): close what else writes to it, or {RESTORE}"
                    raise RefusedError(f"{self.path} cannot be opened as a DuckDB database {why}") from None
        raise RefusedError(f"{self.path} is in use by another process: wait until that is done, and run this again")
