"""Customers who broke away from what the model says of them, and the level of each.

A customer who was punctual for years and pays forty days late from one month on is not followed by the level of all: a large one moves it,
to the harm of everybody else, and stays itself behind what it does. So whoever's outcomes lie farther from what was said than chance can
explain, on several due dates and on each of the watch days, is left out of what everybody's level is told from, and has one of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from models.arrays import Floats
from models.odds import expit
from models.payment.curve import PaymentCurve
from models.payment.lateness import days_past
from models.payment.level import Level, Move, heads_of, move, observed_level, overdispersion

FARTHER = 6.0
"""So many standard deviations, as if the rows of a customer were apart; those of one due date are not, so that it is not asked of fewer."""
AGREE = 2.0
"""So many again where the rows of one due date count as one witness: what went wrong on one day is no change of mind."""
LEAST_DUE_DATES = 5
STILL = Level()
OWN_DRIFT = 1.0
"""The width of what the log odds of who broke away may have moved by: five times everybody's, and most still come back some day."""


@dataclass(frozen=True)
class Levels:
    """The level of everybody, and on top of it that of each customer who broke away."""

    everybody: Level = STILL
    own: Mapping[str, Level] = field(default_factory=dict)

    def applied(self, curve: PaymentCurve, rows: pd.DataFrame) -> PaymentCurve:
        """The curves of some rows (`customer_id, dpd` and the days of grace of the convention), each bent by its level.

        >>> rows = pd.DataFrame({"customer_id": ["ann", "bob"], "dpd": [-2, -2]})
        >>> curve = PaymentCurve(np.array([[0.8, 0.5, 0.4], [0.8, 0.5, 0.4]]))
        >>> Levels(own={"bob": Level(late=Move(1.0), not_due=Move(1.0))}).applied(curve, rows).unpaid.round(2).tolist()
        [[0.8, 0.5, 0.4], [0.89, 0.73, 0.64]]
        """
        past, customers = days_past(rows), rows["customer_id"].to_numpy()
        moved = self.everybody.applied(curve, past)
        if not self.own:
            return moved
        unpaid = moved.unpaid.copy()
        for customer, level in self.own.items():
            mine = customers == customer
            unpaid[mine] = level.applied(moved.of(mine), past[mine]).unpaid
        return replace(moved, unpaid=unpaid)


def observed_levels(rows: pd.DataFrame, drift: float) -> Levels:
    """The levels told by what was said of rows of the watch days, as known today; see `models.payment.level.observed_level`."""
    if not drift or not len(rows):
        return Levels()
    everybody = observed_level(rows, drift)
    away = with_structural_break(rows, everybody)
    if not away:
        return Levels(everybody)
    everybody = observed_level(rows[~rows["customer_id"].isin(away)], drift)
    return Levels(everybody, {customer: _own_level(rows[rows["customer_id"] == customer], everybody) for customer in away})


def with_structural_break(rows: pd.DataFrame, everybody: Level) -> list[str]:
    """The customers whose outcomes lie far from what was said of them, on each of the watch days, everybody's level taken into account.

    One fortnight without money may be a payment run that was missed; two are another payer.
    """
    days = [rows[rows["as_of"] == day] for day in rows["as_of"].unique()]
    away = [_far(day, everybody) for day in days]
    return sorted(set.intersection(*away)) if len(days) > 1 else []


def _far(rows: pd.DataFrame, everybody: Level) -> set[str]:
    found: set[str] = set()
    for name, (margin, outcome) in heads_of(rows).items():
        known = ~np.isnan(outcome)
        p = expit(getattr(everybody, name).of(margin[known]))
        missed = rows.loc[known, ["customer_id", "due_on"]].assign(by=outcome[known] - p, chance=p * (1 - p))
        due = missed.groupby(["customer_id", "due_on"], as_index=False)[["by", "chance"]].sum()
        all_due = due.assign(square=due["by"] ** 2, n=1).groupby("customer_id")[["by", "chance", "square", "n"]].sum()
        by = all_due["by"].abs()
        agree = by > AGREE * np.sqrt(np.maximum(all_due["square"], all_due["chance"]))
        far = (all_due["n"] >= LEAST_DUE_DATES) & (by > FARTHER * np.sqrt(all_due["chance"])) & agree
        found |= set(all_due.index[far])
    return found


def _own_level(mine: pd.DataFrame, everybody: Level) -> Level:
    due = pd.factorize(mine["due_on"])[0]

    def moved(name: str, margin: Floats, outcome: Floats) -> Move:
        said = getattr(everybody, name).of(margin)
        return move(said, outcome, overdispersion(said, outcome, due), OWN_DRIFT, least=LEAST_DUE_DATES)

    return Level(**{name: moved(name, *head) for name, head in heads_of(mine).items()})
