"""The ledger as it was known at the end of one day, or of several days side by side.

Every table carries `as_of`; a view written over a snapshot therefore works for one day and for a year of days alike.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from ledger.calendars import day_table
from ledger.tables import TABLES

if TYPE_CHECKING:
    from ledger.ledger import Ledger

BACK_DAYS, AHEAD_DAYS = 400, 800
PARTS = 10_000
TOLERANCE = 100
"""Payment tolerance, one part in so many: bank charges and rounding take it on the way, and who sent the rest has paid."""


class Snapshot:
    """Facts with `known_on <= as_of` in their version of that day, and what follows from them.

    `history_days` leaves out invoices settled longer ago than that; None keeps all.
    """

    def __init__(self, ledger: Ledger, days: tuple[date, ...], *, history_days: int | None = None) -> None:
        self.ledger = ledger
        self.days = days
        self.history_days = history_days
        self._known: dict[str, Any] = {}

    def known(self, name: str) -> Any:
        """The canonical columns of a table as known on each day, with `as_of`, `known_on` and `source`."""
        if name not in self._known:
            facts = self.ledger.history(name)
            days = ibis.memtable(pd.DataFrame({"as_of": list(self.days)}), schema={"as_of": "date"})
            valid = (facts.known_on <= days.as_of) & (facts.superseded_on.isnull() | (facts.superseded_on > days.as_of))
            cut = days.join(facts, valid).select("as_of", *TABLES[name].names, "known_on", "source")
            if name in ("payments", "credit_notes"):
                cut = cut.filter(cut.amount > 0)  # corrected to nothing: it bounced or was taken back, and is no payment any more
            if name == "disputes":
                cut = cut.mutate(closed_on=ibis.ifelse(cut.closed_on <= cut.as_of, cut.closed_on, ibis.null("date")))
            self._known[name] = cut
        return self._known[name]

    @cached_property
    def customers(self) -> Any:
        return self.known("customers").cache()

    @cached_property
    def watched(self) -> Any:
        """`as_of, source, observed_until`: how far each source was watched, as could be told on each day."""
        rows = [(day, source, until) for day in self.days for source, until in self.ledger.observed_until(day).items()]
        frame = pd.DataFrame(rows, columns=["as_of", "source", "observed_until"])
        return ibis.memtable(frame, schema={"as_of": "date", "source": "string", "observed_until": "date"})

    @cached_property
    def settlements(self) -> Any:
        """Payments and credit notes that name an invoice: `as_of, invoice_id, settled_on, amount, is_cash`."""
        payments, credits = self.known("payments"), self.known("credit_notes")
        cash = payments.filter(payments.invoice_id.notnull()).select(
            "as_of", "invoice_id", "amount", settled_on=payments.paid_on, is_cash=ibis.literal(True)
        )
        credit = credits.filter(credits.invoice_id.notnull()).select(
            "as_of", "invoice_id", "amount", settled_on=credits.issued_on, is_cash=ibis.literal(False)
        )
        return cash.union(credit)

    @cached_property
    def balances(self) -> Any:
        """One row an invoice and day, with what is open and the day it was paid (null: not yet, as known then).

        Columns: `as_of, invoice_id, customer_id, business_unit, issued_on, issued_on_assumed, due_on, known_on, first_known_on` (of its
        first version), `amount, currency, source, observed_until, settled_amount, open_amount, paid_on, first_paid_on, nearly_paid_on`
        (from when on no more than the payment tolerance was open), `n_payments` (days on which money came until it was paid: two rows of
        one day are one payment), `is_prepaid` (where the date of the invoice is not only assumed).
        Money is float64 here; the sums are made in decimals before.
        """
        invoices = self.known("invoices")
        settlements = self.settlements.join(invoices.select("as_of", "invoice_id", invoiced="amount"), ["as_of", "invoice_id"])
        daily = settlements.group_by(["as_of", "invoice_id", "settled_on"]).agg(
            amount=settlements.amount.sum(),
            invoiced=settlements.invoiced.max(),
            n_payments=settlements.is_cash.cast("int64").sum(),
        )
        in_order = ibis.cumulative_window(group_by=["as_of", "invoice_id"], order_by="settled_on")
        running = daily.mutate(running=daily.amount.sum().over(in_order))
        # An invoice is settled once no more than `settled_within` of its amount is open: by default nothing. A share is rounded to cents.
        within = round(PARTS * self.ledger.settled_within)
        half_a_cent = PARTS // 200 if within else 0

        def is_settled(invoiced: Any, received: Any) -> Any:
            return (invoiced - received) * PARTS <= invoiced * within + half_a_cent

        is_part = (running.n_payments > 0) & ~is_settled(running.invoiced, running.running - running.amount)
        is_nearly_paid = running.running * TOLERANCE >= running.invoiced * (TOLERANCE - 1)
        money_on = ibis.ifelse(running.n_payments > 0, running.settled_on, ibis.null("date"))
        per_invoice = running.group_by(["as_of", "invoice_id"]).agg(
            settled_amount=running.amount.sum(),
            paid_on=ibis.ifelse(is_settled(running.invoiced, running.running), running.settled_on, ibis.null("date")).min(),
            first_paid_on=money_on.min(),
            nearly_paid_on=ibis.ifelse(is_nearly_paid, running.settled_on, ibis.null("date")).min(),
            n_payments=is_part.cast("int64").sum(),
        )
        joined = invoices.left_join(per_invoice, ["as_of", "invoice_id"]).drop("as_of_right", "invoice_id_right")
        versions = self.ledger.history("invoices")
        first = versions.group_by("invoice_id").agg(first_known_on=versions.known_on.min())
        joined = joined.left_join(first, "invoice_id").drop("invoice_id_right")
        joined = joined.left_join(self.watched, ["as_of", "source"]).drop("as_of_right", "source_right")
        settled = joined.settled_amount.fill_null(0)
        # A settled sum can fall back below the amount only by a correction; the invoice is then open again.
        left = ibis.ifelse(is_settled(joined.amount, settled), 0, joined.amount - settled)
        result = joined.select(
            "as_of",
            "invoice_id",
            "customer_id",
            "business_unit",
            "issued_on",
            "due_on",
            "known_on",
            "first_known_on",
            "currency",
            "source",
            "observed_until",
            "paid_on",
            "first_paid_on",
            "nearly_paid_on",
            issued_on_assumed=joined.issued_on_assumed.fill_null(False),
            amount=joined.amount.cast("float64"),
            settled_amount=settled.cast("float64"),
            open_amount=left.cast("float64"),
            n_payments=joined.n_payments.fill_null(0),
            is_prepaid=(~joined.issued_on_assumed.fill_null(False) & (joined.first_paid_on < joined.issued_on)).fill_null(False),
        )
        if self.history_days is not None:
            kept = result.paid_on.isnull() | (result.paid_on >= result.as_of - ibis.interval(days=self.history_days))
            result = result.filter(kept)
        return result.cache()

    @cached_property
    def receipts(self) -> Any:
        """Payments by the customer whose debt they are: `as_of, customer_id, invoice_id, paid_on, amount`.

        Where a payment names an invoice that is that invoice's customer, whoever sent the money (a parent, a factor); else the payer.
        """
        payments = self.known("payments").select("as_of", "customer_id", "invoice_id", "paid_on", "amount")
        owners = self.balances.select("as_of", "invoice_id", owner="customer_id")
        of_invoices = payments.left_join(owners, ["as_of", "invoice_id"]).select(payments, "owner")
        return of_invoices.mutate(customer_id=ibis.coalesce(of_invoices.owner, of_invoices.customer_id)).drop("owner").cache()

    @cached_property
    def calendar(self) -> Any:
        """`country, day, is_business, roll_on, business_index` for the countries of the customers; country '' has weekends only."""
        countries = self.customers.country.fill_null("").name("country").as_table().distinct().to_pandas()["country"]
        first = self.days[0] - timedelta(days=(self.history_days or 3 * 365) + BACK_DAYS)
        last = self.days[-1] + timedelta(days=AHEAD_DAYS)
        frame = day_table(sorted({"", *countries}), first, last)
        schema = {"country": "string", "day": "date", "is_business": "boolean", "roll_on": "date", "business_index": "int64"}
        frame["day"] = frame["day"].dt.date
        frame["roll_on"] = frame["roll_on"].dt.date
        return ibis.memtable(frame, schema=schema)
