"""A slip in the year is told when it is loaded: the source would count as watched for years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger.strays import Stray
from pipelines.config import load_config
from pipelines.ingest import run_ingest

HEADER = "invoice_id,customer_id,issued_on,due_on,amount,currency"


def folder(tmp_path: Path, paid: Callable[[int], date], count: int) -> Path:
    """Canonical tables of one customer with so many invoices, a day apart, and the day on which each was paid."""
    rows = [(f"I{n}", date(2025, 1, 1) + timedelta(days=n)) for n in range(count)]
    place = tmp_path / "canonical"
    place.mkdir()
    (place / "customers.csv").write_text("customer_id,name\nC1,Ada\n")
    invoices = [f"{name},C1,{day},{day + timedelta(days=30)},100,EUR" for name, day in rows]
    (place / "invoices.csv").write_text("\n".join([HEADER, *invoices]) + "\n")
    payments = [f"P{n},{name},C1,{paid(n)},100,EUR" for n, (name, _) in enumerate(rows)]
    (place / "payments.csv").write_text("\n".join(["payment_id,invoice_id,customer_id,paid_on,amount,currency", *payments]) + "\n")
    return place


def summary(tmp_path: Path, paid: Callable[[int], date], count: int = 40) -> list[str]:
    place = folder(tmp_path, paid, count)
    return run_ingest("canonical", str(place), str(tmp_path / "ledger"), None, load_config(env={})).lines()


def in_time(n: int) -> date:
    return date(2025, 2, 1) + timedelta(days=n)


def test_a_slip_in_the_year_is_named_with_its_row_and_remedy(tmp_path: Path) -> None:
    told = [line for line in summary(tmp_path, lambda n: date(2034, 2, 20) if n == 19 else in_time(n)) if "look again" in line]
    assert len(told) == 1
    assert "row 20: payments.paid_on 2034-02-20" in told[0]
    assert "end on 2025-03-12" in told[0]
    assert "observed_until" in told[0]


@pytest.mark.parametrize(("last", "count"), [(date(2026, 2, 1), 40), (date(2034, 2, 20), 10)])
def test_a_late_payment_and_a_small_table_are_left_in_peace(tmp_path: Path, last: date, count: int) -> None:
    assert not [line for line in summary(tmp_path, lambda n: last if n == count - 1 else in_time(n), count) if "look again" in line]


def test_two_slips_do_not_hide_each_other(tmp_path: Path) -> None:
    slips = {4: date(2035, 2, 10), 19: date(2045, 2, 11)}
    told = [line for line in summary(tmp_path, lambda n: slips.get(n, in_time(n))) if "look again" in line]
    assert ["row 5 and 1 more: payments.paid_on 2035-02-10" in line for line in told] == [True]


def test_a_slip_in_what_people_said_is_not_held_against_the_books() -> None:
    said, paid = (str(Stray(table, "some_on", 3, date(2035, 1, 1), date(2025, 1, 1), 1)) for table in ("contacts", "payments"))
    assert "another id" in said
    assert "watched" not in said
    assert "watched" in paid
