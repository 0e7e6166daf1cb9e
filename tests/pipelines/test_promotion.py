"""A challenger becomes champion only by winning on days that are newer than what the champion knew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ledger.errors import RefusedError
from ledger.ledger import Ledger
from models.champion import FORM, Champion
from models.payment.baselines import ShrunkKaplanMeier
from models.registry import Registry, Version
from models.types.debtor_type import TypeModel
from models.types.settings import TypeSettings
from pipelines.config import Config
from pipelines.learning import Learned
from pipelines.train import TrainReport, decide, run_train, take_words

MARCH = date(2024, 3, 31)
TYPES = TypeModel.untrained(TypeSettings()).to_json()


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """With a champion of March that knows each customer's own share of late invoices."""
    registry = Registry(None, tmp_path, "0" * 12)
    champion = Champion(MARCH, ShrunkKaplanMeier(np.linspace(1, 0, 241)), TYPES, {})
    registry.register(champion, promoted=True, params={}, metrics={}, files={})
    return registry


def learned(as_of: date, rows: pd.DataFrame, p_late: pd.Series, p_paid_14: float) -> Learned:
    said = pd.DataFrame({"p_late": np.where(rows["dpd"] >= 0, 1.0, p_late), "p_paid_14": p_paid_14})
    return Learned(Champion(as_of, ShrunkKaplanMeier(np.ones(241)), TYPES, {}), rows, rows, said, MARCH)


@pytest.fixture
def newer(toy_rows: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return toy_rows(500, seed=3, first="2024-04-01")


def test_the_first_is_champion(tmp_path: Path, newer: pd.DataFrame) -> None:
    found = decide(Registry(None, tmp_path, "0" * 12), learned(MARCH, newer, newer["so_far_late_share"], 0.5), Config())
    assert found == (True, "the first champion of this ledger")


def test_one_that_knew_less_is_registered_only(registry: Registry, newer: pd.DataFrame) -> None:
    promoted, why = decide(registry, learned(date(2024, 2, 29), newer, newer["so_far_late_share"], 0.5), Config())
    assert (promoted, why) == (False, "the champion was trained on newer knowledge (2024-03-31)")


def test_one_that_has_no_newer_days_to_show_is_not_promoted(registry: Registry, toy_rows: Callable[..., pd.DataFrame]) -> None:
    older = toy_rows(500, seed=3, first="2024-01-01")
    promoted, why = decide(registry, learned(MARCH, older, older["so_far_late_share"], 0.5), Config())
    assert not promoted
    assert "no days newer than the champion's own (2024-03-31)" in why


def test_one_succeeds_a_champion_that_this_version_cannot_ask(
    registry: Registry, newer: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as of_old:
        of_old.setitem(FORM, "meaning", 0)
        registry.register(Champion(MARCH, ShrunkKaplanMeier(np.ones(241)), {}, {}), promoted=True, params={}, metrics={}, files={})
    promoted, why = decide(registry, learned(MARCH, newer, newer["so_far_late_share"], 0.5), Config())
    assert (promoted, why) == (True, "the champion of 2024-03-31 was trained by another version and cannot be asked any more")


def test_the_better_one_wins_on_newer_days(registry: Registry, newer: pd.DataFrame) -> None:
    june = date(2024, 6, 30)
    # The share of rows paid within a fortnight, which the champion's straight line does not know, and each customer's own share.
    better = decide(registry, learned(june, newer, newer["so_far_late_share"], float((newer["days_seen"] <= 14).mean())), Config())
    assert better[0]
    n_late, n_paid = int((newer["dpd"] < 0).sum()), len(newer)
    assert f"on what came of the days after 2024-03-31 ({n_late} of p_late, {n_paid} of p_paid_14)" in better[1]
    worse = decide(registry, learned(june, newer, 1 - newer["so_far_late_share"], 0.01), Config())
    assert not worse[0]
    assert "mean log loss" in worse[1]


def test_one_of_which_too_little_has_come_true_is_not_promoted(registry: Registry, newer: pd.DataFrame) -> None:
    """A week later no fortnight is over, and few due days: whoever is ahead then is ahead by chance."""
    within = newer["days_seen"].clip(upper=6)
    week = newer.assign(window_days=6, is_paid=newer["is_paid"] & (newer["days_seen"] <= 6), days_seen=within).head(200)
    promoted, why = decide(registry, learned(date(2024, 4, 7), week, week["so_far_late_share"], 0.4), Config())
    assert not promoted
    assert "too few outcomes are known of the days after 2024-03-31" in why
    assert "0 of p_paid_14; 100 of one are the least" in why


def test_words_of_collectors_reach_a_champion_that_keeps_its_place(registry: Registry, newer: pd.DataFrame) -> None:
    june = date(2024, 6, 30)
    challenger = learned(june, newer, newer["so_far_late_share"], 0.5).champion
    assert take_words(registry, challenger) is None
    taught = replace(challenger, types=TYPES | {"card": {"taught_by": 3}})
    successor = take_words(registry, taught)
    assert successor is not None
    assert registry.champion() == successor
    champion = registry.load(successor)
    assert (champion.as_of, champion.payments_known_on, champion.types["card"]) == (june, MARCH, {"taught_by": 3})
    assert isinstance(champion.payment, ShrunkKaplanMeier)
    assert champion.payment.to_json() == ShrunkKaplanMeier(np.linspace(1, 0, 241)).to_json()
    assert take_words(registry, taught) is None
    assert take_words(registry, replace(taught, as_of=MARCH)) is None
    # It is compared on the days after its payment model, not after the words.
    better = decide(registry, learned(june, newer, newer["so_far_late_share"], float((newer["days_seen"] <= 14).mean())), Config())
    assert better[0]
    assert "the days after 2024-03-31" in better[1]


def test_a_training_tells_no_figure_that_newer_days_cannot_give() -> None:
    nothing = dict.fromkeys(("auc", "log_loss", "brier"), float("nan")) | {"n": 0}
    alike = {"auc": float("nan"), "log_loss": 0.1, "brier": 0.05, "n": 70}
    report = TrainReport(Version(1, MARCH, True, "", ()), "payment-time model", 9, "", validation={"p_late": nothing, "p_paid_14": alike})
    assert report.lines()[1:-1] == ["  p_paid_14 on newer days: all alike, log loss 0.100, Brier 0.050 (70 rows)"]


def test_a_store_that_cannot_be_read_is_told_before_anything_is_learned(ledger_of: Callable[..., Ledger]) -> None:
    ledger = ledger_of(invoices="invoice_id customer_id issued_on due_on amount\nI1 C1 2024-03-30 2024-04-30 100")
    (ledger.store.folder / "mlflow.db").write_text("junk")
    steps: list[str] = []
    with pytest.raises(RefusedError, match=r"mlflow.db cannot be read: .*; give the right one with --store, or restore this one"):
        run_train(ledger.store.uri, MARCH, None, Config(), steps.append)
    assert steps == []
