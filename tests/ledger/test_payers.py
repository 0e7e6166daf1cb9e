"""Invoices of one source, payments of another: what the other has not told is unseen, and no unpaid invoice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger.ledger import Ledger

Story = Callable[..., Ledger]
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(60)]


def books(ledger_of: Story, paid_until: int, payer: str = "bank", uri: str | None = None, stated: tuple[str, ...] = ()) -> Ledger:
    """An invoice a day for sixty days, each of its own customer and paid on its day by `payer` as far as that one was heard of."""
    invoices = [
        {"invoice_id": f"I{n}", "customer_id": f"C{n}", "issued_on": day, "due_on": day, "amount": 10} for n, day in enumerate(DAYS)
    ]
    payments = [{"invoice_id": f"I{n}", "paid_on": day, "amount": 10, "source": payer} for n, day in enumerate(DAYS[:paid_until])]
    return ledger_of(invoices=invoices, payments=payments, uri=uri, stated=stated)


def test_invoices_are_watched_no_further_than_what_pays_them(ledger_of: Story) -> None:
    ledger = books(ledger_of, 50)
    assert ledger.observed_until(DAYS[39]) == {"erp": DAYS[39], "bank": DAYS[39]}
    assert ledger.observed_until(DAYS[59]) == {"erp": DAYS[49], "bank": DAYS[49]}
    assert ledger.sample(0.01).observed_until(DAYS[59]) == ledger.observed_until(DAYS[59])
    assert ledger.watched_to == DAYS[59], "the accounts were"


def test_who_brings_payments_itself_or_says_how_far_it_was_watched_is_taken_at_its_word(ledger_of: Story) -> None:
    assert books(ledger_of, 50, payer="erp").observed_until(DAYS[59]) == {"erp": DAYS[59]}
    said = books(ledger_of, 50, stated=(DAYS[55].isoformat(),))
    assert said.observed_until(DAYS[59])["erp"] == DAYS[55]


def test_a_source_that_was_given_up_is_waited_for_no_longer(ledger_of: Story) -> None:
    payments = [{"invoice_id": f"I{n}", "paid_on": day, "amount": 10, "source": "old" if n < 40 else "erp"} for n, day in enumerate(DAYS)]
    invoices = [{"invoice_id": f"I{n}", "customer_id": "C", "issued_on": day, "due_on": day, "amount": 10} for n, day in enumerate(DAYS)]
    ledger = ledger_of(invoices=invoices, payments=payments)
    assert ledger.observed_until(DAYS[39])["erp"] == DAYS[39]
    assert ledger.observed_until(DAYS[49])["erp"] == DAYS[49]


@pytest.mark.parametrize("own", [0, 2])
def test_a_bank_that_fell_silent_is_not_forgotten_for_a_few_payments_of_the_accounts(ledger_of: Story, own: int) -> None:
    many = [(n, day) for n, day in enumerate(DAYS) for _ in range(10)]
    invoices = [
        {"invoice_id": f"I{k}", "customer_id": "C", "issued_on": day, "due_on": day, "amount": 10} for k, (_, day) in enumerate(many)
    ]
    payments = [
        {"invoice_id": f"I{k}", "paid_on": day, "amount": 10, "source": "erp" if k % 10 < own else "bank"}
        for k, (n, day) in enumerate(many)
        if n < 39 or k % 10 < own
    ]
    ledger = ledger_of(invoices=invoices, payments=payments)
    assert ledger.observed_until(DAYS[59]) == {"erp": DAYS[38], "bank": DAYS[38]}


def test_who_pays_an_invoice_is_not_known_before_the_invoice_is(ledger_of: Story) -> None:
    """The bank tells of payments day by day; their invoices all come on the fortieth day."""
    told = {"issued_on": DAYS[0], "due_on": DAYS[0], "amount": 10}
    late = [told | {"invoice_id": f"I{n}", "customer_id": "C", "known_on": DAYS[40]} for n in range(40)]
    first = told | {"invoice_id": "I99", "customer_id": "C"}
    payments = [{"invoice_id": f"I{n}", "paid_on": day, "amount": 10, "source": "bank"} for n, day in enumerate(DAYS[:40])]
    ledger = ledger_of(invoices=[first, *late], payments=payments)
    assert ledger.observed_until(DAYS[39]) == {"erp": DAYS[0], "bank": DAYS[39]}
    assert ledger.as_of(DAYS[39]).balances.count().execute() == 1
    unknown = ledger_of(invoices=late, payments=payments)
    assert unknown.observed_until(DAYS[39]) == {"bank": DAYS[39]}


def test_a_few_payments_of_another_source_stop_no_clock(ledger_of: Story) -> None:
    invoices = [{"invoice_id": f"I{n}", "customer_id": "C", "issued_on": day, "due_on": day, "amount": 10} for n, day in enumerate(DAYS)]
    ledger = ledger_of(invoices=invoices, payments=[{"invoice_id": "I1", "paid_on": DAYS[3], "amount": 10, "source": "manual"}])
    assert ledger.observed_until(DAYS[59])["erp"] == DAYS[59]


@pytest.mark.parametrize("late", [0, 4])
def test_a_bank_that_is_booked_late_is_waited_for(ledger_of: Story, late: int) -> None:
    """Some payments of each day are booked at once, so that only what is missing tells."""
    invoices = [{"invoice_id": f"I{n}", "customer_id": "C", "issued_on": day, "due_on": day, "amount": 10} for n, day in enumerate(DAYS)]
    payments = [
        {"invoice_id": f"I{n}", "paid_on": day, "amount": 5, "source": "bank", "known_on": day + timedelta(days=after)}
        for n, day in enumerate(DAYS)
        for after in (0, late)
        if day + timedelta(days=after) <= DAYS[-1]
    ]
    ledger = ledger_of(invoices=invoices, payments=payments)
    assert ledger.booking_days(DAYS[-1]) == ({"bank": late, "erp": late} if late else {})
    assert ledger.seen_until(DAYS[-1])["erp"] == DAYS[-1] - timedelta(days=late)


def test_a_folder_may_be_called_like_a_column(ledger_of: Story, tmp_path: Path) -> None:
    ledger = books(ledger_of, 60, payer="erp", uri=str(tmp_path / "source=sap" / "currency=XXX" / "books"))
    stored = ledger.history("payments").select("source", "currency").distinct().to_pandas()
    assert stored.to_numpy().tolist() == [["erp", "EUR"]]
