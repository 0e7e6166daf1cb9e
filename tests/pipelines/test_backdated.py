"""Facts that are written when an invoice is paid, under an earlier date: refused, and a house that only stopped recording is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.progress import silent
from models.settings import ModelSettings
from pipelines.backdated import refuse_backdated
from pipelines.backtest import run_backtest
from pipelines.config import Config
from pipelines.known_when_paid import refuse_known_when_paid
from pipelines.learning import learn

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
CONFIG = Config()
Row = dict[str, Any]


def story() -> Iterator[Row]:
    """Twelve invoices a day of 150 customers on thirty days, a third of them late by one to forty days."""
    chance = np.random.default_rng(5)
    for n in range(12 * (LAST - FIRST).days):
        issued = FIRST + timedelta(days=n // 12)
        late = int(chance.integers(1, 40)) if chance.random() < 1 / 3 else -int(chance.integers(0, 8))
        customer, disputed = f"c{chance.integers(150):03}", chance.random() < (0.5 if late > 0 else 0.1)
        yield {"invoice_id": f"I{n}", "customer_id": customer, "issued": issued, "late": late, "disputed": disputed}


def books(dispute: Callable[[Row, date], Row | None]) -> dict[str, list[Row]]:
    """The story as tables up to the last day, with the disputes that are told by an invoice of it and its day of payment."""
    told: dict[str, list[Row]] = {"invoices": [], "payments": [], "disputes": []}
    for one in story():
        row = {name: one[name] for name in ("invoice_id", "customer_id")}
        due = one["issued"] + timedelta(days=30)
        paid = due + timedelta(days=one["late"])
        told["invoices"].append(row | {"issued_on": one["issued"], "due_on": due, "amount": "100"})
        if paid <= LAST:
            told["payments"].append(row | {"paid_on": paid, "amount": "100"})
        disputed = dispute(one, paid) if one["disputed"] else None
        if disputed:
            told["disputes"].append(row | {"closed_on": paid, "reason": "price"} | disputed)
    return told


def honest(one: Row, paid: date) -> Row:
    opened = one["issued"] + timedelta(days=1)
    return {"opened_on": opened, "known_on": opened}


def backdated(one: Row, paid: date) -> Row | None:
    """Written with the payment, under the day after the invoice's."""
    return honest(one, paid) if paid <= LAST else None


def written_by_then(one: Row, paid: date) -> Row:
    return honest(one, paid) | {"known_on": paid}


def until(day: date) -> Callable[[Row, date], Row | None]:
    return lambda one, paid: honest(one, paid) if one["issued"] < day else None


@pytest.fixture(scope="module")
def leaky(ledger_of: Callable[..., Ledger]) -> Ledger:
    return ledger_of(**books(backdated))


def test_a_dispute_that_is_entered_with_the_payment_is_refused_by_name(leaky: Ledger) -> None:
    with pytest.raises(RefusedError, match=r"dispute_open .* but for 0\.0% of what is open on that day.* Look at disputes\.known_on"):
        refuse_backdated(leaky, LAST, LAST, CONFIG)
    looked = CONFIG.model_copy(update={"models": ModelSettings(suspicious_auc=1)})
    assert refuse_backdated(leaky, LAST, LAST, looked) == ()


def test_training_and_backtest_ask(leaky: Ledger, tmp_path: Any) -> None:
    with pytest.raises(RefusedError, match=r"disputes\.known_on"):
        learn(leaky, LAST, CONFIG, silent, payment_only=True)
    # By the first of July all is as it should be; what was written later under an earlier date is there already.
    early = date(2024, 7, 1)
    assert refuse_backdated(leaky, early, early, CONFIG) == ()
    with pytest.raises(RefusedError, match=r"disputes\.known_on"):
        run_backtest(leaky.store.uri, early, early, early, 7, tmp_path, CONFIG, silent)


@pytest.mark.parametrize("weeks", [6, 13])
def test_a_house_that_stopped_recording_is_not_refused(ledger_of: Callable[..., Ledger], weeks: int) -> None:
    ledger = ledger_of(**books(until(LAST - timedelta(weeks=weeks))))
    assert refuse_backdated(ledger, LAST, LAST, CONFIG) == ()


def test_promises_that_nobody_enters_any_more_are_still_seen_on_what_is_old(ledger_of: Callable[..., Ledger]) -> None:
    """Since a fortnight none is entered and few are pending; what was paid since had them, and so had what is still open."""
    tables = books(lambda one, paid: None)
    tables["promises"] = []
    for one in story():
        made = one["issued"] + timedelta(days=31)
        if one["late"] > 1 and made < LAST - timedelta(days=15):
            row = {name: one[name] for name in ("invoice_id", "customer_id")}
            tables["promises"].append(row | {"promised_on": made, "due_on": made + timedelta(days=14)})
    assert refuse_backdated(ledger_of(**tables), LAST, LAST, CONFIG) == ()


@pytest.mark.parametrize("told", [honest, written_by_then])
def test_an_honest_dispute_passes(ledger_of: Callable[..., Ledger], told: Callable[[Row, date], Row]) -> None:
    assert refuse_backdated(ledger_of(**books(told)), LAST, LAST, CONFIG) == ()


def test_what_vanishes_and_tells_nothing_is_a_warning(ledger_of: Callable[..., Ledger]) -> None:
    """A note of every fifth payment that is entered as a dispute, of whoever it is."""

    def of_any(one: Row, paid: date) -> Row | None:
        return backdated(one, paid) if int(one["invoice_id"][1:]) % 5 == 0 else None

    tables = books(lambda one, paid: None)
    rows = [(one, one["issued"] + timedelta(days=30 + one["late"])) for one in story()]
    for one, paid in rows:
        disputed = of_any(one, paid)
        if disputed:
            tables["disputes"].append({"invoice_id": one["invoice_id"], "closed_on": paid, "reason": "price"} | disputed)
    (warning,) = refuse_backdated(ledger_of(**tables), LAST, LAST, CONFIG)
    assert "dispute_open" in warning
    assert warning.endswith("look at disputes.known_on")


@pytest.mark.parametrize(("share", "is_refused"), [(0.4, False), (0.6, True)])
def test_invoices_known_on_the_day_of_payment_are_refused(ledger_of: Callable[..., Ledger], share: float, is_refused: bool) -> None:
    tables = books(lambda one, paid: None)
    paid_on = {row["invoice_id"]: row["paid_on"] for row in tables["payments"]}
    late = np.random.default_rng(1).random(len(tables["invoices"])) < share
    for row, is_late in zip(tables["invoices"], late, strict=True):
        if is_late and row["invoice_id"] in paid_on:
            row["known_on"] = paid_on[row["invoice_id"]]
    ledger = ledger_of(**tables)
    if is_refused:
        with pytest.raises(RefusedError, match=r"paid invoices became known on the very day they were paid: look at invoices\.known_on"):
            refuse_known_when_paid(ledger, LAST, CONFIG)
    else:
        refuse_known_when_paid(ledger, LAST, CONFIG)


def test_a_ledger_too_short_is_not_asked(leaky: Ledger) -> None:
    for day in (FIRST - timedelta(days=1), date(2024, 4, 30)):
        assert refuse_backdated(leaky, day, LAST, CONFIG) == ()
