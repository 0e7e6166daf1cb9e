"""Money counts for the customer whose debt it pays, whoever sends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from features import pay_gaps, siblings
from features.dealings import promise_outcomes
from features.plain import plain_figures
from features.portfolio import Portfolio
from ledger.ledger import Ledger


@pytest.fixture
def paid_by(ledger_of: Callable[..., Ledger]) -> Callable[[str | None], Ledger]:
    """Kid has paid two invoices, or had them paid; the parent has never owed anything, and has sent 5 that name no invoice."""

    def build(payer: str | None) -> Ledger:
        who = {} if payer is None else {"customer_id": payer}
        return ledger_of(
            customers=[{"customer_id": "kid"}, {"customer_id": "parent"}],
            invoices="""
            invoice_id customer_id issued_on  due_on     amount
            K1         kid         2024-01-01 2024-01-31 100
            K2         kid         2024-02-01 2024-03-02 100
            K3         kid         2024-03-01 2024-03-31 100
            """,
            payments=[
                {"invoice_id": "K1", "paid_on": "2024-02-02", "amount": "100", **who},
                {"invoice_id": "K2", "paid_on": "2024-03-04", "amount": "100", **who},
                {"invoice_id": None, "customer_id": "parent", "paid_on": "2024-03-20", "amount": "5"},
            ],
            promises=[{"customer_id": "kid", "promised_on": "2024-02-20", "due_on": "2024-03-05", "amount": "100"}],
            stated=["2024-03-31"],
        )

    return build


def test_who_is_paid_for_has_paid(
    paid_by: Callable[[str | None], Ledger], portfolio_of: Callable[..., Portfolio], seen: Callable[..., pd.DataFrame]
) -> None:
    own, parents = paid_by(None), paid_by("parent")
    for ledger in (own, parents):
        assert seen(siblings.VIEW, ledger, "2024-03-24")["days_since_payment"].tolist() == [20.0]
        assert seen(pay_gaps.VIEW, ledger, "2024-03-24")["pay_gap"].tolist() == [31.0]
        portfolio = portfolio_of(ledger, "2024-03-24")
        assert promise_outcomes(portfolio).to_pandas()[["kept", "broken"]].to_numpy().tolist() == [[True, False]]
        figures: Any = plain_figures(portfolio).to_pandas().set_index("customer_id")
        assert figures.loc["kid", "days_since_payment"] == 20


def test_money_that_names_no_invoice_is_the_payers(paid_by: Callable[[str | None], Ledger], portfolio_of: Callable[..., Portfolio]) -> None:
    receipts = portfolio_of(paid_by("parent"), "2024-03-24").snapshot.receipts.to_pandas()
    assert sorted(zip(receipts["customer_id"], receipts["amount"].astype("float64"), strict=True)) == [
        ("kid", 100.0),
        ("kid", 100.0),
        ("parent", 5.0),
    ]
