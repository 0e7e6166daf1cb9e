"""A dispute without a day is known from the day its invoice was settled, as that was known; where it is not settled, it waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.ingest import IngestReport, ingest
from ledger.store import Store

Write = Callable[[str, str], Path]
Canonical = Callable[..., Path]

DISPUTES = "dispute_id,invoice_id,customer_id,closed_on,reason\n"
PAYMENTS = "payment_id,invoice_id,customer_id,paid_on,amount,currency,known_on\n"


def days(store: Store) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in store.read("disputes", ["dispute_id", "opened_on", "known_on"]).to_pylist()]


def waiting(store: Store) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in store.read("quarantine", ["source_row", "table", "column", "rule"]).to_pylist()]


def load(store: Store, folder: Path) -> IngestReport:
    return ingest(store, "canonical", folder, max_bad_share=1.0)


def test_it_is_known_from_the_day_the_payment_was_known(store: Store, canonical: Canonical) -> None:
    payments = PAYMENTS + "P1,I1,C1,2024-02-05,100.00,USD,2024-02-07\n"
    load(store, canonical(disputes=DISPUTES + "D1,I1,C1,,quality\n", payments=payments))
    assert days(store) == [("D1", None, date(2024, 2, 7))]
    assert waiting(store) == []


def test_a_bank_charge_and_a_credit_note_settle_as_ever(store: Store, canonical: Canonical) -> None:
    payments = PAYMENTS + "P1,I1,C1,2024-02-05,80.00,USD,\nP2,I1,C1,2024-02-06,9.00,USD,\nP3,I1,C1,2024-02-20,1,USD,\n"
    credits = "credit_note_id,invoice_id,customer_id,issued_on,amount,currency\nN1,I1,C1,2024-02-09,10.00,USD\n"
    load(store, canonical(disputes=DISPUTES + "D1,I1,C1,,\n", payments=payments, credit_notes=credits))
    assert days(store) == [("D1", None, date(2024, 2, 9))]


@pytest.mark.parametrize(
    "payments",
    [
        "",
        "P1,I1,C1,2024-02-05,98.00,USD,\n",
        "P1,I1,C1,2024-02-05,100.00,EUR,\n",
        "P1,I1,C1,2024-02-05,1,USD,\nP1,I1,C1,2024-02-05,99,USD,\n",
    ],
    ids=["no payment", "a part", "a payment in another currency", "two payments of one id, of which one is taken"],
)
def test_it_waits_in_quarantine_where_its_invoice_is_not_settled(store: Store, canonical: Canonical, payments: str) -> None:
    report = load(store, canonical(disputes=DISPUTES + "D1,I1,C1,,\n", payments=PAYMENTS + payments))
    assert days(store) == []
    assert (1, "disputes", "known_on", "missing") in waiting(store)
    (told,) = report.quarantined["disputes.csv"]
    assert told.startswith("  disputes.known_on: missing in 1 row, row 1; give `opened_on` or `known_on`: without a day")
    assert "ingest the file again once the payments are in the ledger" in told


def test_it_is_taken_once_the_payment_has_come(store: Store, canonical: Canonical, write: Write) -> None:
    folder = canonical(disputes=DISPUTES + "D1,I2,C1,,\nD2,I2,C1,,\n")
    load(store, folder)
    assert len(waiting(store)) == 2
    load(store, write("later/payments.csv", PAYMENTS + "P9,I2,C1,2024-03-05,250.50,USD,\n").parent)
    load(store, folder)
    assert days(store) == [("D1", None, date(2024, 3, 5)), ("D2", None, date(2024, 3, 5))]
    assert waiting(store) == []


def test_what_bounced_afterwards_does_not_move_it(store: Store, canonical: Canonical, write: Write) -> None:
    load(store, canonical(disputes=DISPUTES + "D1,I1,C1,,\n"))
    load(store, write("later/payments.csv", PAYMENTS + "P1,I1,C1,2024-02-05,0,USD,2024-03-01\n").parent)
    load(store, write("more/disputes.csv", DISPUTES + "D1,I1,C1,,\nD2,I2,C1,,\n").parent)
    assert days(store) == [("D1", None, date(2024, 2, 5))]
    assert waiting(store) == [(2, "disputes", "known_on", "missing")]


def test_one_with_a_day_needs_no_settlement_and_a_bad_day_is_named(store: Store, canonical: Canonical) -> None:
    header = "dispute_id,invoice_id,customer_id,opened_on,known_on\n"
    rows = "D1,I2,C1,2024-02-01,\nD2,I2,C1,,2024-02-03\nD3,I1,C1,soon,\nD4,I1,C1,,soon\nD5,I9,C1,,\n"
    load(store, canonical(disputes=header + rows))
    assert days(store) == [("D1", date(2024, 2, 1), date(2024, 2, 1)), ("D2", None, date(2024, 2, 3))]
    assert waiting(store) == [
        (3, "disputes", "opened_on", "not a date"),
        (4, "disputes", "known_on", "not a date"),
        (5, "disputes", "invoice_id", "unknown invoice"),
    ]


def test_a_row_of_a_mapped_file_loads_whole_or_not_at_all(store: Store, write: Write) -> None:
    source = """
        name: erp
        tables:
          customers: {columns: {customer_id: cust}}
          invoices: {columns: {invoice_id: no, customer_id: cust, issued_on: day, due_on: due, amount: net, currency: {const: USD}}}
          payments:
            where: paid is not null
            columns: {payment_id: no, invoice_id: no, customer_id: cust, paid_on: paid, amount: net, currency: {const: USD}}
          disputes:
            where: quarrel = 'y'
            columns: {dispute_id: no, invoice_id: no, customer_id: cust}
    """
    book = "no,cust,day,due,net,paid,quarrel\n1,C,2024-03-01,2024-03-31,10,2024-04-02,y\n2,C,2024-03-01,2024-03-31,10,,y\n"
    ingest(store, str(write("erp.yaml", source)), write("book.csv", book), max_bad_share=1.0)
    assert days(store) == [("1", None, date(2024, 4, 2))]
    assert store.read("invoices", ["invoice_id"]).to_pylist() == [{"invoice_id": "1"}]
    assert waiting(store) == [(2, "disputes", "known_on", "missing")]
