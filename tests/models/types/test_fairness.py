"""What is no delay of the customer's, or no part payment, speaks for no type; and nobody is asked what they have said, or been told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.asked import asked_customers
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from models.types.debtor_type import TypeModel, behaviour_of
from models.types.explain import TypeExplanation, explain_type
from models.types.questions import questions_for
from models.types.settings import TypeSettings
from pipelines.type_words import type_lines
from worklist.texts import load_texts

TODAY = date(2025, 6, 30)
Row = dict[str, Any]
Rows = list[Row]


def at(ledger: Ledger) -> Portfolio:
    return Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60))


def told(ledger: Ledger, settings: TypeSettings | None = None) -> pd.Series:
    frame = TypeModel.untrained(settings or TypeSettings()).predict(at(ledger)).set_index("customer_id")
    return frame.loc["ada"]


def explained(ledger: Ledger) -> tuple[TypeExplanation, str]:
    explanation = explain_type(TypeModel.untrained(TypeSettings()), at(ledger), "ada")
    return explanation, "\n".join(type_lines(explanation, load_texts()))


def months(*late: int, amount: str = "313.40") -> tuple[Rows, Rows]:
    """An invoice on the first of each month, due a month later, paid so many days after; the newest ones last."""
    invoices, payments = [], []
    for n, days in enumerate(late):
        issued = date(2025, 4, 25) - timedelta(days=30 * (len(late) - 1 - n))
        due = issued + timedelta(days=30)
        name = f"I{n:02d}"
        invoices.append({"invoice_id": name, "customer_id": "ada", "issued_on": str(issued), "due_on": str(due), "amount": amount})
        payments.append({"invoice_id": name, "customer_id": "ada", "paid_on": str(due + timedelta(days=days)), "amount": amount})
    return invoices, payments


LATE = (-2, 14, -1, 22, 0, 9, 3)


def test_rows_of_one_day_are_one_payment_however_many_they_are(ledger_of: Callable[..., Ledger]) -> None:
    invoices, payments = months(*LATE)
    split = [row | {"amount": part} for row in payments for part in ("191.20", "122.20")]
    whole, in_rows = (told(ledger_of(invoices=invoices, payments=paid)) for paid in (payments, split))
    pd.testing.assert_series_equal(whole, in_rows)


def test_what_comes_after_an_invoice_was_paid_is_no_part_of_it(ledger_of: Callable[..., Ledger]) -> None:
    invoices, payments = months(*LATE[:-1])
    again = [row | {"paid_on": str(date.fromisoformat(row["paid_on"]) + timedelta(days=5))} for row in payments[:4]]
    once, twice = (told(ledger_of(invoices=invoices, payments=paid)) for paid in (payments, payments + again))
    pd.testing.assert_series_equal(once, twice)


def test_who_is_short_of_a_bank_charge_has_paid(ledger_of: Callable[..., Ledger]) -> None:
    invoices, payments = months(*LATE)
    charged = [row | {"amount": "313.10"} for row in payments]
    held_back = [row | {"amount": "250.10"} for row in payments]
    whole, short, shorter = (told(ledger_of(invoices=invoices, payments=paid)) for paid in (payments, charged, held_back))
    pd.testing.assert_series_equal(whole, short)
    assert not whole.equals(shorter)


@pytest.mark.parametrize(("paid", "kept"), [("313.10", 1.0), ("300.10", 0.0)])
@pytest.mark.parametrize("names_it", [True, False])
def test_a_promise_is_kept_but_for_a_bank_charge(ledger_of: Callable[..., Ledger], paid: str, kept: float, names_it: bool) -> None:
    invoices, payments = months(*LATE)
    promise = {"customer_id": "ada", "promised_on": "2025-05-26", "due_on": "2025-05-30", "amount": "313.40"}
    ledger = ledger_of(
        invoices=invoices,
        payments=[*payments[:-1], payments[-1] | {"amount": paid}],
        promises=[promise | ({"invoice_id": "I06"} if names_it else {})],
    )
    assert behaviour_of(at(ledger), 365).iloc[0]["kept_count"] == kept


def test_late_so_far_is_not_late_in_all(ledger_of: Callable[..., Ledger]) -> None:
    """Whoever pays after forty days always is not getting better because the newest invoices are not as old yet."""
    invoices, payments = months(*[40] * 8)
    other = {"invoice_id": "X", "customer_id": "bob", "issued_on": "2025-06-01", "due_on": "2025-06-30", "amount": "80"}
    watched = {"invoice_id": "X", "customer_id": "bob", "paid_on": "2025-06-30", "amount": "80"}

    def after(n_paid: int, *more: Row) -> pd.Series:
        ledger = ledger_of(invoices=[*invoices, other, *more], payments=[*payments[:n_paid], watched])
        return behaviour_of(at(ledger), 365).set_index("customer_id").loc["ada"]

    assert after(6)["slow_count"] == after(7)["slow_count"] == 7.0
    assert np.isnan(after(7)["delay_trend"]), "all that tell are as late"
    newest = after(7, invoices[-1] | {"invoice_id": "N", "due_on": "2025-06-20"})
    assert newest["slow_count"] == 8.0
    assert newest["delay_spread"] < 0.01, "ten days late so far is no other habit"
    assert after(3)["delay_trend"] > 0.1, "those that stay open beyond the usual tell"


@pytest.mark.parametrize(
    ("paid_on", "in_order"),
    [
        (("2025-02-20", "2025-03-20", "2025-04-20"), None),
        (("2025-04-10", "2025-04-10", "2025-04-20"), 1.0),
        (("2025-04-10", "2025-03-02", "2025-04-20"), 0.0),
    ],
)
def test_an_order_is_kept_only_where_there_is_a_choice(
    ledger_of: Callable[..., Ledger], paid_on: tuple[str, ...], in_order: float | None
) -> None:
    """Late by weeks, but each is paid before the next falls due; two behind, the oldest first; two behind, and the newer one is paid."""
    due = ("2025-01-31", "2025-02-28", "2025-03-31")
    bill = {"customer_id": "ada", "issued_on": "2025-01-01", "amount": "80"}
    invoices = [bill | {"invoice_id": f"I{n}", "due_on": day} for n, day in enumerate(due)]
    payments = [{"invoice_id": f"I{n}", "customer_id": "ada", "paid_on": day, "amount": "80"} for n, day in enumerate(paid_on)]
    said = behaviour_of(at(ledger_of(invoices=invoices, payments=payments)), 365).iloc[0]["in_order_share"]
    assert np.isnan(said) if in_order is None else said == in_order


def known_after(invoices: Rows, *days: int) -> Rows:
    return [
        row | {"known_on": str(date.fromisoformat(row["issued_on"]) + timedelta(days=n))} for row, n in zip(invoices, days, strict=True)
    ]


def test_one_invoice_that_left_late_is_our_fault_and_is_told(ledger_of: Callable[..., Ledger]) -> None:
    invoices, payments = months(0, 0, 0, 0, 0, 18)
    _, text = explained(ledger_of(invoices=known_after(invoices, 0, 0, 0, 0, 0, 16), payments=payments))
    assert "late on 2 days of the half year, left us 16 days late, which is not counted" in text


def test_a_history_that_was_loaded_later_was_not_sent_late(ledger_of: Callable[..., Ledger]) -> None:
    """In a source that is prompt otherwise: neither what was paid by then, nor what was open on the day of the load."""
    invoices, payments = months(*[45] * 8)
    prompt = [
        row | {"invoice_id": f"{name}{row['invoice_id']}", "customer_id": name} for name in ("bob", "cy") for row in months(*[0] * 8)[0]
    ]
    loaded = [row | {"known_on": "2025-06-28"} for row in invoices]
    as_sent, later = (explained(ledger_of(invoices=[*rows, *prompt], payments=payments[:-1]))[1] for rows in (invoices, loaded))
    assert later == as_sent
    assert "late on 45 days" in later


def test_the_day_of_a_load_is_no_day_of_sending(ledger_of: Callable[..., Ledger]) -> None:
    invoices, payments = months(20, 20, 20, 20, 20, 20)
    as_sent, loaded = (explained(ledger_of(invoices=rows, payments=payments))[1] for rows in (invoices, known_after(invoices, *[25] * 6)))
    assert as_sent == loaded
    assert "late on 20 days" in loaded


@pytest.mark.parametrize(("share", "type_is_open"), [(0.9, True), (0.5, True), (0.3, False)])
def test_money_that_would_pay_most_leaves_the_type_open(ledger_of: Callable[..., Ledger], share: float, type_is_open: bool) -> None:
    invoices, payments = months(*[30] * 8, amount="1000")
    loose = [row | {"invoice_id": None, "amount": str(1000 * share), "payment_id": f"P{n}"} for n, row in enumerate(payments)]
    explanation, text = explained(ledger_of(invoices=invoices, payments=loose))
    assert (explanation.question == "cash_to_apply") == type_is_open
    assert ("set against no invoice would pay half of what is overdue" in text) == type_is_open


def test_an_old_customer_with_nothing_due_is_asked_about_the_latest_invoice(ledger_of: Callable[..., Ledger]) -> None:
    new = {"invoice_id": "N", "customer_id": "ada", "issued_on": "2025-06-20", "due_on": "2025-07-20", "amount": "80"}
    old = new | {"invoice_id": "O", "issued_on": "2024-09-01", "due_on": "2024-10-01"}
    paid = {"invoice_id": "O", "customer_id": "ada", "paid_on": "2024-09-29", "amount": "80"}
    assert told(ledger_of(invoices=[new], payments=[]))["type_question"] == "first_bill"
    assert told(ledger_of(invoices=[old, new], payments=[paid]))["type_question"] == "latest_bill"
    assert "nothing to go by fell due" in explained(ledger_of(invoices=[old, new], payments=[paid]))[1]


def test_of_whom_we_called_lately_nobody_can_tell_yet_whether_the_call_helped(ledger_of: Callable[..., Ledger]) -> None:
    """Always pays two days after our first call; the newest invoice is still open, and we called yesterday, or twelve days ago."""
    invoices, payments = months(14, 22, 17, 25, 13, 20, 9)
    calls = [
        {"customer_id": "ada", "contacted_on": str(date.fromisoformat(row["paid_on"]) - timedelta(days=2)), "channel": "phone"} | CALL
        for row in payments
    ]
    opened = {"invoice_id": "N", "customer_id": "ada", "issued_on": "2025-05-10", "due_on": "2025-06-10", "amount": "90"}
    shares = []
    for days_ago in (1, 12):
        newest = {"customer_id": "ada", "contacted_on": str(TODAY - timedelta(days=days_ago)), "channel": "phone"} | CALL
        ledger = ledger_of(invoices=[*invoices, opened], payments=payments, contacts=[*calls, newest], stated=[str(TODAY)])
        shares.append(behaviour_of(at(ledger), 365)["soon_after_first_share"].iloc[0])
    assert shares[0] == 1.0
    assert shares[1] < 1.0


@pytest.mark.parametrize(
    ("outcome", "question"), [("no_answer", "disorganized_or_circumstantial"), ("dispute", "intentional_or_circumstantial")]
)
def test_who_has_complained_is_asked_what_is_wrong(ledger_of: Callable[..., Ledger], outcome: str, question: str) -> None:
    invoices, payments = months(*[0] * 8)
    call = {"customer_id": "ada", "contacted_on": "2025-06-10", "channel": "phone", "action": "call", "outcome": outcome}
    frame = behaviour_of(at(ledger_of(invoices=invoices, payments=payments, contacts=[call])), 365)
    likely = np.array([[0.0, 0.1, 0.5, 0.0, 0.4]])
    assert questions_for(frame, likely).tolist() == [question]


@pytest.mark.parametrize(
    ("reasons", "p", "question"),
    [
        (["no_communication"] * 3, [0.0, 0.5, 0.1, 0.4, 0.0], "fortuitous_or_intentional"),
        (["hardship"] * 3, [0.0, 0.5, 0.1, 0.4, 0.0], "plan"),
        (["hardship"], [0.0, 0.5, 0.4, 0.1, 0.0], "plan"),
        (["hardship"], [0.0, 0.0, 0.1, 0.5, 0.4], "plan"),
        (["hardship"], [0.6, 0.3, 0.1, 0.0, 0.0], "plan"),
        (["hardship", "dispute"], [0.0, 0.5, 0.1, 0.0, 0.4], "intentional_or_circumstantial"),
        (["forgot", "hardship", "dispute"], [0.0, 0.3, 0.5, 0.1, 0.1], "intentional_or_circumstantial"),
        (["hardship", "hardship", "dispute"], [0.0, 0.4, 0.1, 0.5, 0.0], "plan"),
        (["forgot"], [0.0, 0.0, 0.5, 0.1, 0.4], "disorganized_or_intentional"),
        (["forgot", "hardship"], [0.0, 0.0, 0.5, 0.1, 0.4], "plan"),
        (["cash_management"], [0.0, 0.5, 0.4, 0.1, 0.0], "fortuitous_or_intentional"),
        (["unwilling"], [0.6, 0.3, 0.1, 0.0, 0.0], "intentional_or_circumstantial"),
        (["other"], [0.6, 0.3, 0.1, 0.0, 0.0], "any"),
    ],
)
def test_nobody_is_asked_what_they_have_told(ledger_of: Callable[..., Ledger], reasons: list[str], p: list[float], question: str) -> None:
    invoices, payments = months(*[20] * 8)
    calls = [
        {"customer_id": "ada", "contacted_on": f"2025-06-1{n}", "channel": "phone", "action": "ask", "reason_code": reason}
        for n, reason in enumerate(reasons)
    ]
    frame = behaviour_of(at(ledger_of(invoices=invoices, payments=payments, contacts=calls)), 365)
    assert questions_for(frame, np.array([p])).tolist() == [question]


@pytest.mark.parametrize(
    ("closed", "question"),
    [
        (["2025-06-18"], "dispute_settled"),
        (["2025-03-18"], "intentional_or_circumstantial"),
        (["2025-06-18", None], "intentional_or_circumstantial"),
    ],
)
def test_after_a_dispute_was_settled_nobody_is_asked_what_is_wrong(
    ledger_of: Callable[..., Ledger], closed: list[str | None], question: str
) -> None:
    """Twelve days ago, not a quarter of a year, and not while another one is open."""
    invoices, payments = months(*[0] * 8)
    disputes = [
        {"invoice_id": f"I0{n}", "customer_id": "ada", "opened_on": "2025-03-01", "closed_on": day, "reason": "damaged"}
        for n, day in enumerate(closed)
    ]
    frame = behaviour_of(at(ledger_of(invoices=invoices, payments=payments, disputes=disputes)), 365)
    assert questions_for(frame, np.array([[0.0, 0.0, 0.1, 0.5, 0.4]])).tolist() == [question]


def test_a_bill_that_was_cancelled_is_credited_in_full(ledger_of: Callable[..., Ledger]) -> None:
    invoices, payments = months(0, 0, 0, 0, 0, 0)
    credit = {"invoice_id": "I03", "customer_id": "ada", "issued_on": "2025-06-15", "amount": "313.40"}
    _, text = explained(ledger_of(invoices=invoices, payments=payments[:3] + payments[4:], credit_notes=[credit]))
    assert "I03, due 2025-03-26, credited in full 2025-06-15: late on 81 days" in text


def test_weekends_and_our_own_delay_make_nobody_recurring(ledger_of: Callable[..., Ledger]) -> None:
    invoices, payments = months(3, 3, 3, 14, 3, 3, 3, 14)
    sent_late = known_after(invoices, 0, 0, 0, 13, 0, 0, 0, 13)
    assert told(ledger_of(invoices=invoices, payments=payments))["is_recurring"]
    assert not told(ledger_of(invoices=sent_late, payments=payments))["is_recurring"]


@pytest.mark.parametrize(("due", "days", "recurring"), [("2025-05-28", 5, False), ("2025-05-28", 6, True), ("2025-05-29", 5, True)])
def test_what_rolls_over_a_weekend_makes_nobody_recurring(ledger_of: Callable[..., Ledger], due: str, days: int, recurring: bool) -> None:
    """Due on a Wednesday and paid on the Monday after; the Tuesday is another matter, and for a Thursday so is it."""
    invoices, payments = [], []
    for n in range(6):
        due_on = date.fromisoformat(due) - timedelta(days=28 * n)
        bill = {"invoice_id": f"I{n}", "customer_id": "ada", "amount": "100"}
        invoices.append(bill | {"issued_on": str(due_on - timedelta(days=27)), "due_on": str(due_on)})
        payments.append(bill | {"paid_on": str(due_on + timedelta(days=days))})
    people = asked_customers(at(ledger_of(invoices=invoices, payments=payments))).to_pandas()
    assert people["is_recurring"].tolist() == [recurring]


def test_who_always_waits_for_us_is_negligent_where_that_is_asked_for(ledger_of: Callable[..., Ledger]) -> None:
    invoices, payments = months(*[16] * 7)
    calls = [
        {"customer_id": "ada", "contacted_on": str(date.fromisoformat(row["paid_on"]) - timedelta(days=2)), "channel": "phone"} | CALL
        for row in payments
    ]
    ledger = ledger_of(invoices=invoices, payments=payments, contacts=calls)
    for on, kind in ((False, ""), (True, "negligent")):
        one = told(ledger, TypeSettings(negligent=on))
        assert (one["debtor_type"], one["debtor_kind"]) == ("undetermined", kind)
    asked = TypeModel.untrained(TypeSettings()).telling(TypeSettings(negligent=True))
    assert asked.predict(at(ledger))["debtor_kind"].tolist() == ["negligent"], "the day that is scored decides, not the training"


CALL = {"action": "call", "outcome": "reached"}
