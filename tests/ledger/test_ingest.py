"""What the ledger holds after an ingest: money as it happened, versions as they were known."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ledger.errors import RefusedError
from ledger.ingest import ingest
from ledger.store import Store, open_store

Write = Callable[[str, str], Path]
State = Callable[[], dict[str, bytes]]

ERP = """
    name: erp
    where: kind <> 'memo'
    observed_until: 2024-06-30
    tables:
      customers: {columns: {customer_id: cust, name: name, kind: {const: business}}}
      invoices:
        where: kind = 'invoice'
        columns: {invoice_id: no, customer_id: cust, business_unit: unit, issued_on: day, due_on: due, amount: net, currency: {const: USD}}
      payments:
        where: kind = 'payment'
        columns: {payment_id: no, invoice_id: pays, customer_id: cust, paid_on: day, amount: net, currency: {const: USD}}
"""
BOOK = """
    kind,no,cust,name,unit,day,due,net,pays
    invoice,I1,C1,Alder,U1,2024-01-02,2024-02-01,100,
    memo,M1,C9,Nobody,,,,,
    payment,P1,C1,Alder,,2024-01-20,,60,I1
    payment,P2,C1,Alder inc,,2024-02-20,,40,I1
    invoice,I2,C2,Birch,U1,2024-01-05,2024-02-04,50,
"""


def rows(store: Store, table: str, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in store.read(table, columns).to_pylist()]


def counts(store: Store) -> list[tuple[int, int, int, int]]:
    return [(one.source_rows, one.loaded, one.quarantined, one.skipped) for one in store.meta().inputs]


def test_one_file_fills_several_tables_and_customers_are_the_first_seen(store: Store, write: Write) -> None:
    report = ingest(store, str(write("erp.yaml", ERP)), write("book.csv", BOOK))
    assert counts(store) == [(5, 4, 0, 1)]
    assert rows(store, "invoices", "invoice_id", "amount") == [("I1", Decimal(100)), ("I2", Decimal(50))]
    assert rows(store, "payments", "payment_id", "invoice_id", "known_on") == [
        ("P1", "I1", date(2024, 1, 20)),
        ("P2", "I1", date(2024, 2, 20)),
    ]
    assert rows(store, "customers", "customer_id", "name", "known_on") == [
        ("C1", "Alder", date(2024, 1, 2)),
        ("C2", "Birch", date(2024, 1, 5)),
    ]
    assert store.meta().observed_until == {"erp": ("2024-06-30",)}
    assert report.data_docs is not None
    assert report.data_docs.exists()


def test_the_same_file_twice_changes_nothing(store: Store, write: Write, state: State) -> None:
    source, book = str(write("erp.yaml", ERP)), write("book.csv", BOOK)
    first = ingest(store, source, book)
    before = state()
    again = ingest(store, source, book)
    assert state() == before
    assert again.already_loaded
    assert not first.already_loaded
    assert again.inputs == first.inputs


def test_a_longer_extract_adds_only_what_is_new(store: Store, write: Write) -> None:
    source = str(write("erp.yaml", ERP))
    ingest(store, source, write("book.csv", BOOK))
    ingest(store, source, write("book2.csv", BOOK + "    invoice,I3,C2,Birch,U1,2024-03-05,2024-04-04,70,\n"))
    assert [row[0] for row in rows(store, "invoices", "invoice_id")] == ["I1", "I2", "I3"]
    assert len(rows(store, "customers", "customer_id")) == 2
    assert counts(store) == [(5, 4, 0, 1), (6, 5, 0, 1)]


def test_a_correction_adds_a_version_and_needs_a_later_day(store: Store, canonical: Callable[..., Path], write: Write) -> None:
    ingest(store, "canonical", canonical())
    corrected = "invoice_id,customer_id,issued_on,due_on,amount,currency\nI1,C1,2024-01-02,2024-02-01,90.00,USD\n"
    folder = write("correction/invoices.csv", corrected).parent
    with pytest.raises(RefusedError, match="--known-on DATE"):
        ingest(store, "canonical", folder)
    ingest(store, "canonical", folder, max_bad_share=1.0)
    assert rows(store, "quarantine", "source_row", "table", "rule") == [
        (1, "invoices", "other content than the ledger, and not known later")
    ]
    assert ingest(store, "canonical", folder, known_on=date(2024, 5, 1)).quarantined["invoices.csv"] == [], (
        "what an earlier try left there is not counted"
    )
    versions = [(amount, known) for no, amount, known in rows(store, "invoices", "invoice_id", "amount", "known_on") if no == "I1"]
    assert versions == [(Decimal(100), date(2024, 1, 2)), (Decimal(90), date(2024, 5, 1))]


def test_a_corrected_customer_without_a_fact_beside_it_needs_a_day_too(store: Store, canonical: Callable[..., Path], write: Write) -> None:
    first = canonical()
    ingest(store, "canonical", first)
    known = rows(store, "customers", "customer_id", "name", "known_on")
    folder = write("moved/customers.csv", "customer_id,name\nC1,Another name\n").parent
    for table in ("invoices", "payments"):
        write(f"moved/{table}.csv", (first / f"{table}.csv").read_text().splitlines()[0] + "\n")
    with pytest.raises(RefusedError, match="--known-on DATE"):
        ingest(store, "canonical", folder)
    assert rows(store, "customers", "customer_id", "name", "known_on") == known
    ingest(store, "canonical", folder, known_on=date(2024, 5, 1))
    assert ("C1", "Another name", date(2024, 5, 1)) in rows(store, "customers", "customer_id", "name", "known_on")


def test_a_stated_known_on_makes_versions_within_one_file(store: Store, canonical: Callable[..., Path]) -> None:
    invoices = """
        invoice_id,customer_id,issued_on,due_on,amount,currency,known_on
        I1,C1,2024-01-02,2024-02-01,100.00,USD,2024-01-02
        I1,C1,2024-01-02,2024-03-01,100.00,USD,2024-01-15
        I1,C1,2024-01-02,2024-03-01,100.00,USD,2024-01-20
    """
    ingest(store, "canonical", canonical(invoices=invoices, payments="payment_id,invoice_id,customer_id,paid_on,amount,currency\n"))
    assert rows(store, "invoices", "due_on", "known_on") == [(date(2024, 2, 1), date(2024, 1, 2)), (date(2024, 3, 1), date(2024, 1, 15))]
    assert counts(store)[1] == (3, 3, 0, 0)


def test_an_old_extract_after_a_correction_is_known_history(store: Store, canonical: Callable[..., Path], write: Write) -> None:
    ingest(store, "canonical", canonical())
    header = "invoice_id,customer_id,issued_on,due_on,amount,currency\n"
    correction = write("c/invoices.csv", header + "I1,C1,2024-01-02,2024-02-01,90.00,USD\n")
    ingest(store, "canonical", correction.parent, known_on=date(2024, 5, 1))
    old = write("o/invoices.csv", header + "I1,C1,2024-01-02,2024-02-01,100.00,USD\nI9,C1,2024-01-02,2024-02-01,5,USD\n")
    report = ingest(store, "canonical", old.parent)
    assert report.inputs[0].quarantined == 0
    assert len([no for (no,) in rows(store, "invoices", "invoice_id") if no == "I1"]) == 2


def test_known_on_is_never_before_the_fact(store: Store, canonical: Callable[..., Path]) -> None:
    ingest(store, "canonical", canonical(), known_on=date(2024, 2, 10))
    assert dict(rows(store, "payments", "payment_id", "known_on")) == {
        "P1": date(2024, 2, 10), "P3": date(2024, 2, 10), "P4": date(2024, 2, 19), "P5": date(2024, 2, 20), "P6": date(2024, 2, 21),
    }  # fmt: skip


def test_credit_notes_overpayment_prepayment_unapplied_cash_and_two_currencies_load(store: Store, canonical: Callable[..., Path]) -> None:
    payments = """
        payment_id,invoice_id,customer_id,paid_on,amount,currency
        over,I1,C1,2024-02-05,130.00,USD
        early,I3,C2,2023-12-24,80.00,EUR
        unapplied,,C2,2024-02-21,5.00,EUR
    """
    notes = "credit_note_id,invoice_id,customer_id,issued_on,amount,currency\nN1,I2,C1,2024-02-29,50.50,USD\n"
    report = ingest(store, "canonical", canonical(payments=payments, credit_notes=notes))
    assert not any(report.quarantined.values())
    assert rows(store, "payments", "payment_id", "invoice_id", "amount", "currency") == [
        ("over", "I1", Decimal(130), "USD"),
        ("early", "I3", Decimal(80), "EUR"),
        ("unapplied", None, Decimal(5), "EUR"),
    ]
    assert rows(store, "credit_notes", "issued_on", "amount") == [(date(2024, 2, 29), Decimal("50.50"))]


def test_a_customer_without_history_is_known_from_long_ago(store: Store, canonical: Callable[..., Path]) -> None:
    ingest(store, "canonical", canonical(customers="customer_id,name\nC1,Alder\nC2,Birch\nC3,Cedar\n"))
    known = dict(rows(store, "customers", "customer_id", "known_on"))
    assert known == {"C1": date(2024, 1, 2), "C2": date(2024, 1, 15), "C3": date(1990, 1, 1)}


def test_a_row_loads_into_all_its_tables_or_into_none(store: Store, write: Write) -> None:
    source = """
        name: settled
        tables:
          customers: {columns: {customer_id: cust}}
          invoices: {columns: {invoice_id: no, customer_id: cust, issued_on: day, due_on: due, amount: net, currency: {const: USD}}}
          payments: {columns: {payment_id: no, invoice_id: no, customer_id: cust, paid_on: paid, amount: net, currency: {const: USD}}}
    """
    good = "".join(f"I{n},C1,2024-01-02,2024-02-01,10,2024-02-02\n" for n in range(1, 9))
    book = "no,cust,day,due,net,paid\n" + good + "I9,C9,2024-01-02,2024-02-01,10,never\n"
    ingest(store, str(write("settled.yaml", source)), write("book.csv", book))
    assert counts(store) == [(9, 8, 1, 0)]
    assert rows(store, "customers", "customer_id") == [("C1",)]
    assert len(rows(store, "invoices", "invoice_id")) == len(rows(store, "payments", "payment_id")) == 8
    found = rows(store, "quarantine", "source_row", "table", "column", "rule", "value")
    assert found == [(9, "payments", "paid_on", "not a date", "never")]


def test_two_sources_meet_in_one_customer_list(store: Store, write: Write) -> None:
    """The second source knows the name the first lacks, and knew the customer later; neither erases the other."""

    def source(name: str, friend: str, columns: str) -> str:
        return str(
            write(
                f"{name}.yaml",
                f"""
                name: {name}
                shares_customers_with: [{friend}]
                tables:
                  customers: {{columns: {{customer_id: cust, {columns}}}}}
                  invoices:
                    columns: {{invoice_id: no, customer_id: cust, issued_on: day, due_on: due, amount: net, currency: {{const: USD}}}}
                """,
            )
        )

    old = source("old", "new", "kind: {const: business}")
    new = source("new", "old", "name: name")
    ingest(store, old, write("old.csv", "no,cust,day,due,net\nA1,C1,2023-01-02,2023-02-01,10\n"))
    ingest(store, new, write("new.csv", "no,cust,day,due,net,name\nB1,C1,2024-01-02,2024-02-01,10,Alder\n"))
    ingest(store, old, write("older.csv", "no,cust,day,due,net\nA0,C1,2022-01-02,2022-02-01,10\n"))
    versions = rows(store, "customers", "name", "kind", "known_on", "source")
    assert sorted(versions, key=lambda row: row[2]) == [
        (None, "business", date(2022, 1, 2), "old"),
        (None, "business", date(2023, 1, 2), "old"),
        ("Alder", "business", date(2024, 1, 2), "new"),
    ]


def test_another_source_with_the_same_ids_is_refused_until_it_has_a_prefix(store: Store, write: Write, state: State) -> None:
    book = write("book.csv", BOOK)
    ingest(store, str(write("erp.yaml", ERP)), book)
    before = state()
    other = write("other.csv", BOOK.replace(",100,", ",111,"))
    message = r"other.csv: row 1: invoices.invoice_id 'I1' is in the ledger already .*source 'erp'.*id_prefix"
    with pytest.raises(RefusedError, match=message):
        ingest(store, str(write("acme.yaml", ERP.replace("name: erp", "name: acme"))), other)
    assert state() == before
    ingest(store, str(write("acme2.yaml", ERP.replace("name: erp", "name: acme\n    id_prefix: A-"))), other)
    assert [no for (no,) in rows(store, "invoices", "invoice_id")] == ["I1", "I2", "A-I1", "A-I2"]
    assert ("A-P1", "A-I1", "A-C1") in rows(store, "payments", "payment_id", "invoice_id", "customer_id")


def test_two_business_units_with_the_same_number_are_refused_until_they_have_a_prefix(store: Store, write: Write, state: State) -> None:
    source = str(write("erp.yaml", ERP))
    with pytest.raises(RefusedError, match=r"row 6: invoices.invoice_id 'I1' is used by business units 'U1' and 'U2'.*id_prefix: {column"):
        ingest(store, source, write("both.csv", BOOK + "    invoice,I1,C1,Alder,U2,2024-01-02,2024-02-01,100,\n"))
    ingest(store, source, write("book.csv", BOOK))
    before = state()
    with pytest.raises(RefusedError, match="another business unit than 'U2'"):
        ingest(store, source, write("u2.csv", BOOK.replace("U1", "U2")))
    assert state() == before


def test_a_duckdb_table_into_a_duckdb_ledger(tmp_path: Path, write: Write) -> None:
    import duckdb

    with duckdb.connect(str(tmp_path / "erp.duckdb")) as connection:
        connection.execute(f"create table book as from read_csv('{write('book.csv', BOOK)}')")
    store = open_store(f"duckdb:///{tmp_path}/books/ledger.duckdb")
    source, address = str(write("erp.yaml", ERP)), f"duckdb:///{tmp_path}/erp.duckdb#book"
    ingest(store, source, address)
    assert counts(store) == [(5, 4, 0, 1)]
    assert store.meta().inputs[0].file == "erp.duckdb#book"
    before = store.path.read_bytes()  # type: ignore[attr-defined]
    assert ingest(store, source, address).already_loaded
    assert store.path.read_bytes() == before  # type: ignore[attr-defined]


def test_two_databases_in_one_folder_keep_their_pages_apart(tmp_path: Path, canonical: Callable[..., Path]) -> None:
    stores = [open_store(f"duckdb:///{tmp_path / name}.duckdb") for name in ("east", "west")]
    pages = [ingest(store, "canonical", canonical()).data_docs for store in stores]
    assert [page and page.parent.name for page in pages] == ["east.data_docs", "west.data_docs"]


@pytest.mark.parametrize("place", ["books", "duckdb:///books.duckdb"])
def test_two_loads_at_once_are_both_in_the_ledger_one_after_the_other(
    place: str, tmp_path: Path, canonical: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    more = "invoice_id,customer_id,issued_on,due_on,amount,currency\nI6,C1,2024-02-02,2024-03-01,10.00,USD"
    mine, theirs = canonical("mine"), canonical("theirs", invoices=more)
    load = "import sys; from ledger.ingest import ingest; from ledger.store import open_store; "
    load += "ingest(open_store(sys.argv[1]), 'canonical', sys.argv[2], progress=lambda step: print(step, flush=True))"
    store = open_store(place)
    with subprocess.Popen([sys.executable, "-c", load, place, str(theirs)], stdout=subprocess.PIPE, text=True) as other:
        with store.alone():
            assert other.stdout
            assert any("waiting for another process that writes to" in step for step in other.stdout)
            ingest(store, "canonical", mine)
        other.communicate()
    assert other.returncode == 0
    assert rows(store, "invoices", "invoice_id") == [(f"I{number}",) for number in range(1, 7)]
    assert [one.file for one in store.meta().inputs].count("invoices.csv") == 2


def test_an_unchanged_file_of_a_folder_is_not_listed_twice(store: Store, canonical: Callable[..., Path]) -> None:
    ingest(store, "canonical", canonical())
    folder = canonical()
    with (folder / "payments.csv").open("a") as file:
        file.write("P7,I2,C1,2024-03-01,250.50,USD\n")
    report = ingest(store, "canonical", folder)
    assert [one.file for one in store.meta().inputs] == ["customers.csv", "invoices.csv", "payments.csv", "payments.csv"]
    assert [one.file for one in report.inputs] == ["customers.csv", "invoices.csv", "payments.csv"]
    assert len(rows(store, "payments", "payment_id")) == 6


def test_two_ledgers_from_the_same_file_hold_the_same_rows(tmp_path: Path, write: Write) -> None:
    source, book = str(write("erp.yaml", ERP)), write("book.csv", BOOK)
    for name in ("a", "b"):
        ingest(open_store(tmp_path / name), source, book)
    for table in ("customers", "invoices", "payments"):
        assert (tmp_path / "a" / f"{table}.parquet").read_bytes() == (tmp_path / "b" / f"{table}.parquet").read_bytes()
    shutil.rmtree(tmp_path / "a")


def test_progress_names_each_step(store: Store, canonical: Callable[..., Path]) -> None:
    steps: list[str] = []
    ingest(store, "canonical", canonical(), progress=steps.append)
    assert steps[0] == "reading customers.csv"
    assert steps[-1] == "writing the ledger"


def test_an_old_file_beside_a_new_one_is_not_held_against_its_corrections(
    store: Store, canonical: Callable[..., Path], write: Write
) -> None:
    """The customer was renamed in May; June's folder still has the old customers.csv, and a new payment."""
    ingest(store, "canonical", canonical())
    ingest(store, "canonical", write("may/customers.csv", "customer_id,name\nC1,Elder\n").parent, known_on=date(2024, 5, 1))
    folder = canonical("june", payments="payment_id,invoice_id,customer_id,paid_on,amount,currency\nP9,I2,C1,2024-06-03,10,USD\n")
    report = ingest(store, "canonical", folder)
    assert [one.quarantined for one in report.inputs] == [0, 0, 0]
    assert [name for no, name in rows(store, "customers", "customer_id", "name") if no == "C1"] == ["Alder", "Elder"]


def test_null_words_of_a_source_hold_for_typed_files_too(store: Store, write: Write, tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        book = write("book.csv", BOOK.replace("Birch", "NA"))
        connection.execute(f"copy (from read_csv('{book}')) to '{tmp_path}/book.parquet'")
    source = write("erp.yaml", ERP.replace("name: erp", 'name: erp\n    format: {null_values: ["", NA]}'))
    ingest(store, str(source), tmp_path / "book.parquet")
    assert rows(store, "customers", "name") == [("Alder",), (None,)]


def test_ids_that_parquet_holds_as_floats_beside_a_null_are_the_sources_text(store: Store, canonical: Callable[..., Path]) -> None:
    folder = canonical(
        customers="customer_id\n1\n",
        invoices="invoice_id,customer_id,issued_on,due_on,amount,currency\n10,1,2024-01-02,2024-02-01,50,USD\n",
    )
    (folder / "customers.csv").unlink()
    (folder / "payments.csv").unlink()
    pd.DataFrame({"customer_id": [1, 2], "parent_id": [None, 1]}).to_parquet(folder / "customers.parquet")
    payments = {"payment_id": [7, 8], "invoice_id": [10, None], "customer_id": [1, 1], "paid_on": [date(2024, 2, 1)] * 2}
    pd.DataFrame({**payments, "amount": [50.0, 12.25], "currency": "USD"}).to_parquet(folder / "payments.parquet")
    ingest(store, "canonical", folder, max_bad_share=0)
    assert rows(store, "customers", "customer_id", "parent_id") == [("1", None), ("2", "1")]
    assert rows(store, "payments", "invoice_id", "amount", "paid_on") == [
        ("10", Decimal("50"), date(2024, 2, 1)),
        (None, Decimal("12.25"), date(2024, 2, 1)),
    ]


def test_every_canonical_table_loads(store: Store, canonical: Callable[..., Path]) -> None:
    folder = canonical(
        contacts="contact_id,customer_id,contacted_on,channel,action,reason_code\nK1,C1,2024-02-10,phone,call,hardship\n",
        promises="promise_id,customer_id,invoice_id,promised_on,due_on,amount\nS1,C1,I2,2024-02-10,2024-02-20,\n",
        disputes="dispute_id,invoice_id,customer_id,opened_on,closed_on\nD1,I2,C1,2024-02-10,\n",
        type_labels="label_id,customer_id,debtor_type,labelled_on,confidence\nL1,C1,fortuitous,2024-02-11,0.8\n",
        rates="currency,rate_on,rate\nEUR,2024-02-29,1.08\nEUR,2024-03-01,1.09\n",
    )
    report = ingest(store, "canonical", folder)
    assert [one.loaded for one in report.inputs] == [2, 5, 5, 1, 1, 1, 1, 2]
    assert rows(store, "rates", "currency", "rate", "known_on")[1] == ("EUR", 1.09, date(2024, 3, 1))
    assert rows(store, "promises", "amount", "known_on") == [(None, date(2024, 2, 10))]
    assert rows(store, "type_labels", "confidence") == [(0.8,)]


FOUR_INVOICES = "invoice_id,customer_id,issued_on,due_on,amount,currency\n" + "".join(
    f"I{n},C1,2024-01-02,2024-02-01,10,USD\n" for n in (1, 2, 3, 4)
)
THE_FIFTH = "I9,C1,2024-01-02,2024-02-01,10,USD\n"
FIVE_PAYMENTS = "payment_id,invoice_id,customer_id,paid_on,amount,currency\n" + "".join(
    f"P{n},I{n},C1,2024-03-01,10,USD\n" for n in (1, 2, 3, 4, 9)
)


def test_a_payment_in_quarantine_is_taken_once_its_invoice_has_come(tmp_path: Path, canonical: Callable[..., Path], write: Write) -> None:
    for place in (str(tmp_path / "books"), f"duckdb:///{tmp_path / 'books.duckdb'}"):
        store = open_store(place)
        folder = canonical(invoices=FOUR_INVOICES, payments=FIVE_PAYMENTS)
        ingest(store, "canonical", folder)
        assert counts(store) == [(2, 2, 0, 0), (4, 4, 0, 0), (5, 4, 1, 0)]
        again = ingest(store, "canonical", folder)
        assert again.already_loaded
        write("extract/invoices.csv", FOUR_INVOICES + THE_FIFTH)
        report = ingest(store, "canonical", folder)
        assert [(one.source_rows, one.loaded, one.quarantined) for one in report.inputs] == [(2, 2, 0), (5, 5, 0), (5, 5, 0)]
        assert counts(store) == [(2, 2, 0, 0), (4, 4, 0, 0), (5, 5, 0, 0), (5, 5, 0, 0)]
        assert (store.read("payments").num_rows, store.read("quarantine").num_rows) == (5, 0)
        assert ingest(store, "canonical", folder).already_loaded


def test_a_file_loaded_again_with_another_day_accounts_for_its_rows_once(
    store: Store, canonical: Callable[..., Path], write: Write
) -> None:
    folder = canonical(invoices=FOUR_INVOICES, payments=FIVE_PAYMENTS)
    ingest(store, "canonical", folder)
    write("extract/invoices.csv", FOUR_INVOICES + THE_FIFTH)
    ingest(store, "canonical", folder, known_on=date(2024, 4, 1))
    assert store.read("quarantine").num_rows == sum(one.quarantined for one in store.meta().inputs) == 0
    assert all(one.source_rows == one.loaded + one.quarantined + one.skipped for one in store.meta().inputs)


def test_what_a_later_row_says_of_a_customer_is_not_known_before_it(store: Store, write: Write) -> None:
    source = """
        name: erp
        tables:
          customers: {columns: {customer_id: cust, name: name, segment: seg}}
          invoices: {columns: {invoice_id: no, customer_id: cust, issued_on: day, due_on: due, amount: net, currency: {const: USD}}}
    """
    book = """
        no,cust,name,seg,day,due,net
        I3,C1,Alder inc,in collection,2024-12-01,2024-12-31,5
        I2,C1,Alder,,2024-06-01,2024-07-01,5
        I1,C1,,,2024-01-02,2024-02-01,5
    """
    ingest(store, str(write("erp.yaml", source)), write("book.csv", book))
    assert sorted(rows(store, "customers", "known_on", "name", "segment")) == [
        (date(2024, 1, 2), None, None),
        (date(2024, 6, 1), "Alder", None),
        (date(2024, 12, 1), "Alder", "in collection"),
    ]


def test_a_row_that_no_table_takes_is_left_out_and_one_that_cannot_be_placed_is_kept_back(store: Store, write: Write) -> None:
    source = """
        name: erp
        tables:
          customers: {columns: {customer_id: cust}}
          invoices:
            where: as_number(net) > 0
            columns: {invoice_id: no, customer_id: cust, issued_on: day, due_on: due, amount: net, currency: {const: USD}}
          credit_notes:
            where: as_number(net) < 0
            columns: {credit_note_id: no, customer_id: cust, issued_on: day, amount: {sql: -as_number(net)}, currency: {const: USD}}
    """
    net = ["5"] * 6 + ["-3", "0", "EUR 12"]
    book = "no,cust,day,due,net\n" + "".join(f"N{n},C{n},2024-01-02,2024-02-01,{one}\n" for n, one in enumerate(net, 1))
    report = ingest(store, str(write("erp.yaml", source)), write("book.csv", book))
    assert counts(store) == [(9, 7, 1, 1)]
    (told,) = report.quarantined["book.csv"]
    assert told.startswith("  no table can be chosen in 1 row, row 9 ('N9,C9,2024-01-02,2024-02-01,EUR 12'); ")
    assert rows(store, "quarantine", "source_row", "value") == [(9, "N9,C9,2024-01-02,2024-02-01,EUR 12")]
    assert (store.read("invoices").num_rows, store.read("credit_notes").num_rows, store.read("customers").num_rows) == (6, 1, 7)


def test_columns_that_no_table_has_are_told(store: Store, canonical: Callable[..., Path]) -> None:
    report = ingest(store, "canonical", canonical(customers="customer_id,name,colour\nC1,Alder,red\nC2,Birch,blue\n"))
    assert report.left_out == {"customers.csv": ["colour"], "invoices.csv": [], "payments.csv": []}
