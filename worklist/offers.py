"""What a collector may offer, within the playbook's limits, in words and in money."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from worklist.money import elsewhere, money_text
from worklist.playbook import Limits, Playbook, Situation, Step
from worklist.texts import Texts, fill


def offer_text(
    step: Step,
    *,
    recurring: bool,
    situations: Collection[Situation],
    amount: float,
    currency: str | None,
    playbook: Playbook,
    texts: Texts,
) -> str:
    """The proposals of a step, joined by "; ", with the limits that hold for this customer.

    >>> from worklist.playbook import load_playbook
    >>> from worklist.texts import load_texts
    >>> step = Step(action="plan", channels=("phone",), offers=("instalments", "pause"))
    >>> offer_text(step, recurring=True, situations=(), amount=200, currency="EUR", playbook=load_playbook(), texts=load_texts())
    'up to 3 instalments within 60 days, first payment at least 60.00 EUR; a pause of up to 10 days, in writing'
    """
    said = []
    for name in step.offers:
        offer = playbook.offers[name]
        limits = offer.recurring if recurring else offer.first_time
        if limits is not None and (offer.when is None or offer.when in situations):
            said.append(fill(texts.offers[name], _fields(limits, amount, currency)))
    if step.needs_confirmation:
        said.append(texts.confirm)
    return "; ".join(said)


def _fields(limits: Limits, amount: float, currency: str | None) -> dict[str, str]:
    fields = {name: str(value) for name, value in (("instalments", limits.instalments), ("days", limits.days)) if value is not None}
    if limits.percent is not None:
        fields["percent"] = f"{limits.percent:g} %"
        fields["amount"] = money_text(amount * limits.percent / 100, currency) if amount > 0 else ""
    if amount > 0:
        fields["overdue"] = money_text(amount, currency)
    if limits.first_percent is not None and amount > 0:
        fields["first_amount"] = money_text(amount * limits.first_percent / 100, currency)
    return fields


def offers_of(customers: pd.DataFrame, steps: list[Step], amount: pd.Series, playbook: Playbook, texts: Texts) -> pd.Series:
    """`offer_text` for every customer (a step each); amounts are what is overdue and to be paid, of which the limits in percent are."""
    said = [
        offer_text(
            step, recurring=bool(recurring), situations=where, amount=float(money), currency=currency, playbook=playbook, texts=texts
        )
        for step, recurring, where, money, currency in zip(
            steps,
            customers["is_recurring"].fillna(False),
            _situations(customers),
            amount,
            customers["currency"].astype(object),
            strict=True,
        )
    ]
    return pd.Series(said, index=customers.index, dtype="str")


def _situations(customers: pd.DataFrame) -> list[set[Situation]]:
    """What may be offered only where it holds, told on the day of the contact."""
    disputed = customers["disputed_amount"].fillna(0.0) > 0
    overdue = (customers["overdue_amount"].fillna(0.0) > 0) | elsewhere(customers["other_amounts"], "overdue_amount")
    holding: dict[Situation, pd.Series] = {
        "disputed": disputed,
        "undisputed": ~disputed,
        "before_due": ~overdue & (customers["next_due_on"] > customers["contact_from"]),
    }
    return [{name for name, holds in zip(holding, row, strict=True) if holds} for row in zip(*holding.values(), strict=True)]
