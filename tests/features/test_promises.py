"""A promise for a day on which no bank works is a promise for the next one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from features.dealings import promise_outcomes
from features.portfolio import Portfolio
from ledger.ledger import Ledger

SATURDAY, WHIT_MONDAY = "2025-05-31", "2025-06-09"


@pytest.mark.parametrize("names_it", [True, False])
@pytest.mark.parametrize(
    ("country", "promised_for", "paid_on", "kept"),
    [
        ("DE", SATURDAY, "2025-06-02", True),
        ("DE", SATURDAY, "2025-06-03", False),
        ("DE", WHIT_MONDAY, "2025-06-10", True),
        ("GB", WHIT_MONDAY, "2025-06-10", False),
        (None, SATURDAY, "2025-06-02", True),
        (None, WHIT_MONDAY, "2025-06-10", False),
    ],
)
def test_what_is_promised_for_a_day_off_may_come_on_the_next_business_day(
    ledger_of: Callable[..., Ledger],
    portfolio_of: Callable[..., Portfolio],
    country: str | None,
    promised_for: str,
    paid_on: str,
    kept: bool,
    names_it: bool,
) -> None:
    bill = {"invoice_id": "I1", "customer_id": "ada", "amount": "100"}
    promise = {"customer_id": "ada", "promised_on": "2025-05-28", "due_on": promised_for, "amount": "100"}
    ledger = ledger_of(
        customers=[{"customer_id": "ada", "country": country}],
        invoices=[bill | {"issued_on": "2025-04-20", "due_on": "2025-05-20"}],
        payments=[bill | {"paid_on": paid_on}],
        promises=[promise | ({"invoice_id": "I1"} if names_it else {})],
        stated=["2025-06-30"],
    )
    told = promise_outcomes(portfolio_of(ledger, "2025-06-30")).to_pandas()
    assert told[["kept", "broken", "pending"]].to_numpy().tolist() == [[kept, not kept, False]]


def test_until_then_it_is_pending(ledger_of: Callable[..., Ledger], portfolio_of: Callable[..., Portfolio]) -> None:
    ledger = ledger_of(
        invoices="invoice_id customer_id issued_on due_on amount\n I1 ada 2025-04-20 2025-05-20 100",
        payments=[],
        promises=[{"customer_id": "ada", "promised_on": "2025-05-28", "due_on": SATURDAY, "amount": "100"}],
        stated=["2025-06-02", "2025-06-03"],
    )
    told = [promise_outcomes(portfolio_of(ledger, day)).to_pandas().iloc[0] for day in ("2025-06-02", "2025-06-03")]
    assert [(one["pending"], one["broken"]) for one in told] == [(True, False), (False, True)]
