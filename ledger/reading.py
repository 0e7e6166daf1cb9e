"""From a file to text: every source arrives as a table of text columns and the number of each row.

CSV, gzipped CSV, Parquet and DuckDB tables look alike after this. Nothing is interpreted yet; what cannot even be cut into
fields is set aside as malformed, and what cannot be read at all is refused with the line and the setting that would help.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from ledger.errors import RefusedError, nearest
from ledger.numbers import SEPARATORS as GROUPERS
from ledger.sql import literals, quoted

ROW = "source_row"
BOM = b"\xef\xbb\xbf"
SEPARATORS = (",", ";", "\t", "|")
SHOWN = 200
EXPORT = "export it again; for a table without rows its header alone will do"
OPEN_QUOTE = 'a quote is opened and never closed; mend the row, or set `format: {quote: ""}` in the source file'


class Format(BaseModel):
    """How a file is written down. `type` is found out where it is not stated.

    Numbers use `decimal` and, where they are grouped, `thousands`: by threes or the Indian way (12,34,567). Others are no numbers.

    >>> Format(thousands=".")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    pydantic_core._pydantic_core.ValidationError: 1 validation error for Format
      Value error, thousands and decimal are both '.'; state `decimal: ","` beside it ...
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["auto", "csv", "parquet", "duckdb"] = "auto"
    separator: str = ","
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: str = ""
    quote: str = '"'
    null_values: tuple[str, ...] = ("",)

    @field_validator("separator")
    @classmethod
    def _one_character(cls, mark: str) -> str:
        if len(mark) != 1:
            raise ValueError('one character, such as ";" or "\\t" for a tab, in double quotes')
        return mark

    @field_validator("quote")
    @classmethod
    def _one_or_none(cls, mark: str) -> str:
        if len(mark) > 1:
            raise ValueError('one character, or "" where nothing is quoted')
        return mark

    @model_validator(mode="after")
    def _told_apart(self) -> Format:
        if self.thousands and (len(self.thousands) != 1 or self.thousands not in GROUPERS):
            raise ValueError(f"thousands '{self.thousands}' is none of . , ' and the blanks, which group digits")
        if self.thousands == self.decimal:
            other = "," if self.decimal == "." else "."
            raise ValueError(f"thousands and decimal are both '{self.decimal}'; state `decimal: \"{other}\"` beside it")
        return self


@dataclass(frozen=True)
class Malformed:
    """A row that could not be cut into the header's fields."""

    source_row: int
    rule: str
    value: str


@dataclass(frozen=True)
class RawInput:
    """One file as text. `table` holds `source_row` (int64, 1 = first data row) and a text column for each header.

    `doubled` are the headers that stand more than once; in the table the further ones are called `due.1`, `due.2`.
    """

    name: str
    sha256: str
    table: pa.Table
    malformed: tuple[Malformed, ...] = ()
    doubled: frozenset[str] = frozenset()

    def without(self, rows: Sequence[int], rule: str) -> RawInput:
        """The input with some more rows set aside by a rule."""
        going = self.table.filter(pc.is_in(self.table[ROW], pa.array(rows, pa.int64())))
        aside = [Malformed(row.pop(ROW), rule, ",".join(cell or "" for cell in row.values())[:SHOWN]) for row in going.to_pylist()]
        kept = self.table.filter(pc.invert(pc.is_in(self.table[ROW], pa.array(rows, pa.int64()))))
        return replace(self, table=kept, malformed=(*self.malformed, *aside))

    @property
    def source_rows(self) -> int:
        return int(self.table.num_rows) + len(self.malformed)

    @property
    def headers(self) -> list[str]:
        return [name for name in self.table.column_names if name != ROW]


def read_input(path: str | Path, fmt: Format | None = None) -> RawInput:
    """Read one file, or one table of a DuckDB file (`duckdb:///path/to/file.duckdb#table`), as text.

    >>> read_input("nowhere.csv")
    Traceback (most recent call last):
    ...
    ledger.errors.RefusedError: nowhere.csv: no such file
    """
    fmt = fmt or Format()
    address = str(path)
    if address.startswith("duckdb:") or fmt.type == "duckdb":
        return _read_duckdb(address, fmt)
    file = Path(path)
    if file.is_dir():
        raise RefusedError(f"{file}: is a folder; give one file, or use `--source canonical` for a folder of tables")
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise RefusedError(f"{file}: no such file") from None
    except OSError as error:
        raise RefusedError(f"{file}: cannot be read ({error.strerror})") from None
    digest = hashlib.sha256(data).hexdigest()
    if not data:
        raise RefusedError(f"{file}: the file is empty; {EXPORT}")
    if fmt.type == "parquet" or data[:4] == b"PAR1":
        return RawInput(file.name, digest, _read_parquet(file, data, fmt))
    return _read_csv(file, digest, _unzip(file, data), fmt)


def _unzip(file: Path, data: bytes) -> bytes:
    if data[:2] == b"PK":
        raise RefusedError(f"{file}: is a spreadsheet or a zip archive; save it as CSV and ingest that")
    if data[8:12] == b"DUCK":
        raise RefusedError(f"{file}: is a DuckDB file; name the table: duckdb:///{file}#table")
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        return gzip.decompress(data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RefusedError(f"{file}: the gzip file is truncated or damaged ({error}); copy it again") from None


def _as_utf8(file: Path, data: bytes, encoding: str) -> bytes:
    """The file's bytes as UTF-8, without a byte-order mark and blank lines before the header."""
    data = data.removeprefix(BOM)
    try:
        text = data.decode(encoding)
    except LookupError:
        raise RefusedError(f"{file}: unknown encoding '{encoding}'; use a name such as utf-8, latin-1 or cp1252") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        likely = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
        raise RefusedError(
            f"{file}: line {line}: byte 0x{data[error.start]:02x} is not {encoding};"
            f" state the file's own, for example `format: {{encoding: {likely}}}`, in the source file"
        ) from None
    if "\n" not in text:
        text = text.replace("\r", "\n")
    return text.removeprefix("\ufeff").lstrip("\r\n").encode()


def _headers(file: Path, data: bytes, fmt: Format) -> list[str]:
    """The header's names as they stand, but for blanks around them and line breaks within."""
    quoting: Any = {"quotechar": fmt.quote} if fmt.quote else {"quoting": csv.QUOTE_NONE}
    lines = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
    try:
        cells = next(csv.reader(lines, delimiter=fmt.separator, **quoting), [])
    except csv.Error as error:
        raise RefusedError(f"{file}: the header cannot be read ({error}): {OPEN_QUOTE}") from None
    if any("\n" in cell for cell in cells) and data.count(fmt.quote.encode()) % 2:
        raise RefusedError(f"{file}: the header: {OPEN_QUOTE}")
    if len(cells) == 1:
        for other in SEPARATORS:
            if other != fmt.separator and other in cells[0]:
                shown = "\\t" if other == "\t" else other
                raise RefusedError(
                    f"{file}: the header is one column and contains '{shown}'; set `format: {{separator: \"{shown}\"}}` in the source file"
                )
    return [re.sub(r"\s*[\r\n]+\s*", " ", cell).strip() or f"column {number}" for number, cell in enumerate(cells, 1)]


def _unique(names: list[str]) -> list[str]:
    """Names made unique the way spreadsheets do it (`due`, `due.1`): they differ by more than case."""
    taken = {ROW}
    result = []
    for name in names:
        candidate, count = name, 0
        while candidate.casefold() in taken:
            count += 1
            candidate = f"{name}.{count}"
        taken.add(candidate.casefold())
        result.append(candidate)
    return result


def _read_csv(file: Path, digest: str, data: bytes, fmt: Format) -> RawInput:
    from pyarrow import csv as arrow_csv

    data = _as_utf8(file, data, fmt.encoding)
    if not data.strip():
        raise RefusedError(f"{file}: the file is empty; {EXPORT}")
    headers = _headers(file, data, fmt)
    names = _unique(headers)
    malformed: list[Malformed] = []
    never_closed: list[int] = []

    def set_aside(row: Any) -> str:
        if "\n" in row.text.strip("\r\n"):
            # Not raised from here: the reader would tell of it and go on.
            never_closed.append(row.number - 1)
            return "error"
        rule = f"wrong number of fields: {row.actual_columns} instead of {row.expected_columns}"
        malformed.append(Malformed(row.number - 1, rule, row.text.strip()[:SHOWN]))
        return "skip"

    try:
        table = arrow_csv.read_csv(
            io.BytesIO(data if data.endswith(b"\n") else data + b"\n"),
            # One thread: only then does the reader number the rows it sets aside.
            read_options=arrow_csv.ReadOptions(column_names=names, skip_rows_after_names=1, use_threads=False, block_size=1 << 24),
            parse_options=arrow_csv.ParseOptions(
                delimiter=fmt.separator,
                quote_char=fmt.quote or False,
                newlines_in_values=bool(fmt.quote),
                invalid_row_handler=set_aside,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=list(fmt.null_values),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        if never_closed:
            raise RefusedError(f"{file}: row {never_closed[0]}: {OPEN_QUOTE}") from None
        raise RefusedError(f"{file}: cannot be read as CSV: {error}") from None
    _refuse_open_quote(file, data, table, fmt)
    numbers = _row_numbers(table.num_rows, [bad.source_row for bad in malformed])
    doubled = frozenset(name for name in headers if headers.count(name) > 1)
    return RawInput(file.name, digest, table.add_column(0, ROW, numbers), tuple(malformed), doubled)


def _refuse_open_quote(file: Path, data: bytes, table: pa.Table, fmt: Format) -> None:
    """A quote that is never closed swallows the rest of the file into one well-formed last row."""
    if fmt.quote and table.num_rows and data.count(fmt.quote.encode()) % 2:
        last = [column[-1].as_py() for column in table.columns]
        if any(value and "\n" in value for value in last):
            raise RefusedError(f"{file}: row {table.num_rows}: {OPEN_QUOTE}")


def _row_numbers(count: int, set_aside: list[int]) -> pa.Array:
    import numpy as np

    numbers = np.arange(1, count + len(set_aside) + 1, dtype=np.int64)
    return pa.array(np.delete(numbers, np.array(set_aside, dtype=np.int64) - 1))


def _read_parquet(file: Path, data: bytes, fmt: Format) -> pa.Table:
    import pyarrow.parquet as pq

    try:
        return _as_text(file, pq.read_table(io.BytesIO(data)), fmt)
    except (pa.ArrowInvalid, OSError) as error:
        raise RefusedError(f"{file}: is not a readable Parquet file ({type(error).__name__}): write it again") from None


def _read_duckdb(address: str, fmt: Format) -> RawInput:
    import duckdb

    location, _, table = address.removeprefix("duckdb:///").removeprefix("duckdb:").partition("#")
    file = Path(location)
    if not file.is_file() and Path("/", location).is_file():
        file = Path("/", location)
    if not file.is_file():
        raise RefusedError(f"{file}: no such file; a DuckDB table is named duckdb:///path/to/file.duckdb#table")
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            listed = connection.execute("select table_name from information_schema.tables where table_schema = 'main'").fetchall()
            names = [str(row[0]) for row in listed]
            if table not in names:
                raise RefusedError(f"{file}: no table '{table}'; {nearest(table, names)}")
            # DuckDB keeps no zone beside a moment; without this the zone of the machine would decide on the day.
            connection.execute("set TimeZone = 'UTC'")
            rows = connection.table(quoted(table)).to_arrow_table()
    except duckdb.Error as error:
        raise RefusedError(f"{file}: is not a readable DuckDB file ({str(error)[:120]})") from None
    text = _as_text(file, rows, fmt)
    return RawInput(f"{file.name}#{table}", _content_hash(text), text)


def _as_text(file: Path, table: pa.Table, fmt: Format) -> pa.Table:
    """Typed columns as ISO text."""
    import duckdb

    names = _unique([name.strip() for name in table.column_names])
    table = table.rename_columns(names)
    for place, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type) and column.type.tz:
            try:
                table = table.set_column(place, column.name, _on_its_clock(table[column.name]))
            except pa.ArrowInvalid as error:
                raise RefusedError(f"{file}: column '{column.name}': {error}; write the column as dates, or in UTC") from None
    with duckdb.connect(config={"enable_external_access": False}) as connection:
        for column in table.schema:
            try:
                connection.register("probe", table.select([column.name]).slice(0, 0))
                connection.execute("select * from probe")
            except duckdb.Error:
                other = "decimal(38,4)" if pa.types.is_decimal(column.type) else "text"
                raise RefusedError(f"{file}: column '{column.name}' is {column.type}, which is not read: write it as {other}") from None
        connection.register("typed", table)
        nulls = literals(("", *fmt.null_values))
        texts = ((_written(column), quoted(column.name)) for column in table.schema)
        columns = ", ".join(f"case when {text} not in ({nulls}) then {text} end as {name}" for text, name in texts)
        text = connection.sql(f"select {columns} from typed").to_arrow_table()
    return text.add_column(0, ROW, _row_numbers(text.num_rows, []))


def _written(column: pa.Field) -> str:
    """SQL of a column's text. Whole numbers that a null made floats are whole again: an invoice 10 is not called 10.0.

    Not from where on floats pass over whole numbers: nobody knows which one such an id was.
    """
    name = quoted(column.name)
    text = f"cast({name} as varchar)"
    if not pa.types.is_floating(column.type):
        return text
    exact = 2**24 if pa.types.is_float32(column.type) else 2**53
    return f"case when {name} = trunc({name}) and abs({name}) < {exact} then cast(try_cast({name} as bigint) as varchar) else {text} end"


def _on_its_clock(stamps: pa.ChunkedArray) -> pa.ChunkedArray:
    """Moments as the clocks of their column's own zone showed them, with the offset: midnight in Berlin stays on its day."""
    seconds = stamps.cast(pa.timestamp("s", stamps.type.tz), safe=False)
    return pc.strftime(seconds, format="%Y-%m-%d %H:%M:%S%z")


def _content_hash(table: pa.Table) -> str:
    """A hash of what a table says, for inputs that are not files of their own."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()
