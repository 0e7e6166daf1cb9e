"""A ledger that ends: nothing in it knows what came later, and nobody in it goes by the old name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from ledger.ending import ending, renamed
from ledger.ledger import Ledger

DAY = date(2024, 3, 10)


@pytest.fixture
def books(ledger_of: Callable[..., Ledger]) -> Ledger:
    """On the day one invoice is paid, one is open and disputed; the dispute's end, a payment, a customer and a statement come later."""
    return ledger_of(
        customers=[{"customer_id": "C100", "parent_id": "C1"}, {"customer_id": "C1"}, {"customer_id": "C2", "known_on": "2024-04-01"}],
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        I1         C100        2024-01-02 2024-02-01 100
        I2         C100        2024-02-20 2024-03-20 100
        """,
        payments="""
        invoice_id paid_on    amount
        I1         2024-03-05 100
        I2         2024-03-25 100
        """,
        disputes=[{"invoice_id": "I2", "opened_on": "2024-03-01", "closed_on": "2024-03-24", "known_on": "2024-03-01"}],
        stated=["2024-02-28", "2024-03-31"],
    )


def test_neither_store_nor_meta_knows_what_came_later(books: Ledger) -> None:
    with ending(books, DAY) as cut:
        stored = {name: cut.store.read(name).to_pandas() for name in ("payments", "customers", "disputes")}
        assert stored["payments"]["invoice_id"].tolist() == ["I1 "]
        assert sorted(stored["customers"]["customer_id"]) == ["C1 ", "C1 00"]
        assert stored["disputes"]["closed_on"].isna().all()
        assert cut.meta.observed_until == {"erp": ("2024-02-28",)}
        assert cut.meta.inputs == ()
        assert (cut.span[1], cut.watched_to) == (date(2024, 3, 5), date(2024, 2, 28))
        assert cut.store.folder != books.store.folder
    assert not cut.store.folder.exists()


def test_its_day_looks_as_it_did_under_other_ids(books: Ledger) -> None:
    before = books.as_of(DAY).balances.to_pandas()
    with ending(books, DAY) as cut:
        after = cut.as_of(DAY).balances.to_pandas()
    other = before.assign(invoice_id=renamed(before["invoice_id"]), customer_id=renamed(before["customer_id"]))
    pd.testing.assert_frame_equal(*(one.sort_values("invoice_id", ignore_index=True) for one in (other, after)))


def test_ids_sort_and_begin_as_before_and_stay_apart() -> None:
    ids = pd.Series(sorted(["", "C", "C1", "C10", "C1 ", "D", "0042", "00"]))
    other = renamed(ids)
    assert other.is_monotonic_increasing
    assert other.is_unique
    assert not set(other) & set(ids) - {"C1 "}
    assert (other.str[:2].str.strip() == ids.str[:2].str.strip()).all()
