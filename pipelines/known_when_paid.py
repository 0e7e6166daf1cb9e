"""A guard against a `known_on` of invoices that is filled from the day of the last change: from the payment, where they are paid."""

from __future__ import annotations

from datetime import date

from ledger.errors import RefusedError
from ledger.ledger import Ledger
from pipelines.config import Config

LEAST_PAID = 100


def refuse_known_when_paid(ledger: Ledger, day: date, config: Config) -> None:
    """Refuse a ledger in which most invoices became known on the very day they were paid, and not when they were issued.

    Nothing would be open in it but what was not paid to this day, and a baseline would serve without a word of the reason. A day on which
    a history was taken over at once is left out: on that day much is known, and much is paid.
    """
    if config.models.suspicious_auc >= 1 or day < ledger.span[0]:
        return
    b = ledger.as_of(day, history_days=config.features.history_days).balances
    paid = b.filter(b.paid_on > b.issued_on)
    taken_over = ledger.taken_over_on(day)
    if taken_over:
        paid = paid.filter(paid.paid_on != taken_over)
    counted = paid.agg(n=paid.count(), same=(paid.first_known_on == paid.paid_on).sum().fill_null(0)).to_pandas().iloc[0]
    if counted["n"] >= LEAST_PAID and counted["same"] > counted["n"] / 2:
        raise RefusedError(
            f"{int(counted['same']):,} of {int(counted['n']):,} paid invoices became known on the very day they were paid: look at "
            "invoices.known_on, which seems to hold the day of the last change; map the day on which an invoice was entered, or leave "
            "known_on out; where they truly reach you when they are paid, set models.suspicious_auc to 1"
        )
