"""What every view starts from: the cohort, and how invoices were paid as far as that is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import ibis

from features.cohort import open_invoices
from features.customers import with_country
from features.deductions import deductions
from features.groups import peers
from features.pay_runs import pay_runs
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from ledger.snapshot import TOLERANCE, Snapshot

EARLIEST, LATEST = -60, 180
DAYS_AT_ONCE = 42
"""To say in SQL what is asked takes longer than to answer it, for one day as for many."""
# A snapshot holds every invoice once a day.
ROWS_AT_ONCE = 20_000_000


class Portfolio:
    """A snapshot seen as customers with habits; its tables are computed once and shared by the views."""

    def __init__(self, snapshot: Snapshot, settings: FeatureSettings) -> None:
        self.snapshot = snapshot
        self.settings = settings
        self._made: dict[tuple[Any, ...], Any] = {}

    @classmethod
    def on(cls, ledger: Ledger, settings: FeatureSettings, *days: date) -> Portfolio:
        """What a ledger knew at the end of these days, side by side."""
        return cls(ledger.as_of(*days, history_days=settings.history_days), settings)

    def once(self, make: Callable[..., Any], *given: Any) -> Any:
        """What `make(portfolio, *given)` gives, made when it is asked for first: for tables of files to which this one is a part."""
        if (make, *given) not in self._made:
            self._made[make, *given] = make(self, *given)
        return self._made[make, *given]

    @cached_property
    def tolerant_balances(self) -> Any:
        """Balances in which an invoice of which no more than the payment tolerance is open was paid, on the day from which on that was so,
        and one that is open but for what its customer always deducts on the day of its payment.

        Not kept as a table of its own: it is told from the balances while they are read.
        """
        b = self.snapshot.balances
        paid = b.paid_on.isnull() & (b.open_amount * TOLERANCE <= b.amount) & (b.n_payments > 0)
        b = b.mutate(paid_on=ibis.ifelse(paid, b.nearly_paid_on, b.paid_on))
        t = b.left_join(self.deductions, ["as_of", "customer_id", "currency"]).select(b, "deducted_share", "deducted_amount")
        is_deducted = (t.open_amount <= t.amount * t.deducted_share) | (t.open_amount <= t.deducted_amount)
        paid = t.paid_on.isnull() & (t.n_payments == 1) & is_deducted.fill_null(False)
        return t.mutate(paid_on=ibis.ifelse(paid, t.first_paid_on, t.paid_on)).drop("deducted_share", "deducted_amount")

    @cached_property
    def cohort(self) -> Any:
        """The open invoices, see `features.cohort`."""
        return open_invoices(self.snapshot, self.settings).cache()

    @cached_property
    def history(self) -> Any:
        """One row an invoice that has come due while its source was watched: it is paid, or still open (then late by `days_late` so far).

        Invoices paid ahead of a later due date stay out: their unpaid peers are not known yet, so that counting them would make everyone
        look early.

        Columns: `as_of, customer_id, invoice_id, business_unit, issued_on, due_on, paid_on, amount, n_payments, currency, country,
        is_open, is_late, days_late` (within -60..180), `days_late_net` (from the business day to which the due date rolls),
        `due_weekday` (0 Monday), `age` (days since due), `weight` (halves every `half_life_days`).
        """
        balances = self.snapshot.balances
        watched = ibis.least(balances.as_of, balances.observed_until)
        known = with_country(balances.filter(balances.due_on <= watched), self.snapshot)
        days = self.snapshot.calendar.select("country", due_on="day", rolled_due_on="roll_on")
        known = known.left_join(days, ["country", "due_on"]).drop("country_right", "due_on_right")
        seen_on = ibis.coalesce(known.paid_on, ibis.least(known.as_of, known.observed_until))
        days_late = seen_on.delta(known.due_on, unit="day")
        rolled = seen_on.delta(known.rolled_due_on.fill_null(known.due_on), unit="day")
        net = ibis.ifelse(days_late > 0, ibis.greatest(rolled, 0), days_late)
        age = known.as_of.delta(known.due_on, unit="day")
        decay = -math.log(2) / self.settings.half_life_days
        return known.select(
            "as_of",
            "customer_id",
            "invoice_id",
            "business_unit",
            "issued_on",
            "due_on",
            "paid_on",
            "amount",
            "n_payments",
            "currency",
            "country",
            is_open=known.paid_on.isnull(),
            is_late=known.paid_on.isnull() | (known.paid_on > known.due_on),
            days_late=ibis.least(ibis.greatest(days_late, EARLIEST), LATEST).cast("float64"),
            days_late_net=ibis.least(ibis.greatest(net, EARLIEST), LATEST).cast("float64"),
            due_weekday=known.due_on.day_of_week.index(),
            age=age,
            weight=(ibis.greatest(age, 0).cast("float64") * decay).exp(),
        ).cache()

    @cached_property
    def peers(self) -> Any:
        """What is usual among each customer's peers, see `features.groups`."""
        return peers(self.snapshot, self.history, self.settings).cache()

    @cached_property
    def deductions(self) -> Any:
        """The customers who deduct about the same from nearly every invoice, see `features.deductions`."""
        return deductions(self.snapshot).cache()

    @cached_property
    def pay_runs(self) -> Any:
        """The customers who pay on set days, see `features.pay_runs`."""
        return pay_runs(self.snapshot).cache()

    @cached_property
    def usual(self) -> Any:
        """The portfolio's own habits on each day: what thin histories are drawn towards. One row an `as_of`."""
        h = self.history
        total = h.weight.sum()

        def mean(value: Any) -> Any:
            return (h.weight * value).sum() / total

        return (
            h.group_by("as_of")
            .agg(
                usual_late_share=mean(h.is_late.cast("float64")),
                usual_days_late_net=mean(h.days_late_net),
                usual_terms_days=mean(h.due_on.delta(h.issued_on, unit="day")),
            )
            .cache()
        )


def side_by_side(ledger: Ledger, settings: FeatureSettings, days: Sequence[date], most: int = DAYS_AT_ONCE) -> Iterator[Portfolio]:
    """Portfolios of some days each, in their order: of `most` at most, of fewer where a ledger is large, to bound memory."""
    at_once = days_at_once(ledger, most)
    for start in range(0, len(days), at_once):
        yield Portfolio.on(ledger, settings, *days[start : start + at_once])


def days_at_once(ledger: Ledger, most: int = DAYS_AT_ONCE) -> int:
    """How many days stand side by side in one snapshot."""
    n_versions = int(ledger.history("invoices").count().execute())
    return max(1, min(most, ROWS_AT_ONCE // max(1, n_versions)))


def shrunk(total: Any, weight: Any, usual: Any, strength: float) -> Any:
    """A mean drawn towards the usual value: as if `strength` usual invoices had been seen as well.

    Missing sums (no history at all) give the usual value itself.
    """
    return (total.fill_null(0) + usual * strength) / (weight.fill_null(0) + strength)


def within_share(value: Any) -> Any:
    """A sum of shares, kept between 0 and 1; unknown where it is."""
    return value.clip(lower=0.0, upper=1.0)
