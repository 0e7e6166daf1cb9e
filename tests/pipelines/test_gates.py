"""Scores that break a promise are not published, whichever promise it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.progress import silent
from pipelines.publish import gates_of, publish
from pipelines.score import champion_for
from pipelines.scoring import DayScores, score_day

WITHIN, SOONEST = "probabilities within 0 and 1", "nothing is paid before tomorrow"


@pytest.fixture(scope="module")
def day(trained: Any) -> DayScores:
    ledger = Ledger.open(trained.ledger)
    champion, _ = champion_for(ledger, trained.today, None)
    return score_day(ledger, champion, trained.today, trained.config, silent)


def with_first(frame: pd.DataFrame, column: str, value: float) -> pd.DataFrame:
    changed = frame.reset_index(drop=True)
    changed[column] = changed[column].astype("float64")
    changed.loc[0, column] = value
    return changed


def test_what_was_scored_passes_every_gate(day: DayScores) -> None:
    assert len(day.invoices) > 0
    assert all(gates_of(day).values())


@pytest.mark.parametrize(
    ("column", "value", "gate"),
    [
        *((name, 1.01, WITHIN) for name in ("p_late", "p_late_90", "p_late_business", "p_paid_7", "p_paid_14", "p_paid_30")),
        *((name, value, WITHIN) for name in ("p_paid_7", "p_paid_30") for value in (-0.01, float("nan"))),
        ("p_late_30", 0.0, "later is never likelier"),
        *((f"days_late_p{share}", value, SOONEST) for share in (10, 50, 90) for value in (-10_000.0, float("nan"))),
    ],
)
def test_scores_that_break_a_promise_are_not_published(
    day: DayScores, trained: Any, column: str, value: float, gate: str, tmp_path: Path
) -> None:
    broken = replace(day, invoices=with_first(day.invoices, column, value))
    with pytest.raises(RefusedError, match=f"a gate failed: .*{gate}"):
        publish(broken, tmp_path, {}, "", trained.config)
    assert list(tmp_path.iterdir()) == []


def test_a_quantile_of_today_breaks_the_promise_that_tomorrow_is_the_soonest(day: DayScores) -> None:
    today = day.invoices.assign(days_late_p10=day.invoices["dpd"])
    assert not gates_of(replace(day, invoices=today))[SOONEST]


def test_types_that_do_not_sum_to_one_and_a_missing_row_are_not_published(day: DayScores) -> None:
    types = replace(day, customers=with_first(day.customers, "p_compliant", 2.0))
    fewer = replace(day, worklist=day.worklist.iloc[1:])
    lost = replace(day, invoices=day.invoices.iloc[1:])
    failed = [[name for name, ok in gates_of(broken).items() if not ok] for broken in (types, fewer, lost)]
    assert failed == [["types sum to one"], ["a worklist row for each customer with something open"], ["a score for each open invoice"]]
