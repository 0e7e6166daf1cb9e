"""One customer, several currencies: never added without rates, and no verb stumbles over them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from desk.cli import run
from ledger.ledger import Ledger

AS_OF = "2025-02-05"
OPEN = """
    invoice_id customer_id issued_on  due_on     amount currency
    I1         ada         2025-01-01 2025-01-31 100    USD
    I2         ada         2025-01-02 2025-02-28 30     EUR
    I3         bo          2025-01-01 2025-01-15 10000  EUR
    I4         dee         2025-01-01 2025-01-15 5000   JPY
"""
UNAPPLIED = """
    invoice_id customer_id paid_on    amount currency
    -          bo          2025-02-01 12000  JPY
    I4         dee         2025-01-14 5000   JPY
"""
RATES = """
    currency rate_on    rate
    EUR      2025-01-01 1
    USD      2025-01-01 0.9
    JPY      2025-01-01 0.006
"""


@pytest.fixture
def scored(ledger_of: Callable[..., Ledger], tmp_path: Path) -> Callable[..., tuple[pd.DataFrame, Path]]:
    def build(settings: str = "", **tables: str) -> tuple[pd.DataFrame, Path]:
        ledger = ledger_of(uri=str(tmp_path / "books"), invoices=OPEN, payments=UNAPPLIED, stated=[AS_OF], **tables).store.uri
        (tmp_path / "settings.yaml").write_text(settings)
        words = ["--ledger", ledger, "--as-of", AS_OF, "--config", str(tmp_path / "settings.yaml")]
        assert run(["train", *words]) == 0
        assert run(["score", *words, "--out", str(tmp_path / "out")]) == 0
        assert run(["explain", *words, "--customer", "ada"]) == 0
        folder = tmp_path / "out" / "latest"
        return pd.read_parquet(folder / "worklist.parquet").set_index("customer_id"), folder

    return build


def test_without_rates_the_row_speaks_of_one_currency_and_names_the_rest(
    scored: Callable[..., tuple[pd.DataFrame, Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    listed, folder = scored()
    assert listed.loc["ada", ["currency", "exposure"]].tolist() == ["USD", 100.0]
    other = json.loads(listed.loc["ada", "other_amounts"])
    assert list(other) == ["EUR"]
    assert (other["EUR"]["exposure"], other["EUR"]["overdue_amount"]) == (30.0, 0.0)
    assert 0 < other["EUR"]["expected_late_amount"] < 30
    assert other["EUR"]["expected_late_amount"] == round(other["EUR"]["expected_late_amount"], 2)
    of_customers = pd.read_parquet(folder / "customer_scores.parquet").set_index("customer_id")["other_amounts"]
    assert of_customers["ada"] == listed.loc["ada", "other_amounts"]
    assert "+ 30.00 EUR" in (folder / "worklist.html").read_text("utf-8")
    told = capsys.readouterr().out
    assert "open 100.00 USD + 30.00 EUR, of it overdue 100.00 USD\n" in told
    assert "130.00" not in told, "amounts of several currencies are never one figure"
    assert "payment of 100.00 USD overdue (I1): the customer is then back to current" in told
    assert "warning: the champion is a baseline" in told
    assert "warning: amounts in EUR and USD are ranked as they stand" in told
    assert "warning: what a contact costs is not known in USD and left out of the value of 1 customer: load `rates`" in told
    # Yen are no euro: what is not applied yet does not cover what is overdue.
    assert listed.loc["bo", ["unapplied_amount", "holds"]].tolist() == [0.0, ""]


def test_a_reporting_currency_of_which_nothing_is_known_converts_nothing(scored: Callable[..., tuple[pd.DataFrame, Path]]) -> None:
    listed, _ = scored("reporting_currency: GBP\n", rates=RATES)
    assert listed.loc[["ada", "bo"], "currency"].tolist() == ["USD", "EUR"]
    assert listed.loc["bo", "exposure"] == 10_000.0


def test_with_rates_everything_is_in_the_reporting_currency(
    scored: Callable[..., tuple[pd.DataFrame, Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    listed, folder = scored("reporting_currency: EUR\n", rates=RATES)
    of_customers = pd.read_parquet(folder / "customer_scores.parquet").set_index("customer_id")["currency"]
    assert of_customers.to_dict() == {"ada": "EUR", "bo": "EUR", "dee": "EUR"}
    assert listed["currency"].unique().tolist() == ["EUR"]
    assert "ranked as they stand" not in capsys.readouterr().out
    assert listed.loc["ada", ["exposure", "overdue_amount"]].tolist() == [120.0, 90.0]
    assert listed.loc["ada", "other_amounts"] is None or pd.isna(listed.loc["ada", "other_amounts"])
    assert listed.loc["bo", ["unapplied_amount", "holds"]].tolist() == [72.0, ""]
    page = (folder / "worklist.html").read_text("utf-8")
    assert "10,120 EUR" in page, "what is open in all"
    assert "10,030 EUR" not in page
    assert "USD" not in page, "the ageing is of the same sum"


LOOSE = {
    "payments": UNAPPLIED.replace("12000  JPY", "10000  EUR"),
    "credit_notes": UNAPPLIED.replace("12000  JPY", "10000  EUR").replace("paid_on", "issued_on"),
}


@pytest.mark.parametrize("table", sorted(LOOSE))
def test_cash_or_credit_that_covers_what_is_overdue_still_holds(ledger_of: Callable[..., Ledger], tmp_path: Path, table: str) -> None:
    ledger = ledger_of(uri=str(tmp_path / "books"), invoices=OPEN, stated=[AS_OF], **{table: LOOSE[table]}).store.uri
    assert run(["train", "--ledger", ledger, "--as-of", AS_OF]) == 0
    assert run(["score", "--ledger", ledger, "--as-of", AS_OF, "--out", str(tmp_path / "out")]) == 0
    listed = pd.read_parquet(tmp_path / "out" / "latest" / "worklist.parquet").set_index("customer_id")
    assert listed.loc["bo", "holds"] == "cash_to_apply"
    assert date.fromisoformat(AS_OF) == listed.loc["bo", "as_of"]


def test_what_was_paid_beyond_an_invoice_is_cash_to_apply(ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    invoices = [*OPEN.strip().splitlines(), "I0 bo 2024-12-01 2024-12-20 5000 EUR", "I9 ada 2024-12-01 2024-12-20 10 EUR"]
    payments = "invoice_id paid_on amount\nI0 2024-12-20 9000\nI9 2024-12-20 70\nI2 2025-02-01 12"
    credit = "invoice_id issued_on amount known_on\nI0 2025-01-20 6000 2025-01-20\nI0 2025-02-05 700 2025-02-06"
    ledger = ledger_of(
        uri=str(tmp_path / "books"), invoices="\n".join(invoices), payments=payments, credit_notes=credit, stated=[AS_OF]
    ).store.uri
    assert run(["train", "--ledger", ledger, "--as-of", AS_OF]) == 0
    assert run(["score", "--ledger", ledger, "--as-of", AS_OF, "--out", str(tmp_path / "out")]) == 0
    listed = pd.read_parquet(tmp_path / "out" / "latest" / "worklist.parquet").set_index("customer_id")
    assert listed.loc["bo", ["unapplied_amount", "holds"]].tolist() == [10_000.0, "cash_to_apply"]
    # Euros beyond an invoice are no dollars.
    assert listed.loc["ada", ["currency", "unapplied_amount"]].tolist() == ["USD", 0.0]


def test_who_has_paid_before_the_bill_has_a_row_and_nothing_to_collect(ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    invoices = OPEN.rstrip() + "\n    I5         cy          2025-01-20 2025-03-20 80     EUR\n"
    payments = "invoice_id paid_on amount\nI5 2025-01-10 30"
    ledger = ledger_of(uri=str(tmp_path / "books"), invoices=invoices, payments=payments, stated=[AS_OF]).store.uri
    assert run(["train", "--ledger", ledger, "--as-of", AS_OF]) == 0
    assert run(["score", "--ledger", ledger, "--as-of", AS_OF, "--out", str(tmp_path / "out")]) == 0
    latest = tmp_path / "out" / "latest"
    customers = pd.read_parquet(latest / "customer_scores.parquet").set_index("customer_id")
    assert customers.loc["cy", ["currency", "exposure", "debtor_type"]].tolist() == ["EUR", 0.0, "undetermined"]
    assert "cy" not in set(pd.read_parquet(latest / "worklist.parquet")["customer_id"])
