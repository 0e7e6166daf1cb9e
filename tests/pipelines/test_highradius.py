"""On real invoices the champion beats the habits it is made of, even with few trees and few days to learn from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from desk.cli import run

FILE = "highradius/invoices_due_before_2019-12-26.csv.gz"
DAYS = ["--train-until", "2019-09-30", "--first", "2019-10-07", "--last", "2019-12-09", "--every", "21d"]


@pytest.fixture(scope="module")
def backtest(real_data: Callable[[str], Path], light: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("highradius")
    ledger, out = str(folder / "books"), folder / "backtest"
    assert run(["ingest", "--source", "highradius-closed", "--input", str(real_data(FILE)), "--ledger", ledger]) == 0
    assert run(["backtest", "--ledger", ledger, *DAYS, "--out", str(out), "--config", str(light)]) == 0
    return out


@pytest.fixture(scope="module")
def margins(backtest: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((backtest / "margins.json").read_text())["margins"]
    return found


@pytest.mark.parametrize("part", ["all", "without_largest_customer"])
def test_the_champion_beats_the_customers_own_late_share(margins: dict[str, Any], part: str) -> None:
    found = margins["naive"]["p_late"]
    found = found if part == "all" else found[part]
    assert found["log_loss"]["low"] > 0
    assert found["auc"]["low"] > 0


@pytest.mark.parametrize("part", ["all", "without_largest_customer"])
def test_the_champion_beats_the_customers_own_curve(margins: dict[str, Any], part: str) -> None:
    found = margins["kaplan_meier"]["p_paid_14"]
    found = found if part == "all" else found[part]
    assert found["log_loss"]["low"] > 0
    assert found["auc"]["low"] > 0


def test_every_row_was_open_on_its_day_and_its_fate_came_later(backtest: Path) -> None:
    scores = pd.read_parquet(backtest / "invoice_scores.parquet")
    for name in ("as_of", "due_on", "paid_on"):
        scores[name] = pd.to_datetime(scores[name])
    assert scores["as_of"].nunique() == 4
    assert (scores.loc[scores["outcome_known"], "paid_on"] > scores.loc[scores["outcome_known"], "as_of"]).all()
    assert not scores.duplicated(["as_of", "invoice_id"]).any()
    assert scores.loc[~scores["outcome_known"], "days_late"].isna().all()
