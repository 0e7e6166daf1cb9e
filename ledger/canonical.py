"""The canonical layout: a folder with one file a table, in the columns of the contract."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from ledger.errors import RefusedError, nearest
from ledger.reading import RawInput
from ledger.sources import Source, TableMapping, Value
from ledger.store import Store
from ledger.tables import PROVENANCE, TABLES

SUFFIXES = (".csv", ".csv.gz", ".parquet")
ALIKE = 0.5
"""As near as `due_date` is to `due_on`."""
RENAME = "rename the header, or say in a source file of your own what each column is called"


def canonical_files(folder: Path, store: Store) -> dict[str, str | Path]:
    """The file of each table, in the order of the tables. A required table that neither folder nor ledger has is refused.

    >>> from ledger.store import open_store
    >>> canonical_files(Path("nowhere"), open_store("nowhere"))
    Traceback (most recent call last):
    ...
    ledger.errors.RefusedError: nowhere: no such folder; the canonical source takes a folder of <table>.csv or <table>.parquet
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "no such folder"
        raise RefusedError(f"{folder}: {what}; the canonical source takes a folder of <table>.csv or <table>.parquet")
    if folder.resolve() == Path(store.uri).resolve():
        raise RefusedError(f"{folder}: is the ledger too; give the ledger a folder of its own")
    found: dict[str, str | Path] = {}
    for file in sorted(folder.iterdir()):
        suffix = next((suffix for suffix in reversed(SUFFIXES) if file.name.lower().endswith(suffix)), None)
        if suffix is None:
            if file.is_file() and file.name.partition(".")[0].lower() in TABLES:
                raise RefusedError(f"{file}: cannot be read; write it as {file.name.partition('.')[0].lower()}.csv or .parquet")
            continue
        name = file.name[: -len(suffix)]
        if name not in TABLES:
            raise RefusedError(f"{file}: no table is called '{name}'; {nearest(name, TABLES)}")
        if name in found:
            raise RefusedError(f"{folder}: two files hold {name}, {Path(found[name]).name} and {file.name}; leave one")
        found[name] = file
    for table in TABLES.values():
        if table.required and table.name not in found and not store.read(table.name, [table.key[0]]).num_rows:
            required = ", ".join(one.name for one in TABLES.values() if one.required)
            raise RefusedError(f"{folder}: {table.name}.csv is missing; required are {required} (a header alone will do)")
    if not found:
        raise RefusedError(f"{folder}: no file of any table is there; a table's file is called {next(iter(TABLES))}.csv, or .parquet")
    return {name: found[name] for name in TABLES if name in found}


def canonical_source(source: Source, name: str, raw: RawInput) -> Source:
    """The source with a mapping for one canonical file: every column from the header of its name.

    Other columns are left out. One that looks like a canonical column misspelt, or like the day on which a row was known, is refused.
    """
    table = TABLES[name]
    known = (*table.names, "known_on")
    present = [column for column in known if column in raw.headers]
    for column in table.columns:
        if column.required and column.name not in present:
            free = [header for header in raw.headers if header not in known]
            raise RefusedError(f"{raw.name}: no column '{column.name}'; {nearest(column.name, free or raw.headers, ALIKE)} ({RENAME})")
    absent = [column for column in known if column not in present]
    for header in raw.headers:
        meant = get_close_matches(header.casefold(), absent, n=1, cutoff=0.8)
        if "known_on" in absent and header.casefold().startswith("known"):
            meant = ["known_on"]
        if meant and header in left_out(name, raw):
            raise RefusedError(f"{raw.name}: unknown column '{header}'; did you mean '{meant[0]}'?")
    mapping = TableMapping(columns={column: Value(column=column) for column in present})
    return source.model_copy(update={"layout": "mapped", "tables": {name: mapping}})


def left_out(name: str, raw: RawInput) -> list[str]:
    """The headers of a canonical file that no column of its table is called."""
    known = {*TABLES[name].names, "known_on", *(field.name for field in PROVENANCE)}
    return [header for header in raw.headers if header not in known]
