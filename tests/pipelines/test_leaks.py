"""Attempts to smuggle the future into a training, each of which is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from features import matrix, terms
from features.portfolio import Portfolio
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from pipelines.leaks import refuse_canaries, refuse_replay, refuse_too_good
from pipelines.learning import learn
from pipelines.progress import silent

pytestmark = pytest.mark.xdist_group("journey")
AS_OF = date(2025, 11, 30)


def days_to_payment(portfolio: Portfolio, noise_days: float) -> Any:
    """The terms view, in which `sent_late_days` is read past the snapshot: the true day of payment, more or less."""
    paid = portfolio.snapshot.ledger.history("payments")
    last = paid.group_by("invoice_id").agg(paid_on=paid.paid_on.max())
    honest = terms.terms(portfolio)
    t = honest.left_join(last, "invoice_id").select(honest, "paid_on")
    noise = (t.invoice_id.hash() % 1000).cast("float64") / 1000 * noise_days
    return t.mutate(sent_late_days=t.paid_on.delta(t.as_of, unit="day").cast("float64").fill_null(400.0) + noise).drop("paid_on")


@pytest.mark.parametrize("noise_days", [0.0, 60.0])
def test_a_view_that_reads_past_its_snapshot_is_named(trained: Any, monkeypatch: pytest.MonkeyPatch, noise_days: float) -> None:
    leaky = replace(terms.VIEW, build=lambda portfolio: days_to_payment(portfolio, noise_days))
    monkeypatch.setattr(matrix, "VIEWS", tuple(leaky if view is terms.VIEW else view for view in matrix.VIEWS))
    with pytest.raises(RefusedError, match="sent_late_days looked past 2025-"):
        learn(Ledger.open(trained.ledger, threads=1), AS_OF, trained.config, silent, payment_only=True)


def test_a_cohort_that_knows_who_pays_is_refused(trained: Any) -> None:
    ledger = Ledger.open(trained.ledger, threads=1)
    days = [date(2025, 9, 30)]
    honest = matrix.build_matrix(ledger, days, trained.config.features)
    refuse_replay(ledger, honest, days, trained.config)
    smuggled = pd.concat([honest, honest.head(2).assign(invoice_id=["from", "later"])], ignore_index=True)
    with pytest.raises(RefusedError, match="2 rows of 2025-09-30"):
        refuse_replay(ledger, smuggled, days, trained.config)


def test_a_ledger_that_ends_answers_as_the_whole_one_did(trained: Any, tmp_path: Path) -> None:
    whole = Ledger.open(trained.ledger, threads=1)
    day = date(2025, 10, 15)
    ended = whole.ending(day)
    assert ended.span[1] <= day < whole.span[1]
    counts = [one.as_of(day).balances.agg(n=ibis._.count(), open=ibis._.open_amount.sum()).to_pandas() for one in (whole, ended)]
    pd.testing.assert_frame_equal(counts[0], counts[1])
    assert ended.history("payments").count().execute() < whole.history("payments").count().execute()


@pytest.mark.parametrize("disguise", ["plain", "turned", "bent", "shaken"])
def test_a_column_that_knows_the_payment_day_is_named(toy_rows: Callable[..., pd.DataFrame], disguise: str) -> None:
    rows = toy_rows(3000, seed=4)
    days = rows["days_seen"].astype("float64")
    shaken = days + np.random.default_rng(1).normal(0, 0.5, len(rows))
    worn = {"plain": days, "turned": 1000 - days, "bent": np.log1p(days), "shaken": shaken}[disguise]
    refuse_canaries(rows, 0.97, seed=7)
    with pytest.raises(RefusedError, match=r"(open_load knows the payment day|open_load alone tells)"):
        refuse_canaries(rows.assign(open_load=worn), 0.97, seed=7)


def test_a_column_that_knows_who_is_late_is_named(toy_rows: Callable[..., pd.DataFrame]) -> None:
    rows = toy_rows(3000, seed=4)
    is_late = (rows["dpd"] + rows["days_seen"] > 0).astype("float64")
    with pytest.raises(RefusedError, match=r"same_due_count alone tells who will be late with an AUC of 1\.000"):
        refuse_canaries(rows.assign(same_due_count=is_late), 0.97, seed=7)
    refuse_canaries(rows.assign(same_due_count=is_late), 1.0, seed=7)


def test_customers_who_all_pay_on_the_due_day_are_no_leak(toy_rows: Callable[..., pd.DataFrame]) -> None:
    rows = toy_rows(3000, seed=4).query("dpd < 0")
    punctual = rows.assign(days_seen=-rows["dpd"], business_days_past_due=(rows["dpd"] * 5 / 7).round(), so_far_days_left=-rows["dpd"])
    refuse_canaries(punctual, 0.97, seed=7)


def test_a_validation_too_good_to_be_true_is_refused() -> None:
    found = {"formulations": {"joined": {"p_late": {"auc": 0.985, "n": 1000}}}}
    with pytest.raises(RefusedError, match="too good to be true"):
        refuse_too_good(found, 0.97)
    refuse_too_good(found, 1.0)
    refuse_too_good({"formulations": {"joined": {"p_late": {"auc": 0.985, "n": 999}}}}, 0.97)
