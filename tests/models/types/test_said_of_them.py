"""What is said of a customer is true of them, and what is asked is what is still to be known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from models.types.debtor_type import TypeModel, behaviour_of
from models.types.explain import explain_type
from models.types.questions import questions_for
from models.types.settings import TypeSettings
from pipelines.type_words import type_lines
from worklist.texts import load_texts

TODAY = date(2025, 6, 30)


def books(*late: int | None, after: int | None = None, **noted: str) -> dict[str, Any]:
    """An invoice a month, the newest due ten days ago, each paid so many days late or (None) not yet; a contact so long after each."""
    tables: dict[str, list[dict[str, str]]] = {"invoices": [], "payments": [], "contacts": []}
    for n, days in enumerate(late):
        due = TODAY - timedelta(days=10 + 30 * (len(late) - 1 - n))
        row = {"invoice_id": f"A{n}", "customer_id": "ada", "amount": "613.40"}
        tables["invoices"].append(row | {"issued_on": str(due - timedelta(days=30)), "due_on": str(due)})
        if days is not None:
            tables["payments"].append(row | {"paid_on": str(due + timedelta(days=days))})
        if after is not None and due + timedelta(days=after) <= TODAY:
            tables["contacts"].append({"customer_id": "ada", "contacted_on": str(due + timedelta(days=after)), "channel": "phone"} | noted)
    return tables


def at(ledger: Ledger) -> Portfolio:
    return Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60))


def explained(ledger: Ledger) -> tuple[Any, str]:
    explanation = explain_type(TypeModel.untrained(TypeSettings()), at(ledger), "ada")
    return explanation, "\n".join(type_lines(explanation, load_texts()))


def test_nobody_whose_delays_differ_by_twice_is_said_to_be_late_by_the_same_time(ledger_of: Callable[..., Ledger]) -> None:
    """Twenty-five days, or sixty: that is as steady as is usual here, and no more is said."""
    explanation, text = explained(ledger_of(**books(30, 44, 25, 60, 33, 40)))
    assert {"nearly_always_late", "never_on_time"} <= set(explanation.votes["rule"])
    assert "same" not in text


def test_of_one_late_invoice_nobody_says_three_in_four(ledger_of: Callable[..., Ledger]) -> None:
    explanation, text = explained(ledger_of(**books(0, 0, None, 0, 0, 0)))
    assert "no_short_delay" in set(explanation.votes["rule"])
    assert "Three in four of the late invoices" not in text


@pytest.mark.parametrize(
    ("late", "noted", "question"),
    [
        ((33, 32, 33, 34, 33, None), {"outcome": "reached"}, "fortuitous_or_intentional"),
        ((33, 32, 33, 34, 33, None), {"outcome": "refused"}, "terms"),
        ((33, 32, 33, 34, 33, None), {"outcome": "reached", "reason_code": "unwilling"}, "terms"),
        ((33, 32, 33, 34, 33, None), {"outcome": "reached", "reason_code": "hardship"}, "plan"),
        ((None, None, 0, 0, 0, 0), {"outcome": "reached", "reason_code": "hardship"}, "left_open"),
    ],
)
def test_the_question_fits_what_they_did_and_said(
    ledger_of: Callable[..., Ledger], late: tuple[int | None, ...], noted: dict[str, str], question: str
) -> None:
    """Who refused is not asked where the money comes from, nor for a plan who pays whatever is new and leaves two old ones."""
    frame = behaviour_of(at(ledger_of(**books(*late, after=20, **noted))), 365)
    assert questions_for(frame, np.array([[0.0, 0.5, 0.1, 0.4, 0.0]])).tolist() == [question]


def test_a_promise_that_was_kept_some_days_late_is_told_from_one_that_was_not(ledger_of: Callable[..., Ledger]) -> None:
    """Two invoices for which the money was promised after eight days: it came after twelve, and after forty."""
    tables = books(0, 0, 12, 40, 0)
    promises = [
        {"customer_id": "ada", "invoice_id": row["invoice_id"], "amount": "613.40"}
        | {f"{what}_on": str(date.fromisoformat(row["due_on"]) + timedelta(days=days)) for what, days in (("promised", 3), ("due", 8))}
        for row in tables["invoices"][2:4]
    ]
    text = explained(ledger_of(**tables, promises=promises))[1]
    assert "Promises of the half year: 0 kept, 2 broken, of these 1 kept within a fortnight after" in text
