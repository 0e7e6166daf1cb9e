"""Bad input: a clear error or a quarantine row, and a ledger that is byte for byte as it was."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import RefusedError, UsageError
from ledger.ingest import ingest
from ledger.store import Store

Write = Callable[[str, str], Path]
Canonical = Callable[..., Path]
State = Callable[[], dict[str, bytes]]

HEADER = "invoice_id,customer_id,issued_on,due_on,amount,currency\n"
GOOD = "".join(f"N{n},C1,2024-03-01,2024-03-31,10.00,USD\n" for n in range(1, 10))


@pytest.fixture
def loaded(store: Store, canonical: Canonical) -> Store:
    """A ledger that something good was loaded into before."""
    ingest(store, "canonical", canonical())
    return store


def quarantine(store: Store) -> list[tuple[Any, ...]]:
    columns = ["source_row", "table", "column", "rule", "value"]
    return [tuple(row.values()) for row in store.read("quarantine", columns).to_pylist()]


def refused(store: Store, state: State, path: Path, message: str) -> None:
    before = state()
    with pytest.raises(RefusedError, match=message):
        ingest(store, "canonical", path)
    assert state() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "invoices.csv: the file is empty; export it again; for a table without rows its header alone will do"),
        (HEADER.encode(), "no rows under the header; export it again with its rows"),
        (
            HEADER.replace("due_on", "due_date").encode() + GOOD.encode(),
            r"invoices.csv: no column 'due_on'; did you mean 'due_date'\? \(rename the header, or say in a source file of your own",
        ),
        (HEADER.replace("due_on", "zahlbar").encode() + GOOD.encode(), r"no column 'due_on'; known: zahlbar \(rename the header"),
        (HEADER.replace("due_on", "due_onn").encode() + GOOD.encode(), "invoices.csv: no column 'due_on'; did you mean 'due_onn'"),
        ((HEADER + GOOD).replace(",C1,", ",Müller,").encode("latin-1"), "invoices.csv: line 2: byte 0xfc is not utf-8"),
        ((HEADER + GOOD).replace(",", ";").encode(), "the header is one column and contains ';'"),
        ((HEADER.strip() + ",bussiness_unit\n" + GOOD).encode(), "unknown column 'bussiness_unit'; did you mean 'business_unit'"),
    ],
    ids=["empty", "header only", "another name", "another language", "missing column", "encoding", "semicolons", "misspelt"],
)
def test_a_file_that_cannot_be_taken_is_refused(loaded: Store, tmp_path: Path, state: State, content: bytes, message: str) -> None:
    (tmp_path / "next").mkdir()
    (tmp_path / "next" / "invoices.csv").write_bytes(content)
    refused(loaded, state, tmp_path / "next", message)


def test_a_truncated_gzip_is_refused(loaded: Store, tmp_path: Path, state: State) -> None:
    (tmp_path / "next").mkdir()
    (tmp_path / "next" / "invoices.csv.gz").write_bytes(gzip.compress((HEADER + GOOD).encode(), mtime=0)[:-12])
    refused(loaded, state, tmp_path / "next", "the gzip file is truncated or damaged .*copy it again")


def test_a_byte_order_mark_is_taken_off(loaded: Store, tmp_path: Path) -> None:
    (tmp_path / "next").mkdir()
    (tmp_path / "next" / "invoices.csv").write_bytes(b"\xef\xbb\xbf" + (HEADER + GOOD).encode())
    assert ingest(loaded, "canonical", tmp_path / "next").inputs[0].loaded == 9


def test_semicolons_and_decimal_commas_are_settings_of_a_copied_source(store: Store, canonical: Canonical, write: Write) -> None:
    german = canonical(
        customers="customer_id;name\nC1;Erle\n",
        invoices="invoice_id;customer_id;issued_on;due_on;amount;currency\nI1;C1;29.02.2024;30.03.2024;1.234,50;EUR\n",
        payments="payment_id;invoice_id;customer_id;paid_on;amount;currency\nP1;I1;C1;01.04.2024;0,5;EUR\n",
    )
    settings = """
        name: haus
        layout: canonical
        format: {separator: ";", decimal: ",", thousands: "."}
        dates: "%d.%m.%Y"
        id_prefix: H-
    """
    ingest(store, str(write("haus.yaml", settings)), german)
    invoice = store.read("invoices", ["invoice_id", "customer_id", "issued_on", "amount"]).to_pylist()
    assert invoice == [{"invoice_id": "H-I1", "customer_id": "H-C1", "issued_on": date(2024, 2, 29), "amount": Decimal("1234.5")}]
    assert store.read("payments", ["amount"]).to_pylist() == [{"amount": Decimal("0.5")}]


@pytest.mark.parametrize(
    ("row", "failure"),
    [
        ("N1,C1,2024-03-01,2024-03-31,99.00,USD", ("invoice_id", "duplicate id with other content", "N1")),
        ("B,C1,2024-03-01,2024-02-28,10,USD", ("due_on", "due before it was issued", "2024-02-28")),
        ("B,C1,2024-03-01,2024-03-31,-10,USD", ("amount", "not positive", "-10")),
        ("B,C1,2024-03-01,2024-03-31,1e15,USD", ("amount", "absurdly large", "1e15")),
        ("B,C1,2024-03-01,2024-03-31,1e30,USD", ("amount", "absurdly large", "1e30")),
        ("B,C1,2024-03-01,9999-12-31,10,USD", ("due_on", "not between 1990 and 2099", "9999-12-31")),
        ("B,C1,9999-12-31,9999-12-31,10,USD", ("issued_on", "not between 1990 and 2099", "9999-12-31")),
        ("B,C1,2023-02-29,2024-03-31,10,USD", ("issued_on", "not a date", "2023-02-29")),
        ("B,C7,2024-03-01,2024-03-31,10,USD", ("customer_id", "unknown customer", "C7")),
        ("B,C1,2024-03-01,2024-03-31,10,usd", ("currency", "not a currency code of three capitals", "usd")),
    ],
)
def test_a_bad_invoice_goes_to_quarantine_and_the_rest_loads(loaded: Store, write: Write, row: str, failure: tuple[str, str, str]) -> None:
    report = ingest(loaded, "canonical", write("next/invoices.csv", HEADER + GOOD + row + "\n").parent)
    column, rule, value = failure
    assert (10, "invoices", column, rule, value) in quarantine(loaded)
    assert {found[0] for found in quarantine(loaded)} == {10}
    assert (report.inputs[0].source_rows, report.inputs[0].loaded, report.inputs[0].quarantined) == (10, 9, 1)
    stored = [one["invoice_id"] for one in loaded.read("invoices", ["invoice_id"]).to_pylist()]
    assert stored == ["I1", "I2", "I3", "I4", "I5", *(f"N{n}" for n in range(1, 10))]


@pytest.mark.parametrize("sure", ["95", "-1", "1.01"])
def test_a_label_is_sure_from_0_to_1_and_not_in_percent(loaded: Store, write: Write, sure: str) -> None:
    labels = "label_id,customer_id,debtor_type,labelled_on,confidence\n"
    labels += "".join(f"L{n},C1,intentional,2024-02-11,{good}\n" for n, good in enumerate(["", "0", "1", *["0.95"] * 6], start=1))
    report = ingest(loaded, "canonical", write("next/type_labels.csv", f"{labels}B,C1,intentional,2024-02-11,{sure}\n").parent)
    assert quarantine(loaded) == [(10, "type_labels", "confidence", "not between 0 and 1", sure)]
    assert report.inputs[0].loaded == 9


def test_an_identical_duplicate_counts_as_loaded(loaded: Store, write: Write) -> None:
    report = ingest(loaded, "canonical", write("next/invoices.csv", HEADER + GOOD + GOOD.splitlines()[0] + "\n").parent)
    assert (report.inputs[0].loaded, report.inputs[0].quarantined) == (10, 0)
    assert loaded.read("invoices").num_rows == 5 + 9


@pytest.mark.parametrize(
    ("row", "failure"),
    [
        ("B,I99,C1,2024-02-05,10,USD", ("invoice_id", "unknown invoice", "I99")),
        ("B,I1,C1,2024-02-05,10,EUR", ("currency", "currency differs from its invoice's", "EUR")),
        ("B,I1,C1,2024-02-05,-10,USD", ("amount", "negative", "-10")),
        ("B,I1,C1,2024-02-05,10", ("", "wrong number of fields: 5 instead of 6", "B,I1,C1,2024-02-05,10")),
    ],
)
def test_a_bad_payment_goes_to_quarantine(loaded: Store, write: Write, row: str, failure: tuple[str, str, str]) -> None:
    good = "".join(f"Q{n},I2,C1,2024-02-05,10,USD\n" for n in range(1, 10))
    path = write("next/payments.csv", "payment_id,invoice_id,customer_id,paid_on,amount,currency\n" + good + row + "\n")
    ingest(loaded, "canonical", path.parent)
    assert quarantine(loaded) == [(10, "payments", *failure)]


def test_what_hangs_on_a_bad_row_is_quarantined_with_it(store: Store, canonical: Canonical) -> None:
    """The customer C2 is bad; so are its invoices and payments, and the payment that C1 made for it."""
    payments = """
        payment_id,invoice_id,customer_id,paid_on,amount,currency
        P1,I1,C1,2024-02-05,100.00,USD
        P3,I3,C2,2024-02-10,80.00,EUR
        P4,I4,C1,2024-02-19,40.00,EUR
    """
    folder = canonical(customers="customer_id,kind\nC1,business\nC2,firm\n", payments=payments)
    with pytest.raises(RefusedError, match=r"(?s)customers.csv: .*\nrows of invoices.csv wait for what is refused: 3\n"):
        ingest(store, "canonical", folder)
    ingest(store, "canonical", folder, max_bad_share=1.0)
    assert {(row, table, rule) for row, table, _, rule, _ in quarantine(store)} == {
        (2, "customers", "not one of business, sole_trader, consumer"),
        *((row, "invoices", "unknown customer") for row in (3, 4, 5)),
        (2, "payments", "unknown customer"),
        (3, "payments", "unknown invoice"),
    }
    assert [row["payment_id"] for row in store.read("payments", ["payment_id"]).to_pylist()] == ["P1"]


def test_too_many_bad_rows_refuse_the_whole_and_name_the_worst_rules(loaded: Store, write: Write, state: State) -> None:
    text = HEADER + GOOD.replace("10.00", '"10,00"') + "B,C1,2024-03-01,2024-02-28,10,USD\n"
    path = write("next/invoices.csv", text).parent
    message = (
        r"(?s)invoices.csv: 10 of 10 rows are bad, more than 20%; nothing was loaded\n"
        r"  invoices.amount: not a number in 9 rows, first in row 1 \('10,00'\); state `format: {decimal: \",\".*\n"
        r"  invoices.due_on: due before it was issued in 1 row, row 10 \('2024-02-28'\)"
    )
    refused(loaded, state, path, message)


@pytest.mark.parametrize("amounts", [("2,545.35", "963.20"), ("2.545,35", "963,20"), ("2'545.35", "963.20"), ("25,45,000.35", "963.20")])
def test_the_remedy_for_numbers_reads_the_numbers_that_were_refused(
    store: Store, canonical: Canonical, write: Write, amounts: tuple[str, str]
) -> None:
    """The source that a person writes, word for word as told."""
    rows = "".join(f'I{n},C1,2024-03-01,2024-03-31,"{amount}",USD\n' for n, amount in enumerate(amounts * 3))
    payments = "payment_id,invoice_id,customer_id,paid_on,amount,currency\n"
    folder = canonical(invoices=HEADER + rows, payments=payments)
    with pytest.raises(RefusedError, match="not a number") as refusal:
        ingest(store, "canonical", folder)
    told = re.search(r"state `(format: {.*})` in the source file", str(refusal.value))
    assert told
    ingest(store, str(write("mine.yaml", f"name: mine\nlayout: canonical\n{told[1]}\n")), folder)
    found = {row["amount"] for row in store.read("invoices", ["amount"]).to_pylist()}
    assert found == {Decimal("2545000.35" if amounts[0].startswith("25,") else "2545.35"), Decimal("963.2")}


def test_rows_left_out_by_the_source_do_not_dilute_the_bad_share(store: Store, write: Write, state: State) -> None:
    source = """
        name: erp
        where: use = 'y'
        tables:
          customers: {columns: {customer_id: cust}}
          invoices: {columns: {invoice_id: no, customer_id: cust, issued_on: day, due_on: due, amount: net, currency: {const: USD}}}
    """
    good, bad, left_out = "1,C,2024-03-01,2024-03-31,10,y\n", "2,C,2024-03-01,soon,10,y\n", "3,C,2024-03-01,soon,10,n\n"
    path = write("book.csv", "no,cust,day,due,net,use\n" + good + bad + left_out * 20)
    with pytest.raises(RefusedError, match="1 of 2 rows are bad"):
        ingest(store, str(write("erp.yaml", source)), path)
    assert state() == {}


def test_an_absurd_count_of_days_is_one_bad_row_and_found_by_its_text(store: Store, write: Write) -> None:
    source = """
        name: erp
        tables:
          customers: {columns: {customer_id: cust}}
          invoices:
            columns:
              due_on: {days_after: issued_on, days: term}
              invoice_id: no
              customer_id: cust
              issued_on: day
              amount: net
              currency: {const: USD}
    """
    terms = ["30"] * 16 + ["30.6", "9999999999", "99999999", "-5"]
    path = write("book.csv", "no,cust,day,term,net\n" + "".join(f"I{n},C,2024-03-01,{term},10\n" for n, term in enumerate(terms, 1)))
    ingest(store, str(write("erp.yaml", source)), path)
    assert quarantine(store) == [
        (17, "invoices", "due_on", "not a date", "30.6"),
        (18, "invoices", "due_on", "not a date", "9999999999"),
        (19, "invoices", "due_on", "not between 1990 and 2099", "99999999"),
        (20, "invoices", "due_on", "due before it was issued", "-5"),
    ]


def test_a_folder_without_any_table_is_named(loaded: Store, tmp_path: Path, state: State) -> None:
    (tmp_path / "empty").mkdir()
    refused(loaded, state, tmp_path / "empty", "empty: no file of any table is there")


def test_a_missing_required_table_is_named(store: Store, write: Write, state: State) -> None:
    folder = write("next/invoices.csv", HEADER + GOOD).parent
    with pytest.raises(RefusedError, match=r"customers.csv is missing; required are customers, invoices, payments"):
        ingest(store, "canonical", folder)
    write("next/invoice.csv", HEADER)
    with pytest.raises(RefusedError, match="no table is called 'invoice'; did you mean 'invoices'"):
        ingest(store, "canonical", folder)
    assert state() == {}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("credit_notes.xlsx", r"credit_notes.xlsx: cannot be read; write it as credit_notes.csv or .parquet"),
        ("disputes.tsv", r"disputes.tsv: cannot be read; write it as disputes.csv"),
    ],
)
def test_a_table_that_cannot_be_read_is_not_passed_over(loaded: Store, write: Write, state: State, name: str, message: str) -> None:
    refused(loaded, state, write(f"extract/{name}", "x").parent, message)


def test_the_ending_of_a_file_may_be_in_capitals(store: Store, canonical: Canonical) -> None:
    folder = canonical()
    (folder / "payments.csv").rename(folder / "payments.CSV")
    ingest(store, "canonical", folder)
    assert store.read("payments").num_rows == 5


@pytest.mark.parametrize("header", ["known_at", "known", "Known on"])
def test_a_day_of_knowledge_under_another_name_is_not_left_out(loaded: Store, write: Write, state: State, header: str) -> None:
    path = write("next/invoices.csv", HEADER.replace("\n", f",{header}\n") + "N1,C1,2024-03-01,2024-03-31,10,USD,2024-05-01\n")
    refused(loaded, state, path.parent, f"unknown column '{header}'; did you mean 'known_on'")


def test_a_header_that_stands_twice_is_refused_where_it_is_needed(loaded: Store, write: Write, state: State) -> None:
    path = write("next/invoices.csv", HEADER.replace("\n", ",note,note,amount\n") + "N1,C1,2024-03-01,2024-03-31,10,USD,a,b,55\n")
    refused(loaded, state, path.parent, "column 'amount' stands there more than once; rename all but one")


def test_a_file_instead_of_the_folder_and_the_ledger_as_its_own_input(loaded: Store, state: State, canonical: Canonical) -> None:
    refused(loaded, state, canonical() / "invoices.csv", "invoices.csv: is a file; the canonical source takes a folder")
    refused(loaded, state, loaded.folder, "is the ledger too; give the ledger a folder of its own")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('dates: "%Q"', "source acme: .*%Q"),
        ("format: {separator: ';;'}", "format.separator: one character"),
        ("format: {separator: '\\t'}", "format.separator: one character, such as"),
        ("format: {quote: \"''\"}", "format.quote: one character"),
        ("format: {thousands: '.'}", "thousands and decimal are both '.'; state `decimal: "),
        ("format: {thousands: ',', decimal: ','}", "thousands and decimal are both ','"),
        ("format: {thousands: 'e'}", "thousands 'e' is none of"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(store: Store, write: Write, settings: str, message: str) -> None:
    table = "{columns: {invoice_id: no, customer_id: cust, issued_on: day, due_on: due, amount: net, currency: {const: USD}}}"
    source = write("acme.yaml", f"{settings}\ntables: {{customers: {{columns: {{customer_id: cust}}}}, invoices: {table}}}\n")
    with pytest.raises(UsageError, match=message):
        ingest(store, str(source), write("book.csv", "no,cust,day,due,net\nI1,C1,2024-01-02,2024-02-01,5\n"))


def test_an_unknown_source_names_the_nearest(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no source 'ibm_ar': did you mean 'ibm-ar'"):
        ingest(store, "ibm_ar", tmp_path)


def test_a_ledger_with_one_customer_and_one_invoice_loads(store: Store, canonical: Canonical) -> None:
    folder = canonical(
        customers="customer_id\nC1\n",
        invoices=HEADER + "I1,C1,2024-01-02,2024-02-01,1,USD\n",
        payments="payment_id,invoice_id,customer_id,paid_on,amount,currency\n",
    )
    ingest(store, "canonical", folder)
    assert [store.read(name).num_rows for name in ("customers", "invoices", "payments")] == [1, 1, 0]
