"""The six real histories load, every row accounted for and every cent there; twice is once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from ledger.ingest import ingest
from ledger.store import Store, open_store

RealData = Callable[[str], Path]

FILES = {
    "ibm-ar": "ibm-ar/WA_Fn-UseC_-Accounts-Receivable.csv",
    "highradius-closed": "highradius/invoices_due_before_2019-12-26.csv.gz",
    "highradius-open": "highradius/open_items_2020.csv.gz",
    "superlender-previous": "superlender/trainprevloans.csv.gz",
    "superlender-current": "superlender/trainperf.csv.gz",
    "xente": "xente/Train.csv",
}
# source: source rows, quarantined, skipped; customers, invoices, payments, credit notes, disputes
COUNTS = {
    "ibm-ar": ((2466, 0, 0), (100, 2466, 2466, 0, 561)),
    "highradius-closed": ((33997, 0, 0), (998, 33997, 33831, 0, 0)),
    "highradius-open": ((9700, 0, 0), (526, 9700, 0, 0, 0)),  # 664 customers before leading zeros are removed
    "superlender-previous": ((18183, 0, 0), (4359, 18183, 18183, 0, 0)),
    "superlender-current": ((4368, 0, 0), (4368, 4368, 0, 0, 0)),
    "xente": ((2100, 2, 612), (239, 1157, 1486, 5, 0)),
}
TABLES = ("customers", "invoices", "payments", "credit_notes", "disputes")


def cents(values: pd.Series) -> int:
    return int(values.astype(float).mul(100).round().astype("int64").sum())


def stored_cents(store: Store, table: str) -> int:
    return sum(int(amount * 100) for amount in store.read(table, ["amount"])["amount"].to_pylist())


def amounts_of_the_file(source: str, path: Path) -> tuple[int, int]:
    """The sums of invoice amounts and of payments, in cents, straight from the file."""
    book = pd.read_csv(path, dtype=str)
    if source == "ibm-ar":
        return cents(book["InvoiceAmount"]), cents(book["InvoiceAmount"])
    if source.startswith("highradius"):
        settled = book["clear_date"].notna() if source == "highradius-closed" else pd.Series(data=False, index=book.index)
        return cents(book["total_open_amount"]), cents(book.loc[settled, "total_open_amount"])
    if source.startswith("superlender"):
        return cents(book["totaldue"]), cents(book["totaldue"]) if source == "superlender-previous" else 0
    loans = book[book["LoanId"].notna() & book["DueDate"].notna()]
    return cents(loans.drop_duplicates("LoanId")["Value"]), cents(loans["AmountLoan"])


@pytest.mark.parametrize("source", FILES)
def test_every_row_and_every_cent(source: str, tmp_path: Path, real_data: RealData) -> None:
    path, store = real_data(FILES[source]), open_store(tmp_path / "ledger")
    report = ingest(store, source, path)
    (one,) = report.inputs
    in_file, in_ledger = COUNTS[source]
    assert (one.source_rows, one.quarantined, one.skipped) == in_file
    assert one.source_rows == one.loaded + one.quarantined + one.skipped
    assert tuple(store.read(table).num_rows for table in TABLES) == in_ledger
    assert (stored_cents(store, "invoices"), stored_cents(store, "payments")) == amounts_of_the_file(source, path)

    before = {file: file.read_bytes() for file in store.folder.rglob("*") if file.is_file()}
    assert ingest(store, source, path).already_loaded
    assert {file: file.read_bytes() for file in store.folder.rglob("*") if file.is_file()} == before


def test_both_highradius_files_meet_in_one_ledger(tmp_path: Path, real_data: RealData) -> None:
    closed, opened = real_data(FILES["highradius-closed"]), real_data(FILES["highradius-open"])
    both = {}
    for name, order in {"forth": ("highradius-closed", "highradius-open"), "back": ("highradius-open", "highradius-closed")}.items():
        store = open_store(tmp_path / name)
        for source in order:
            report = ingest(store, source, closed if source == "highradius-closed" else opened)
            assert report.inputs[0].quarantined == 0
        both[name] = store.read("customers").to_pandas()
        assert store.read("invoices").num_rows == 33997 + 9700
        assert store.meta().observed_until == {"highradius-closed": ("2019-12-25",), "highradius-open": ("2020-05-22",)}
    ids = {name: set(customers["customer_id"]) for name, customers in both.items()}
    assert ids["forth"] == ids["back"]
    assert len(ids["forth"]) < 998 + 526
    met = both["forth"].groupby("customer_id")["source"].nunique()
    assert (met == 2).sum() > 100
    # Whichever comes first, a customer of both is known from 2019 on.
    for customers in both.values():
        of_both = customers[customers["customer_id"].isin(met.index[met == 2])]
        assert (of_both.groupby("customer_id")["known_on"].min() < date(2020, 1, 1)).all()


def test_both_superlender_files_meet_in_one_ledger(tmp_path: Path, real_data: RealData) -> None:
    store = open_store(tmp_path / "ledger")
    for source in ("superlender-previous", "superlender-current"):
        ingest(store, source, real_data(FILES[source]))
    customers = store.read("customers").to_pandas()
    assert customers["customer_id"].is_unique
    assert store.read("invoices").num_rows == 18183 + 4368


def test_highradius_states_what_it_assumes(tmp_path: Path, real_data: RealData) -> None:
    store = open_store(tmp_path / "ledger")
    ingest(store, "highradius-closed", real_data(FILES["highradius-closed"]))
    invoices = store.read("invoices").to_pandas()
    assert invoices["issued_on_assumed"].all()
    assert set((pd.to_datetime(invoices["due_on"]) - pd.to_datetime(invoices["issued_on"])).dt.days) == {15}
    canadian = invoices["customer_id"].str.startswith("140")
    assert ((invoices["currency"] == "CAD") == canadian).all()
    payments = store.read("payments").to_pandas().merge(invoices[["invoice_id", "issued_on"]], on="invoice_id")
    assert (payments["paid_on"] < payments["issued_on"]).any()


def test_an_ibm_dispute_is_known_only_when_all_is_settled(tmp_path: Path, real_data: RealData) -> None:
    store = open_store(tmp_path / "ledger")
    ingest(store, "ibm-ar", real_data(FILES["ibm-ar"]))
    disputes = store.read("disputes").to_pandas()
    settled = store.read("payments").to_pandas().set_index("invoice_id")["paid_on"]
    assert disputes["opened_on"].isna().all()
    assert (disputes["known_on"] == disputes["invoice_id"].map(settled)).all()
    assert store.read("invoices", ["invoice_id"])["invoice_id"][0].as_py() == "0000611365"


def test_a_final_payback_clears_a_xente_loan(tmp_path: Path, real_data: RealData) -> None:
    path, store = real_data(FILES["xente"]), open_store(tmp_path / "ledger")
    ingest(store, "xente", path)
    invoices, payments, notes = (store.read(table).to_pandas() for table in ("invoices", "payments", "credit_notes"))
    assert 100_000 in set(invoices["amount"].astype(float))
    received = pd.concat([payments, notes]).groupby("invoice_id")["amount"].sum()
    open_amount = invoices.set_index("invoice_id")["amount"] - received
    book = pd.read_csv(path, dtype=str)
    final = book.loc[(book["IsFinalPayBack"] == "1") & book["DueDate"].notna(), "LoanId"].unique()
    assert (open_amount[final] <= 0).all()
    assert (open_amount.drop(final) > 0).any()
    last = payments.groupby("invoice_id")["paid_on"].max()
    assert (notes["issued_on"] == notes["invoice_id"].map(last)).all()
    quarantined = store.read("quarantine", ["source_row", "table", "column", "rule"]).to_pylist()
    assert quarantined == [{"source_row": row, "table": "invoices", "column": "due_on", "rule": "missing"} for row in (955, 2032)]
