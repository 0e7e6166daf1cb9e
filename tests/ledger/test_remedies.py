"""A remedy that is printed is followed to the letter here, and the ledger then says what happened."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ledger.checks import UNDECIDED, checks, remedy
from ledger.errors import RefusedError
from ledger.ingest import ingest
from ledger.ledger import Ledger
from ledger.store import Store
from ledger.tables import TABLES

Write = Callable[[str, str], Path]
Canonical = Callable[..., Path]

PAYMENTS = "payment_id,invoice_id,customer_id,paid_on,amount,currency\n"
SIGNED = """
    no,cust,day,due,Amount,lowers
    I1,C1,2024-01-02,2024-02-01,100,
    I2,C1,2024-01-03,2024-02-02,50,
    N1,C1,2024-01-20,2024-01-20,-40,I1
"""
ERP = """
    name: erp
    tables:
      customers: {columns: {customer_id: cust}}
      invoices:
        KEPT
        columns: {invoice_id: no, customer_id: cust, issued_on: day, due_on: due, amount: Amount, currency: {const: USD}}
"""
CREDITS = """
      credit_notes:
        WHERE
        columns: {credit_note_id: no, invoice_id: lowers, customer_id: cust, issued_on: day, currency: {const: USD}, SIGN}
"""


def refusal(store: Store, source: str, path: Path) -> str:
    with pytest.raises(RefusedError) as refused:
        ingest(store, source, path)
    return str(refused.value)


def told(store: Store, day: str, invoice: str = "I1") -> dict[str, Any]:
    frame = Ledger(store).as_of(date.fromisoformat(day)).balances.to_pandas()
    row: dict[str, Any] = frame[frame["invoice_id"] == invoice].to_dict("records")[0]
    return row


def test_there_is_a_remedy_for_every_rule() -> None:
    rules = {(name, check.column, check.rule) for name, table in TABLES.items() for check in checks(table)}
    rules |= {("payments", "", "wrong number of fields: 5 instead of 6"), ("", "", UNDECIDED)}
    assert [rule for rule in sorted(rules) if not remedy(*rule, None)] == []


def test_a_value_near_one_that_can_be_taken_is_asked_about(store: Store, canonical: Canonical, write: Write) -> None:
    header = "contact_id,customer_id,contacted_on,channel\n"
    assert "did you mean 'phone'?" in refusal(store, "canonical", canonical(contacts=f"{header}K1,C1,2024-02-10,Phones\n"))
    ingest(store, "canonical", canonical("good"))
    told = refusal(store, "canonical", write("next/contacts.csv", f"{header}K1,C1,2024-02-10,pigeon\n").parent)
    assert "contacts.channel: not one of email, sms, phone, letter in 1 row, row 1 ('pigeon'); write one of these" in told


def test_an_unknown_id_that_differs_in_its_dress_is_named(store: Store, canonical: Canonical) -> None:
    told = refusal(store, "canonical", canonical(payments=PAYMENTS + "P1,i-1,C1,2024-02-05,100.00,USD\n"))
    assert "payments.invoice_id: unknown invoice in 1 row, row 1 ('i-1'); did you mean 'I1'? ids are compared letter by letter" in told
    told = refusal(store, "canonical", canonical(payments=PAYMENTS + "P1,I1,c01,2024-02-05,100.00,USD\n"))
    assert "unknown customer in 1 row, row 1 ('c01'); did you mean 'C1'?" in told
    told = refusal(store, "canonical", canonical(payments=PAYMENTS + "P1,I99,C1,2024-02-05,100.00,USD\n"))
    assert "('I99'); ingest the invoices first" in told


def test_what_waits_for_a_row_in_quarantine_is_told_so(store: Store, canonical: Canonical) -> None:
    header, row = "invoice_id,customer_id,issued_on,due_on,amount,currency\n", "I{n},C1,2024-01-02,2024-02-01,{amount},USD\n"
    nothing, rest = row.format(n=6, amount="0.00"), "".join(row.format(n=n, amount=10) for n in range(6))
    told = refusal(store, "canonical", canonical(invoices=header + nothing))
    assert "not positive in 1 row, row 1 ('0.00'); an invoice over nothing asks for nothing: leave it out, `where: " in told
    payments = PAYMENTS + "P1,I6,C1,2024-02-05,5,USD\n"
    told = refusal(store, "canonical", canonical("again", invoices=header + rest + nothing, payments=payments))
    assert "unknown invoice in 1 row, row 1 ('I6'); its invoice is in this input, and in quarantine: mend that row" in told


def test_a_payment_that_bounced_is_loaded_again_with_nothing_left_of_it(store: Store, canonical: Canonical, write: Write) -> None:
    payment, bounced = "P1,I1,C1,2024-02-05,100.00,USD\n", "R1,I1,C1,2024-02-12,-100.00,USD\n"
    advice = refusal(store, "canonical", canonical(payments=PAYMENTS + payment + bounced))
    assert "payment_id with what is left of it (0 if nothing is) and `--known-on` the day that happened" in advice
    assert "leave the negative row out" in advice

    ingest(store, "canonical", canonical(payments=PAYMENTS + payment))
    ingest(store, "canonical", write("again/payments.csv", PAYMENTS + payment.replace("100.00", "0")).parent, known_on=date(2024, 2, 12))
    assert (told(store, "2024-02-11")["open_amount"], str(told(store, "2024-02-11")["paid_on"])[:10]) == (0, "2024-02-05")
    after = told(store, "2024-02-12")
    assert (after["open_amount"], after["n_payments"]) == (100, 0)
    assert pd.isna(after["paid_on"])
    assert pd.isna(after["first_paid_on"]), "what bounced is no payment, not even a first one"


def test_a_refund_leaves_what_is_left_of_the_payment(store: Store, canonical: Canonical, write: Write) -> None:
    ingest(store, "canonical", canonical(payments=PAYMENTS + "P1,,C1,2024-02-05,130.00,USD\n"))
    ingest(store, "canonical", write("again/payments.csv", PAYMENTS + "P1,,C1,2024-02-05,30,USD\n").parent, known_on=date(2024, 2, 12))
    sums = [float(Ledger(store).as_of(date(2024, 2, day)).known("payments").amount.sum().to_pyarrow().as_py()) for day in (11, 12)]
    assert sums == [130, 30]


def test_credits_among_the_invoices_become_credit_notes(store: Store, write: Write) -> None:
    book = write("book.csv", SIGNED)
    advice = refusal(store, str(write("erp.yaml", ERP.replace("KEPT", ""))), book)
    found = re.search(r"credit_notes, `(where: .*)` and `(amount: .*})`, and keep invoices to `(where: .*)`", advice)
    assert found
    mended = ERP.replace("KEPT", found[3]) + CREDITS.replace("WHERE", found[1]).replace("SIGN", found[2])
    ingest(store, str(write("mended.yaml", mended)), book)
    assert [told(store, day)["open_amount"] for day in ("2024-01-19", "2024-01-20")] == [100, 60]
    assert told(store, "2024-01-20", "I2")["open_amount"] == 50


def test_a_credit_note_with_a_minus_has_its_sign_turned(store: Store, write: Write) -> None:
    book = write("book.csv", SIGNED)
    sources = [
        ERP.replace("KEPT", "where: lowers is null") + CREDITS.replace("WHERE", "where: lowers is not null").replace("SIGN", sign)
        for sign in ("amount: Amount", "amount: {sql: -as_number(Amount)}")
    ]
    assert "turn the sign, `amount: {sql: -as_number(Amount)}`" in refusal(store, str(write("a.yaml", sources[0])), book)
    ingest(store, str(write("b.yaml", sources[1])), book)
    assert told(store, "2024-01-20")["open_amount"] == 60


def test_what_settles_an_invoice_in_another_currency_is_told_where_to_go(store: Store, canonical: Canonical) -> None:
    advice = refusal(store, "canonical", canonical(payments=PAYMENTS + "P1,I1,C1,2024-02-05,100.00,EUR\n"))
    assert "state the amount in the currency of the invoice that it settles, or leave invoice_id empty for unapplied cash" in advice
    ingest(store, "canonical", canonical(payments=PAYMENTS + "P1,,C1,2024-02-05,100.00,EUR\n"))
    assert told(store, "2024-02-05")["open_amount"] > 0
    assert "write its ISO 4217 code" in refusal(store, "canonical", canonical(payments=PAYMENTS + "P2,I1,C1,2024-02-05,100.00,usd\n"))


def test_a_confidence_in_percent_is_told_to_be_written_as_a_share(store: Store, canonical: Canonical, write: Write) -> None:
    ingest(store, "canonical", canonical("good"))
    header = "label_id,customer_id,labelled_on,debtor_type,confidence\n"
    advice = refusal(store, "canonical", write("labels/type_labels.csv", header + "L1,C1,2024-02-10,fortuitous,90%\n").parent)
    assert "('90%'); write a share: 0.9 where you mean 90 %" in advice
    assert ingest(store, "canonical", write("mended/type_labels.csv", header + "L1,C1,2024-02-10,fortuitous,0.9\n").parent)


def test_a_quiet_source_is_said_to_have_been_watched(store: Store, canonical: Canonical, write: Write) -> None:
    """The remedy that a stale ledger names: the ready source copied with its name, and the day stated in it."""
    files = canonical("good")
    ingest(store, "canonical", files)
    quiet = date(2025, 12, 31)
    with pytest.raises(RefusedError) as refused:
        Ledger(store).refuse_stale(quiet)
    found = re.search(r"copy of the source file of (\w+), its name kept, state `(observed_until: 2025-12-31)`", str(refused.value))
    assert found
    ready = (Path(__file__).resolve().parents[2] / "configs" / "sources" / f"{found[1]}.yaml").read_text("utf-8")
    ingest(store, str(write("quiet.yaml", f"{ready}{found[2]}\n")), files)
    Ledger(store).refuse_stale(quiet)
