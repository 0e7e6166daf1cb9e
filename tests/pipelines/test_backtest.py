"""A backtest lays beside each prediction what happened, by all that is known today."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.progress import silent
from pipelines import watching
from pipelines.backtest import run_backtest
from pipelines.backtest_measures import interval_figures
from pipelines.backtest_words import BacktestReport
from pipelines.config import Config, load_config
from pipelines.score import champion_for
from pipelines.watching import LevelWatch

INVOICES = """
    invoice_id customer_id issued_on  due_on     amount
    spring     a           2025-03-03 2025-03-20 100
    prompt     a           2025-12-01 2025-12-20 100
    bounced    a           2025-12-01 2025-12-20 100
    newest     b           2025-12-22 2026-01-20 100
"""
CONFIG = load_config(env={})
PAID = "paid by then, as became known later"


def backtest(ledger: Ledger, day: date, out: Path, config: Config = CONFIG) -> tuple[BacktestReport, pd.DataFrame]:
    report = run_backtest(ledger.store.uri, date(2025, 6, 30), day, day, 7, out, config, silent)
    return report, pd.read_parquet(out / "invoice_scores.parquet").set_index("invoice_id")


def test_what_was_booked_after_the_last_day_that_was_watched_happened(ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    payments = """
        payment_id invoice_id paid_on    amount known_on
        p1         spring     2025-03-18 100    2025-03-18
        p2         prompt     2025-12-18 100    2025-12-27
        p3         bounced    2025-12-18 100    2025-12-18
        p3         bounced    2025-12-18 0      2026-01-02
    """
    ledger = ledger_of(invoices=INVOICES, payments=payments)
    report, scores = backtest(ledger, date(2025, 12, 5), tmp_path)
    assert scores["outcome_known"].to_dict() == {"prompt": True, "bounced": False}
    assert scores.loc["prompt", "days_late"] == -2
    assert report.metrics["champion"]["p_late"]["all"]["n"] == 2
    assert report.intervals["share_p_late"] == 0.5
    written = json.loads((tmp_path / "margins.json").read_text())
    assert written["intervals_by_slice"]["not_yet_due"]["mae"] == written["intervals"]["mae"] == report.intervals["mae"]
    later, scores = backtest(ledger, date(2025, 12, 22), tmp_path)
    assert (report.left_out[PAID], later.left_out[PAID], scores.index.tolist()) == (0, 1, ["newest"])


def test_days_after_the_end_of_the_ledger_are_refused(ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    ledger = ledger_of(invoices=INVOICES)
    with pytest.raises(RefusedError, match=r"first day 2026-02-01 lies after .*2025-12-22.* yet; choose a --first up to 2025-12-22"):
        backtest(ledger, date(2026, 2, 1), tmp_path)


def test_a_payment_after_the_day_until_which_the_source_says_it_was_watched_was_not_seen(
    ledger_of: Callable[..., Ledger], tmp_path: Path
) -> None:
    payments = "invoice_id paid_on amount\nspring 2025-03-18 100\nprompt 2025-12-18 100"
    ledger = ledger_of(invoices=INVOICES, payments=payments, stated=["2025-12-10"])
    report, scores = backtest(ledger, date(2025, 12, 5), tmp_path)
    assert not scores["outcome_known"].any()
    assert report.n_censored == 2


def test_what_a_silent_source_left_open_is_counted(ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    """Nothing was heard between March and December, so that nobody can say whether `spring` was still open in between."""
    ledger = ledger_of(invoices=INVOICES, payments="invoice_id paid_on amount\nprompt 2025-12-18 100")
    report = run_backtest(ledger.store.uri, date(2025, 6, 30), date(2025, 8, 22), date(2025, 12, 5), 105, tmp_path, CONFIG, silent)
    assert (report.n_rows, report.left_out["stale"]) == (3, 1)
    assert "left out of the cohort, stale: 1 rows" in report.lines()
    with pytest.raises(RefusedError, match=r"every open invoice was left out \(1 stale; .* more than 7 days\) on any day from 2025-08-22"):
        backtest(ledger, date(2025, 8, 22), tmp_path)


def test_days_on_which_all_was_paid_as_became_known_later_are_refused(ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    payments = """
        invoice_id paid_on    amount known_on
        spring     2025-12-17 100    2025-12-17
        prompt     2025-12-18 100    2025-12-27
        bounced    2025-12-18 100    2025-12-27
    """
    ledger = ledger_of(invoices=INVOICES, payments=payments)
    with pytest.raises(RefusedError, match="all that seemed open from 2025-12-19 to 2025-12-19 had been paid by then"):
        backtest(ledger, date(2025, 12, 19), tmp_path)


def test_what_is_said_of_a_day_depends_on_no_later_day(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "WATCHED_ROWS", 10)
    ledger = Ledger.open(trained.ledger)
    champion, _ = champion_for(ledger, trained.today, None)
    days = [date(2025, 12, 1), date(2025, 12, 8), date(2025, 12, 15)]
    alone, among = (LevelWatch(ledger, champion, trained.config) for _ in range(2))
    alone.ask(days[:1])
    among.ask(days)
    assert alone.part.share == among.part.share < 1
    pd.testing.assert_frame_equal(alone.said[days[0]], among.said[days[0]])
    among.remember(days[0], among.said[days[0]].head(1))
    pd.testing.assert_frame_equal(alone.said[days[0]], among.said[days[0]])


def test_an_interval_that_was_watched_to_its_end_is_judged_paid_or_not() -> None:
    """Paid within, paid after, unpaid after its end, and seen for less than its length: the last says nothing."""
    told = {"dpd": 0, "days_seen": [5, 12, 30, 4], "window_days": [30, 30, 30, 4], "is_paid": [True, True, False, False]}
    scores = pd.DataFrame({"days_late_p10": [2] * 4, "days_late_p50": [5] * 4, "days_late_p90": [10] * 4})
    found = interval_figures(pd.DataFrame(told), scores)
    assert (found["coverage_80"], found["n_watched"]) == (0.5, 3)
    assert found["coverage_80_watched"] == pytest.approx(1 / 3)


def test_who_is_ahead_of_the_champion_beyond_chance_is_named(ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    report, _ = backtest(
        ledger_of(invoices=INVOICES, payments="invoice_id paid_on amount\nspring 2025-03-18 100"), date(2025, 12, 5), tmp_path
    )
    one = {"log_loss": {"margin": -0.1, "low": -0.2, "high": -0.01}, "auc": {"margin": 0.0, "low": 0.0, "high": 0.0}}
    by_chance = {"log_loss": {"margin": -0.1, "low": -0.2, "high": 0.01}, "auc": one["auc"]}
    lines = replace(report, margins={"naive": {"p_late": one}, "logistic": {"p_late": by_chance}}).lines()
    assert [line for line in lines if "ahead of the champion" in line] == ["  ahead of the champion by log loss, beyond chance: naive"]


def test_the_days_late_are_told_of_those_who_paid_by_now() -> None:
    seen = {"mae": 4.25, "within_3": 0.5, "coverage_80": 0.8, "width_80": 20.0, "n_watched": 0.0, "one_day": 0.0}
    lines = BacktestReport(Path("out"), 9, 2, 4, {}, {}, seen, {}, (), {}).lines()
    told = "days late, of the 5 rows seen paid, so without who pays later still: mean absolute error 4.25 days"
    assert [line for line in lines if line.startswith(told)]


def test_intervals_of_one_day_that_hold_more_than_they_say_are_explained() -> None:
    told = {"dpd": 0, "days_seen": [5, 5, 6, 9], "window_days": 30, "is_paid": True}
    scores = pd.DataFrame({"days_late_p10": [5, 5, 6, 5], "days_late_p50": [5, 5, 6, 6], "days_late_p90": [5, 5, 6, 9]})
    found = interval_figures(pd.DataFrame(told), scores)
    assert (found["coverage_80"], found["one_day"]) == (1.0, 0.75)
    lines = BacktestReport(Path("out"), 4, 1, 0, {}, {}, found, {}, (), {}).lines()
    assert [line for line in lines if line.startswith("that is more than 80 % because 75% of the intervals are one day")]


def test_a_ledger_due_on_issue_is_told_so_and_not_by_figures_that_are_none(ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    days = [date(2025, 1, 6) + timedelta(days=7 * week) for week in range(40)]
    invoices = [
        {"invoice_id": f"I{n}", "customer_id": "ada", "issued_on": str(day), "due_on": str(day), "amount": "100"}
        for n, day in enumerate(days)
    ]
    payments = [{"invoice_id": f"I{n}", "paid_on": str(day + timedelta(days=20)), "amount": "100"} for n, day in enumerate(days)]
    report, _ = backtest(ledger_of(invoices=invoices, payments=payments), days[30], tmp_path)
    told = "\n".join(report.lines())
    assert "p_late (rows not yet due): nothing was open before its due date" in told
    assert "p_paid_14 (all rows)  " in told
