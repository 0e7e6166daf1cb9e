"""An ingest through the command line: each row is accounted for, twice is once, and a bad file leaves the ledger as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from desk.cli import run

HEAD = "invoice_id,customer_id,issued_on,due_on,amount,currency"
GOOD = ["007,C1,2024-02-01,2024-02-29,100.00,EUR", "008,C1,2024-02-10,2024-03-11,50.50,EUR", "009,C2,2024-02-10,2024-03-11,7.00,EUR"]


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    folder = tmp_path / "extract"
    folder.mkdir()
    (folder / "customers.csv").write_text("customer_id,name,kind,country\nC1,Ada,business,DE\nC2,Bo,business,DE\n")
    (folder / "invoices.csv").write_text("\n".join([HEAD, *GOOD]) + "\n")
    (folder / "payments.csv").write_text("payment_id,invoice_id,customer_id,paid_on,amount,currency\nP1,007,C1,2024-03-04,100.00,EUR\n")
    return folder


def ingested(extract: Path, ledger: Path, *options: str) -> int:
    return run(["ingest", "--source", "canonical", "--input", str(extract), "--ledger", str(ledger), *options])


def test_each_row_is_accounted_for_and_twice_is_once(extract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = tmp_path / "books"
    assert ingested(extract, ledger) == 0
    assert "invoices.csv: 3 rows = 3 loaded + 0 in quarantine + 0 skipped" in capsys.readouterr().out
    before = {path: path.read_bytes() for path in ledger.rglob("*.parquet")}
    assert ingested(extract, ledger) == 0
    assert "invoices.csv: already loaded" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in ledger.rglob("*.parquet")} == before
    assert run(["ledger", "--ledger", str(ledger), "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert described["tables"]["invoices"] == {"rows": 3, "versions": 3, "first_on": "2024-02-01", "last_on": "2024-02-10"}
    assert all(one["source_rows"] == one["loaded"] + one["quarantined"] + one["skipped"] for one in described["inputs"])


def test_a_bad_row_is_told_with_its_rule_and_the_limit_is_the_configs(
    extract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (extract / "invoices.csv").write_text("\n".join([HEAD, *GOOD, "010,C2,2024-02-10,2024-03-11,-7.00,EUR"]) + "\n")
    strict = tmp_path / "strict.yaml"
    strict.write_text("max_bad_share: 0.1\n")
    assert ingested(extract, tmp_path / "strict", "--config", str(strict)) == 1
    assert "1 of 4 rows are bad, more than 10%; nothing was loaded" in capsys.readouterr().err
    assert not (tmp_path / "strict" / "ledger.json").exists()
    lenient = tmp_path / "lenient.yaml"
    lenient.write_text("max_bad_share: 0.5\n")
    assert ingested(extract, tmp_path / "books", "--config", str(lenient)) == 0
    shown = capsys.readouterr().out
    assert "4 rows = 3 loaded + 1 in quarantine + 0 skipped" in shown
    assert "  quarantine of invoices.csv:\n    invoices.amount: not positive in 1 row, row 4 ('-7.00'); a credit is no invoice: " in shown


def test_an_unknown_source_is_wrong_usage(extract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingest", "--source", "cannonical", "--input", str(extract), "--ledger", str(tmp_path / "books")]) == 2
    assert "did you mean 'canonical'?" in capsys.readouterr().err


def test_the_words_of_a_call_log_are_known_in_any_dress_and_unknown_ones_are_told(
    extract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["Phone,Reached,Cash management", "phone, No-answer,", "EMAIL,gesprochen,", "email,Gesprochen,", "sms,sent,", "sms,,"]
    log = [f"K{n},C1,2024-03-{n:02},{row}" for n, row in enumerate(rows, start=1)]
    (extract / "contacts.csv").write_text("\n".join(["contact_id,customer_id,contacted_on,channel,outcome,reason_code", *log]) + "\n")
    assert ingested(extract, tmp_path / "books") == 0
    told = capsys.readouterr().out
    assert "contacts.csv: 6 rows = 6 loaded" in told
    assert "warning: contacts whose outcome says nothing to us: 2 ('gesprochen' 2)" in told
    stored = pd.read_parquet(tmp_path / "books" / "contacts.parquet").sort_values("contact_id")
    assert stored["outcome"].fillna("").tolist() == ["reached", "no_answer", "gesprochen", "gesprochen", "sent", ""]
    assert stored["channel"].tolist() == ["phone", "phone", "email", "email", "sms", "sms"]
    assert stored["reason_code"].iloc[0] == "cash_management"
    ours = tmp_path / "ours.yaml"
    ours.write_text("worklist: {conversation_outcomes: [Reached, Gesprochen]}\n")
    assert ingested(extract, tmp_path / "others", "--config", str(ours)) == 0
    assert "says nothing to us" not in capsys.readouterr().out
