"""What was known on a day: versions, balances, and how far a source was watched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from ledger.errors import RefusedError
from ledger.ledger import Ledger

Story = Callable[..., Ledger]

ONE_INVOICE = """
    invoice_id customer_id issued_on  due_on     amount
    I1         C1          2024-01-02 2024-02-01 100
"""


def balance(ledger: Ledger, day: str, invoice: str = "I1") -> dict[str, Any]:
    frame = ledger.as_of(date.fromisoformat(day)).balances.to_pandas()
    (row,) = frame[frame["invoice_id"] == invoice].to_dict("records")
    return {str(name): (value.date().isoformat() if isinstance(value, pd.Timestamp) else value) for name, value in row.items()}


def test_a_correction_counts_from_the_day_it_reached_us(ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount known_on
        I1         C1          2024-01-02 2024-02-01 100    2024-01-02
        I1         C1          2024-01-02 2024-03-01 90     2024-01-20
        I1         C1          2024-01-02 2024-03-15 95     2024-02-10
        """
    )
    believed = {day: (balance(ledger, day)["due_on"], balance(ledger, day)["amount"]) for day in ("2024-01-19", "2024-01-20", "2024-02-10")}
    assert believed == {"2024-01-19": ("2024-02-01", 100.0), "2024-01-20": ("2024-03-01", 90.0), "2024-02-10": ("2024-03-15", 95.0)}


def test_history_keeps_every_version_with_the_day_it_was_superseded(ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount known_on
        I1         C1          2024-01-02 2024-02-01 100    2024-01-02
        I1         C1          2024-01-02 2024-03-01 90     2024-01-20
        I2         C1          2024-01-03 2024-03-01 50     2024-01-03
        """
    )
    history = ledger.history("invoices").order_by(["invoice_id", "known_on"]).to_pandas()
    assert [str(day)[:10] for day in history["superseded_on"]] == ["2024-01-20", "NaT", "NaT"]


def test_a_payment_that_was_corrected_away_makes_the_invoice_open_again(ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices=ONE_INVOICE,
        payments="""
        payment_id invoice_id paid_on    amount known_on
        P1         I1         2024-01-20 100    2024-01-20
        P1         I1         2024-01-20 40     2024-01-25
        """,
    )
    assert (balance(ledger, "2024-01-24")["paid_on"], balance(ledger, "2024-01-24")["open_amount"]) == ("2024-01-20", 0.0)
    after = balance(ledger, "2024-01-25")
    assert (pd.isna(after["paid_on"]), after["open_amount"], after["n_payments"]) == (True, 60.0, 1)


def test_a_payment_that_was_booked_late_is_not_known_before(ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices=ONE_INVOICE,
        payments="""
        invoice_id paid_on    amount known_on
        I1         2024-01-20 100    2024-01-24
        """,
    )
    assert pd.isna(balance(ledger, "2024-01-23")["paid_on"])
    assert balance(ledger, "2024-01-24")["paid_on"] == "2024-01-20"


@pytest.mark.parametrize(
    ("payments", "credit_notes", "expected"),
    [
        pytest.param("2024-01-20 100", "", ("2024-01-20", 0.0, 100.0, 1), id="paid at once"),
        pytest.param("2024-01-20 30\n2024-01-25 70", "", ("2024-01-25", 0.0, 100.0, 2), id="paid in parts"),
        pytest.param("2024-01-20 30\n2024-01-20 70", "", ("2024-01-20", 0.0, 100.0, 1), id="two rows of one day are one payment"),
        pytest.param("2024-01-20 30", "", (None, 70.0, 30.0, 1), id="paid in part"),
        pytest.param("2024-01-20 130", "", ("2024-01-20", 0.0, 130.0, 1), id="overpaid"),
        pytest.param("2024-01-20 100\n2024-01-25 5", "", ("2024-01-20", 0.0, 105.0, 1), id="paid, and then more"),
        pytest.param("2024-01-20 90", "2024-01-28 10", ("2024-01-28", 0.0, 100.0, 1), id="the rest credited"),
        pytest.param("", "2024-01-15 100", ("2024-01-15", 0.0, 100.0, 0), id="credited in full"),
        pytest.param("2024-01-20 33.3333\n2024-01-21 33.3333\n2024-01-22 33.3334", "", ("2024-01-22", 0.0, 100.0, 3), id="exact thirds"),
    ],
)
def test_an_invoice_is_paid_on_the_day_its_open_amount_reaches_zero(
    ledger_of: Story, payments: str, credit_notes: str, expected: tuple[str | None, float, float, int]
) -> None:
    def rows(told: str, day: str) -> list[dict[str, str]]:
        return [{"invoice_id": "I1", day: line.split()[0], "amount": line.split()[1]} for line in told.splitlines()]

    ledger = ledger_of(invoices=ONE_INVOICE, payments=rows(payments, "paid_on"), credit_notes=rows(credit_notes, "issued_on"))
    found = balance(ledger, "2024-01-31")
    paid_on = None if pd.isna(found["paid_on"]) else found["paid_on"]
    assert (paid_on, found["open_amount"], found["settled_amount"], found["n_payments"]) == expected


def test_a_payment_before_the_invoices_own_date_is_a_prepayment(ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        I1         C1          2024-01-10 2024-02-01 100
        I2         C1          2024-01-10 2024-02-01 100
        """,
        payments="""
        invoice_id paid_on    amount
        I1         2024-01-05 20
        I2         2024-01-10 20
        """,
    )
    assert (balance(ledger, "2024-01-12", "I1")["is_prepaid"], balance(ledger, "2024-01-12", "I2")["is_prepaid"]) == (True, False)


def test_no_payment_comes_before_a_date_that_is_only_assumed(ledger_of: Story) -> None:
    about = {"invoice_id": "I1", "customer_id": "C1", "issued_on": "2024-01-02", "due_on": "2024-02-01", "amount": 100}
    ledger = ledger_of(
        invoices=[about | {"issued_on_assumed": True}], payments=[{"invoice_id": "I1", "paid_on": "2024-01-01", "amount": 20}]
    )
    assert not balance(ledger, "2024-01-12")["is_prepaid"]


@pytest.mark.parametrize(("paid", "credited", "day"), [(99, 0.5, "2024-01-20"), (50, 49.5, "2024-01-30"), (50, 40, "NaT")])
def test_nearly_paid_is_it_from_the_day_on_which_hardly_anything_was_open(ledger_of: Story, paid: float, credited: float, day: str) -> None:
    payments, credit_notes = [{"paid_on": "2024-01-20", "amount": paid}], [{"issued_on": "2024-01-30", "amount": credited}]
    told = {"payments": payments, "credit_notes": credit_notes}
    ledger = ledger_of(invoices=ONE_INVOICE, **{name: [one | {"invoice_id": "I1"} for one in rows] for name, rows in told.items()})
    assert str(balance(ledger, "2024-01-31")["nearly_paid_on"]) == day


@pytest.mark.parametrize(("within", "paid_on", "left"), [(0.0, None, 2.0), (0.019, None, 2.0), (0.02, "2024-01-20", 0.0)])
def test_an_invoice_is_settled_on_the_day_on_which_no_more_than_a_set_share_is_open(
    ledger_of: Story, within: float, paid_on: str | None, left: float
) -> None:
    payments = [{"invoice_id": "I1", "paid_on": day, "amount": amount} for day, amount in (("2024-01-10", 40), ("2024-01-20", 58))]
    ledger = Ledger(ledger_of(invoices=ONE_INVOICE, payments=payments).store, settled_within=within)
    found = balance(ledger, "2024-01-31")
    assert (None if pd.isna(found["paid_on"]) else str(found["paid_on"])[:10], found["open_amount"]) == (paid_on, left)
    assert (found["n_payments"], found["settled_amount"]) == (2, 98.0)


def test_a_discount_that_was_rounded_up_to_a_cent_is_within_its_share(ledger_of: Story) -> None:
    invoices = [{"invoice_id": "I1", "customer_id": "C1", "issued_on": "2024-01-02", "due_on": "2024-02-01", "amount": "123.45"}]
    payments = [{"invoice_id": "I1", "paid_on": "2024-01-10", "amount": "120.98"}]
    ledger = Ledger(ledger_of(invoices=invoices, payments=payments).store, settled_within=0.02)
    assert balance(ledger, "2024-01-31")["open_amount"] == 0


def test_unapplied_cash_settles_nothing(ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices=ONE_INVOICE,
        payments="""
        invoice_id customer_id paid_on    amount
        -          C1          2024-01-20 100
        """,
    )
    assert balance(ledger, "2024-01-31")["open_amount"] == 100.0
    assert ledger.as_of(date(2024, 1, 31)).known("payments").count().execute() == 1


def test_each_invoice_keeps_its_own_currency(ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount currency
        I1         C1          2024-01-02 2024-02-01 100    EUR
        I2         C1          2024-01-02 2024-02-01 100    JPY
        """,
        payments="""
        invoice_id paid_on    amount currency
        I1         2024-01-20 30     EUR
        I2         2024-01-20 100    JPY
        """,
    )
    found = {one: balance(ledger, "2024-01-31", one) for one in ("I1", "I2")}
    assert {one: (row["currency"], row["open_amount"]) for one, row in found.items()} == {"I1": ("EUR", 70.0), "I2": ("JPY", 0.0)}


def test_the_end_of_a_dispute_is_blank_until_it_ended(ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices=ONE_INVOICE,
        disputes="""
        invoice_id opened_on  closed_on
        I1         2024-01-10 2024-01-25
        """,
    )
    closed = ledger.as_of(date(2024, 1, 9), date(2024, 1, 24), date(2024, 1, 25)).known("disputes").order_by("as_of").to_pandas()
    assert closed["as_of"].astype("str").tolist() == ["2024-01-24", "2024-01-25"]
    assert [str(day)[:10] for day in closed["closed_on"]] == ["NaT", "2024-01-25"]


def test_a_leap_day_is_a_day_like_any_other(ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        I1         C1          2024-01-30 2024-02-29 100
        """,
        payments="""
        invoice_id paid_on    amount
        I1         2024-02-29 100
        """,
    )
    assert pd.isna(balance(ledger, "2024-02-28")["paid_on"])
    assert balance(ledger, "2024-02-29")["paid_on"] == "2024-02-29"


def test_invoices_settled_long_ago_are_forgotten_and_open_ones_never(ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        old        C1          2020-01-02 2020-02-01 100
        open       C1          2020-01-02 2020-02-01 100
        new        C1          2024-01-02 2024-02-01 100
        """,
        payments="""
        invoice_id paid_on    amount
        old        2020-01-20 100
        new        2024-01-20 100
        """,
    )
    snapshot = ledger.as_of(date(2024, 1, 31), history_days=365)
    assert sorted(snapshot.balances.to_pandas()["invoice_id"]) == ["new", "open"]


WATCHED = {
    "invoices": """
        invoice_id customer_id issued_on  due_on     amount
        I1         C1          2024-01-02 2024-02-01 100
        I2         C1          2024-01-20 2024-02-20 100
        I3         C1          2024-03-05 2024-04-05 100
    """
}


@pytest.mark.parametrize(
    ("stated", "as_of", "until"),
    [
        pytest.param((), "2024-01-25", "2024-01-20", id="the last sign, for it is not old"),
        pytest.param((), "2024-02-10", "2024-01-20", id="after a silence too, though it was heard of again"),
        pytest.param((), "2024-03-12", "2024-03-05", id="the last sign of all"),
        pytest.param((), "2024-03-20", "2024-03-05", id="and no further, however late"),
        pytest.param(("2024-02-29",), "2024-01-25", "2024-01-20", id="a statement to come is not known yet"),
        pytest.param(("2024-02-29",), "2024-02-29", "2024-02-29", id="a statement holds on its day"),
        pytest.param(("2024-02-29",), "2024-03-10", "2024-02-29", id="and afterwards, whatever facts came later"),
        pytest.param(
            ("2024-02-05", "2024-02-29"), "2024-02-10", "2024-02-05", id="a later statement does not reach back over a recent one"
        ),
    ],
)
def test_how_far_a_source_was_watched(ledger_of: Story, stated: tuple[str, ...], as_of: str, until: str) -> None:
    ledger = ledger_of(stated=stated, **WATCHED)
    assert ledger.observed_until(date.fromisoformat(as_of)) == {"erp": date.fromisoformat(until)}
    assert balance(ledger, as_of)["observed_until"] == until


@pytest.mark.parametrize("stray", ["2010-01-01", "2026-03-01"])
@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("type_labels", {"customer_id": "C1", "debtor_type": "intentional", "labelled_on": "DAY"}),
        ("contacts", {"customer_id": "C1", "contacted_on": "DAY"}),
        ("promises", {"customer_id": "C1", "promised_on": "DAY", "due_on": "DAY"}),
        ("disputes", {"invoice_id": "I1", "opened_on": "DAY"}),
        ("rates", {"rate_on": "DAY", "rate": 1.0}),
    ],
)
def test_a_word_of_another_day_moves_neither_the_first_fact_nor_how_far_we_watched(
    ledger_of: Story, name: str, row: dict[str, Any], stray: str
) -> None:
    ledger = ledger_of(**WATCHED, **{name: [{key: stray if value == "DAY" else value for key, value in row.items()}]})
    assert ledger.span == (date(2024, 1, 2), date(2024, 3, 5))
    assert ledger.watched_to == date(2024, 3, 5)
    assert ledger.observed_until(date(2024, 3, 20)) == {"erp": date(2024, 3, 5)}


def test_a_day_with_nothing_known_or_nothing_watched_is_refused(ledger_of: Story) -> None:
    ledger = ledger_of(stated=("2024-03-10",), **WATCHED)
    assert ledger.watched_to == date(2024, 3, 10)
    with pytest.raises(RefusedError, match=r"as_of 2024-01-01 is before the first fact of .* \(2024-01-02\): choose a later day"):
        ledger.as_of(date(2024, 1, 1))
    with pytest.raises(RefusedError, match="as_of 2024-01-01 is before the first fact"):
        ledger.refuse_stale(date(2024, 1, 1))
    ledger.refuse_stale(date(2024, 3, 17))
    with pytest.raises(RefusedError, match=r"more than 7 days past the last day .* \(2024-03-10\): .* an as_of up to 2024-03-17"):
        ledger.refuse_stale(date(2024, 3, 18))


def test_a_payment_dated_far_ahead_is_no_sign_that_we_watched(ledger_of: Story) -> None:
    days = [f"2024-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 29, 3)]
    invoices = [{"invoice_id": f"I{day}", "customer_id": "C1", "issued_on": day, "due_on": day, "amount": 10} for day in days]
    ledger = ledger_of(invoices=invoices, payments=[{"invoice_id": "I2024-01-01", "paid_on": "2052-03-15", "amount": 10}])
    assert ledger.watched_to == ledger.today == date(2024, 3, 28)
    assert ledger.span[1] == date(2052, 3, 15)
    with pytest.raises(RefusedError, match=r"more than 7 days past the last day .* \(2024-03-28\)"):
        ledger.refuse_stale(date(2024, 4, 20))
    ledger.refuse_stale(date(2052, 3, 15))


def test_a_row_that_became_known_later_than_we_watched_is_told_of(ledger_of: Story) -> None:
    late = [{"invoice_id": "I1", "paid_on": "2024-03-01", "amount": 100, "known_on": "2024-04-20"}]
    with pytest.raises(RefusedError, match=r"was watched \(2024-03-05\): .* the newest row reached us on 2024-04-20, but what moves"):
        ledger_of(**WATCHED, payments=late).refuse_stale(date(2024, 4, 20))
    with pytest.raises(RefusedError, match=r"or raise staleness_days; where nothing .* of erp, its name kept, .* configs/sources\)$"):
        ledger_of(**WATCHED).refuse_stale(date(2024, 4, 20))


def test_days_side_by_side_are_each_day_alone(ledger_of: Story) -> None:
    ledger = ledger_of(
        **WATCHED,
        payments="""
        invoice_id paid_on    amount
        I1         2024-01-20 60
        I1         2024-02-05 40
        """,
    )
    days = [date(2024, 1, 20), date(2024, 1, 30), date(2024, 2, 5)]
    together = ledger.as_of(*days).balances.order_by(["as_of", "invoice_id"]).to_pandas()
    alone = pd.concat([ledger.as_of(day).balances.order_by("invoice_id").to_pandas() for day in days], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone)
