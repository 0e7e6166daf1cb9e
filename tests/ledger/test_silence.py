"""What is paid after payments have stopped coming in is unseen, as far as a day could tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest

from ledger.ledger import Ledger

FIRST, N_PAID = date(2025, 1, 6), 14
LAST_PAID = FIRST + timedelta(days=7 * (N_PAID - 1))


@pytest.fixture
def books(ledger_of: Callable[..., Ledger]) -> Callable[..., Ledger]:
    """An invoice a week for thirty weeks, paid when due; payments are loaded for fourteen of them, and for the others `later`."""

    def build(stated: Sequence[str] = (), later: date | None = None) -> Ledger:
        weeks = [FIRST + timedelta(days=7 * week) for week in range(30)]
        invoices = [
            {"invoice_id": f"I{n}", "customer_id": "ada", "issued_on": str(day - timedelta(days=20)), "due_on": str(day), "amount": "100"}
            for n, day in enumerate(weeks)
        ]
        known = [day if n < N_PAID else later for n, day in enumerate(weeks)]
        payments = [
            {"invoice_id": f"I{n}", "paid_on": str(day), "amount": "100", "known_on": str(known[n])}
            for n, day in enumerate(weeks)
            if known[n]
        ]
        return ledger_of(invoices=invoices, payments=payments, stated=stated)

    return build


def test_after_the_last_payment_of_a_feed_that_stopped_nothing_is_seen(books: Callable[..., Ledger]) -> None:
    ledger, watched = books(), LAST_PAID + timedelta(days=64)
    assert ledger.observed_until(watched) == {"erp": watched}
    assert ledger.seen_until(watched) == {"erp": LAST_PAID}


def test_a_wait_as_long_as_any_before_is_no_silence(books: Callable[..., Ledger]) -> None:
    day = LAST_PAID + timedelta(days=21)
    assert books().seen_until(day) == books().observed_until(day)


def test_who_states_how_far_it_was_watched_is_believed(books: Callable[..., Ledger]) -> None:
    day = LAST_PAID + timedelta(days=64)
    assert books(stated=[str(day)]).seen_until(day) == {"erp": day}


def test_what_was_loaded_later_does_not_undo_a_silence_nor_foretell_one(books: Callable[..., Ledger]) -> None:
    day = LAST_PAID + timedelta(days=64)
    loaded = books(later=day + timedelta(days=90))
    assert loaded.seen_until(day) == books().seen_until(day) == {"erp": LAST_PAID}
    assert books().seen_until(LAST_PAID) == books().observed_until(LAST_PAID)
