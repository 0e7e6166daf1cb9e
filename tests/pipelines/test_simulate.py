"""A simulated ledger through the command line: the truth lies apart, chance is an argument, and nothing is overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from desk.cli import run

SMALL = ["--customers", "30", "--months", "8", "--until", "2024-02-29"]


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_truth_is_written_only_where_it_was_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger, truth = tmp_path / "ledger", tmp_path / "truth"
    assert run(["simulate", "--out", str(ledger), "--truth", str(truth), *SMALL]) == 0
    assert "simulated 30 customers" in capsys.readouterr().out
    assert {path.name for path in truth.iterdir()} == {"types.parquet", "responses.parquet"}
    stored = {path.stem: set(pq.read_schema(path).names) for path in ledger.glob("*.parquet")}
    assert "debtor_type" not in set().union(*stored.values())
    assert not {"types", "responses"} & set(stored)


def test_the_seed_of_the_config_counts_unless_one_is_given(tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("seed: 11\n")
    for name, options in {"a": ["--config", str(config)], "b": ["--seed", "11"], "c": ["--seed", "12"]}.items():
        assert run(["simulate", "--out", str(tmp_path / name), *SMALL, *options]) == 0
    a, b, c = (bytes_of(tmp_path / name) for name in "abc")
    assert a == b
    assert a["invoices.parquet"] != c["invoices.parquet"]


def test_another_ledger_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = str(tmp_path / "ledger")
    assert run(["simulate", "--out", ledger, *SMALL]) == 0
    before = bytes_of(tmp_path)
    assert run(["simulate", "--out", ledger, *SMALL, "--seed", "99"]) == 1
    assert "there is a ledger at" in capsys.readouterr().err
    assert bytes_of(tmp_path) == before


def test_another_ledger_is_found_before_the_work_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = str(tmp_path / "ledger")
    assert run(["simulate", "--out", ledger, *SMALL]) == 0
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "invoices.parquet").touch()
    monkeypatch.setattr("simulator.simulation.simulate", lambda *args, **options: pytest.fail("lived in vain"))
    assert run(["simulate", "--out", ledger, *SMALL, "--seed", "99"]) == 1
    assert run(["simulate", "--out", str(tmp_path / "other"), *SMALL]) == 1


def test_the_truth_behind_another_ledger_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, truth = ["simulate", "--out", str(tmp_path / "first"), *SMALL], ["--truth", str(tmp_path / "truth")]
    assert run([*first, *truth]) == 0
    before = bytes_of(tmp_path)
    assert run(["simulate", "--out", str(tmp_path / "second"), *SMALL, "--seed", "99", *truth]) == 1
    told = capsys.readouterr().err
    assert "truth holds the truth of another simulation: choose another --truth, or remove that one first" in told
    assert not (tmp_path / "second").exists()
    assert run([*first, *truth]) == 0, "the same simulation again"
    assert bytes_of(tmp_path) == before
    (tmp_path / "truth" / "types.parquet").write_bytes(b"something else")
    assert run([*first, *truth]) == 1


def test_the_schema_of_a_world_needs_no_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "--world-schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["additionalProperties"] is False
    assert all("default" in one or "$ref" in one for one in schema["properties"].values())


def test_an_unknown_world_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "--out", str(tmp_path / "x"), "--world", "defalt"]) == 2
    assert "did you mean 'default'?" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
