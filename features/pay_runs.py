"""Customers who pay on set days: one day of the week, one or two days of the month.

Such a customer's days of payment lie close together on the circle of the week, of the month, or of half a month. How close they lie is the
length of their mean direction (Mardia and Jupp 2000, Directional Statistics, chapter 2: 1 where all fall on one day, near 0 where they
are spread evenly); where it points is the day of the run. An invoice that falls due between two runs waits for the next one, and
that wait is nobody's choice. Who is billed on set days and pays each bill as many days late pays on set days too: so a run shows only where
the due dates are spread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import ibis

from ledger.snapshot import Snapshot

SEEN_DAYS = 365
SPREAD = 0.9
"""Due dates whose mean direction is longer lie too close together to tell a pay run from a steady delay."""
MONTH = 365.25 / 12


@dataclass(frozen=True)
class Cycle:
    """A way of paying: every `period` days, told by at least `fewest` days of payment whose mean direction is at least `closest` long.

    `monthly`: counted from the first of the month, not from Monday.
    """

    period: float
    fewest: int
    closest: float
    monthly: bool = True

    def turn(self, day: Any) -> Any:
        """Where a date lies in the cycle, in days."""
        return (day.day() - 1.0 if self.monthly else day.day_of_week.index() + 0.0) % self.period

    def angle(self, day: Any) -> Any:
        return self.turn(day) * (2 * math.pi / self.period)


CYCLES = (Cycle(7.0, 6, 0.88, monthly=False), Cycle(MONTH, 4, 0.93), Cycle(MONTH / 2, 6, 0.82))
"""Weekly, monthly, twice a month: the first that fits. Days that move to the next business day keep them from being exactly 1."""


def pay_runs(snapshot: Snapshot) -> Any:
    """`as_of, customer_id, run_period, run_at`: the cycle of each customer who pays on set days, in days, and where in it the run lies."""
    s = snapshot.settlements
    s = s.filter(s.is_cash & (s.as_of.delta(s.settled_on, unit="day") < SEEN_DAYS))
    paid = s.join(snapshot.balances.select("as_of", "invoice_id", "customer_id", "due_on"), ["as_of", "invoice_id"])
    t, due = _directions(paid, "settled_on"), _directions(paid, "due_on")
    t = t.join(due, ["as_of", "customer_id"], rname="due_{name}")
    period, run_at = ibis.null("float64"), ibis.null("float64")
    for at, cycle in reversed(list(enumerate(CYCLES))):
        x, y, due_x, due_y = t[f"x_{at}"], t[f"y_{at}"], t[f"due_x_{at}"], t[f"due_y_{at}"]
        together, spread = (x * x + y * y).sqrt() >= cycle.closest, (due_x * due_x + due_y * due_y).sqrt() <= SPREAD
        fits = (t.n >= cycle.fewest) & together & spread
        period = ibis.ifelse(fits, cycle.period, period)
        run_at = ibis.ifelse(fits, (y.atan2(x) * (cycle.period / (2 * math.pi))).round(6), run_at)
    t = t.mutate(run_period=period, run_at=run_at)
    return t.filter(t.run_period.notnull()).select("as_of", "customer_id", "run_period", "run_at")


def _directions(paid: Any, day: str) -> Any:
    """How many different days a customer has in that column, and their mean direction in each cycle: `n, x_0, y_0, x_1, ...`."""
    days = paid.select("as_of", "customer_id", day).distinct()
    sums: dict[str, Any] = {}
    for at, cycle in enumerate(CYCLES):
        angle = cycle.angle(days[day])
        sums |= {f"x_{at}": angle.cos().mean(), f"y_{at}": angle.sin().mean()}
    return days.group_by(["as_of", "customer_id"]).agg(n=days.count(), **sums)


def wait(due_on: Any, run_period: Any, run_at: Any) -> Any:
    """Whole days from a due date to the next run of who pays on set days, 0 on the day of the run; 0 for everybody else."""
    days = ibis.literal(0.0)
    for cycle in CYCLES:
        # Half a day to either side is the day itself: the last digit of a mean must not decide between now and a cycle later.
        ahead = (run_at - cycle.turn(due_on) + 2 * cycle.period + 0.5) % cycle.period - 0.5
        days = ibis.ifelse(run_period == cycle.period, ahead, days)
    return ibis.greatest(days.round().cast("int64"), 0).fill_null(0)
