"""How a source file turns text into facts, one rule a test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ledger.errors import RefusedError, UsageError
from ledger.mapping import Mapping, map_input
from ledger.reading import read_input
from ledger.sources import parse_source

Write = Callable[[str, str], Path]

INVOICES = {
    "invoice_id": "no",
    "customer_id": "cust",
    "issued_on": "issued",
    "due_on": "due",
    "amount": "net",
    "currency": "{const: EUR}",
}
ROW = "no,cust,issued,due,net\n1,C,2024-02-29,2024-03-30,10\n"


def mapped(path: Path, settings: str = "", reached_us: date | None = None, **columns: str) -> Mapping:
    """Map a file to invoices; `columns` replace the usual ones."""
    listed = ", ".join(f"{name}: {value}" for name, value in {**INVOICES, **columns}.items())
    source = parse_source(f"tables: {{invoices: {{columns: {{{listed}}}}}}}\n{settings}", origin="acme.yaml")
    return map_input(source, read_input(path, source.format), 0, reached_us)


def first(mapping: Mapping) -> dict[str, Any]:
    row: dict[str, Any] = mapping.tables[0].rows.to_pylist()[0]
    return row


def test_a_leap_day_is_a_day(write: Write) -> None:
    row = first(mapped(write("a.csv", ROW)))
    assert (row["issued_on"], row["due_on"], row["amount"]) == (date(2024, 2, 29), date(2024, 3, 30), Decimal(10))


def test_the_29th_of_february_of_another_year_is_kept_as_text_only(write: Write) -> None:
    one = mapped(write("a.csv", ROW.replace("2024-02-29", "2023-02-29"))).tables[0]
    assert one.rows["issued_on"].to_pylist() == [None]
    assert one.text["issued_on"].to_pylist() == ["2023-02-29"]


@pytest.mark.parametrize(
    ("text", "settings", "amount"),
    [
        ("1e+05", "", Decimal(100_000)),
        ("1.5", "", Decimal("1.5")),
        ('"1,5"', "", None),
        ('"1.234,56"', "format: {decimal: ',', thousands: '.'}", Decimal("1234.56")),
        ('"1234,56"', "format: {decimal: ','}", Decimal("1234.56")),
        ("1.234", "format: {decimal: ','}", None),
        ('"1,234.56"', "format: {thousands: ','}", Decimal("1234.56")),
        ('"12,34,567.8"', "format: {thousands: ','}", Decimal("1234567.8")),
        ("1234567.8", "format: {thousands: ','}", Decimal("1234567.8")),
        ("1'234'567", 'format: {thousands: "\'"}', Decimal(1234567)),
        ("1\u00a0234", 'format: {thousands: "\u00a0"}', Decimal(1234)),
        ('"963,20"', "format: {thousands: ','}", None),
        ("963.20", "format: {decimal: ',', thousands: '.'}", None),
        ('"2,545.35"', "format: {decimal: ',', thousands: '.'}", None),
        ("1_000", "", None),
        ("-3", "", Decimal(-3)),
        ("nan", "", None),
        ("12 EUR", "", None),
    ],
)
def test_numbers_are_read_as_the_source_writes_them(write: Write, text: str, settings: str, amount: Decimal | None) -> None:
    assert first(mapped(write("a.csv", ROW.replace(",10\n", f",{text}\n")), settings))["amount"] == amount


def test_semicolons_and_decimal_commas_together(write: Write) -> None:
    path = write("a.csv", "no;cust;issued;due;net\n1;C;29.02.2024;30.03.2024;1.234,50\n")
    row = first(mapped(path, "format: {separator: ';', decimal: ',', thousands: '.'}\ndates: '%d.%m.%Y'"))
    assert (row["issued_on"], row["amount"]) == (date(2024, 2, 29), Decimal("1234.5"))


@pytest.mark.parametrize(
    ("text", "settings", "day"),
    [
        ("2024-02-28 23:30:00", "timezone: {from: UTC, to: Africa/Lagos}", date(2024, 2, 29)),
        ("2024-02-28 23:30:00", "", date(2024, 2, 28)),
        ("2024-02-29", "timezone: {from: UTC, to: America/New_York}", date(2024, 2, 29)),
        ("2024-02-29 03:00:00", "timezone: {from: UTC, to: America/New_York}", date(2024, 2, 28)),
        ("2024-02-29T01:00:00+05:00", "timezone: {from: UTC, to: Africa/Lagos}", date(2024, 2, 28)),
        ("29/02/2024 23:30", "timezone: {from: UTC, to: Africa/Lagos}\ndates: '%d/%m/%Y %H:%M'", date(2024, 3, 1)),
        ("28.02.2024 23:30:00 +0000", "timezone: {from: Africa/Lagos, to: Africa/Lagos}\ndates: '%d.%m.%Y %H:%M:%S %z'", date(2024, 2, 29)),
        ("29.02.2024 00:30:00 +0200", "dates: '%d.%m.%Y %H:%M:%S %z'", date(2024, 2, 29)),
        ("2024-02-29T00:30:00+02:00", "dates: '%Y-%m-%dT%H:%M:%S%z'", date(2024, 2, 29)),
        ("29.02.2024 23:30 America/Port-au-Prince", "dates: '%d.%m.%Y %H:%M %Z'", date(2024, 2, 29)),
        ("Feb 29 00:30 +0200 2024", "timezone: {from: UTC, to: America/New_York}\ndates: '%b %d %H:%M %z %Y'", date(2024, 2, 28)),
        ("29/02/2024", "dates: ['%Y%m%d', '%d/%m/%Y']", date(2024, 2, 29)),
        ("infinity", "", None),
        ("31/12/2024", "", None),
    ],
)
def test_a_time_stamp_becomes_a_local_day_once(write: Write, text: str, settings: str, day: date | None) -> None:
    assert first(mapped(write("a.csv", ROW.replace("2024-02-29", text)), settings))["issued_on"] == day


@pytest.mark.parametrize(
    ("settings", "day"),
    [
        ("", date(2024, 2, 1)),
        ("timezone: {from: UTC, to: UTC}", date(2024, 1, 31)),
        ("timezone: {from: UTC, to: Asia/Tokyo}", date(2024, 2, 1)),
    ],
)
def test_a_parquet_column_with_a_zone_gives_the_same_days_as_its_text(write: Write, tmp_path: Path, settings: str, day: date) -> None:
    """Midnight in Berlin: the column's own day, and with a stated zone the day there."""
    midnight = pd.Timestamp("2024-02-01", tz="Europe/Berlin")
    typed = pd.DataFrame({"no": ["1"], "cust": "C", "issued": midnight, "due": "2024-03-30", "net": 10})
    typed.to_parquet(tmp_path / "a.parquet")
    text = write("a.csv", ROW.replace("2024-02-29", "2024-02-01T00:00:00+01:00"))
    assert [first(mapped(file, settings))["issued_on"] for file in (tmp_path / "a.parquet", text)] == [day, day]


def test_a_local_time_stamp_is_left_alone(write: Write) -> None:
    path = write("a.csv", ROW.replace("2024-02-29", "2024-02-28 23:30:00"))
    zone = "timezone: {from: UTC, to: Africa/Lagos}"
    assert first(mapped(path, zone, issued_on="{column: issued, local: true}"))["issued_on"] == date(2024, 2, 28)


def test_an_issue_date_by_rule_is_assumed_and_says_so(write: Write) -> None:
    path = write("a.csv", ROW)
    assert first(mapped(path))["issued_on_assumed"] is False
    row = first(mapped(path, issued_on="{days_before: due_on, days: 15}"))
    assert (row["issued_on"], row["issued_on_assumed"], row["known_on"]) == (date(2024, 3, 15), True, date(2024, 3, 15))


def test_a_due_date_counts_from_the_issue_by_a_header(write: Write) -> None:
    path = write("a.csv", ROW.replace("2024-03-30", "30"))
    row = first(mapped(path, due_on="{days_after: issued_on, days: due}"))
    assert (row["due_on"], row["issued_on_assumed"]) == (date(2024, 3, 30), False)


@pytest.mark.parametrize("days", ["30.6", "9999999999", "2147483647", "soon"])
def test_a_count_of_days_that_makes_no_date_is_kept_as_text_only(write: Write, days: str) -> None:
    one = mapped(write("a.csv", ROW.replace("2024-03-30", days)), due_on="{days_after: issued_on, days: due}").tables[0]
    assert (one.rows["due_on"].to_pylist(), one.text["due_on"].to_pylist()) == ([None], [days])


def test_days_counted_from_no_date_are_not_to_blame(write: Write) -> None:
    one = mapped(write("a.csv", "no,cust,issued,due,net\n1,C,,30,10\n"), due_on="{days_after: issued_on, days: due}").tables[0]
    assert (one.rows["due_on"].to_pylist(), one.text["due_on"].to_pylist()) == ([None], [None])


def test_a_column_counted_from_itself_is_refused(write: Write) -> None:
    with pytest.raises(UsageError, match="counted from itself"):
        mapped(write("a.csv", ROW), issued_on="{days_before: due_on, days: 1}", due_on="{days_after: issued_on, days: 1}")


def test_where_leaves_rows_out_and_counts_them(write: Write) -> None:
    path = write("a.csv", ROW + "2,,2024-01-01,2024-01-31,5\n3,D,2024-01-01,2024-01-31,5\n")
    mapping = mapped(path, "where: cust = 'C'")
    assert (mapping.skipped, mapping.undecided, mapping.tables[0].rows["source_row"].to_pylist()) == (2, (), [1])


def test_a_where_that_cannot_read_what_it_asks_for_leaves_nothing_out(write: Write) -> None:
    path = write("a.csv", ROW + '2,C,2024-01-01,2024-01-31,"1,200.00"\n3,C,2024-01-01,2024-01-31,-5\n4,C,2024-01-01,2024-01-31,\n')
    mapping = mapped(path, "where: as_number(net) > 0")
    assert (mapping.skipped, mapping.undecided, mapping.tables[0].rows["source_row"].to_pylist()) == (2, (2,), [1])


def test_an_empty_column_answers_no_whatever_its_header(write: Write) -> None:
    path = write("a.csv", ROW.replace("net", "net (EUR)") + "2,C,2024-01-01,2024-01-31,\n3,C,2024-01-01,2024-01-31,x\n")
    mapping = mapped(path, """where: 'as_number("net (EUR)") > 0'""", amount="net (EUR)")
    assert (mapping.skipped, mapping.undecided, mapping.tables[0].rows["source_row"].to_pylist()) == (1, (3,), [1])


def test_an_assumed_date_of_no_year_is_known_from_the_first_on(write: Write) -> None:
    path = write("a.csv", ROW + "2,C,1899-01-01,2024-01-31,5\n3,C,2199-01-01,2024-01-31,5\n")
    rows = mapped(path, issued_on_assumed="{const: true}").tables[0].rows
    assert rows["known_on"].to_pylist() == [date(2024, 2, 29), date(1990, 1, 1), date(2099, 12, 31)]


def test_derived_columns_and_expressions_read_numbers_and_days_as_the_source_does(write: Write) -> None:
    path = write("a.csv", "no;cust;issued;due;net\n0007.0;C;29.02.2024;30.03.2024;1,5\n")
    settings = """
format: {separator: ';', decimal: ','}
dates: '%d.%m.%Y'
derived:
  bill: regexp_replace(ltrim(no, '0'), '[.]0$', '')
"""
    row = first(mapped(path, settings, invoice_id="bill", amount="{sql: as_number(net) * 2}", due_on="{sql: as_day(due) + 1}"))
    assert (row["invoice_id"], row["amount"], row["due_on"]) == ("7", Decimal(3), date(2024, 3, 31))


def test_known_on_is_stated_or_given_or_the_facts_own_date(write: Write) -> None:
    path = write("a.csv", ROW)
    assert first(mapped(path))["known_on"] == date(2024, 2, 29)
    assert first(mapped(path, known_on="due"))["known_on"] == date(2024, 3, 30)
    assert first(mapped(path, "", date(2024, 6, 1)))["known_on"] == date(2024, 6, 1)
    assert first(mapped(path, "", date(2020, 1, 1)))["known_on"] == date(2024, 2, 29)


def test_ids_are_the_sources_text_and_a_prefix_goes_before_all_of_them(write: Write) -> None:
    path = write("a.csv", ROW.replace("\n1,", "\n0001,"))
    assert first(mapped(path))["invoice_id"] == "0001"
    row = first(mapped(path, "id_prefix: ACME-"))
    assert (row["invoice_id"], row["customer_id"]) == ("ACME-0001", "ACME-C")


def test_a_prefix_leaves_customers_that_meet_another_source(write: Write) -> None:
    row = first(mapped(write("a.csv", ROW), "id_prefix: ACME-\nshares_customers_with: [erp]"))
    assert (row["invoice_id"], row["customer_id"]) == ("ACME-1", "C")


def test_a_missing_column_names_the_nearest_header(write: Write) -> None:
    path = write("bills.csv", ROW.replace("net", "nett"))
    with pytest.raises(RefusedError, match=r"bills.csv: no column 'net' \(needed for invoices.amount\); did you mean 'nett'"):
        mapped(path)
    with pytest.raises(RefusedError, match=r"no column 'net' .*did you mean 'nett'"):
        mapped(path, amount="{sql: as_number(net)}")


def test_an_expression_cannot_leave_its_file(write: Write) -> None:
    path = write("a.csv", ROW)
    with pytest.raises(UsageError, match=r"source acme: .*disabled"):
        mapped(path, amount=f"{{sql: (select max(no) from '{path}')}}")
    with pytest.raises(UsageError, match="source acme: "):
        mapped(path, "where: no =")
