"""The invoices behind a figure: which ledger rows it rests on. None is cited that contradicts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import ibis
import pandas as pd

from features.portfolio import Portfolio

SHOWN = 5


class Evidence:
    """Looks up, for some customers of a one-day portfolio, the invoices that a kind of evidence names, the weightiest first."""

    def __init__(self, portfolio: Portfolio, customers: list[str]) -> None:
        wanted = ibis.memtable(pd.DataFrame({"customer_id": pd.Series(customers, dtype="str")}))
        history = portfolio.history.semi_join(wanted, "customer_id").to_pandas().sort_values(["paid_on", "due_on", "invoice_id"])
        cohort = portfolio.cohort.semi_join(wanted, "customer_id").to_pandas().sort_values(["due_on", "invoice_id"])
        balances = portfolio.snapshot.balances.semi_join(wanted, "customer_id")
        paid = balances.filter(balances.paid_on.notnull()).select("as_of", "customer_id", "invoice_id", "due_on", "paid_on").to_pandas()
        self._recent_days = portfolio.settings.recent_days
        self._history = dict(tuple(history.groupby("customer_id")))
        self._cohort = dict(tuple(cohort.groupby("customer_id")))
        self._paid = dict(tuple(paid.sort_values(["paid_on", "invoice_id"], ascending=[False, True]).groupby("customer_id")))
        self._last_payment = _last_payments(portfolio, wanted)
        self._no_history, self._no_cohort, self._no_paid = history.iloc[:0], cohort.iloc[:0], paid.iloc[:0]

    def history(self, customer: str) -> pd.DataFrame:
        """The customer's rows of `Portfolio.history`: its invoices that have come due."""
        found: pd.DataFrame = self._history.get(customer, self._no_history)
        return found

    def invoices(self, customer: str, evidence: str, invoice: str) -> list[str]:
        """At most five invoice ids; `invoice` is the open one that the figure speaks of, where it speaks of one."""
        if not evidence:
            return []
        history = self.history(customer)
        about = About(
            invoice,
            history,
            history[history["age"] <= self._recent_days],
            self._cohort.get(customer, self._no_cohort),
            self._paid.get(customer, self._no_paid),
            self._last_payment.get(customer, []),
        )
        return [str(one) for one in list(NAMED[evidence](about))[:SHOWN]]


@dataclass(frozen=True)
class About:
    """What is looked through for one figure: the open invoice that it speaks of, and the customer's rows."""

    invoice: str
    history: pd.DataFrame
    recent: pd.DataFrame
    open: pd.DataFrame
    paid: pd.DataFrame
    last_payment: list[str]

    @property
    def late(self) -> pd.DataFrame:
        rows = self.history[self.history["is_late"] & (self.history["invoice_id"] != self.invoice)]
        return _by(rows.assign(mass=rows["weight"] * rows["days_late"]), "mass")

    @property
    def prompt(self) -> pd.DataFrame:
        return self.history[~self.history["is_late"]].iloc[::-1]

    @property
    def settled(self) -> pd.DataFrame:
        return self.history[~self.history["is_open"]]

    @property
    def due_on(self) -> pd.Series:
        days: pd.Series = self.open.loc[self.open["invoice_id"] == self.invoice, "due_on"]
        return days

    def of_its_unit(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["business_unit"].isin(self.open.loc[self.open["invoice_id"] == self.invoice, "business_unit"])]

    def of_its_weekday(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["due_weekday"].isin([day.weekday() for day in self.due_on])]

    def overtaking(self) -> list[str]:
        """The invoice, and those due later that were paid."""
        return [self.invoice, *(one for day in self.due_on for one in self.paid[self.paid["due_on"] > day]["invoice_id"])]


def _by(rows: pd.DataFrame, column: str, *, least_first: bool = False) -> pd.DataFrame:
    return rows.sort_values([column, "invoice_id"], ascending=[least_first, True])


def _last_payments(portfolio: Portfolio, wanted: ibis.Table) -> dict[str, list[str]]:
    """The invoice that each customer's last payment went to; none where several were paid that day, or the payment names none."""
    payments = portfolio.snapshot.receipts.semi_join(wanted, "customer_id")
    last = payments.group_by("customer_id").agg(last_on=payments.paid_on.max())
    t = payments.join(last, ["customer_id", payments.paid_on == last.last_on]).select("customer_id", "invoice_id").distinct().to_pandas()
    alone = t[~t["customer_id"].duplicated(keep=False) & t["invoice_id"].notna()]
    return {str(customer): [str(invoice)] for customer, invoice in zip(alone["customer_id"], alone["invoice_id"], strict=True)}


NAMED: dict[str, Callable[[About], Iterable[str]]] = {
    "self": lambda of: [of.invoice],
    "late": lambda of: of.late["invoice_id"],
    "prompt": lambda of: of.prompt["invoice_id"],
    "slowest_recent": lambda of: _by(of.recent, "days_late")["invoice_id"],
    "fastest_recent": lambda of: _by(of.recent, "days_late", least_first=True)["invoice_id"],
    "slowest_paid": lambda of: _by(of.settled, "days_late")["invoice_id"],
    "fastest_paid": lambda of: _by(of.settled, "days_late", least_first=True)["invoice_id"],
    "late_same_weekday": lambda of: of.of_its_weekday(of.late)["invoice_id"],
    "prompt_same_weekday": lambda of: of.of_its_weekday(of.prompt)["invoice_id"],
    "late_same_unit": lambda of: of.of_its_unit(of.late)["invoice_id"],
    "prompt_same_unit": lambda of: of.of_its_unit(of.prompt)["invoice_id"],
    "part_paid": lambda of: of.history[of.history["n_payments"] > 1]["invoice_id"],
    "paid_at_once": lambda of: of.settled[of.settled["n_payments"] <= 1].iloc[::-1]["invoice_id"],
    "paid": lambda of: of.settled.iloc[::-1]["invoice_id"],
    "last_payment": lambda of: of.last_payment,
    "overdue": lambda of: of.open[of.open["dpd"] > 0]["invoice_id"],
    "open": lambda of: _by(of.open, "open_amount")["invoice_id"],
    "overtaking": lambda of: of.overtaking(),
    "known": lambda of: of.history.iloc[::-1]["invoice_id"],
}
