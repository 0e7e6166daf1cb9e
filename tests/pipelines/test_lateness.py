"""What counts as late is a setting that stays with the champion; both definitions are shown."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ledger.ledger import Ledger
from ledger.progress import silent
from models.champion import Champion
from models.payment.lateness import by_convention, days_past
from pipelines.backtest import run_backtest
from pipelines.config import Config
from pipelines.learning import learn
from pipelines.scoring import score_day

AS_OF = date(2025, 11, 30)
# A Friday after which many due dates lie on the weekend.
TODAY = date(2025, 12, 5)


def in_business_days(config: Config) -> Config:
    return config.model_copy(update={"models": config.models.model_copy(update={"lateness": "business"})})


@pytest.fixture(scope="module")
def strict_and_lenient(trained: Any) -> tuple[Champion, Champion]:
    ledger = Ledger.open(trained.ledger)
    calendar = learn(ledger, AS_OF, trained.config, silent, payment_only=True).champion
    business = learn(ledger, AS_OF, in_business_days(trained.config), silent, payment_only=True).champion
    return calendar, business


def test_the_convention_is_kept_with_the_champion(strict_and_lenient: tuple[Champion, Champion]) -> None:
    calendar, business = strict_and_lenient
    assert (calendar.lateness, business.lateness) == ("calendar", "business")
    assert Champion.from_parts(business.to_json(), business.boosters).lateness == "business"
    assert calendar.fingerprint != business.fingerprint


def test_scores_follow_the_champion_not_the_settings(trained: Any, strict_and_lenient: tuple[Champion, Champion]) -> None:
    ledger = Ledger.open(trained.ledger)
    calendar, business = (score_day(ledger, one, TODAY, trained.config, silent).invoices for one in strict_and_lenient)
    rolls = calendar["due_roll_days"] > 0
    assert rolls.any()
    for scores in (calendar, business):
        assert (scores["p_late_business"] <= scores["p_late"] + 1e-12).all()
    assert (calendar.loc[~rolls, "p_late"] == calendar.loc[~rolls, "p_late_business"]).all()
    assert (calendar.loc[rolls & (calendar["dpd"] < 0), "p_late"] > calendar.loc[rolls & (calendar["dpd"] < 0), "p_late_business"]).all()
    assert (business["p_late"] == business["p_late_business"]).all()
    # The day after a due date that rolls on, payment is still in time.
    still = (business["dpd"] >= 0) & (days_past(by_convention(business, "business")) < 0)
    assert (calendar.loc[calendar["dpd"] >= 0, "p_late"] == 1).all()
    assert (business.loc[still, "p_late"] < 1).all()


def test_a_backtest_shows_both(trained: Any, tmp_path: Path) -> None:
    report = run_backtest(trained.ledger, AS_OF, date(2025, 12, 5), date(2025, 12, 12), 7, tmp_path, trained.config, silent)
    found = json.loads((tmp_path / "metrics.json").read_text())["champion"]
    assert min(found[target]["all"]["n"] for target in ("p_late", "p_late_business")) > 0
    told = "\n".join(report.lines())
    assert "p_late_business (by business days)" in told
    assert report.intervals["share_p_late_business"] <= report.intervals["share_p_late"]
    scores = pd.read_parquet(tmp_path / "invoice_scores.parquet")
    assert np.isfinite(scores["p_late_business"]).all()
