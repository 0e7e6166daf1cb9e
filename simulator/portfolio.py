"""The columns of the simulation: customers and invoices as arrays, one element each. What a life changes is changed in place."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from simulator.clock import Bools, Ints
from simulator.noise import Floats, Keys

Cents = npt.NDArray[np.int64]
NEVER = 30_000
"""A day that does not come."""


class Columns:
    """Arrays of one length along their first axis."""

    def take(self, rows: npt.NDArray[Any]) -> Self:
        """A copy of those rows."""
        return type(self)(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})  # type: ignore[arg-type]


@dataclass
class Customers(Columns):
    """Who they are. Arrays with a second axis hold one value a month."""

    key: Keys
    country: Ints
    kind: Ints
    segment: Ints
    run: Ints
    "country * N_HABITS + habit: the row of the pay-day table"
    rate: Floats
    "invoices a month"
    typical_amount: Floats
    recurring_day: Ints
    "0: not recurring"
    before_due: Floats
    preventive: Bools
    non_payer: Bools
    level: npt.NDArray[np.float32]
    "income as a multiple of what is invoiced, by month"
    willing: npt.NDArray[np.float32]
    organised: npt.NDArray[np.float32]
    troubled: npt.NDArray[np.float32]
    "chance that an invoice gives reason to complain, by month"
    bill: Floats
    "cents invoiced a day, on average"
    cash: Floats
    "cents at hand for us"
    plan_until: Ints
    strain_until: Ints
    last_contact: Ints
    said_hardship: Bools
    overdue: Floats
    "cents overdue at the end of yesterday"

    @property
    def n(self) -> int:
        return len(self.key)


@dataclass
class Invoices(Columns):
    """What they owe, in order of issue. Four days stand between an invoice and its payment: it arrives, is wanted to be paid, is
    remembered, and its grievance is released; then there must be a pay day and cash."""

    key: Keys
    customer: Ints
    issued: Ints
    due: Ints
    arrives: Ints
    fair_due: Ints
    "the due day as the customer may see it: later by as much as we sent it late"
    amount: Cents
    wanted: Ints
    stretched: Bools
    "wanted later by choice, and not only because a pay run or an approval is awaited"
    remembered: Ints
    released: Ints
    "0: no grievance"
    voiced: Ints
    "the day a dispute is logged with us, `NEVER` if it is not"
    withheld: Cents
    credit: Cents
    open: Cents
    short: Bools
    "cash was missing on a pay day"

    @property
    def n(self) -> int:
        return len(self.key)

    @property
    def ready(self) -> Ints:
        return np.maximum(np.maximum(self.arrives, self.wanted), self.remembered)
