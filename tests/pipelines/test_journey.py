"""From a ledger to a worklist through the command line, and every way in which it may say no."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from desk.cli import run
from ledger.ledger import Ledger

FILES = {
    "invoice_scores.parquet",
    "customer_scores.parquet",
    "worklist.parquet",
    "worklist.csv",
    "worklist.xlsx",
    "worklist.html",
    "manifest.json",
}
INVOICES = (
    "run_id as_of invoice_id customer_id currency open_amount due_on dpd p_late p_late_5 p_late_30 p_late_60 p_late_90 p_paid_7 p_paid_14 "
    "p_paid_30 days_late_p10 days_late_p50 days_late_p90 expected_paid_on"
).split()
CUSTOMERS = (
    "run_id as_of customer_id currency exposure overdue_amount p_late expected_late_amount debtor_type p_compliant p_fortuitous "
    "p_disorganized p_intentional p_circumstantial type_evidence stage is_recurring"
).split()
WORKLIST = (
    "run_id row_id rank customer_id currency debtor_type type_confidence stage action channel tone contact_from contact_until exposure "
    "overdue_amount max_dpd p_late value_of_contact value_basis reason_1 reason_1_code reason_2 reason_2_code reason_3 reason_3_code "
    "offers holds in_holdout"
).split()


@pytest.fixture(scope="module")
def out(trained: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scores of the last day."""
    folder = tmp_path_factory.mktemp("scores")
    assert trained.called("score", as_of=trained.today, out=folder) == 0
    return folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_training_says_what_it_learned(trained: Any) -> None:
    assert "version 1: payment-time model from" in trained.said
    assert "p_late on newer days: AUC" in trained.said
    assert "promoted: the first champion of this ledger" in trained.said


def test_the_first_champion_is_better_than_chance(trained: Any) -> None:
    (line,) = [line for line in trained.said.splitlines() if "p_late on newer days" in line]
    assert float(line.split("AUC ")[1].split(",")[0]) > 0.6


def test_a_latest_that_is_no_link_is_left_alone(trained: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As after copying the folder with its links followed."""
    (tmp_path / "latest").mkdir()
    (tmp_path / "latest" / "worklist.csv").write_text("mine")
    assert trained.called("score", as_of=trained.today, out=tmp_path) == 1
    assert f"{tmp_path}/latest is a folder of its own" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*")] == ["latest", "worklist.csv"]


def test_a_file_that_no_score_wrote_is_not_deleted(trained: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = tmp_path / "2025-12-31"
    day.mkdir()
    (day / "calls.xlsx").write_text("mine")
    (day / "worklist.csv").write_text("of an earlier run")
    assert trained.called("score", as_of=trained.today, out=tmp_path) == 1
    assert f"{day} holds a file that no score wrote (calls.xlsx): move it elsewhere" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["2025-12-31", "calls.xlsx", "worklist.csv"]


def test_a_day_that_was_there_stays_until_the_new_one_is(trained: Any, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(out, tmp_path, symlinks=True, dirs_exist_ok=True)
    before, replace = bytes_of(tmp_path / "latest"), os.replace

    def full(source: Path, target: Path) -> None:
        if str(source).endswith(".writing"):
            raise OSError("no space left on device")
        replace(source, target)

    monkeypatch.setattr("pipelines.publish.os.replace", full)
    assert trained.called("score", as_of=trained.today, out=tmp_path) == 1
    assert bytes_of(tmp_path / "latest") == before


def test_a_place_that_is_taken_is_told_before_the_night_is_spent(
    trained: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def too_early(*_: object, **__: object) -> None:
        raise AssertionError("nothing may be scored for it")

    monkeypatch.setattr("pipelines.score.score_day", too_early)
    monkeypatch.setattr("pipelines.explain.score_day", too_early)
    (tmp_path / "latest").mkdir()
    assert trained.called("score", as_of=trained.today, out=tmp_path) == 1
    assert trained.called("score", as_of=trained.today, out="/proc/scores") == 1
    assert trained.called("explain", as_of=trained.today, customer="nobody") == 1
    told = capsys.readouterr().err
    assert "is a folder of its own" in told
    assert "nothing can be written in /proc" in told
    assert "no customer nobody in" in told


def test_score_writes_what_was_promised(trained: Any, out: Path) -> None:
    day = out / "2025-12-31"
    assert {path.name for path in day.iterdir()} == FILES
    assert (out / "latest").is_symlink()
    assert (out / "latest").resolve() == day.resolve()
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
    for name, promised in (("invoice_scores", INVOICES), ("customer_scores", CUSTOMERS), ("worklist", WORKLIST)):
        assert set(promised) <= set(pq.read_schema(day / f"{name}.parquet").names), name
    schema = pq.read_schema(day / "invoice_scores.parquet")
    assert {pa.types.is_date(schema.field(name).type) for name in ("as_of", "due_on", "expected_paid_on")} == {True}
    # The same type in every file and on every day, also where nobody owes in two currencies.
    texts = [("invoice_scores", "customer_id"), ("customer_scores", "other_amounts"), ("worklist", "customer_id"), ("worklist", "offers")]
    for name, column in texts:
        assert pa.types.is_large_string(pq.read_schema(day / f"{name}.parquet").field(column).type), (name, column)
    manifest = json.loads((day / "manifest.json").read_text())
    assert {"versions", "known", "rows", "gates", "champion", "run_id", "as_of", "left_out", "config"} <= set(manifest)
    assert all(manifest["gates"].values())
    counted = {name: pq.read_metadata(day / f"{name}.parquet").num_rows for name in ("invoice_scores", "customer_scores", "worklist")}
    assert manifest["rows"] == counted
    assert min(counted.values()) > 0


def test_the_scores_keep_the_definitions(trained: Any, out: Path) -> None:
    scores = pd.read_parquet(out / "latest" / "invoice_scores.parquet")
    days_past_due = (pd.to_datetime(scores["as_of"]) - pd.to_datetime(scores["due_on"])).dt.days
    assert (scores["dpd"] == days_past_due).all()
    assert (scores.loc[scores["dpd"] >= 0, "p_late"] == 1).all()
    assert (scores.loc[scores["dpd"] < 0, "p_late"] < 1).all()
    assert (scores["days_late_p10"] >= scores["dpd"] + 1).all()
    assert ((scores["days_late_p10"] <= scores["days_late_p50"]) & (scores["days_late_p50"] <= scores["days_late_p90"])).all()
    ledger = Ledger.open(trained.ledger)
    balances = ledger.as_of(trained.today).balances.to_pandas().set_index("invoice_id")
    mine = balances.loc[scores["invoice_id"]]
    assert mine["paid_on"].isna().all()
    assert scores["open_amount"].astype("float64").tolist() == pytest.approx(mine["open_amount"].tolist(), abs=0.01)
    customers = pd.read_parquet(out / "latest" / "customer_scores.parquet").set_index("customer_id")
    open_amount = scores.groupby("customer_id")["open_amount"].sum().astype("float64")
    assert customers.loc[open_amount.index, "exposure"].astype("float64").tolist() == pytest.approx(open_amount.tolist(), abs=0.01)
    listed = pd.read_parquet(out / "latest" / "worklist.parquet")
    assert set(listed["customer_id"]) == set(customers.index[customers["exposure"] > 0])
    assert listed["rank"].tolist() == list(range(1, len(listed) + 1))


def test_the_same_score_is_the_same_to_the_byte(trained: Any, out: Path, tmp_path: Path) -> None:
    assert trained.called("score", as_of=trained.today, out=tmp_path) == 0
    assert bytes_of(tmp_path / "2025-12-31") == bytes_of(out / "2025-12-31")


@pytest.mark.parametrize(
    ("file", "was", "changed"),
    [("playbook.yaml", "phone: 6.00", "phone: 9.00"), ("texts/en.yaml", "call: {name: Call,", "call: {name: Ring up,")],
)
def test_an_edited_playbook_is_another_run_and_so_are_edited_texts(
    trained: Any, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, was: str, changed: str
) -> None:
    configs = shutil.copytree(Path(__file__).parents[2] / "configs", tmp_path / "configs")
    text = (configs / file).read_text("utf-8")
    assert was in text
    (configs / file).write_text(text.replace(was, changed), "utf-8")
    monkeypatch.setattr("worklist.pages.files", lambda _: configs)
    assert trained.called("score", as_of=trained.today, out=tmp_path) == 0
    before, after = (json.loads((folder / "latest" / "manifest.json").read_text()) for folder in (out, tmp_path))
    assert before.pop("run_id") != after.pop("run_id")
    assert {name for name in before if before[name] != after[name]} == {Path(file).parts[0].removesuffix(".yaml")}


def test_finer_kinds_are_told_by_the_settings_of_the_day(
    trained: Any, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(pd.read_parquet(out / "latest" / "customer_scores.parquet")["debtor_kind"]) == {""}
    monkeypatch.setenv("DUEWISE_TYPES__INTENTIONAL_KINDS", "true")
    assert trained.called("score", as_of=trained.today, out=tmp_path) == 0
    customers = pd.read_parquet(tmp_path / "latest" / "customer_scores.parquet")
    intentional = customers[(customers["debtor_type"] == "intentional") & (customers["exposure"] > 0)]
    assert set(intentional["debtor_kind"]) <= {"late_by_choice", "non_payer"}
    assert set(customers.loc[customers["debtor_type"] != "intentional", "debtor_kind"]) == {""}
    one = intentional.iloc[0]
    assert trained.called("explain", as_of=trained.today, customer=one["customer_id"]) == 0
    assert f"({one['debtor_kind']})" in capsys.readouterr().out


def test_explain_speaks_of_invoices_that_were_known(trained: Any, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of whom it is asked, though a worklist would tell the reasons of those with most at risk alone."""
    listed = pd.read_parquet(out / "latest" / "worklist.parquet")
    row = listed[listed["reason_1_invoices"].fillna("") != ""].iloc[-1]
    few = tmp_path / "few.yaml"
    few.write_text(trained.settings.read_text() + "worklist: {explained_customers: 1}\n")
    assert trained.called("explain", as_of=trained.today, customer=row["customer_id"], config=few) == 0
    told, progress = capsys.readouterr()
    assert "scoring open invoices" in progress
    assert f"Customer {row['customer_id']} on 2025-12-31: rank {row['rank']} of {len(listed)}" in told
    assert row["reason_1"] in told
    known = Ledger.open(trained.ledger).as_of(trained.today).balances.to_pandas().set_index("invoice_id")
    cited = row["reason_1_invoices"].split("|")
    for invoice in cited:
        assert known.loc[invoice, "customer_id"] == row["customer_id"]
        assert invoice in told


def test_an_unknown_customer_is_refused_with_the_nearest_id(trained: Any, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = pd.read_parquet(out / "latest" / "worklist.parquet")["customer_id"]
    wrong = listed.iloc[0] + "x"
    assert trained.called("explain", as_of=trained.today, customer=wrong) == 1
    told = capsys.readouterr().err
    assert f"duewise: no customer {wrong} in " in told
    assert f"did you mean '{listed.iloc[0]}'?" in told


@pytest.mark.parametrize(
    ("as_of", "message"),
    [
        ("2020-01-01", "as_of 2020-01-01 is before the first fact"),
        ("2026-02-01", "choose an as_of up to 2026-01-07, or raise staleness_days"),
        (
            "2025-11-29",
            "the first champion was trained as of 2025-11-30, and what it learned was not known then; choose an as_of from 2025-11-30 on",
        ),
    ],
)
def test_a_day_that_cannot_be_scored_is_refused(
    trained: Any, as_of: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained.called("score", as_of=as_of, out=tmp_path) == 1
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_a_champion_the_remedy_is_named(trained: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = f"sqlite:///{tmp_path / 'other.db'}"
    assert trained.called("score", as_of=trained.today, out=tmp_path / "out", store=store) == 1
    told = capsys.readouterr().err
    assert "none was trained yet; run `duewise train --ledger" in told
    assert f"--as-of {trained.today} --store {store}` first" in told


def test_a_backtest_lays_what_was_said_beside_what_happened(trained: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Path(trained.ledger) / "mlflow.db"
    before = store.read_bytes()
    days = {"train_until": "2025-10-15", "first": "2025-10-20", "last": "2025-12-15", "every": "28d"}
    assert trained.called("backtest", out=tmp_path, **days) == 0
    assert store.read_bytes() == before
    assert "without largest customer" in capsys.readouterr().out
    scores = pd.read_parquet(tmp_path / "invoice_scores.parquet")
    assert {*INVOICES, "paid_on", "days_late", "outcome_known"} <= set(scores)
    assert sorted(scores["as_of"].astype("str").unique()) == ["2025-10-20", "2025-11-17", "2025-12-15"]
    known = scores[scores["outcome_known"]]
    assert len(known) < len(scores)
    assert (pd.to_datetime(known["paid_on"]) > pd.to_datetime(known["as_of"])).all()
    assert ((pd.to_datetime(known["paid_on"]) - pd.to_datetime(known["due_on"])).dt.days == known["days_late"]).all()
    assert scores.loc[~scores["outcome_known"], "paid_on"].isna().all()
    others = pd.read_parquet(tmp_path / "contender_scores.parquet")
    assert others["dpd"].dtype == "int64", "as in invoice_scores"
    assert {"naive", "kaplan_meier", "logistic"} <= set(others["contender"])
    assert (others.loc[others["dpd"] >= 0, "p_late"].dropna() == 1).all()
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    for contender in ("champion", "naive", "logistic"):
        assert {"n", "auc", "log_loss", "brier", "ece"} <= set(metrics[contender]["p_late"]["all"])
    assert metrics["champion"]["p_late"]["all"]["n"] == int(((scores["dpd"] < 0) & late_is_known(scores)).sum())


def late_is_known(scores: pd.DataFrame) -> pd.Series:
    """Whether the due day lies within what was watched, 2025-12-31."""
    return pd.to_datetime(scores["due_on"]) <= pd.Timestamp("2025-12-31")


def test_a_ledger_with_one_customer_is_scored_by_the_baseline(light: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger, settings = str(tmp_path / "books"), ["--config", str(light)]
    assert run(["simulate", "--out", ledger, "--customers", "1", "--months", "6", "--seed", "5"]) == 0
    assert run(["train", "--ledger", ledger, "--as-of", "2025-12-31", *settings]) == 0
    told = capsys.readouterr().out
    assert "warning: " in told
    assert "the baseline (shrunk Kaplan-Meier curve) serves instead of a model" in told
    assert run(["score", "--ledger", ledger, "--as-of", "2025-12-31", "--out", str(tmp_path / "out"), *settings]) == 0
    assert {path.name for path in (tmp_path / "out" / "latest").iterdir()} == FILES


def test_where_nobody_was_ever_late_a_model_is_trained_all_the_same(
    ledger_of: Callable[..., Ledger], light: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = date(2025, 1, 6)
    invoices = [
        {
            "invoice_id": f"{customer}-{month}",
            "customer_id": customer,
            "issued_on": first + timedelta(days=20 * month + shift),
            "due_on": first + timedelta(days=20 * month + shift + 30),
            "amount": 100 + month,
        }
        for shift, customer in enumerate("abcdefgh")
        for month in range(18)
    ]
    last = max(row["issued_on"] for row in invoices)
    paid = [row for row in invoices if row["due_on"] - timedelta(days=1) <= last]
    payments = [{"invoice_id": r["invoice_id"], "paid_on": r["due_on"] - timedelta(days=1), "amount": r["amount"]} for r in paid]
    ledger = ledger_of(uri=str(tmp_path / "books"), invoices=invoices, payments=payments).store.uri
    settings = ["--config", str(light)]
    assert run(["train", "--ledger", ledger, "--as-of", str(last), *settings]) == 0
    assert "version 1: payment-time model" in capsys.readouterr().out
    assert run(["score", "--ledger", ledger, "--as-of", str(last), "--out", str(tmp_path / "out"), *settings]) == 0
    scores = pd.read_parquet(tmp_path / "out" / "latest" / "invoice_scores.parquet")
    assert len(scores) == len(invoices) - len(paid)
    assert scores["p_late"].max() < 0.2
