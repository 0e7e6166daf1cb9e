"""The invoices that a figure rests on, the weightiest first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from features.behaviour import FEATURES as BEHAVIOUR
from features.evidence import Evidence
from features.matrix import FEATURES
from features.portfolio import Portfolio
from ledger.ledger import Ledger


@pytest.fixture
def evidence(ledger_of: Callable[..., Ledger], portfolio_of: Callable[..., Portfolio]) -> Evidence:
    """Ada on 2024-03-31. Tuesdays are 2024-02-20 and 04-09; `skipped` and `small` are open, of which `skipped` is overdue."""
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        punctual   ada         2024-01-02 2024-02-01 100
        slow       ada         2024-01-11 2024-02-12 100
        slowest    ada         2024-01-21 2024-02-20 100
        skipped    ada         2024-02-19 2024-03-20 100
        overtook   ada         2024-02-21 2024-03-22 100
        ahead      ada         2024-03-01 2024-04-09 100
        small      ada         2024-03-10 2024-04-09 50
        other      bo          2024-03-10 2024-04-09 50
        """,
        payments="""
        invoice_id paid_on    amount
        punctual   2024-02-01 100
        slow       2024-02-17 100
        slowest    2024-02-25 40
        slowest    2024-03-24 60
        overtook   2024-03-21 100
        ahead      2024-03-25 100
        """,
    )
    return Evidence(portfolio_of(ledger, "2024-03-31", recent_days=30), ["ada"])


@pytest.mark.parametrize(
    ("kind", "invoice", "cited"),
    [
        ("self", "small", ["small"]),
        ("late", "small", ["slowest", "skipped", "slow"]),
        ("late_recent", "small", ["skipped"]),
        ("late_30", "small", ["slowest"]),
        ("late_same_weekday", "small", ["slowest"]),
        ("part_paid", "small", ["slowest"]),
        ("paid", "small", ["slowest", "overtook", "slow", "punctual"]),
        ("paid_last", "small", ["ahead"]),
        ("paid_lately", "small", ["ahead"]),
        ("overdue", "small", ["skipped"]),
        ("open", "small", ["skipped", "small"]),
        ("same_due", "small", ["ahead"]),
        ("overtaking", "skipped", ["ahead", "overtook"]),
        ("", "small", []),
    ],
)
def test_a_figure_cites_what_it_rests_on(evidence: Evidence, kind: str, invoice: str, cited: list[str]) -> None:
    assert evidence.invoices("ada", kind, invoice) == cited


def test_no_single_invoice_is_cited_for_the_last_payment_where_several_were_paid_that_day(
    two_payers: Ledger, ledger_of: Callable[..., Ledger], portfolio_of: Callable[..., Portfolio]
) -> None:
    alone = Evidence(portfolio_of(two_payers, "2024-03-31"), ["ada"])
    assert alone.invoices("ada", "paid_last", "A5") == ["A3"]
    together = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2024-01-02 2024-02-01 100
        A2         ada         2024-01-02 2024-02-01 100
        A3         ada         2024-03-02 2024-04-01 100
        """,
        payments="""
        invoice_id paid_on    amount
        A1         2024-02-01 100
        A2         2024-02-01 100
        """,
    )
    assert Evidence(portfolio_of(together, "2024-03-31"), ["ada"]).invoices("ada", "paid_last", "A3") == []


def test_a_silence_that_was_cut_off_cites_no_payment(ledger_of: Callable[..., Ledger], portfolio_of: Callable[..., Portfolio]) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2023-10-02 2023-11-01 100
        A2         ada         2024-03-02 2024-04-01 100
        """,
        payments="""
        invoice_id paid_on    amount
        A1         2023-11-30 100
        """,
        stated=["2024-03-31"],
    )
    cited = {day: Evidence(portfolio_of(ledger, day), ["ada"]) for day in ("2024-03-28", "2024-03-29")}
    assert {day: one.invoices("ada", "paid_lately", "A2") for day, one in cited.items()} == {"2024-03-28": ["A1"], "2024-03-29": []}
    assert cited["2024-03-29"].invoices("ada", "paid_last", "A2") == ["A1"]


def test_each_due_invoice_is_known(evidence: Evidence) -> None:
    assert evidence.known_count("ada") == 5
    assert sorted(evidence.invoices("ada", "known", "small")) == ["overtook", "punctual", "skipped", "slow", "slowest"]
    assert evidence.known_count("bo") == 0
    assert evidence.invoices("bo", "late", "other") == []


def test_every_kind_of_evidence_that_a_feature_names_can_be_looked_up(evidence: Evidence) -> None:
    for feature in (*FEATURES.values(), *BEHAVIOUR):
        assert isinstance(evidence.invoices("ada", feature.evidence, "small"), list)
