"""Where a good part of what is open is nothing but discounts that nobody posted, the lead is told, and may call it settled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from desk.cli import run
from ledger.ledger import Ledger

FIRST = date(2025, 1, 6)
AS_OF = FIRST + timedelta(days=7 * 20)
TOLD = "15 open invoices (30 EUR) are remainders of 3 % or less of their amount: discounts, bank fees or withholding tax?"


@pytest.fixture
def discounted(ledger_of: Callable[..., Ledger], tmp_path: Path) -> str:
    """An invoice a week, due after thirty days; of each that is a month old 98 of 100 were paid within ten days."""
    weeks = [FIRST + timedelta(days=7 * week) for week in range(20)]
    invoices = [
        {"invoice_id": f"I{n}", "customer_id": "ada", "issued_on": str(day), "due_on": str(day + timedelta(days=30)), "amount": "100"}
        for n, day in enumerate(weeks)
    ]
    payments = [{"invoice_id": f"I{n}", "paid_on": str(day + timedelta(days=10)), "amount": "98"} for n, day in enumerate(weeks[:15])]
    return ledger_of(uri=str(tmp_path / "books"), invoices=invoices, payments=payments, stated=[str(AS_OF)]).store.uri


def scored(ledger: str, out: Path) -> list[str]:
    assert run(["train", "--ledger", ledger, "--as-of", str(AS_OF)]) == 0
    assert run(["score", "--ledger", ledger, "--as-of", str(AS_OF), "--out", str(out)]) == 0
    return sorted(pd.read_parquet(out / "latest" / "invoice_scores.parquet")["invoice_id"])


def test_remainders_are_told_by_every_verb_that_counts_them_as_open(
    discounted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(scored(discounted, tmp_path / "out")) == 20
    assert capsys.readouterr().out.count(TOLD) == 2
    days = ["--train-until", str(AS_OF - timedelta(days=1)), "--first", str(AS_OF), "--last", str(AS_OF), "--every", "7d"]
    assert run(["backtest", "--ledger", discounted, *days, "--out", str(tmp_path / "bt")]) == 0
    assert f"warning: {TOLD}" in capsys.readouterr().out


def test_who_says_within_what_share_an_invoice_is_settled_is_asked_about_none_of_them(
    discounted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUEWISE_SETTLED_WITHIN", "0.02")
    assert scored(discounted, tmp_path / "out") == ["I15", "I16", "I17", "I18", "I19"]
    assert "remainders" not in capsys.readouterr().out
