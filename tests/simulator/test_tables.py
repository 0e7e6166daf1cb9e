"""A simulated ledger keeps the contract of the tables, the calendar and the books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ledger.calendars import calendar_of
from ledger.errors import RefusedError, UsageError
from ledger.store import open_store
from ledger.tables import TABLES
from simulator import Simulation, World, load_world, simulate, world_names, write_ledger
from simulator.simulation import SOURCE

Simulated = Callable[..., Simulation]
UNTIL = date(2025, 12, 31)
SMALL = {"customers": 40, "months": 6}


def newest(table: pa.Table, key: str) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame.sort_values("known_on", kind="stable").drop_duplicates(key, keep="last")


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_ledger(simulate(World(), **SMALL, until=UNTIL, seed=9), str(tmp_path / name))
    first = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}


def test_another_seed_gives_another_ledger(simulated: Simulated) -> None:
    a, b = (simulate(World(), **SMALL, until=UNTIL, seed=seed).tables["invoices"] for seed in (1, 2))
    assert not a.equals(b)


@pytest.mark.parametrize("world", world_names())
def test_tables_have_the_canonical_columns_keys_and_references(simulated: Simulated, world: str) -> None:
    tables = simulated(world, **SMALL).tables
    assert all(tables[name].num_rows for name, table in TABLES.items() if table.required)
    for name, table in tables.items():
        defined = TABLES[name]
        wanted = [defined.schema.field(column) for column in (*defined.names, "known_on")]
        assert table.schema.equals(pa.schema(wanted)), name
        versions = table.select([*defined.key, "known_on"])
        assert versions.group_by(versions.column_names).aggregate([]).num_rows == table.num_rows, name
        for column in defined.columns:
            if column.required:
                assert table[column.name].null_count == 0, (name, column.name)
            if column.values:
                assert set(pc.unique(table[column.name].drop_null()).to_pylist()) <= set(column.values), (name, column.name)
        for column_name, other in defined.references:
            named = table[column_name].drop_null()
            assert len(named) or not TABLES[name].required or column_name == "parent_id", (name, column_name)
            assert pc.all(pc.is_in(named, tables[other][column_name]), min_count=0).as_py(), (name, column_name)


@pytest.mark.parametrize("world", ["default", "concentrated"])
def test_nothing_is_known_before_it_happened_nor_after_the_end(simulated: Simulated, world: str) -> None:
    tables = simulated(world).tables
    assert {"invoices", "payments", "contacts", "disputes"} <= {name for name, table in tables.items() if table.num_rows}
    for name, table in tables.items():
        event_on = TABLES[name].event_on
        if event_on is not None:
            assert pc.all(pc.greater_equal(table["known_on"], table[event_on]), min_count=0).as_py(), name
        assert table.num_rows == 0 or pc.max(table["known_on"]).as_py() <= UNTIL, name


def test_a_fact_about_an_invoice_is_known_no_earlier_than_the_invoice(simulated: Simulated) -> None:
    tables = simulated().tables
    known = newest(tables["invoices"], "invoice_id").set_index("invoice_id")["known_on"]
    for name in ("payments", "credit_notes", "promises", "disputes"):
        facts = tables[name].to_pandas().dropna(subset="invoice_id")
        assert len(facts) > 0, name
        assert (facts["known_on"] >= facts["invoice_id"].map(known)).all(), name


def test_a_pretext_waits_for_the_invoice_that_left_the_house_after_its_due_day() -> None:
    raw = {
        "leanings": {"compliant": 0, "fortuitous": 0, "disorganized": 0, "intentional": 1, "circumstantial": 0},
        "billing": {"sent_late_share": 1, "sent_late_days": 60},
        "grievances": {"pretext": 1},
    }
    tables = simulate(World.model_validate(raw), **SMALL, until=UNTIL, seed=2).tables
    known = tables["invoices"].to_pandas().set_index("invoice_id")["known_on"]
    disputes = tables["disputes"].to_pandas()
    assert len(disputes) > 20
    assert (disputes["known_on"] > disputes["invoice_id"].map(known)).all()


def test_what_is_paid_and_credited_never_exceeds_the_invoice(simulated: Simulated) -> None:
    tables = simulated().tables
    invoices = newest(tables["invoices"], "invoice_id").set_index("invoice_id")["amount"].astype(float)
    paid = newest(tables["payments"], "payment_id").dropna(subset="invoice_id").groupby("invoice_id")["amount"].sum().astype(float)
    credited = newest(tables["credit_notes"], "credit_note_id").groupby("invoice_id")["amount"].sum().astype(float)
    left = invoices.sub(paid, fill_value=0).sub(credited, fill_value=0)
    assert left.min() > -0.005
    assert 0.01 < (left > 0.005).mean() < 0.2


def test_firms_pay_on_business_days_of_their_country(simulated: Simulated) -> None:
    tables = simulated().tables
    customers = tables["customers"].to_pandas().set_index("customer_id")
    payments = tables["payments"].to_pandas()
    payments["country"] = payments["customer_id"].map(customers["country"])
    firms = payments[payments["customer_id"].map(customers["kind"]) == "business"]
    assert firms["country"].nunique() > 1
    for country, theirs in firms.groupby("country"):
        calendar = calendar_of(str(country), date(2024, 1, 1), UNTIL)
        days = pd.to_datetime(theirs["paid_on"]).to_numpy().astype("datetime64[D]")
        assert np.is_busday(days, busdaycal=calendar).all(), country


def test_lateness_is_that_of_ordinary_books(simulated: Simulated) -> None:
    tables = simulated().tables
    invoices = newest(tables["invoices"], "invoice_id").set_index("invoice_id")
    old = invoices[invoices["due_on"] < date(2025, 9, 1)]
    last = newest(tables["payments"], "payment_id").groupby("invoice_id")["paid_on"].max()
    days = (pd.to_datetime(old.index.map(last)) - pd.to_datetime(old["due_on"])).dt.days
    assert 0.33 < (days > 0).mean() < 0.5
    assert 0.04 < (days > 30).mean() < 0.11
    per_customer = invoices["amount"].astype(float).groupby(invoices["customer_id"]).sum().sort_values()
    assert 0.25 < per_customer.tail(len(per_customer) // 20).sum() / per_customer.sum() < 0.6


def test_nobody_is_contacted_as_late_on_the_due_day_though_the_house_waits_for_nothing() -> None:
    world = World.model_validate({"collectors": {"wait_days": 0, "gap_days": 0, "intensity": 1, "preventive_share": 0}})
    tables = simulate(world, **SMALL, until=UNTIL, seed=2).tables
    first_due = newest(tables["invoices"], "invoice_id").groupby("customer_id")["due_on"].min()
    contacts = tables["contacts"].to_pandas()
    assert len(contacts) > 50
    assert (contacts["contacted_on"] > contacts["customer_id"].map(first_due)).all()


def test_own_faults_unapplied_cash_and_disputes_are_versions_of_what_was_believed(simulated: Simulated) -> None:
    tables = simulated().tables
    late_sent = pc.mean(pc.greater(tables["invoices"]["known_on"], tables["invoices"]["issued_on"]).cast(pa.float64())).as_py()
    assert 0.01 < late_sent < 0.06
    payments = tables["payments"].to_pandas()
    unapplied = payments[payments["invoice_id"].isna()]
    assert 0.002 < len(unapplied) / len(payments) < 0.03
    applied = payments[payments["invoice_id"].notna()].set_index("payment_id")
    later = applied["known_on"].reindex(unapplied["payment_id"]).dropna()
    assert (later > unapplied.set_index("payment_id")["known_on"].reindex(later.index)).all()
    disputes = tables["disputes"].to_pandas()
    opening, closing = disputes[disputes["closed_on"].isna()], disputes[disputes["closed_on"].notna()]
    assert not opening["dispute_id"].duplicated().any()
    assert set(closing["dispute_id"]) < set(opening["dispute_id"])
    assert (closing["known_on"] == closing["closed_on"]).all()


def test_a_world_with_payments_only_writes_nothing_else(simulated: Simulated) -> None:
    assert set(simulated("payments_only", **SMALL).tables) == {"customers", "invoices", "payments"}


def test_several_currencies_come_with_rates_and_one_does_not(simulated: Simulated) -> None:
    assert "rates" not in simulated(**SMALL).tables
    tables = simulated("concentrated", **SMALL).tables
    country = tables["customers"].to_pandas().set_index("customer_id")["country"]
    invoices = tables["invoices"].to_pandas()
    wanted = invoices["customer_id"].map(country).map({"GB": "GBP", "US": "USD"}).fillna("EUR")
    assert (invoices["currency"] == wanted).all()
    rates = tables["rates"].to_pandas()
    assert set(rates["currency"]) == {"EUR", "GBP", "USD"}
    assert (rates.loc[rates["currency"] == "EUR", "rate"] == 1).all()


@pytest.mark.parametrize("address", ["ledger", "duckdb:///{}/books.duckdb"])
def test_a_store_gives_back_what_was_written(tmp_path: Path, address: str) -> None:
    uri = address.format(tmp_path) if "duckdb" in address else str(tmp_path / address)
    simulation = simulate(load_world("default"), **SMALL, until=UNTIL, seed=5)
    write_ledger(simulation, uri)
    store = open_store(uri)
    assert store.meta().observed_until == {SOURCE: ("2025-12-31",)}
    assert {one.file: one.loaded for one in store.meta().inputs} == {name: table.num_rows for name, table in simulation.tables.items()}
    for name, table in simulation.tables.items():
        assert store.read(name, table.column_names).equals(table), name
        assert set(store.read(name, ["source"])["source"].to_pylist()) <= {SOURCE}


def test_a_second_writing_changes_nothing_and_another_simulation_is_refused(tmp_path: Path) -> None:
    uri = str(tmp_path / "ledger")
    simulation = simulate(World(), **SMALL, until=UNTIL, seed=5)
    write_ledger(simulation, uri)
    before = {path.name: path.read_bytes() for path in Path(uri).iterdir()}
    write_ledger(simulation, uri)
    with pytest.raises(RefusedError, match="there is a ledger at"):
        write_ledger(simulate(World(), **SMALL, until=UNTIL, seed=6), uri)
    assert before == {path.name: path.read_bytes() for path in Path(uri).iterdir()}


@pytest.mark.parametrize("wrong", [{"customers": 0}, {"months": 0}, {"months": 500}, {"seed": -1}])
def test_impossible_sizes_are_wrong_usage(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        simulate(World(), **({"customers": 5, "months": 3, "seed": 1} | wrong), until=UNTIL)
