"""What to ask a customer whose type is not clear: the question whose answer would settle it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ledger.tables import DEBTOR_TYPES
from models.arrays import Floats
from models.types.rules import COMPLIANT, complaints, passes_over
from models.types.thin import refuses

OPEN, FIRST_BILL, LATEST_BILL, WHOSE_MONEY = "any", "first_bill", "latest_bill", "cash_to_apply"
WHAT_IS_WRONG, WHAT_IS_LEFT = "intentional_or_circumstantial", "dispute_settled"
PLAN, TERMS, LEFT_OPEN = "plan", "terms", "left_open"
WHEN_IT_COMES_IN, WHAT_THEY_WAIT_FOR = "fortuitous_or_intentional", "disorganized_or_intentional"
MONEY_OR_BILL = "fortuitous_or_disorganized"
THE_REST, NOTHING_PAID, OVERLOOKED = "fortuitous_or_circumstantial", "fortuitous_or_circumstantial_unpaid", "disorganized_or_circumstantial"

ANSWERED = {
    "unwilling": ((OPEN,), WHAT_IS_WRONG),
    "forgot": ((OPEN, OVERLOOKED, MONEY_OR_BILL), WHAT_THEY_WAIT_FOR),
    "cash_management": ((OPEN, NOTHING_PAID, MONEY_OR_BILL, WHAT_THEY_WAIT_FOR), WHEN_IT_COMES_IN),
    "hardship": ((OPEN, NOTHING_PAID, OVERLOOKED, MONEY_OR_BILL, WHAT_THEY_WAIT_FOR, WHEN_IT_COMES_IN), PLAN),
}
"""By the reason that they told: the questions that it answers, and the one to ask instead. The later ones have the last word. Who paid a
part and says that money is short is still asked about the rest: they may have held it back."""


def question_for(likely: Sequence[str]) -> str:
    """The code of the question that would settle it between the two likeliest causes; `likely` has the types, the likeliest first.

    To pay on time is no cause of a delay: it is passed over, unless it is likeliest itself, and then the question is an open one.

    >>> question_for(["disorganized", "compliant", "fortuitous"]), question_for(["compliant", "fortuitous", "disorganized"])
    ('fortuitous_or_disorganized', 'any')
    >>> question_for(["friendly", "fortuitous"])
    Traceback (most recent call last):
    ...
    ValueError: 'friendly' is not in list
    """
    if likely[0] == COMPLIANT:
        return OPEN
    causes = [one for one in likely if one != COMPLIANT][:2]
    return "_or_".join(sorted(causes, key=list(DEBTOR_TYPES).index))


def questions_for(frame: pd.DataFrame, p: Floats) -> pd.Series[str]:
    """The code for each row of a frame that `models.types.debtor_type.behaviour_of` gave, fitted to what has happened.

    Who paid a part is asked about the rest, and nobody else; who has complained is not asked whether something is wrong, but what, and
    after a dispute was settled only whether anything is left of it; who has had nothing due of late is not asked about a delay. What a
    reason that they told in the half year answers already is not asked again: who said that money is short is asked for a plan, or what
    is wrong where they complained as often, or what it is about the older invoices where they paid the newer ones; who refused, and looks
    short of money, which terms they would keep. Where collectors contradict each other, what they said is what is to be settled.
    """
    codes = [question_for([DEBTOR_TYPES[at] for at in order]) for order in np.argsort(-p, axis=1, kind="stable")]
    asked = pd.Series(codes, index=frame.index, dtype="str")
    either = frame["said_either"].dropna().map(_settled_by)
    asked = asked.mask(asked.index.isin(either.index), either.reindex(asked.index))
    in_parts = frame["in_parts_share"] > 0
    asked = asked.mask((asked == THE_REST) & ~in_parts, NOTHING_PAID).mask((asked == OVERLOOKED) & in_parts, THE_REST)
    complained = complaints(frame) > 0
    asked = asked.mask(asked.isin([OPEN, THE_REST, NOTHING_PAID, OVERLOOKED]) & complained, WHAT_IS_WRONG)
    for reason, (answered, instead) in ANSWERED.items():
        asked = asked.mask(asked.isin(answered) & (frame[f"told_{reason}"] > 0), instead)
    is_short = (frame["told_hardship"] > 0) & ~complained & ~(frame["dispute_count"] > 0)
    asked = asked.mask((asked == WHAT_IS_WRONG) & is_short, PLAN)
    asked = asked.mask((asked == PLAN) & complained & (complaints(frame) >= frame["told_hardship"]), WHAT_IS_WRONG)
    asked = asked.mask((asked == PLAN) & passes_over(frame) & (frame["open_late_share"] > 0), LEFT_OPEN)
    refused = frame[["told_unwilling", "refused_count"]].max(axis=1) > 0
    asked = asked.mask((asked == WHEN_IT_COMES_IN) & refused, TERMS)
    asked = asked.mask(refuses(frame, p.argmax(axis=1)) & ~complained, TERMS)
    asked = asked.mask(asked.isin([THE_REST, NOTHING_PAID, OVERLOOKED, WHAT_IS_WRONG]) & frame["dispute_settled"], WHAT_IS_LEFT)
    nothing_due = ~(frame["due_count"] > 0) & ~(frame["slow_count"] > 0)
    asked = asked.mask(nothing_due, LATEST_BILL).mask(nothing_due & frame["is_new"], FIRST_BILL)
    return asked.mask(frame["cash_to_apply"], WHOSE_MONEY)


def _settled_by(either: str) -> str:
    """The question between two words that contradict each other; an open one where a cause of a delay stands on one side only."""
    causes = [one for one in either.split() if one in DEBTOR_TYPES and one != COMPLIANT]
    return question_for(causes) if len(causes) == 2 else OPEN
