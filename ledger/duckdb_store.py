"""A ledger kept in one DuckDB database file; a commit is a transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pyarrow as pa

from ledger.errors import RefusedError
from ledger.lock import READER_WAIT, Lock, attempts
from ledger.meta import QUARANTINE_SCHEMA, RESTORE, SCHEMAS, LedgerMeta
from ledger.progress import Progress, silent
from ledger.sql import literal, quoted


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
