"""A customer's business units may pay each at a pace of their own."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from features import business_units
from ledger.ledger import Ledger

AS_OF = "2024-03-31"
INVOICES = """
    invoice_id customer_id issued_on  due_on     amount business_unit
    A1         ada         2024-01-02 2024-02-01 100    mill
    A2         ada         2024-01-09 2024-02-08 100    mill
    A3         ada         2024-01-03 2024-02-02 100    shop
    B1         bo          2024-01-04 2024-02-05 100    shop
    at_mill    ada         2024-03-04 2024-04-03 100    mill
    at_shop    ada         2024-03-04 2024-04-03 100    shop
    at_none    ada         2024-03-04 2024-04-03 100    -
    new_mill   cy          2024-03-04 2024-04-03 100    mill
    new_shop   cy          2024-03-04 2024-04-03 100    shop
"""
PAYMENTS = """
    invoice_id paid_on    amount
    A1         2024-02-13 100
    A2         2024-02-16 100
    A3         2024-02-02 100
    B1         2024-02-05 100
"""


def units(ledger: Ledger, seen: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return seen(business_units.VIEW, ledger, AS_OF, half_life_days=1e9)[list(business_units.VIEW.names)]


def test_a_unit_is_drawn_towards_its_customer_and_what_sets_the_unit_apart(
    ledger_of: Callable[..., Ledger], seen: Callable[..., pd.DataFrame]
) -> None:
    frame = units(ledger_of(invoices=INVOICES, payments=PAYMENTS, stated=[AS_OF]), seen)
    # Two of four are late; of the mill's both are, of the shop's neither. Ada: two of three, drawn by two to what Bo does (never).
    own, of_mill, of_shop = 2 / 5, (2 + 2 * 0.5) / 4, 2 * 0.5 / 4
    assert frame.loc["at_mill", "unit_late_share"] == pytest.approx((2 + 2 * (own + of_mill - 0.5)) / 4, abs=1e-5)
    assert frame.loc["at_shop", "unit_late_share"] == pytest.approx(2 * (own + of_shop - 0.5) / 3, abs=1e-5)
    assert frame.loc["at_mill", "unit_days_late"] > 5 > frame.loc["at_shop", "unit_days_late"]


def test_a_new_customer_is_told_by_what_the_unit_does_for_others(
    ledger_of: Callable[..., Ledger], seen: Callable[..., pd.DataFrame]
) -> None:
    frame = units(ledger_of(invoices=INVOICES, payments=PAYMENTS, stated=[AS_OF]), seen)
    assert frame.loc["new_mill", "unit_late_share"] > frame.loc["new_shop", "unit_late_share"]


def test_nothing_is_said_where_no_unit_is_known_or_no_other_one_is(
    ledger_of: Callable[..., Ledger], seen: Callable[..., pd.DataFrame]
) -> None:
    assert units(ledger_of(invoices=INVOICES, payments=PAYMENTS, stated=[AS_OF]), seen).loc["at_none"].isna().all()
    of_one = ledger_of(invoices=INVOICES.replace("shop", "mill"), payments=PAYMENTS, stated=[AS_OF])
    assert units(of_one, seen).isna().all(axis=None)
