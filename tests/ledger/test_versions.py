"""What a row is to the ledger that holds its id already."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from ledger.tables import TABLES
from ledger.versions import against, duplicates, first_of_each, two_units

CUSTOMERS, INVOICES = TABLES["customers"], TABLES["invoices"]
JAN, FEB, MAR = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)


def customers(*rows: tuple[str, str | None, date]) -> pa.Table:
    """Rows of id, name and known_on, in order."""
    schema = pa.schema([*(CUSTOMERS.schema.field(name) for name in CUSTOMERS.names), CUSTOMERS.schema.field("known_on")])
    listed = [{"customer_id": no, "name": name, "known_on": known} for no, name, known in rows]
    return pa.Table.from_pylist(listed, schema=schema).append_column("position", pa.array(range(len(rows)), pa.int64()))


def stored(*rows: tuple[str, str | None, date], source: str = "erp") -> pa.Table:
    table = customers(*rows).drop_columns(["position"])
    return table.append_column("loaded_batch", pa.array(["b"] * len(rows))).append_column("source", pa.array([source] * len(rows)))


HELD = (("C1", "Alder", JAN), ("C1", "Birch", FEB))


@pytest.mark.parametrize(
    ("row", "source", "state"),
    [
        (("C2", "Cedar", JAN), "erp", "new"),
        (("C1", "Birch", MAR), "erp", "same"),
        (("C1", "Alder", JAN), "erp", "same"),
        (("C1", "Cedar", MAR), "erp", "version"),
        (("C1", "Cedar", FEB), "erp", "stale"),
        (("C1", "Cedar", date(2023, 1, 1)), "erp", "earlier"),
        (("C1", "Cedar", MAR), "crm", "foreign"),
        (("C1", "Birch", MAR), "crm", "same"),
    ],
)
def test_state(row: tuple[str, str, date], source: str, state: str) -> None:
    assert against(CUSTOMERS, customers(row), stored(*HELD), source)["state"].to_pylist() == [state]


def test_what_was_corrected_may_be_corrected_back_within_one_input() -> None:
    rows = customers(("C1", "Cedar", MAR), ("C1", "Birch", date(2024, 4, 1)), ("C1", "Birch", date(2024, 5, 1)))
    assert against(CUSTOMERS, rows, stored(*HELD), "erp")["state"].to_pylist() == ["version", "version", "same"]


def test_a_row_that_repeats_what_stood_on_its_day_says_nothing_new() -> None:
    rows = customers(("C1", "Alder", date(2024, 1, 20)), ("C1", "Birch", FEB), ("C1", "Cedar", date(2024, 1, 20)))
    assert against(CUSTOMERS, rows, stored(*HELD), "erp")["state"].to_pylist() == ["same", "same", "stale"]


def test_what_is_refused_takes_nothing_with_it() -> None:
    rows = customers(("C1", "Cedar", FEB), ("C1", "Cedar", MAR))
    assert against(CUSTOMERS, rows, stored(*HELD), "erp")["state"].to_pylist() == ["stale", "version"]
    assert against(CUSTOMERS, rows, stored(*HELD), "crm")["state"].to_pylist() == ["foreign", "foreign"]


def test_a_customer_of_a_shared_source_is_corrected_back_too() -> None:
    rows = customers(("C1", "Cedar", MAR), ("C1", None, date(2024, 3, 10)), ("C1", "Birch", date(2024, 4, 1)))
    result = against(CUSTOMERS, rows, stored(*HELD), "crm", shared=["erp"])
    assert result["state"].to_pylist() == ["version", "version", "same"]


@pytest.mark.parametrize(
    ("row", "state", "name"),
    [
        (("C1", None, MAR), "same", None),
        (("C1", "Cedar", MAR), "version", "Cedar"),
        (("C1", "Cedar", FEB), "same", "Cedar"),
    ],
)
def test_customers_that_meet_another_source_never_conflict(row: tuple[str, str | None, date], state: str, name: str | None) -> None:
    result = against(CUSTOMERS, customers(row), stored(*HELD), "crm", shared=["erp"])
    assert (result["state"].to_pylist(), result["name"].to_pylist()) == ([state], [name])


def test_nulls_of_a_shared_customer_are_filled_from_the_stored_row() -> None:
    incoming = customers(("C1", None, MAR))
    incoming = incoming.set_column(incoming.column_names.index("country"), "country", pa.array(["US"]))
    result = against(CUSTOMERS, incoming, stored(*HELD), "crm", shared=["erp"])
    assert result.select(["state", "name", "country"]).to_pylist() == [{"state": "version", "name": "Birch", "country": "US"}]


def test_only_a_stated_day_makes_two_contents_two_versions() -> None:
    rows = customers(("C1", "Alder", JAN), ("C1", "Alder", JAN), ("C1", "Birch", FEB), ("C1", "Cedar", FEB))
    assert duplicates(CUSTOMERS, rows, dated=False).tolist() == [2, 3]
    assert duplicates(CUSTOMERS, rows, dated=True).tolist() == [3]
    assert first_of_each(CUSTOMERS, rows.slice(0, 3))["position"].to_pylist() == [0, 2]


def test_two_units_names_the_first_clash() -> None:
    rows = pa.table({"position": [0, 1, 2], "invoice_id": ["I1", "I1", "I1"], "business_unit": [None, "U1", "U2"]})
    assert two_units(rows) == ("I1", "U1", "U2", 2)
    assert two_units(rows.slice(0, 2)) is None
