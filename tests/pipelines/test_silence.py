"""Where payments have stopped coming in, the lead is told before anybody is called for what was paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from desk.cli import run
from ledger.ledger import Ledger

FIRST = date(2025, 1, 6)
LAST_PAID = FIRST + timedelta(days=7 * 13)


@pytest.mark.parametrize(("days_after", "warned"), [(7, False), (35, True)])
def test_a_feed_that_has_stopped_is_told(
    ledger_of: Callable[..., Ledger], tmp_path: Path, capsys: pytest.CaptureFixture[str], days_after: int, warned: bool
) -> None:
    weeks = [FIRST + timedelta(days=7 * week) for week in range(19)]
    invoices = [
        {"invoice_id": f"I{n}", "customer_id": "ada", "issued_on": str(day - timedelta(days=20)), "due_on": str(day), "amount": "100"}
        for n, day in enumerate(weeks)
    ]
    payments = [{"invoice_id": f"I{n}", "customer_id": "ada", "paid_on": str(day), "amount": "100"} for n, day in enumerate(weeks[:14])]
    as_of = str(LAST_PAID + timedelta(days=days_after))
    ledger = ledger_of(uri=str(tmp_path / "books"), invoices=invoices, payments=payments, stated=[as_of]).store.uri
    words = ["--ledger", ledger, "--as-of", as_of]
    assert run(["train", *words]) == 0
    learned = capsys.readouterr().out
    assert (
        "customers who have paid are called late, and what is learned of the days since then is off: load them first" in learned
    ) == warned
    for verb in ("score", "forecast"):
        assert run([verb, *words, "--out", str(tmp_path / "out")]) == 0
        told = capsys.readouterr().out
        assert (f"no payment is known after {LAST_PAID}, {days_after} days ago" in told) == warned
    days = ["--train-until", str(LAST_PAID - timedelta(days=8)), "--first", str(LAST_PAID - timedelta(days=7)), "--last", as_of]
    assert run(["backtest", "--ledger", ledger, *days, "--every", "7d", "--out", str(tmp_path / "past")]) == 0
    assert ("and what is measured of the days since then is off: load them first" in capsys.readouterr().out) == warned
