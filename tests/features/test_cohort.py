"""Who is asked about, and who is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd

from features.cohort import left_out
from features.matrix import FEATURES, INVOICE_COLUMNS, VIEWS, build_matrix, feature_matrix
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger


def test_the_open_invoices_of_a_watched_source_are_asked_about(
    ledger_of: Callable[..., Ledger], portfolio_of: Callable[..., Portfolio]
) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount source
        untouched  ada         2024-03-01 2024-03-31 100    erp
        part_paid  ada         2024-03-01 2024-03-30 100    erp
        paid       ada         2024-03-01 2024-03-31 100    erp
        prepaid    ada         2024-03-10 2024-03-31 100    erp
        unseen     bo          2024-03-01 2024-03-31 100    old
        to_come    ada         2024-04-01 2024-04-30 100    erp
        """,
        payments="""
        invoice_id paid_on    amount
        part_paid  2024-03-31 60
        paid       2024-03-20 100
        prepaid    2024-03-05 10
        """,
    )
    portfolio = portfolio_of(ledger, "2024-03-31", staleness_days=7)
    cohort = portfolio.cohort.to_pandas().set_index("invoice_id")
    assert cohort["dpd"].to_dict() == {"untouched": 0, "part_paid": 1}
    assert cohort["open_amount"].to_dict() == {"untouched": 100.0, "part_paid": 40.0}
    assert left_out(portfolio.snapshot, portfolio.settings) == {"stale": 1, "prepaid": 1}


def test_what_rounds_to_nothing_is_not_asked_about(ledger_of: Callable[..., Ledger], portfolio_of: Callable[..., Portfolio]) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        crumb      ada         2024-03-01 2024-03-31 100
        cent       ada         2024-03-01 2024-03-31 100
        tiny       bo          2024-03-01 2024-03-31 0.004
        """,
        payments="""
        invoice_id paid_on    amount
        crumb      2024-03-20 99.996
        cent       2024-03-20 99.995
        """,
    )
    portfolio = portfolio_of(ledger, "2024-03-31")
    assert portfolio.cohort.to_pandas()["invoice_id"].tolist() == ["cent"]
    assert left_out(portfolio.snapshot, portfolio.settings) == {"stale": 0, "prepaid": 0}


def test_a_source_that_is_heard_of_again_in_may_does_not_change_april(
    ledger_of: Callable[..., Ledger], portfolio_of: Callable[..., Portfolio]
) -> None:
    lines = """
        invoice_id customer_id issued_on  due_on     amount source
        busy       ada         2024-04-01 2024-04-30 100    erp
        silent     bo          2024-03-01 2024-03-31 100    old"""
    again = "\n        may        bo          2024-05-06 2024-05-31 100    old"
    for invoices in (lines, lines + again):
        cohort = portfolio_of(ledger_of(invoices=invoices), "2024-04-02", staleness_days=7).cohort.to_pandas()
        assert cohort["invoice_id"].tolist() == ["busy"]


def test_a_day_without_open_invoices_is_an_empty_matrix(ledger_of: Callable[..., Ledger], portfolio_of: Callable[..., Portfolio]) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2024-03-01 2024-03-31 100
        """,
        payments="""
        invoice_id paid_on    amount
        A1         2024-03-05 100
        """,
    )
    portfolio = portfolio_of(ledger, "2024-03-06")
    assert feature_matrix(portfolio).empty
    assert left_out(portfolio.snapshot, portfolio.settings) == {"stale": 0, "prepaid": 0}


def test_a_panel_of_days_is_each_day_alone(two_payers: Ledger) -> None:
    days = [date(2024, 2, 11), date(2024, 3, 1), date(2024, 3, 8)]
    settings = FeatureSettings()
    together = build_matrix(two_payers, days, settings)
    in_chunks = build_matrix(two_payers, days[::-1], settings, chunk=1)
    pd.testing.assert_frame_equal(together, in_chunks, rtol=1e-9)
    assert list(together.columns) == [*INVOICE_COLUMNS, *FEATURES]
    assert together.groupby("as_of").size().tolist() == [3, 2, 3]
    assert together[["as_of", "invoice_id"]].equals(together[["as_of", "invoice_id"]].sort_values(["as_of", "invoice_id"]))
    assert all(str(together[name].dtype) == "float64" for name in FEATURES)


def test_each_feature_has_one_name_and_says_what_it_means() -> None:
    names = [feature.name for view in VIEWS for feature in view.features]
    assert len(names) == len(set(names))
    assert all(feature.doc and not feature.doc.endswith(".") for feature in FEATURES.values())
