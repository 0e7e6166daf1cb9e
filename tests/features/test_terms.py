"""An invoice against what is usual: in its own currency."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from features import terms
from ledger.ledger import Ledger

HEAD = "invoice_id customer_id issued_on due_on amount currency"


def ledger_with(ledger_of: Callable[..., Ledger], asked: str) -> Ledger:
    past = [
        f"{customer}{n}{currency} {customer} 2024-01-0{n} 2024-01-1{n} {amount} {currency}"
        for customer in ("ada", "bo", "cy")
        for currency, amount in (("EUR", 1000), ("JPY", 160_000))
        for n in range(1, 6)
        if not (customer == "bo" and currency == "JPY")
    ]
    invoices = "\n".join([HEAD, *past, asked])
    paid = [{"invoice_id": line.split()[0], "paid_on": line.split()[3], "amount": line.split()[4]} for line in past]
    return ledger_of(invoices=invoices, payments=paid, stated=["2024-03-31"])


@pytest.mark.parametrize("asked", ["A ada 2024-03-01 2024-04-01 1000 EUR", "A ada 2024-03-01 2024-04-01 160000 JPY",
                                   "A bo 2024-03-01 2024-04-01 160000 JPY", "A bo 2024-03-01 2024-04-01 700 USD"])  # fmt: skip
def test_a_usual_amount_is_usual_in_each_currency(ledger_of: Callable[..., Ledger], seen: Callable[..., pd.DataFrame], asked: str) -> None:
    told = seen(terms.VIEW, ledger_with(ledger_of, asked), "2024-03-15")
    assert told["amount_ratio"].tolist() == pytest.approx([1.0])
