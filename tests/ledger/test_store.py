"""Both kinds of store keep the same ledger, and a commit happens wholly or not at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ledger.errors import RefusedError, UsageError
from ledger.ledger import Ledger
from ledger.meta import Input, LedgerMeta
from ledger.store import Store, open_store
from ledger.tables import TABLES

META = LedgerMeta("a" * 12, {"erp": ("2024-01-31",)}, (Input("b" * 16, "erp", "jan.csv", "c" * 64, 3, 1, 1, 1),))
STORY = {
    "invoices": """
        invoice_id customer_id issued_on  due_on     amount known_on
        I1         C1          2024-01-02 2024-02-01 100    2024-01-02
        I1         C1          2024-01-02 2024-03-01 100    2024-01-20
        I2         C1          2024-01-05 2024-02-04 0.1    2024-01-05
        I3         C2          2024-01-07 2024-02-06 80     2024-01-07
    """,
    "payments": """
        invoice_id paid_on    amount
        I2         2024-01-09 0.1
        I3         2024-01-10 30
    """,
    "disputes": """
        invoice_id opened_on  closed_on
        I3         2024-01-12 2024-02-20
    """,
}


def customers(*ids: str) -> dict[str, pa.Table]:
    rows = [{"customer_id": one, "known_on": date(2024, 1, 1), "loaded_batch": "b" * 16, "source": "erp"} for one in ids]
    return {"customers": pa.Table.from_pylist(rows, schema=TABLES["customers"].schema)}


@pytest.fixture(params=["parquet", "duckdb"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "books") if request.param == "parquet" else f"duckdb:///{tmp_path / 'books' / 'ledger.duckdb'}"


def stored(store: Store) -> list[str]:
    return sorted(store.read("customers", ["customer_id"])["customer_id"].to_pylist())


def test_nothing_is_created_before_the_first_commit(place: str, tmp_path: Path) -> None:
    store = open_store(place)
    assert not store.exists()
    assert store.read("invoices").num_rows == 0
    with pytest.raises(RefusedError, match=r"no ledger at .*run `duewise ingest` or `duewise simulate`"):
        store.meta()
    assert list(tmp_path.iterdir()) == []


def test_rows_are_added_and_the_meta_is_replaced(place: str) -> None:
    store = open_store(place)
    store.commit(customers("C1"), META)
    later = META.stating("erp", date(2024, 2, 29))
    store.commit(customers("C2"), later)
    again = open_store(place)
    assert stored(again) == ["C1", "C2"]
    assert again.meta() == later
    assert again.meta().inputs == META.inputs
    assert again.read("customers").schema == TABLES["customers"].schema
    assert again.read("payments").schema == TABLES["payments"].schema


def test_a_commit_that_fails_leaves_everything_as_it_was(place: str) -> None:
    store = open_store(place)
    store.commit(customers("C1"), META)
    wrong = {**customers("C2"), "invoices": pa.table({"invoice_id": ["I1"]})}
    with pytest.raises((ValueError, pa.ArrowInvalid, duckdb.Error)):
        store.commit(wrong, LedgerMeta("z" * 12))
    for one in (store, open_store(place)):
        assert stored(one) == ["C1"]
        assert one.meta() == META
    store.commit(customers("C3"), META)
    assert stored(store) == ["C1", "C3"]


def test_an_interrupted_commit_is_finished_by_the_next_who_opens_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path / "books")
    store.commit(customers("C1"), META)
    later = META.stating("erp", date(2024, 2, 29))

    def power_cut(*_: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as dark:
        dark.setattr("ledger.parquet_store.os.replace", power_cut)
        with pytest.raises(OSError, match="power cut"):
            store.commit(customers("C2"), later)
    assert open_store(tmp_path / "books").meta() == later
    assert stored(open_store(tmp_path / "books")) == ["C1", "C2"]
    assert sorted(path.name for path in (tmp_path / "books").iterdir()) == ["customers.parquet", "ledger.json"]


def test_a_commit_cut_short_before_it_was_whole_never_happened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path / "books")
    store.commit(customers("C1"), META)

    def disk_full(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as full:
        full.setattr("pathlib.Path.touch", disk_full)
        with pytest.raises(OSError, match="disk full"):
            store.commit(customers("C2"), LedgerMeta("z" * 12))
    assert stored(open_store(tmp_path / "books")) == ["C1"]
    assert open_store(tmp_path / "books").meta() == META


def test_a_writer_waits_for_another_and_says_so_before_it_is_refused(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.lock.WAIT", 0.3)
    steps: list[str] = []
    with open_store(place).alone():
        with pytest.raises(RefusedError, match=r"is being written by another process: wait until that is done, and run this again"):
            open_store(place).commit(customers("C2"), META)
        with pytest.raises(RefusedError, match="is being written"), open_store(place).alone(steps.append):
            pass
    assert set(steps) == {f"waiting for another process that writes to {place}"}
    open_store(place).commit(customers("C1"), META)
    assert stored(open_store(place)) == ["C1"]


def test_a_ledger_held_and_not_written_leaves_nothing_behind(place: str, tmp_path: Path) -> None:
    with open_store(place).alone():
        assert not open_store(place).exists()
    assert list(tmp_path.iterdir()) == []


def test_a_reader_leaves_the_files_of_a_commit_to_its_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, reader = open_store(tmp_path / "books"), open_store(tmp_path / "books")
    store.commit(customers("C1"), META)
    moved: list[str] = []

    def seen(source: Path, target: Path) -> None:
        with pytest.raises(RefusedError, match="is being written by another process"):
            reader.exists()
        moved.append(target.name)
        source.rename(target)

    monkeypatch.setattr("ledger.parquet_store.READER_WAIT", 0)
    monkeypatch.setattr("ledger.parquet_store.os.replace", seen)
    store.commit(customers("C2"), META)
    assert moved == ["customers.parquet", "ledger.json"]
    assert stored(reader) == ["C1", "C2"]


def test_a_database_in_use_is_waited_for_and_then_refused_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(f"duckdb:///{tmp_path / 'books.duckdb'}")
    store.commit(customers("C1"), META)
    writes = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", writes, str(tmp_path / "books.duckdb")]
    monkeypatch.setattr("ledger.duckdb_store.READER_WAIT", 0)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        for use in (store.meta, lambda: store.commit(customers("C2"), META), lambda: store.attach(ibis.duckdb.connect(), "customers")):
            with pytest.raises(RefusedError, match=r"books.duckdb is in use by another process: wait until that is done"):
                use()
        other.communicate()
    assert stored(store) == ["C1"]


def test_parquet_and_duckdb_give_the_same_answers(ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    one, other = ledger_of(**STORY), ledger_of(uri=f"duckdb:///{tmp_path / 'books.duckdb'}", **STORY)
    assert type(one.store) is not type(other.store)
    days = [date(2024, 1, 15), date(2024, 1, 25)]
    for name in TABLES:
        assert one.store.read(name).equals(other.store.read(name))
    frames = []
    for ledger in (one, other):
        snapshot = ledger.as_of(*days)
        known = [snapshot.known(name).to_pandas().sort_values(["as_of", *TABLES[name].key]) for name in TABLES]
        balances = snapshot.balances.to_pandas().sort_values(["as_of", "invoice_id"])
        frames.append([frame.reset_index(drop=True).astype("str").to_dict("list") for frame in (*known, balances)])
    assert frames[0] == frames[1]
    assert one.span == other.span == (date(2024, 1, 2), date(2024, 1, 20))


def test_what_does_not_fit_in_memory_lies_beside_the_ledger_while_it_is_needed(ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    ledger = ledger_of(**STORY, uri=str(tmp_path / "it's"))
    ledger.connection.raw_sql("set memory_limit = '40MB'")
    ledger.connection.raw_sql("create temp table large as select hash(range) from range(8000000)")
    assert list((tmp_path / "it's" / ".spill").iterdir())
    ledger.connection.disconnect()
    assert not (tmp_path / "it's" / ".spill").exists()


def test_a_ledger_whose_files_are_gone_or_broken_is_refused_by_name(tmp_path: Path) -> None:
    def broken(name: str, text: bytes | None) -> str:
        uri = tmp_path / f"{name}-{text is None}"
        open_store(uri).commit(customers("C1"), META)
        path = uri / name
        path.unlink() if text is None else path.write_bytes(text)
        return str(uri)

    with pytest.raises(RefusedError, match=r"customers.parquet is not there, though rows were loaded into it: restore it"):
        open_store(broken("customers.parquet", None)).meta()
    with pytest.raises(RefusedError, match=r"customers.parquet cannot be read \(ArrowInvalid\): restore it"):
        open_store(broken("customers.parquet", b"PAR1")).read("customers")
    with pytest.raises(RefusedError, match=r"ledger.json cannot be read \(JSONDecodeError\): restore it"):
        open_store(broken("ledger.json", b"{")).meta()


def test_a_table_without_one_of_its_columns_is_refused_by_name(tmp_path: Path) -> None:
    store = open_store(tmp_path / "books")
    store.commit(customers("C1"), META)
    path = tmp_path / "books" / "customers.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["country"]), path)
    for read in (lambda: store.read("customers"), lambda: Ledger(store).history("customers")):
        with pytest.raises(RefusedError, match=r"customers.parquet has no column country: restore it"):
            read()


def test_a_file_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "books").write_text("x")
    with pytest.raises(UsageError, match=r"books' is a file; give a folder"):
        open_store(tmp_path / "books")


def test_a_database_that_is_none_or_holds_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "junk.duckdb").write_text("no database at all, but long enough to look like one" * 200)
    with pytest.raises(RefusedError, match=r"junk.duckdb cannot be opened as a DuckDB database \(\w+\): close what else"):
        open_store(f"duckdb:///{tmp_path / 'junk.duckdb'}").meta()
    with duckdb.connect(str(tmp_path / "other.duckdb")) as connection:
        connection.execute("create table theirs (a int)")
    with pytest.raises(RefusedError, match=r"other.duckdb is a database without a ledger"):
        open_store(f"duckdb:///{tmp_path / 'other.duckdb'}").meta()


def test_a_first_commit_that_was_interrupted_does_not_take_the_database(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "new.duckdb")).close()
    store = open_store(f"duckdb:///{tmp_path / 'new.duckdb'}")
    with pytest.raises(RefusedError, match="no ledger at"):
        store.meta()
    store.commit(customers("C1"), META)
    assert stored(store) == ["C1"]


def test_a_new_ledger_does_not_overwrite_files_of_others(tmp_path: Path) -> None:
    theirs = pa.table({"payment_id": ["P1"], "their column": ["x"]})
    pq.write_table(theirs, tmp_path / "payments.parquet")
    store = open_store(tmp_path)
    with pytest.raises(RefusedError, match=r"holds a payments.parquet and no ledger; give the ledger a folder of its own"):
        store.commit(customers("C1"), META)
    assert pq.read_table(tmp_path / "payments.parquet") == theirs


@pytest.mark.parametrize("address", ["", "duckdb:books.duckdb", "duckdb:///:memory:", "duckdb:///"])
def test_an_address_that_names_no_place_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match=r"is not known here; give a folder or duckdb:///path"):
        open_store(address)
