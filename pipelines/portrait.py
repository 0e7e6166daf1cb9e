"""A ledger on one day, as tables small enough to look at: what the notebook shows.

Everything is as it was known at the end of `as_of`. Amounts of different currencies are never added.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from features.portfolio import Portfolio
from ledger.errors import UsageError
from ledger.ledger import Ledger
from ledger.tables import TABLES
from models.payment.baselines import kaplan_meier
from pipelines.config import Config, load_config
from pipelines.describe import describe_ledger
from pipelines.publish import ageing
from worklist.page import BUCKETS

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FATES = ("on time", "1-30 days late", "31+ days late", "unpaid when last seen")
FIRST_DAY, LAST_DAY = -60, 120


def take_portrait(ledger_uri: str, as_of: str = "", config: Config | None = None) -> Portrait:
    """Open a ledger and stand on a day: ISO text, or empty for the last day that any source was watched.

    Raises UsageError for a text that is no day, RefusedError for a place without a ledger or a day that it does not cover.

    >>> take_portrait("books", "31.12.2025")
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: as_of '31.12.2025' is not a day: write it like 2025-12-31
    """
    try:
        asked = date.fromisoformat(as_of) if as_of else None
    except ValueError:
        raise UsageError(f"as_of '{as_of}' is not a day: write it like 2025-12-31") from None
    config = config or load_config()
    ledger = Ledger.open(ledger_uri, staleness_days=config.staleness_days, settled_within=config.settled_within)
    day = asked or min(ledger.watched_to, max(ledger.observed_until(ledger.today).values()))
    ledger.refuse_stale(day)
    return Portrait(ledger, day, config)


class Portrait:
    """One ledger, one day. Each property is a table, or what tables are made from; what is read from the ledger is read once."""

    def __init__(self, ledger: Ledger, as_of: date, config: Config) -> None:
        self.ledger, self.as_of, self.config = ledger, as_of, config
        self.snapshot = ledger.as_of(as_of)
        self.portfolio = Portfolio(self.snapshot, config.features)

    @cached_property
    def described(self) -> dict[str, Any]:
        """The whole ledger, later days included, see `pipelines.describe`."""
        return describe_ledger(self.ledger.store.uri)

    @property
    def tables(self) -> pd.DataFrame:
        """`rows, versions, first_on, last_on` of each table that holds anything."""
        frame = pd.DataFrame.from_dict(self.described["tables"], orient="index").rename_axis("table")
        return frame[frame["versions"] > 0].fillna("")

    @property
    def inputs(self) -> pd.DataFrame:
        """Each ingested file and what became of its rows, with the last day its source was watched."""
        shown = ["source", "file", "source_rows", "loaded", "quarantined", "skipped"]
        frame = pd.DataFrame(self.described["inputs"], columns=shown)
        watched = {source: until.isoformat() for source, until in self.ledger.observed_until(self.as_of).items()}
        return frame.assign(watched_until=frame["source"].map(watched).fillna("")).set_index("source")

    @cached_property
    def activity(self) -> pd.DataFrame:
        """Facts a month (index, from the first to the last one) and table (columns), by the day they happened."""
        counts = {}
        for name, table in TABLES.items():
            if table.event_on is None or name == "rates":
                continue
            facts = self.snapshot.known(name)
            dated = facts.filter(facts[table.event_on].notnull())
            monthly = dated.group_by(month=dated[table.event_on].truncate("M")).agg(n=dated.count()).to_pandas()
            if len(monthly):
                counts[name] = monthly.set_index(pd.DatetimeIndex(monthly["month"]))["n"]
        frame = pd.DataFrame(counts)
        months = pd.date_range(frame.index.min(), frame.index.max(), freq="MS", name="month")
        return frame.reindex(months).fillna(0).astype("int64")

    @cached_property
    def invoices(self) -> pd.DataFrame:
        """One row an invoice: `seen_until` (paid, or how far it was watched), `days_late` (then), `is_due` (its due day was seen),
        `is_late` (cleared after the due day, or open at its end), `is_large` (above the median of its currency), `fate` (`FATES`)."""
        columns = "invoice_id customer_id issued_on issued_on_assumed due_on amount currency open_amount settled_amount paid_on is_prepaid"
        frame: pd.DataFrame = self.snapshot.balances.select(*columns.split(), "observed_until").to_pandas()
        today = pd.Timestamp(self.as_of)
        watched = frame["observed_until"].where(frame["observed_until"] < today, today)
        is_paid = frame["paid_on"].notna()
        frame["seen_until"] = frame["paid_on"].where(is_paid, watched)
        frame["days_late"] = (frame["seen_until"] - frame["due_on"]).dt.days.astype("int64")
        frame["is_due"] = frame["due_on"] <= watched
        frame["is_late"] = frame["is_due"] & ((frame["days_late"] > 0) | ~is_paid)
        frame["is_large"] = frame["amount"] > frame.groupby("currency")["amount"].transform("median")
        late = frame["days_late"]
        frame["fate"] = np.select([~is_paid, late <= 0, late <= 30], [FATES[3], FATES[0], FATES[1]], default=FATES[2])
        return frame

    @cached_property
    def payment_days(self) -> pd.DataFrame:
        """Payments by `weekday` (0 Monday) and `day_of_month`: `n`."""
        payments = self.snapshot.known("payments")
        day = payments.paid_on
        grouped = payments.group_by(weekday=day.day_of_week.index(), day_of_month=day.day()).agg(n=payments.count())
        frame: pd.DataFrame = grouped.to_pandas().astype("int64")
        return frame

    @property
    def due_invoices(self) -> pd.DataFrame:
        """The invoices whose due day was seen: those that can be called punctual or late."""
        return self.invoices[self.invoices["is_due"]]

    @property
    def weekdays(self) -> pd.DataFrame:
        """By weekday: share of invoices `due` and of payments `paid`; `n` invoices due then and their `late_share` (NaN: none were)."""
        due = self.due_invoices.groupby(self.due_invoices["due_on"].dt.day_of_week)["is_late"].agg(["size", "mean"]).reindex(range(7))
        paid = self.payment_days.groupby("weekday")["n"].sum().reindex(range(7)).fillna(0)
        n = due["size"].fillna(0)
        shares = {"due": _share(n), "paid": _share(paid), "n": n.astype("int64"), "late_share": due["mean"]}
        return pd.DataFrame(shares).set_axis(pd.Index(WEEKDAYS, name="weekday"))

    @property
    def days_of_month(self) -> pd.Series:
        """Share of all payments made on each day of the month, 1 to 31."""
        return _share(self.payment_days.groupby("day_of_month")["n"].sum().reindex(range(1, 32)).fillna(0)).rename("paid")

    @property
    def calendar_months(self) -> pd.DataFrame:
        """By month of the year of the due date: `n` invoices and their `late_share`; months in which nothing was due are missing."""
        due = self.due_invoices
        grouped = due.groupby(due["due_on"].dt.month)["is_late"]
        return pd.DataFrame({"n": grouped.size(), "late_share": grouped.mean()}).rename_axis("month")

    @property
    def fates(self) -> pd.DataFrame:
        """Invoices by month of their due date (index) and by what became of them (columns `FATES`)."""
        due = self.due_invoices
        month = due["due_on"].to_numpy().astype("datetime64[M]").astype("datetime64[s]")
        counts = due.groupby([month, "fate"]).size().unstack(fill_value=0).reindex(columns=list(FATES), fill_value=0)
        months = pd.date_range(counts.index.min(), counts.index.max(), freq="MS", name="due in")
        return counts.reindex(months, fill_value=0)

    @property
    def unpaid_curve(self) -> pd.DataFrame:
        """Share still unpaid by day since the due day (index), of `all`, `large` and `small` invoices; open ones are censored."""
        frame = self.invoices
        every = pd.Series(True, index=frame.index)
        groups = {"all": every, "large": frame["is_large"], "small": ~frame["is_large"]}
        curves = {}
        for name, chosen in groups.items():
            part = frame[chosen]
            days, is_paid = part["days_late"].to_numpy(), part["paid_on"].notna().to_numpy()
            curves[name] = kaplan_meier(days, is_paid, FIRST_DAY, LAST_DAY) if len(part) else np.nan
        return pd.DataFrame(curves, index=pd.RangeIndex(FIRST_DAY, LAST_DAY + 1, name="days since due"))

    @cached_property
    def cohort(self) -> pd.DataFrame:
        """The open invoices that are asked about: `invoice_id, customer_id, currency, open_amount, dpd`."""
        cohort = self.portfolio.cohort.select("invoice_id", "customer_id", "currency", "open_amount", "dpd")
        frame: pd.DataFrame = cohort.order_by("invoice_id").to_pandas()
        return frame

    @property
    def ageing(self) -> pd.DataFrame:
        """Open amount by currency (index, the one with most open invoices first) and ageing bucket (columns)."""
        amounts = ageing(self.cohort).pivot(index="currency", columns="bucket", values="amount")
        return amounts.reindex(index=self.cohort["currency"].value_counts().index, columns=list(BUCKETS)).fillna(0.0)

    @property
    def main_currency(self) -> str:
        """The currency of most invoices."""
        return str(self.invoices["currency"].value_counts().sort_index().idxmax())

    @property
    def concentration(self) -> pd.DataFrame:
        """By customer, in the main currency: amount `invoiced` within a year, `open` and `overdue` now; the largest first."""
        frame = self.invoices[self.invoices["currency"] == self.main_currency]
        lately = frame["issued_on"] > pd.Timestamp(self.as_of) - pd.Timedelta(days=365)
        invoiced = frame["amount"].where(lately, 0.0).groupby(frame["customer_id"]).sum().rename("invoiced")
        now = self.cohort[self.cohort["currency"] == self.main_currency]
        overdue = now["open_amount"].where(now["dpd"] > 0, 0.0).groupby(now["customer_id"]).sum().rename("overdue")
        held = now.groupby("customer_id")["open_amount"].sum().rename("open")
        joined = pd.concat([invoiced, held, overdue], axis=1).fillna(0.0).rename_axis("customer_id").reset_index()
        return joined.sort_values(["invoiced", "customer_id"], ascending=[False, True]).set_index("customer_id")


def _share(counts: pd.Series) -> pd.Series:
    return counts / counts.sum() if counts.sum() else counts.astype("float64")
