"""What callers note, and how sure they are: a complaint is a reason, a call that reached nobody none; a doubted word is no word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.behaviour import behaviour
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from models.types.debtor_type import TypeModel, behaviour_of
from models.types.settings import TypeSettings
from models.types.training import taught, with_line

TODAY = date(2025, 6, 30)
Row = dict[str, Any]


def at(ledger: Ledger) -> Portfolio:
    return Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60))


def books(*late: int, amount: str = "313.40", customer: str = "ada") -> dict[str, list[Row]]:
    """An invoice a month, the newest last, due a month later and paid so many days after."""
    invoices, payments = [], []
    for n, days in enumerate(late):
        issued = date(2025, 4, 25) - timedelta(days=30 * (len(late) - 1 - n))
        due, name = issued + timedelta(days=30), f"{customer}-{n}"
        invoices.append({"invoice_id": name, "customer_id": customer, "issued_on": str(issued), "due_on": str(due), "amount": amount})
        payments.append({"invoice_id": name, "customer_id": customer, "paid_on": str(due + timedelta(days=days)), "amount": amount})
    return {"invoices": invoices, "payments": payments}


def calls(tables: dict[str, list[Row]], after: int, **noted: str) -> list[Row]:
    """A call on each invoice, so many days after its due date."""
    made = []
    for n, row in enumerate(tables["invoices"]):
        day = date.fromisoformat(row["due_on"]) + timedelta(days=after)
        made.append({"contact_id": f"C{n}", "customer_id": row["customer_id"], "contacted_on": str(day), "channel": "phone"} | noted)
    return made


def seen(ledger: Ledger) -> pd.Series:
    return behaviour(at(ledger)).to_pandas().set_index("customer_id").loc["ada"]


def told(ledger: Ledger, settings: TypeSettings | None = None) -> pd.Series:
    return TypeModel.untrained(settings or TypeSettings()).predict(at(ledger)).set_index("customer_id").loc["ada"]


QUARREL = (-1, 46, 0, 52, -1, 41, 0)


@pytest.mark.parametrize("noted", [{"outcome": "dispute"}, {"outcome": "reached", "reason_code": "dispute"}])
def test_a_complaint_in_the_call_log_is_a_reason_for_what_was_open_then(ledger_of: Callable[..., Ledger], noted: Row) -> None:
    tables = books(*QUARREL)
    late = {**tables, "contacts": [one for one, days in zip(calls(tables, 10, action="call", **noted), QUARREL, strict=True) if days > 30]}
    frame = seen(ledger_of(**late))
    assert (frame["quarrel_share"], frame["plain_share"]) == (1.0, 0.0)
    assert told(ledger_of(**late))["debtor_type"] == "circumstantial"
    assert seen(ledger_of(**tables))["quarrel_share"] == 0.0


def test_where_their_disputes_are_on_record_these_say_which_invoice_it_is_about(ledger_of: Callable[..., Ledger]) -> None:
    tables = books(*QUARREL)
    disputed = [{"dispute_id": "D", "invoice_id": "ada-1", "opened_on": "2024-12-28", "closed_on": "2025-01-20", "reason": "quality"}]
    contacts = calls(tables, 10, action="call", outcome="dispute")
    frame = seen(ledger_of(**tables, contacts=contacts, disputes=disputed))
    assert 0 < frame["quarrel_share"] < 0.5


def test_a_call_that_reached_nobody_is_no_contact_that_worked(ledger_of: Callable[..., Ledger]) -> None:
    tables = books(*[21] * 8)
    unheard = ledger_of(**tables, contacts=calls(tables, 19, action="call", outcome="no_answer"))
    frame = seen(unheard)
    assert frame["contacted_share"] == 0
    assert np.isnan(frame["soon_after_first_share"])
    assert frame["unanswered_count_share"] == 1.0
    # Eight calls in vain change nothing of what the invoices say.
    assert told(unheard)["p_intentional"] == pytest.approx(told(ledger_of(**tables))["p_intentional"], abs=0.02)
    assert seen(ledger_of(**tables, contacts=calls(tables, 19, action="call", outcome="reached")))["soon_after_first_share"] == 1.0


@pytest.mark.parametrize("reason", [{"reason_code": "forgot"}, {}])
def test_who_says_that_they_forgot_and_is_reminded_twice_does_not_choose_their_delay(ledger_of: Callable[..., Ledger], reason: Row) -> None:
    """A mail is overlooked; a call is not, and the money is there a day later."""
    tables = books(23, 33, 13, 27, 17)
    mails = calls(tables, 6, action="remind", outcome="sent")
    reached = [
        {"contact_id": f"R{n}", "customer_id": "ada", "contacted_on": str(date.fromisoformat(row["paid_on"]) - timedelta(days=1))}
        | {"channel": "phone", "action": "call", "outcome": "reached"}
        | reason
        for n, row in enumerate(tables["payments"])
    ]
    one = told(ledger_of(**tables, contacts=mails + reached))
    assert (one["p_disorganized"] > one["p_intentional"]) == bool(reason)


@pytest.mark.parametrize(("credited", "quarrel"), [("6.27", 0.0), ("62.70", 1.0)])
def test_a_discount_booked_as_a_credit_note_is_no_quarrel(ledger_of: Callable[..., Ledger], credited: str, quarrel: float) -> None:
    tables = books(*[45] * 7)
    notes = [
        {"credit_note_id": f"N{n}", "invoice_id": row["invoice_id"], "credited_on": row["paid_on"], "amount": credited}
        for n, row in enumerate(tables["payments"])
    ]
    less = [row | {"amount": f"{float(row['amount']) - float(credited):.2f}"} for row in tables["payments"]]
    frame = seen(ledger_of(invoices=tables["invoices"], payments=less, credit_notes=notes))
    assert frame["quarrel_share"] == frame["credited_share"] == quarrel


@pytest.mark.parametrize(("before", "known"), [(1, False), (2, True)])
def test_one_invoice_of_the_half_year_before_is_no_habit(ledger_of: Callable[..., Ledger], before: int, known: bool) -> None:
    frame = seen(ledger_of(**books(*[20] * (5 + before))))
    assert np.isfinite(frame["before_plain_slow_share"]) == np.isfinite(frame["before_plain_mid"]) == known


def test_delays_that_we_gave_cause_for_are_not_recurring(ledger_of: Callable[..., Ledger]) -> None:
    tables = books(*QUARREL)
    late = [row for row, days in zip(tables["invoices"], QUARREL, strict=True) if days > 30]
    disputes = [
        {"dispute_id": f"D{n}", "invoice_id": row["invoice_id"], "opened_on": row["due_on"], "closed_on": "2025-06-20", "reason": "quality"}
        for n, row in enumerate(late)
    ]
    assert told(ledger_of(**tables))["is_recurring"]
    assert not told(ledger_of(**tables, disputes=disputes))["is_recurring"]
    assert told(ledger_of(**tables, disputes=disputes[:1]))["is_recurring"]


@pytest.mark.parametrize(("late", "kind"), [((9, 12, 10, 11, 9, 12, 10), "negligent"), ((9, -2, 10, -1, 9, 0, 10), "")])
def test_negligent_is_who_pays_only_when_pressed_every_time(ledger_of: Callable[..., Ledger], late: tuple[int, ...], kind: str) -> None:
    tables = books(*late)
    contacts = [one for one, days in zip(calls(tables, 7, action="call", outcome="reached"), late, strict=True) if days > 0]
    one = told(ledger_of(**tables, contacts=contacts), TypeSettings(negligent=True))
    assert one["debtor_type"] in ("disorganized", "undetermined")
    assert one["debtor_kind"] == kind


def test_a_word_that_is_hardly_meant_is_none(ledger_of: Callable[..., Ledger]) -> None:
    said = "label_id customer_id debtor_type labelled_on labelled_by confidence\n"
    doubted, sure = " L1 ada compliant 2025-06-20 ben 0.1\n", " L2 ada intentional 2025-06-20 maria 0.95\n"
    tables = books(*QUARREL)
    assert told(ledger_of(**tables, type_labels=said + doubted)).equals(told(ledger_of(**tables)))
    assert told(ledger_of(**tables, type_labels=said + doubted + sure))["debtor_type"] == "intentional"


def test_half_a_word_counts_by_half(ledger_of: Callable[..., Ledger]) -> None:
    said = "label_id customer_id debtor_type labelled_on labelled_by confidence\n L1 ada intentional 2025-06-30 ben "
    half, whole = (told(ledger_of(**books(*QUARREL), type_labels=said + sure)) for sure in ("0.45", "0.9"))
    assert half["debtor_type"] == whole["debtor_type"] == "intentional"
    assert (half["type_evidence"], whole["type_evidence"]) == (0.5, 1.0)
    assert half["p_intentional"] < whole["p_intentional"]


def test_others_learn_less_from_words_that_are_doubted(ledger_of: Callable[..., Ledger]) -> None:
    # A house that never minds a week.
    people = [books(*late, customer=f"c{n}") for n, late in enumerate([[8] * 7] * 12 + [QUARREL] * 12)]
    tables = {name: [row for one in people for row in one[name]] for name in ("invoices", "payments")}
    lines, prior_shifts = [], []
    for sure in ("0.5", "0.9"):
        words = "label_id customer_id debtor_type labelled_on labelled_by confidence\n"
        words += "\n".join(f" L{n} c{n} {'compliant' if n < 12 else 'fortuitous'} 2025-06-20 ben {sure}" for n in range(24))
        frame = behaviour_of(at(ledger_of(**tables, type_labels=words)), 365)
        model = TypeModel.untrained(TypeSettings())
        lines.append(with_line(model, frame).compliant_days)
        prior_shifts.append(taught(model, frame, frame).prior_shift[1])
    assert 4.0 < lines[0] < lines[1]
    assert 0.0 < prior_shifts[0] < prior_shifts[1]


def test_contradiction_asks_what_was_said_and_not_what_behaviour_says(ledger_of: Callable[..., Ledger]) -> None:
    said = "label_id customer_id debtor_type labelled_on labelled_by\n L1 ada fortuitous 2025-06-20 anna\n L2 ada {} 2025-06-20 bert"
    asked = [
        told(ledger_of(**books(*QUARREL), type_labels=said.format(other)))["type_question"]
        for other in ("disorganized", "compliant", "undetermined")
    ]
    assert asked == ["fortuitous_or_disorganized", "any", "any"]
