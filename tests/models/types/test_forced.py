"""Who pays nothing but what a formal letter fetches is no late payer by choice; a letter gives a fortnight, and money takes some days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import pytest

from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from models.types.debtor_type import TypeModel, behaviour_of
from models.types.explain import explain_type
from models.types.kinds import kinds
from models.types.settings import TypeSettings
from pipelines.type_words import type_lines
from worklist.texts import load_texts

TODAY = date(2025, 6, 30)


def written_to(ledger_of: Callable[..., Ledger], after_letter: int, written: int = 20) -> Portfolio:
    """An invoice a month, a letter so many days after the due date of each, and the money so many days after that; the newest is open."""
    invoices, payments, contacts = [], [], []
    for n in range(6):
        due = TODAY - timedelta(days=10 + 30 * n)
        row = {"invoice_id": f"A{n}", "customer_id": "ada", "amount": "613.40"}
        invoices.append(row | {"issued_on": str(due - timedelta(days=30)), "due_on": str(due)})
        letter, paid = due + timedelta(days=written), due + timedelta(days=written + after_letter)
        contacts += [{"customer_id": "ada", "contacted_on": str(letter), "action": "formal", "outcome": "sent"}] if letter <= TODAY else []
        payments += [row | {"paid_on": str(paid)}] if paid <= TODAY else []
    ledger = ledger_of(invoices=invoices, payments=payments, contacts=contacts, stated=[str(TODAY)])
    return Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60))


@pytest.mark.parametrize(("days", "kind"), [(11, "non_payer"), (14, "non_payer"), (28, "late_by_choice")])
def test_who_pays_only_by_the_deadline_of_the_letter_is_a_non_payer(ledger_of: Callable[..., Ledger], days: int, kind: str) -> None:
    frame = behaviour_of(written_to(ledger_of, days), 365)
    assert kinds(frame, pd.Series(["intentional"]), TypeSettings(intentional_kinds=True)).tolist() == [kind]


def test_that_it_took_a_letter_is_said_beside_the_invoice(ledger_of: Callable[..., Ledger]) -> None:
    forced, unforced = (
        "\n".join(type_lines(explain_type(TypeModel.untrained(TypeSettings()), portfolio, "ada"), load_texts()))
        for portfolio in (written_to(ledger_of, 14), written_to(ledger_of, 23, written=-5))
    )
    assert "late on 34 days of the half year, paid 14 days after a formal step" in forced
    assert "formal step" not in unforced
