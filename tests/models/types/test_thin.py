"""Who is too little known stays undetermined, with a question; one thing more, and they are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from models.types.debtor_type import PROBABILITIES, TypeModel
from models.types.explain import explain_type
from models.types.settings import TypeSettings
from pipelines.type_words import TOO_LITTLE, type_lines
from worklist.texts import load_texts

TODAY = date(2025, 6, 30)
LedgerOf = Callable[..., Ledger]


def story(late: list[int | None], *, every: int = 30, big: int | None = None) -> dict[str, list[dict[str, Any]]]:
    """Invoices so many days apart, the newest due five days ago, each paid so many days after its due date or (None) not yet."""
    invoices, payments = [], []
    for n, days in enumerate(late):
        due = TODAY - timedelta(days=5 + every * (len(late) - 1 - n))
        amount = "8200.00" if n == big else "613.40"
        row = {"invoice_id": f"A{n}", "customer_id": "ada", "amount": amount}
        invoices.append(row | {"issued_on": str(due - timedelta(days=30)), "due_on": str(due)})
        if days is not None:
            payments.append(row | {"paid_on": str(due + timedelta(days=days))})
    return {"invoices": invoices, "payments": payments}


def calls(*days: str, **noted: str) -> list[dict[str, str]]:
    return [
        {"contact_id": f"K{day}", "customer_id": "ada", "contacted_on": day, "channel": "phone", "action": "call"} | noted for day in days
    ]


def told(ledger_of: LedgerOf, tables: dict[str, Any], **more: Any) -> Any:
    ledger = ledger_of(**tables, **more, stated=[str(TODAY)])
    portfolio = Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60))
    return TypeModel.untrained(TypeSettings(least_evidence=0.3)).predict(portfolio).set_index("customer_id").loc["ada"]


NEW = story([None, None, None, None], every=14)
ONE_WITHHELD = story([0, None, 0, -1, 0, 0], big=1)
ON_THREE_DAYS = ("2025-02-10", "2025-04-10", "2025-06-10")
STEADY = story([31, 29, 30, 31, 30, 29, None])


def test_a_new_customer_who_has_paid_nothing_is_asked_before_they_are_judged(ledger_of: LedgerOf) -> None:
    new, refusing = told(ledger_of, NEW), told(ledger_of, NEW, contacts=calls("2025-06-20", outcome="refused", reason_code="unwilling"))
    assert (new["debtor_type"], new["type_evidence"], bool(new["type_question"])) == ("undetermined", 0.0, True)
    assert refusing["type_evidence"] > 0.2
    assert refusing["p_intentional"] == refusing[list(PROBABILITIES)].max()


def test_three_first_invoices_that_came_late_tell_nobody_s_reason(ledger_of: LedgerOf) -> None:
    """Nineteen days, thirty-three, and one still open: a fourth, or a word, and they are told."""
    first, fourth, refusing = (
        told(ledger_of, story(late, every=35), contacts=contacts)
        for late, contacts in (
            ([19, 33, None], []),
            ([31, 19, 33, None], []),
            ([19, 33, None], calls("2025-06-20", outcome="refused", reason_code="unwilling")),
        )
    )
    assert (first["debtor_type"], first["type_evidence"], bool(first["type_question"])) == ("undetermined", 0.0, True)
    assert fourth["type_evidence"] > 0.2
    assert refusing["type_evidence"] > 0.2


MAILED = [{"contact_id": f"M{day}", "customer_id": "ada", "contacted_on": day, "channel": "email", "action": "remind", "outcome": "sent"}
          for day in ("2025-05-20", "2025-06-12")]  # fmt: skip


@pytest.mark.parametrize("tables", [story([19, 33, None], every=35), story([None, None, None], every=35)])
def test_a_reminder_that_nobody_answered_is_no_word_of_why(ledger_of: LedgerOf, tables: dict[str, Any]) -> None:
    mailed, refusing = (
        told(ledger_of, tables, contacts=MAILED + more) for more in ([], calls("2025-06-20", outcome="refused", reason_code="unwilling"))
    )
    assert (mailed["debtor_type"], mailed["type_evidence"], bool(mailed["type_question"])) == ("undetermined", 0.0, True)
    assert refusing["type_evidence"] > 0.2


def test_who_refuses_again_and_again_is_not_said_to_be_short_of_money(ledger_of: LedgerOf) -> None:
    """Half after a month, half after two, whatever the terms are; refused three times, or once with its reason beside it, or no
    oftener than hardship was told."""
    whole = story([33, 32, 33, 34, 33])
    halves = [row | {"amount": "306.70", "paid_on": str(date.fromisoformat(row["paid_on"]) + timedelta(days=days))}
              for row in whole["payments"] for days in (0, 30)]  # fmt: skip
    halves = [row for row in halves if row["paid_on"] <= str(TODAY)]
    refusing, once, pleading = (
        told(ledger_of, whole | {"payments": halves}, contacts=contacts)
        for contacts in (
            calls(*ON_THREE_DAYS, outcome="refused", reason_code="unwilling"),
            calls(ON_THREE_DAYS[0], outcome="refused", reason_code="unwilling"),
            calls(*ON_THREE_DAYS[:2], outcome="reached", reason_code="hardship") + calls("2025-05-10", "2025-06-10", outcome="refused"),
        )
    )
    assert once["debtor_type"] == pleading["debtor_type"] == "fortuitous"
    assert refusing["p_fortuitous"] == refusing[list(PROBABILITIES)].max()
    assert (refusing["debtor_type"], refusing["type_question"]) == ("undetermined", "terms")


def test_one_late_invoice_tells_where_it_is_in_dispute(ledger_of: LedgerOf) -> None:
    disputes = [{"dispute_id": "D", "invoice_id": "A1", "opened_on": "2025-02-10", "reason": "quality"}]
    assert told(ledger_of, ONE_WITHHELD, disputes=disputes)["debtor_type"] == "circumstantial"


def test_who_pleads_hardship_again_and_again_is_not_said_to_be_unwilling(ledger_of: LedgerOf) -> None:
    silent, pleading, refusing = (
        told(ledger_of, STEADY, contacts=contacts)
        for contacts in (
            calls(*ON_THREE_DAYS, outcome="reached"),
            calls(*ON_THREE_DAYS, outcome="reached", reason_code="hardship"),
            calls(*ON_THREE_DAYS[:2], outcome="reached", reason_code="hardship")
            + calls(ON_THREE_DAYS[2], outcome="refused", reason_code="unwilling"),
        )
    )
    assert silent["debtor_type"] == refusing["debtor_type"] == "intentional"
    assert (pleading["debtor_type"], bool(pleading["type_question"])) == ("undetermined", True)


@pytest.mark.parametrize(
    ("late", "outcomes", "why"),
    [
        ((9, 8, 10, 9, 8), ("no_answer", "sent", "sent", "reached", "sent"), "reminded"),
        ((9, 8, 10, 9, 15), ("sent", "sent", "sent", "reached", "sent"), "reminded"),
        ((9, 8, 15, 9, 16), ("sent", "sent", "sent", "reached", "sent"), ""),
        ((9, 8, 10, 9, 8), ("no_answer", "no_answer", "no_answer", "reached", "sent"), ""),
    ],
    ids=["one call that nobody answered", "once ten days after", "twice", "three calls that nobody answered"],
)
def test_who_pays_as_good_as_always_after_our_first_contact_is_asked_what_they_wait_for(
    ledger_of: LedgerOf, late: tuple[int, ...], outcomes: tuple[str, ...], why: str
) -> None:
    tables = story([*late, None])
    invoices = tables["invoices"][:-1]
    contacts = [
        calls(str(date.fromisoformat(row["due_on"]) + timedelta(days=5)), outcome=outcome)[0]
        for row, outcome in zip(invoices, outcomes, strict=True)
    ]
    ledger = ledger_of(invoices=invoices, payments=tables["payments"], contacts=contacts, stated=[str(TODAY)])
    model = TypeModel.untrained(TypeSettings(least_evidence=0.3))
    explanation = explain_type(model, Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60)), "ada")
    assert explanation.too_little == why
    assert (explanation.debtor_type == "undetermined") == bool(why)


PLEADING = calls(*ON_THREE_DAYS, outcome="reached", reason_code="hardship")
LATE = story([9, 8, 10, 9, 8, 9, None])
REMINDED = LATE | {"invoices": LATE["invoices"][:-1]}
REMINDERS = calls(*(str(date.fromisoformat(row["due_on"]) + timedelta(days=5)) for row in REMINDED["invoices"]), outcome="reached")


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        (story([45, None], every=60), "few"),
        (NEW, "never_paid"),
        (REMINDED | {"contacts": REMINDERS}, "reminded"),
        (story([19, 33, None], every=35) | {"contacts": MAILED}, "new"),
        (STEADY | {"contacts": PLEADING}, "pleads"),
        (STEADY | {"contacts": calls(*ON_THREE_DAYS, outcome="reached")}, ""),
    ],
)
def test_the_explanation_says_why_as_the_score_does(ledger_of: LedgerOf, tables: dict[str, Any], why: str) -> None:
    portfolio = Portfolio(ledger_of(**tables, stated=[str(TODAY)]).as_of(TODAY), FeatureSettings(staleness_days=60))
    model = TypeModel.untrained(TypeSettings(least_evidence=0.3))
    scored, explanation = model.predict(portfolio).set_index("customer_id").loc["ada"], explain_type(model, portfolio, "ada")
    assert (explanation.evidence, explanation.too_little) == (scored["type_evidence"], why)
    assert (explanation.debtor_type == "undetermined", explanation.evidence == 0) == (bool(why), bool(why))
    said = TOO_LITTLE[why].partition("{")[0] if why else "to tell why"
    assert (said in "\n".join(type_lines(explanation, load_texts()))) == bool(why)
