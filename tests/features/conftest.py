"""One feature view of one small ledger, on one day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from features.portfolio import Portfolio
from features.settings import FeatureSettings
from features.view import FeatureView
from ledger.ledger import Ledger

# So long a half-life that every invoice weighs one, and a group that weighs as much as two of the customer's own invoices.
PLAIN = {"half_life_days": 10**9, "shrinkage": 2.0, "recent_days": 30, "staleness_days": 60}


@pytest.fixture
def portfolio_of() -> Callable[..., Portfolio]:
    def build(ledger: Ledger, day: str, **settings: Any) -> Portfolio:
        return Portfolio(ledger.as_of(date.fromisoformat(day)), FeatureSettings(**(PLAIN | settings)))

    return build


@pytest.fixture
def seen(portfolio_of: Callable[..., Portfolio]) -> Callable[..., pd.DataFrame]:
    """The view's columns, a row for each key."""

    def frame(view: FeatureView, ledger: Ledger, day: str, **settings: Any) -> pd.DataFrame:
        built: pd.DataFrame = view.build(portfolio_of(ledger, day, **settings)).to_pandas()
        assert set(view.names) <= set(built)
        return built.set_index(view.key).sort_index()

    return frame


@pytest.fixture
def two_payers(ledger_of: Callable[..., Ledger]) -> Ledger:
    """Ada pays later and later, Bo in time. 2024-02-10 is a Saturday, 04-05 a Friday, 04-09 a Tuesday like 02-20 and 03-05."""
    return ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2024-01-02 2024-02-01 100
        A2         ada         2024-01-11 2024-02-10 100
        A3         ada         2024-01-21 2024-02-20 100
        A4         ada         2024-02-20 2024-03-21 100
        A5         ada         2024-03-06 2024-04-05 100
        A6         ada         2024-03-10 2024-04-09 100
        B1         bo          2024-01-06 2024-02-05 100
        B2         bo          2024-02-04 2024-03-05 100
        B3         bo          2024-03-06 2024-04-05 100
        """,
        payments="""
        invoice_id paid_on    amount
        A1         2024-02-01 100
        A2         2024-02-15 100
        A3         2024-03-01 100
        B1         2024-02-03 100
        B2         2024-03-05 100
        """,
        stated=["2024-03-31"],
    )
