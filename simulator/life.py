"""The life of a portfolio, day by day: invoices arrive, income comes, what is ready is paid in order of age as far as cash goes,
and the day is charged to whatever stood in the way."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from simulator.clock import Clock, Ints
from simulator.noise import Stream, uniform
from simulator.portfolio import Cents, Customers, Invoices
from simulator.world import World

NO_CAUSE, NO_CASH, FORGOTTEN, UNWANTED, AGGRIEVED = range(5)
"""What stood in the way of a payment; in the order of `ledger.tables.DEBTOR_TYPES`."""
N_CAUSES = 5


@dataclass
class Records:
    """What happened, one array a day and column. Customers and invoices are meant by their position."""

    payments: list[tuple[Ints, Ints, Cents]] = field(default_factory=list)
    "invoice, day, cents"
    credits: list[tuple[Ints, Ints, Cents]] = field(default_factory=list)
    "invoice, day, cents"
    contacts: list[tuple[Ints, ...]] = field(default_factory=list)
    "customer, day, action, channel, outcome, reason"
    promises: list[tuple[npt.NDArray[np.int64], ...]] = field(default_factory=list)
    "invoice, day, due day, cents"


class Life:
    """Customers and invoices on their way through time. `step` lives one day; days must follow each other."""

    def __init__(self, world: World, clock: Clock, customers: Customers, invoices: Invoices) -> None:
        self.world, self.clock, self.customers, self.invoices = world, clock, customers, invoices
        self.records = Records()
        self.received = np.zeros(customers.n, dtype=np.int64)
        self.late_days = np.zeros((clock.n_months, customers.n * N_CAUSES), dtype=np.int32)
        self.opened: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._n_issued = 0

    def step(self, day: int) -> None:
        """Live one day up to its evening; collectors act after it."""
        self.issue(day)
        self._earn(day)
        self._credit(day)
        self._pay(day)
        self.opened = self.opened[self.invoices.open[self.opened] > 0]
        self._charge(day)

    def causes(self, rows: npt.NDArray[np.int64], day: int) -> Ints:
        """What keeps each invoice from being paid on a day, the first thing on the way."""
        inv = self.invoices
        cause = np.where(inv.short[rows], NO_CASH, NO_CAUSE)
        cause = np.where(inv.remembered[rows] > day, FORGOTTEN, cause)
        cause = np.where(inv.stretched[rows] & (inv.wanted[rows] > day), UNWANTED, cause)
        cause = np.where((inv.released[rows] > day) & (inv.open[rows] <= inv.withheld[rows]), AGGRIEVED, cause)
        return np.where(day > inv.fair_due[rows], cause, NO_CAUSE).astype(np.int32)

    def issue(self, day: int) -> None:
        """Take up the invoices issued up to a day."""
        until = int(np.searchsorted(self.invoices.issued, day, side="right"))
        if until > self._n_issued:
            fresh = np.arange(self._n_issued, until)
            self.opened = np.concatenate([self.opened, fresh[self.invoices.open[fresh] > 0]])
            self._n_issued = until

    def _earn(self, day: int) -> None:
        """Income comes in lumps; a plan puts us first in the queue, a threat lets others come first; what is left over goes elsewhere."""
        who, cash = self.customers, self.world.cash
        often = 1 - 0.93 * cash.lumpiness
        comes = uniform(Stream.INCOME_COMES, day, who.key) < often
        lump = -np.log1p(-uniform(Stream.INCOME_SIZE, day, who.key)) if cash.lumpiness > 0 else 1.0
        effect = self.world.collectors.effect
        queue = np.where(who.plan_until >= day, 1 + 0.6 * effect, 1.0) * np.where(who.strain_until >= day, 1 - 0.2 * effect, 1.0)
        arrears = np.minimum(who.overdue / (30 * who.bill), 4.0)
        level = who.level[:, self.clock.month[day]] + cash.catch_up * arrears
        who.cash += who.bill * level * queue * np.where(comes, lump / often, 0.0)
        np.minimum(who.cash, who.bill * 30 * np.maximum(1.0, 1.4 * who.level[:, self.clock.month[day]]) + who.overdue, out=who.cash)

    def _credit(self, day: int) -> None:
        inv = self.invoices
        rows = self.opened[inv.released[self.opened] == day]
        rows = rows[inv.credit[rows] > 0]
        if rows.size:
            amount = np.minimum(inv.credit[rows], inv.open[rows])
            inv.open[rows] -= amount
            self.records.credits.append((rows.astype(np.int32), np.full(rows.size, day, dtype=np.int32), amount))

    def _pay(self, day: int) -> None:
        inv, who = self.invoices, self.customers
        pays_today = self.clock.pays[:, day][who.run]
        rows = self.opened[pays_today[inv.customer[self.opened]]]
        rows = rows[(inv.wanted[rows] <= day) & (inv.remembered[rows] <= day) & (inv.arrives[rows] <= day)]
        payable = inv.open[rows] - np.where(inv.released[rows] > day, np.minimum(inv.withheld[rows], inv.open[rows]), 0)
        rows, payable = rows[payable > 0], payable[payable > 0]
        if not rows.size:
            return
        order = np.argsort(inv.customer[rows].astype(np.int64) * 4096 + inv.due[rows], kind="stable")
        rows, payable = rows[order], payable[order]
        owner = inv.customer[rows]
        first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        lengths = np.diff(np.r_[first, rows.size])
        running = np.cumsum(payable)
        ahead = running - payable - np.repeat(running[first] - payable[first], lengths)
        left = np.floor(who.cash[owner]).astype(np.int64) - ahead
        whole = left >= payable
        part = self._part(day, rows, payable, left, owner)
        paid = np.where(whole, payable, part)
        inv.short[rows[~whole]] = True
        done = np.flatnonzero(paid > 0)
        inv.open[rows[done]] -= paid[done]
        spent = np.bincount(owner[done], paid[done], who.n)
        who.cash -= spent
        self.received += spent.astype(np.int64)
        self.records.payments.append((rows[done].astype(np.int32), np.full(done.size, day, dtype=np.int32), paid[done]))

    def _part(self, day: int, rows: npt.NDArray[np.int64], payable: Cents, left: Cents, owner: Ints) -> Cents:
        """A round part of the first invoice that cash does not cover, if they care to pay one; those with a plan do."""
        planned = np.where(self.customers.plan_until[owner] >= day, self.world.collectors.effect, 0.0)
        share = left / payable
        chance = (1 - planned) * self.world.cash.part_payment + planned * 0.9
        least = (1 - planned) * 0.25 + planned * 0.1
        pays = (uniform(Stream.PART_PAYMENT, day, self.invoices.key[rows]) < chance) & (share > least) & (share < 1)
        return np.where(pays, left // 1000 * 1000, 0)

    def _charge(self, day: int) -> None:
        """Count the day against what stood in the way of each overdue invoice, and sum up what each customer is behind with."""
        inv, who = self.invoices, self.customers
        overdue = self.opened[inv.due[self.opened] < day]
        owner = inv.customer[overdue]
        causes = self.causes(overdue, day)
        self.late_days[self.clock.month[day]] += np.bincount(owner * N_CAUSES + causes, minlength=who.n * N_CAUSES).astype(np.int32)
        who.overdue = np.bincount(owner, inv.open[overdue], who.n).astype(np.float64)


def oldest_of_each(invoices: Invoices, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Of these invoices, the oldest of each customer, in order of customer."""
    order = rows[np.argsort(invoices.customer[rows].astype(np.int64) * 4096 + invoices.due[rows], kind="stable")]
    owner = invoices.customer[order]
    return order[np.r_[True, owner[1:] != owner[:-1]]] if order.size else order
