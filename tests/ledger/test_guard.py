"""The checks come from the table definitions; each one catches what it is there for and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.canonical import canonical_source
from ledger.checks import checks
from ledger.guard import Guard, values_frame
from ledger.mapping import Mapped, map_input
from ledger.reading import read_input
from ledger.sources import load_source
from ledger.tables import TABLES

Write = Callable[[str, str], Path]

INVOICE = {
    "invoice_id": "I1",
    "customer_id": "C1",
    "issued_on": "2024-01-02",
    "issued_on_assumed": "false",
    "due_on": "2024-02-01",
    "amount": "10.00",
    "currency": "USD",
    "known_on": "2024-01-02",
}
PROMISE = {
    "promise_id": "R1",
    "customer_id": "C1",
    "invoice_id": "",
    "promised_on": "2024-03-20",
    "due_on": "2024-03-10",
    "amount": "10",
    "known_on": "2024-03-20",
}
DISPUTE = {
    "dispute_id": "D1",
    "invoice_id": "I1",
    "customer_id": "C1",
    "opened_on": "2024-03-01",
    "closed_on": "2024-04-01",
    "known_on": "2024-03-01",
}
CONTACT = {"contact_id": "K1", "customer_id": "C1", "contacted_on": "2024-03-01", "channel": "phone", "reason_code": "forgot"}


def table(write: Write, name: str, *rows: dict[str, str]) -> Mapped:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    raw = read_input(write(f"{name}.csv", "\n".join(lines) + "\n"))
    return map_input(canonical_source(load_source("canonical"), name, raw), raw).tables[0]


def found(write: Write, name: str, row: dict[str, str]) -> set[tuple[str, str]]:
    mapped = table(write, name, row)
    failures = Guard().examine(mapped.table, "values", values_frame(mapped))
    return set(zip(failures["column"], failures["rule"], strict=True))


def test_every_column_that_must_be_there_is_checked() -> None:
    for definition in TABLES.values():
        tested = {check.column for check in checks(definition) if check.rule == "missing"}
        assert tested >= {column.name for column in definition.columns if column.required}
        references = {check.column for check in checks(definition) if check.stage == "references"}
        assert references >= {column for column, _ in definition.references}


def test_a_good_row_passes(write: Write) -> None:
    assert found(write, "invoices", INVOICE) == set()
    assert found(write, "disputes", DISPUTE) == set()
    assert found(write, "disputes", {**DISPUTE, "opened_on": "", "known_on": ""}) == set(), "its invoice may give it a day"
    assert found(write, "contacts", CONTACT) == set()


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("invoice_id", "", "missing"),
        ("customer_id", " ", "missing"),
        ("due_on", "", "missing"),
        ("due_on", "soon", "not a date"),
        ("due_on", "9999-12-31", "not between 1990 and 2099"),
        ("due_on", "2024-01-01", "due before it was issued"),
        ("due_on", "2054-01-01", "due more than ten years after it was issued"),
        ("issued_on", "1789-07-14", "not between 1990 and 2099"),
        ("issued_on_assumed", "perhaps", "not yes or no"),
        ("amount", "ten", "not a number"),
        ("amount", "0", "not positive"),
        ("amount", "-10", "not positive"),
        ("amount", "1e11", "absurdly large"),
        ("currency", "usd", "not a currency code of three capitals"),
        ("currency", "", "missing"),
        ("known_on", "2024-01-01", "known before it happened"),
        ("known_on", "later", "not a date"),
    ],
)
def test_a_bad_invoice_fails_the_check_that_is_there_for_it(write: Write, column: str, value: str, rule: str) -> None:
    assert (column, rule) in found(write, "invoices", {**INVOICE, column: value})


@pytest.mark.parametrize("column", ["issued_on", "due_on"])
def test_a_check_on_an_assumed_date_never_fails(write: Write, column: str) -> None:
    early = {**INVOICE, "issued_on_assumed": "true", "due_on": "1990-01-05", "issued_on": "1989-12-21", "known_on": "1990-01-05"}
    assert found(write, "invoices", early) == set()
    assert found(write, "invoices", {**INVOICE, "issued_on_assumed": "true", "issued_on": "2024-03-01", "known_on": "2024-02-01"}) == set()


@pytest.mark.parametrize(
    ("name", "row", "failure"),
    [
        ("disputes", {**DISPUTE, "closed_on": "2024-02-01"}, ("closed_on", "closed before it was opened")),
        ("promises", PROMISE, ("due_on", "promised for a day before it was promised")),
        ("contacts", {**CONTACT, "reason_code": "shy"}, ("reason_code", "not one of hardship, cash_management, forgot, dispute,"
         " no_communication, unwilling, other")),
        ("contacts", {**CONTACT, "channel": "pigeon"}, ("channel", "not one of email, sms, phone, letter")),
    ],
)  # fmt: skip
def test_other_tables(write: Write, name: str, row: dict[str, str], failure: tuple[str, str]) -> None:
    assert failure in found(write, name, row)


def test_the_pages_count_and_show_no_value(write: Write, tmp_path: Path) -> None:
    guard = Guard()
    mapped = table(write, "customers", {"customer_id": "C1", "name": "Jane Roe", "kind": "Jane Roe"})
    assert len(guard.examine(mapped.table, "values", values_frame(mapped))) == 1
    index = guard.write_pages(tmp_path / "docs")
    page = (tmp_path / "docs" / "customers.html").read_text()
    assert "customers.html" in index.read_text()
    assert "1 with bad rows" in index.read_text()
    assert "sole_trader" in page
    assert "Jane Roe" not in page


def test_only_the_last_pages_are_kept(write: Write, tmp_path: Path) -> None:
    for name, row in (("invoices", INVOICE), ("contacts", CONTACT)):
        guard = Guard()
        mapped = table(write, name, row)
        guard.examine(mapped.table, "values", values_frame(mapped))
        guard.write_pages(tmp_path / "docs")
    assert sorted(path.name for path in (tmp_path / "docs").iterdir()) == ["contacts.html", "index.html"]
