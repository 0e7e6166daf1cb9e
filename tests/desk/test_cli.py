"""The command line as people meet it: help that teaches, errors in one line, exit codes, and a light start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
import typer

from desk.cli import app, run
from desk.pages import verbs
from ledger.meta import Input, LedgerMeta
from ledger.store import new_meta, open_store
from ledger.tables import TABLES
from pipelines.describe import describe_ledger

ROOT = Path(__file__).parents[2]
VERBS = sorted(name for name, verb in verbs(typer.main.get_command(app)) if not hasattr(verb, "commands"))
START = "from desk.cli import main; main()"


def called(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", START, *arguments], cwd=ROOT, env=os.environ | env, capture_output=True, text=True)


@pytest.fixture
def books(tmp_path: Path) -> str:
    """One invoice, corrected once."""
    one = {"invoice_id": "007", "customer_id": "C1", "issued_on": date(2024, 2, 1), "due_on": date(2024, 3, 1), "currency": "EUR"}
    rows = [one | {"known_on": date(2024, 2, 1)}, one | {"due_on": date(2024, 4, 1), "known_on": date(2024, 2, 20)}]
    store = open_store(str(tmp_path / "books"))
    meta = new_meta(store).stating("erp", date(2024, 2, 29))
    meta = type(meta)(meta.ledger_id, meta.observed_until, (Input("b" * 16, "erp", "feb.csv", "a" * 64, 4, 2, 1, 1),))
    store.commit({"invoices": pa.Table.from_pylist(rows, TABLES["invoices"].schema)}, meta)
    return store.uri


def test_the_promised_verbs_are_there() -> None:
    assert set(VERBS) >= {
        "demo",
        "simulate",
        "ingest",
        "ledger",
        "train",
        "score",
        "backtest",
        "explain",
        "forecast",
        "types evaluate",
        "types movement",
    }


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_teaches_itself_with_an_example_and_takes_a_config(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*verb.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Example:\n    duewise {verb} " in shown
    assert "--config FILE" in shown


def test_help_needs_none_of_the_heavy_libraries() -> None:
    heavy = "numpy pandas pyarrow pydantic yaml duckdb ibis sklearn lightgbm mlflow shap great_expectations matplotlib rich"
    code = f"import sys, desk.cli; print(sorted(set('{heavy}'.split()) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scor"], "Did you mean 'score'?"),
        (["score"], "Missing option '--ledger'"),
        (["ledger", "--ledgr", "books"], "(Possible options: --ledger)"),
        (
            ["score", "--ledger", "books", "--out", "x", "--as-of", "2025-02-30"],
            "'2025-02-30' is not a day of the calendar; write it like 2025-12-31",
        ),
        (["score", "--ledger", "books", "--out", "x", "--as-of", "20250228"], "write it like 2025-12-31"),
        (["simulate"], "say where the ledger goes"),
        (["simulate", "--out", "x", "--customers", "0"], "--customers"),
        (["simulate", "--out", "x", "--until", "0001-02-01"], "does not lie between 1990 and 2097"),
        (["simulate", "--out", "x", "--until", "2099-12-31"], "does not lie between 1990 and 2097"),
        (["simulate", "--out", "x", "--truth", f"{__file__}/truth"], "is a file, and no folder can be made in it"),
        (["score", "--ledger", "books", "--as-of", "2025-02-28", "--out", f"{__file__}/scores"], "is a file, and no folder can be made"),
        (["ingest", "--source", "canonical", "--input", "x", "--ledger", "books", "--known-on", "2200-01-01"], "not between 1990 and 2099"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_is_right(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"--every": "weekly"}, "'weekly' is not a number of days; write it like 7d or 1d"),
        ({"--first": "2024-01-31"}, "the days must follow each other"),
        ({"--last": "2024-02-01"}, "the days must follow each other"),
    ],
)
def test_a_backtest_with_days_in_disorder_is_wrong_usage(changed: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    days = {"--train-until": "2024-02-01", "--first": "2024-02-08", "--last": "2024-03-07", "--every": "7d"} | changed
    options = [word for pair in days.items() for word in pair]
    assert run(["backtest", "--ledger", "books", "--out", "x", *options]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("before", [True, False])
def test_a_config_counts_before_and_after_the_verb(before: bool, tmp_path: Path, books: str, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "mine.yaml"
    wrong.write_text("sead: 1\n")
    named, verb = ["--config", str(wrong)], ["ledger", "--ledger", books]
    assert run([*named, *verb] if before else [*verb, *named]) == 2
    assert f"duewise: {wrong}, line 1: unknown setting 'sead': did you mean 'seed'?" in capsys.readouterr().err


def test_a_refusal_exits_1_without_a_traceback(tmp_path: Path) -> None:
    done = called("ledger", "--ledger", str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("duewise: no ledger at ")
    assert "Traceback" not in done.stderr


def test_a_ledger_with_customers_alone_is_described_and_otherwise_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store(str(tmp_path / "books"))
    row = {"customer_id": "C1", "known_on": date(2024, 1, 1), "source": "erp"}
    store.commit({"customers": pa.Table.from_pylist([row], TABLES["customers"].schema)}, new_meta(store))
    assert run(["ledger", "--ledger", store.uri]) == 0
    assert "customers     1" in capsys.readouterr().out
    out, day = ["--ledger", store.uri, "--out", str(tmp_path / "out")], "2024-01-31"
    days = ["--train-until", day, "--first", day, "--last", day]
    for verb in (["score", "--as-of", day], ["forecast", "--as-of", day], ["backtest", *days]):
        assert run([*verb, *out]) == 1
        assert capsys.readouterr().err.endswith("holds no facts: ingest a source first\n")


def test_a_password_in_an_address_is_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = "postgresql://me:secret@host/books"
    assert run(["ledger", "--ledger", address]) == 2
    assert run(["ingest", "--source", "ibm-ar", "--input", address, "--ledger", str(tmp_path / "books")]) == 1
    told = capsys.readouterr().err
    assert told.count("me:***@host/books") == 2
    assert "secret" not in told


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "desk", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout[:8]) == (0, "duewise ")


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extract = tmp_path / "in"
    extract.mkdir()
    (extract / "customers.csv").write_text("customer_id\nC1\n")
    (extract / "invoices.csv").write_text("invoice_id,customer_id,issued_on,due_on,amount,currency\nI1,C1,2024-01-01,2024-01-31,5,EUR\n")
    (extract / "payments.csv").write_text("payment_id,invoice_id,customer_id,paid_on,amount,currency\n")
    assert run(["ingest", "--source", "canonical", "--input", str(extract), "--ledger", "/proc/none/books"]) == 1
    told = capsys.readouterr().err
    assert "/proc/none" in told
    assert "name another place" in told
    assert "unexpected" not in told


def test_an_unforeseen_error_is_one_line_unless_debugging(tmp_path: Path) -> None:
    loaded = Input("b" * 16, "erp", "jan.csv", "c" * 64, "many", 1, 1, 1)  # type: ignore[arg-type]
    (tmp_path / "ledger.json").write_text(LedgerMeta("0" * 12, {}, (loaded,)).to_json())
    short, long = (called("ledger", "--ledger", str(tmp_path), DUEWISE_DEBUG=debug) for debug in ("0", "1"))
    assert (short.returncode, long.returncode) == (1, 1)
    assert "DUEWISE_DEBUG=1 shows where" in short.stderr
    assert "Traceback" not in short.stderr
    assert "Traceback" in long.stderr


def test_telemetry_is_off_before_anything_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "false")
    monkeypatch.delenv("GX_ANALYTICS_ENABLED", raising=False)
    run(["--help"])
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


def test_a_ledger_is_described_for_programs(books: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ledger", "--ledger", books, "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert described["tables"]["invoices"] == {"rows": 1, "versions": 2, "first_on": "2024-02-01", "last_on": "2024-02-01"}
    assert described["tables"]["rates"] == {"rows": 0, "versions": 0, "first_on": None, "last_on": None}
    (loaded,) = described["inputs"]
    assert {key: loaded[key] for key in ("source", "file", "source_rows", "loaded", "quarantined", "skipped")} == {
        "source": "erp",
        "file": "feb.csv",
        "source_rows": 4,
        "loaded": 2,
        "quarantined": 1,
        "skipped": 1,
    }
    assert described["observed_until"] == {"erp": "2024-02-29"}


def test_a_source_that_states_nothing_was_watched_up_to_its_last_fact(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "books"))
    row = {"invoice_id": "A", "customer_id": "C", "issued_on": date(2024, 2, 1), "due_on": date(2024, 3, 1), "known_on": date(2024, 2, 1)}
    table = pa.Table.from_pylist([row | {"source": "erp", "currency": "EUR"}], TABLES["invoices"].schema)
    store.commit({"invoices": table}, new_meta(store))
    assert describe_ledger(store.uri)["observed_until"] == {"erp": "2024-02-01"}


def test_a_ledger_is_described_for_people(books: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ledger", "--ledger", books]) == 0
    shown = capsys.readouterr().out
    assert "invoices     1         2  2024-02-01  2024-02-01" in shown
    assert "payments" not in shown
    assert "2024-02-29" in shown
