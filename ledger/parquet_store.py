"""A ledger kept as a folder of Parquet files.

A commit writes the next state beside the current one, marks it complete, and only then moves the files over; an interrupted move is
finished by the next one who opens the ledger.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from ledger.errors import RefusedError
from ledger.lock import READER_WAIT, Lock, attempts, being_written
from ledger.meta import QUARANTINE_SCHEMA, RESTORE, SCHEMAS, LedgerMeta
from ledger.progress import Progress, silent


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
