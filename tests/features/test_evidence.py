"""The invoices that a figure rests on, the weightiest first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from features.evidence import Evidence
from features.portfolio import Portfolio
from ledger.ledger import Ledger
from models.told import TOLD


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
        ("prompt", "small", ["overtook", "punctual"]),
        ("slowest_recent", "small", ["skipped", "overtook"]),
        ("fastest_recent", "small", ["overtook", "skipped"]),
        ("slowest_paid", "small", ["slowest", "slow", "punctual", "overtook"]),
        ("fastest_paid", "small", ["overtook", "punctual", "slow", "slowest"]),
        ("late_same_weekday", "small", ["slowest"]),
        ("prompt_same_weekday", "small", []),
        ("part_paid", "small", ["slowest"]),
        ("paid_at_once", "small", ["overtook", "slow", "punctual"]),
        ("paid", "small", ["slowest", "overtook", "slow", "punctual"]),
        ("last_payment", "small", ["ahead"]),
        ("overdue", "small", ["skipped"]),
        ("open", "small", ["skipped", "small"]),
        ("overtaking", "skipped", ["skipped", "ahead", "overtook"]),
        ("", "small", []),
    ],
)
def test_a_figure_cites_what_it_rests_on(evidence: Evidence, kind: str, invoice: str, cited: list[str]) -> None:
    assert evidence.invoices("ada", kind, invoice) == cited


def test_no_single_invoice_is_cited_for_the_last_payment_where_several_were_paid_that_day(
    two_payers: Ledger, ledger_of: Callable[..., Ledger], portfolio_of: Callable[..., Portfolio]
) -> None:
    alone = Evidence(portfolio_of(two_payers, "2024-03-31"), ["ada"])
    assert alone.invoices("ada", "last_payment", "A5") == ["A3"]
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
    assert Evidence(portfolio_of(together, "2024-03-31"), ["ada"]).invoices("ada", "last_payment", "A3") == []


def test_each_due_invoice_is_known(evidence: Evidence) -> None:
    assert len(evidence.history("ada")) == 5
    assert sorted(evidence.invoices("ada", "known", "small")) == ["overtook", "punctual", "skipped", "slow", "slowest"]


def test_nothing_is_cited_for_what_never_was(evidence: Evidence) -> None:
    """A customer who was never late, and whose payments are none, has no invoice that says otherwise."""
    assert len(evidence.history("bo")) == 0
    assert [evidence.invoices("bo", kind, "other") for kind in ("late", "part_paid", "last_payment")] == [[], [], []]


def test_every_kind_of_evidence_that_is_told_can_be_looked_up(evidence: Evidence) -> None:
    for telling in TOLD.values():
        for kind in (telling.slower, telling.faster):
            assert isinstance(evidence.invoices("ada", kind, "small"), list)
