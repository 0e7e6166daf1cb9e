"""Whatever the file's clothes, the same text comes out; what cannot be read says why."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ledger.errors import RefusedError
from ledger.reading import Format, read_input

Write = Callable[[str, str], Path]

PLAIN = "id,due\n007,2024-02-29\n008,\n"
ROWS = {"source_row": [1, 2], "id": ["007", "008"], "due": ["2024-02-29", None]}


@pytest.mark.parametrize(
    ("kind", "remedy"), [(pa.decimal256(50, 6), r"decimal256\(50, 6\), .*decimal\(38,4\)"), (pa.float16(), "halffloat, .*text")]
)
def test_a_type_that_is_not_read_is_refused_with_its_column(kind: pa.DataType, remedy: str, tmp_path: Path) -> None:
    rows = pa.table({"invoice_id": ["I1"], "amount": pa.array([None], kind)})
    pq.write_table(rows, tmp_path / "invoices.parquet")
    with pytest.raises(RefusedError, match=rf"invoices.parquet: column 'amount' is {remedy}$"):
        read_input(tmp_path / "invoices.parquet")


def test_csv_keeps_text_and_numbers_rows(write: Write) -> None:
    raw = read_input(write("a.csv", PLAIN))
    assert raw.table.to_pydict() == ROWS
    assert raw.source_rows == 2
    assert raw.headers == ["id", "due"]


def test_gzip_parquet_and_duckdb_give_the_same_text(tmp_path: Path) -> None:
    zipped = tmp_path / "a.csv.gz"
    zipped.write_bytes(gzip.compress(PLAIN.encode(), mtime=0))
    typed = pa.table({"id": ["007", "008"], "due": pa.array([date(2024, 2, 29), None], pa.date32())})
    pq.write_table(typed, tmp_path / "a.parquet")
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("create table bills (id varchar, due date)")
        connection.execute("insert into bills values ('007', '2024-02-29'), ('008', null)")
    for address in (zipped, tmp_path / "a.parquet", f"duckdb:///{tmp_path}/a.duckdb#bills"):
        assert read_input(address).table.to_pydict() == ROWS


def test_typed_columns_become_iso_text(tmp_path: Path) -> None:
    table = pa.table({"at": [datetime(2024, 2, 29, 23, 30)], "amount": [1234.5], "n": [7], "ok": [True]})
    pq.write_table(table, tmp_path / "t.parquet")
    raw = read_input(tmp_path / "t.parquet").table.to_pydict()
    assert (raw["at"], raw["amount"], raw["n"], raw["ok"]) == (["2024-02-29 23:30:00"], ["1234.5"], ["7"], ["true"])


@pytest.mark.parametrize(
    ("kind", "numbers", "shown"),
    [
        (pa.float64(), [10.0, None, -0.0, 1234.5, 1e-5], ["10", None, "0", "1234.5", "1e-05"]),
        (pa.float32(), [10.0, None, 0.5], ["10", None, "0.5"]),
        (pa.float64(), [2.0**53 - 1, 2.0**53, 1e300, float("inf")], ["9007199254740991", "9007199254740992.0", "1e+300", "inf"]),
        (pa.float32(), [2.0**24 - 1, 2.0**24], ["16777215", "16777216.0"]),
    ],
)
def test_whole_numbers_that_a_null_made_floats_are_whole_again(
    tmp_path: Path, kind: pa.DataType, numbers: list[float | None], shown: list[str | None]
) -> None:
    pq.write_table(pa.table({"n": pa.array(numbers, kind)}), tmp_path / "t.parquet")
    assert read_input(tmp_path / "t.parquet").table["n"].to_pylist() == shown


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Berlin", ["2024-02-01 00:00:00+0100", "2024-07-01 00:00:00+0200", None]),
        ("UTC", ["2024-01-31 23:00:00+0000", "2024-06-30 22:00:00+0000", None]),
        ("+05:30", ["2024-02-01 04:30:00+0530", "2024-07-01 03:30:00+0530", None]),
    ],
)
def test_a_moment_is_shown_on_the_clock_of_its_columns_zone(tmp_path: Path, zone: str, shown: list[str | None]) -> None:
    moments = [datetime(2024, 1, 31, 23, tzinfo=UTC), datetime(2024, 6, 30, 22, tzinfo=UTC), None]
    pq.write_table(pa.table({"at": pa.array(moments, pa.timestamp("ns", zone))}), tmp_path / "t.parquet")
    assert read_input(tmp_path / "t.parquet").table["at"].to_pylist() == shown


def test_a_zone_that_nobody_knows_is_named(tmp_path: Path) -> None:
    stamps = pa.array([datetime(2024, 1, 31, 23, tzinfo=UTC)]).cast(pa.timestamp("us", "Mars/Base"))
    pq.write_table(pa.table({"at": stamps}), tmp_path / "t.parquet")
    with pytest.raises(RefusedError, match=r"t.parquet: column 'at': .*'Mars/Base'.*; write the column as dates, or in UTC"):
        read_input(tmp_path / "t.parquet")


def test_the_zone_of_the_machine_does_not_decide_on_the_day_of_a_duckdb_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("create table bills as select timestamptz '2024-01-31 23:00:00+00' as at")
    for zone in ("America/New_York", "Asia/Tokyo"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert read_input(f"duckdb:///{tmp_path}/a.duckdb#bills").table["at"].to_pylist() == ["2024-01-31 23:00:00+0000"]
    monkeypatch.undo()
    time.tzset()


def test_byte_order_mark_is_not_part_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "bom.csv"
    path.write_bytes(b"\xef\xbb\xbf" + PLAIN.encode())
    assert read_input(path).headers == ["id", "due"]


@pytest.mark.parametrize("content", ["\n\n" + PLAIN, PLAIN.replace("\n", "\r\n"), PLAIN.replace("\n", "\r"), PLAIN.rstrip("\n")])
def test_line_ends_and_blank_lines_before_the_header_do_not_matter(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content.encode())
    assert read_input(path).table.to_pydict() == ROWS


def test_quotes_hold_separators_and_line_breaks(write: Write) -> None:
    raw = read_input(write("q.csv", 'id,note\n1,"a, b"\n2,"two\nlines"\n3,plain\n'))
    assert raw.table["note"].to_pylist() == ["a, b", "two\nlines", "plain"]
    assert raw.table["source_row"].to_pylist() == [1, 2, 3]


def test_a_row_with_too_few_or_too_many_fields_is_set_aside_and_keeps_its_number(write: Write) -> None:
    raw = read_input(write("m.csv", "id,due\n1,2024-01-01\n2\n3,2024-01-03\n4,x,y\n5,2024-01-05"))
    assert raw.table["source_row"].to_pylist() == [1, 3, 5]
    assert [(bad.source_row, bad.rule) for bad in raw.malformed] == [
        (2, "wrong number of fields: 1 instead of 2"),
        (4, "wrong number of fields: 3 instead of 2"),
    ]
    assert raw.source_rows == 5


def test_headers_that_repeat_are_told_apart(write: Write) -> None:
    assert read_input(write("h.csv", "due,Due,,due\n1,2,3,4\n")).headers == ["due", "Due.1", "column 3", "due.2"]


def test_a_header_may_hold_a_line_break_in_quotes(write: Write) -> None:
    raw = read_input(write("h.csv", 'id,"due\ndate"\n1,2\n3,4\n'))
    assert (raw.headers, raw.table["due date"].to_pylist()) == (["id", "due date"], ["2", "4"])


def test_separator_encoding_and_nulls_are_settings(tmp_path: Path) -> None:
    path = tmp_path / "de.csv"
    path.write_bytes("Nummer;Name\n1;Müller\n2;NA\n".encode("cp1252"))
    raw = read_input(path, Format(separator=";", encoding="cp1252", null_values=("", "NA")))
    assert raw.table["Name"].to_pylist() == ["Müller", None]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (gzip.compress(PLAIN.encode() * 50, mtime=0)[:-20], "the gzip file is truncated or damaged"),
        (b"id,name\n1,ok\n2,M\xfcller\n", r"line 3: byte 0xfc is not utf-8; .*encoding: latin-1"),
        ("id,due\n1,2\n".encode("utf-16"), r"line 1: byte 0xff is not utf-8; .*encoding: utf-16"),
        (b"id;due\n1;2\n", r"the header is one column and contains ';'; set `format: {separator: .;.}`"),
        (b"id\tdue\n1\t2\n", r"contains '\\t'; set `format: {separator"),
        (b"PK\x03\x04", "is a spreadsheet or a zip archive; save it as CSV"),
        (b"PAR1 and no more", "is not a readable Parquet file"),
        (b'id,"due\n1,2\n3,4\n', "the header: a quote is opened and never closed"),
        (b'id,due\n1,"open\n2,3\n4,5\n', "row 1: a quote is opened and never closed"),
        (b'id,due\n1,2\n3,"4\n5,6\n', "row 2: a quote is opened and never closed"),
        (b'id,who,due\n1,"open,2\n2,3,4\n', "row 1: a quote is opened and never closed"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_helps(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(RefusedError, match=message):
        read_input(path)


def test_a_missing_table_names_the_nearest(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("create table invoices (id varchar)")
    with pytest.raises(RefusedError, match="no table 'invoice'; did you mean 'invoices'"):
        read_input(f"duckdb:///{tmp_path}/a.duckdb#invoice")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="is a folder; give one file"):
        read_input(tmp_path)
