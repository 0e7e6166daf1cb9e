"""Customers are the sum of their invoices, in one currency each."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pandas as pd
import pytest

from models.rollup import latest_rates, roll_up


def invoices(*told: tuple[str, str, float, int, float], disputed: tuple[int, ...] = ()) -> pd.DataFrame:
    """Rows of customer, currency, open amount, days past due and p_late; `disputed` by position."""
    rows = pd.DataFrame(list(told), columns=["customer_id", "currency", "open_amount", "dpd", "p_late"])
    rows["due_on"] = pd.Timestamp("2024-03-31") - pd.to_timedelta(rows["dpd"], unit="D")
    rows["is_disputed"] = [at in disputed for at in range(len(rows))]
    return rows.assign(p_late_30=0.1, p_paid_14=0.5, p_paid_30=0.75)


def rolled(*args: Any, **kwargs: Any) -> pd.DataFrame:
    return roll_up(*args, **kwargs).set_index("customer_id")


def test_amounts_add_up_and_lateness_is_weighed_by_amount() -> None:
    rows = invoices(("ada", "EUR", 300, -10, 0.2), ("ada", "EUR", 100, -5, 0.6), ("ada", "EUR", 50, 12, 1.0), ("bo", "EUR", 80, 0, 1.0))
    found = rolled(rows, {}, None)
    ada, bo = found.loc["ada"], found.loc["bo"]
    assert (ada["exposure"], ada["overdue_amount"], ada["n_open"], ada["max_dpd"]) == (450.0, 50.0, 3, 12)
    assert ada["p_late"] == pytest.approx((300 * 0.2 + 100 * 0.6) / 400)
    assert ada["expected_late_amount"] == pytest.approx(45.0)
    assert (ada["p_paid_14"], ada["p_paid_30"]) == (0.5, 0.75)
    assert ada["next_due_on"] == pd.Timestamp("2024-04-05")
    # Due today: nothing is overdue yet, and nothing can be in time any more.
    assert (bo["overdue_amount"], bo["p_late"], bo["max_dpd"]) == (0.0, 1.0, 0)
    assert bo["next_due_on"] == pd.Timestamp("2024-03-31")


def test_a_disputed_invoice_makes_its_customer_no_older_in_what_we_chase() -> None:
    rows = invoices(("ada", "EUR", 10, 90, 1.0), ("ada", "EUR", 10, 3, 1.0), ("bo", "EUR", 10, 90, 1.0), disputed=(0, 2))
    found = rolled(rows, {}, None)
    assert found["max_dpd"].to_dict() == {"ada": 90, "bo": 90}
    assert found["chased_dpd"].to_dict() == {"ada": 3, "bo": 90}
    assert found["disputed_amount"].to_dict() == found["overdue_disputed"].to_dict() == {"ada": 10.0, "bo": 10.0}
    assert found["late_disputed"].to_dict() == {"ada": 1.0, "bo": 1.0}
    assert found["expected_late_amount"].to_dict() == {"ada": 2.0, "bo": 1.0}


def test_a_disputed_invoice_is_not_the_next_one_due_where_there_are_others() -> None:
    rows = invoices(("ada", "EUR", 10, -5, 0.1), ("ada", "EUR", 10, -30, 0.1), ("bo", "EUR", 10, -5, 0.1), disputed=(0, 2))
    found = rolled(rows, {}, None)["next_due_on"]
    assert found.to_dict() == {"ada": pd.Timestamp("2024-04-30"), "bo": pd.Timestamp("2024-04-05")}


def test_currencies_are_not_added_without_rates() -> None:
    rows = invoices(("ada", "USD", 1000, -5, 0.1), ("ada", "EUR", 40, 5, 1.0), ("ada", "EUR", 60, -5, 0.3), ("bo", "USD", 7, -5, 0.1))
    ada = rolled(rows, {}, None).loc["ada"]
    assert (ada["currency"], ada["exposure"], ada["overdue_amount"]) == ("EUR", 100.0, 40.0)
    dollars = {"exposure": 1000.0, "overdue_amount": 0.0, "expected_late_amount": 100.0, "undisputed_amount": 1000.0}
    assert json.loads(ada["other_amounts"]) == {"USD": dollars}
    assert ada["p_late"] == pytest.approx(0.3)
    assert pd.isna(rolled(rows, {}, None).loc["bo", "other_amounts"])


def test_of_currencies_that_are_as_overdue_the_one_that_is_not_in_dispute_speaks() -> None:
    both = (("ada", "EUR", 100, 60, 1.0), ("ada", "USD", 4000, 60, 1.0))
    for disputed, first, other in (((), "EUR", 4000.0), ((0,), "USD", 0.0), ((1,), "EUR", 0.0)):
        ada = rolled(invoices(*both, disputed=disputed), {}, None).loc["ada"]
        assert ada["currency"] == first
        assert [of["undisputed_amount"] for of in json.loads(ada["other_amounts"]).values()] == [other]


def test_where_nothing_is_overdue_the_currency_with_most_invoices_speaks_and_then_the_alphabet() -> None:
    more = invoices(("ada", "EUR", 10, -5, 0.1), ("ada", "USD", 10, -5, 0.1), ("ada", "USD", 10, -5, 0.1))
    assert rolled(more, {}, None).loc["ada", "currency"] == "USD"
    even = invoices(("ada", "USD", 10, -5, 0.1), ("ada", "EUR", 10, -5, 0.1))
    assert rolled(even, {}, None).loc["ada", "currency"] == "EUR"


def test_with_rates_all_is_told_in_the_reporting_currency() -> None:
    rows = invoices(("ada", "USD", 100, -5, 0.1), ("ada", "EUR", 40, 5, 1.0), ("bo", "GBP", 10, 5, 1.0))
    found = rolled(rows, {"USD": 0.5, "EUR": 1.0}, "EUR")
    assert (found.loc["ada", "currency"], found.loc["ada", "exposure"], found.loc["ada", "overdue_amount"]) == ("EUR", 90.0, 40.0)
    assert pd.isna(found.loc["ada", "other_amounts"])
    # No rate for pounds: they stay pounds.
    assert (found.loc["bo", "currency"], found.loc["bo", "exposure"]) == ("GBP", 10.0)
    in_dollars = rolled(rows, {"USD": 0.5, "EUR": 1.0}, "USD")
    assert in_dollars.loc["ada", "exposure"] == 180.0


def test_the_newest_rate_that_was_known_counts() -> None:
    rates = pd.DataFrame(
        {
            "currency": ["USD", "USD", "USD", "GBP"],
            "rate_on": pd.to_datetime(["2024-02-01", "2024-01-01", "2024-04-01", "2024-01-01"]),
            "rate": [0.9, 0.8, 0.7, 1.2],
        }
    )
    assert latest_rates(rates, date(2024, 3, 31)) == {"USD": 0.9, "GBP": 1.2}
