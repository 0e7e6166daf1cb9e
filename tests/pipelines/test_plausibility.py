"""The comparison of a user's own ledger with the worlds: it must stand a ledger in which nothing is open, or nothing was paid."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.ledger import Ledger
from pipelines.plausibility import compare
from pipelines.plausibility_pictures import ageing, concentration, parts, shown, weekdays
from pipelines.portrait import take_portrait

INVOICES = """
    invoice_id customer_id issued_on  due_on     amount
    I1         ada         2025-01-01 2025-01-31 100
    I2         ada         2025-02-01 2025-02-28 30
    I3         bo          2025-03-01 2025-03-31 500
"""
PAID = "invoice_id paid_on amount\n I1 2025-02-02 100\n I2 2025-02-28 30\n I3 2025-04-03 500"


@pytest.mark.parametrize(("payments", "overdue"), [(PAID, "-"), ("", "100 %")])
def test_a_ledger_with_nothing_open_and_one_with_nothing_paid_can_be_looked_at(
    ledger_of: Callable[..., Ledger], tmp_path_factory: pytest.TempPathFactory, payments: str, overdue: str
) -> None:
    uri = str(tmp_path_factory.mktemp("mine") / "books")
    ledger_of(uri=uri, invoices=INVOICES, stated=("2025-04-30",), **({"payments": payments} if payments else {}))
    books = {"mine": take_portrait(uri)}
    figures = compare(books)
    assert shown(figures).loc["overdue [of the amount open]", "mine"] == overdue
    for picture in (ageing, concentration, parts, weekdays):
        assert picture(books, figures).figure.axes


def test_what_a_ledger_does_not_record_has_no_bar(ledger_of: Callable[..., Ledger], tmp_path_factory: pytest.TempPathFactory) -> None:
    books = {}
    for name, paid in (("whole", PAID), ("in parts", PAID + "\n I1 2025-02-03 1")):
        uri = str(tmp_path_factory.mktemp("mine") / name)
        ledger_of(uri=uri, invoices=INVOICES, stated=("2025-04-30",), payments=paid)
        books[name] = take_portrait(uri)
    picture = parts(books, compare(books))
    assert picture.sentence == (
        "Paid in more than one payment [of those paid]: whole not recorded, in parts 33 %. "
        "With a credit note: whole not recorded, in parts not recorded."
    )
    assert [[label.get_text() for label in panel.get_yticklabels()] for panel in picture.figure.axes] == [["in parts"], []]
