"""The invoices behind a figure: which ledger rows it rests on. None is cited that contradicts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
        history = self.history(customer)
        cohort = self._cohort.get(customer, self._no_cohort)

        def late() -> pd.DataFrame:
            rows = history[history["is_late"] & (history["invoice_id"] != invoice)]
            return _by(rows.assign(mass=rows["weight"] * rows["days_late"]), "mass")

        def prompt() -> pd.DataFrame:
            return history[~history["is_late"]].iloc[::-1]

        def recent() -> pd.DataFrame:
            return history[history["age"] <= self._recent_days]

        def settled() -> pd.DataFrame:
            return history[~history["is_open"]]

        def due_on() -> pd.Series:
            days: pd.Series = cohort.loc[cohort["invoice_id"] == invoice, "due_on"]
            return days

        def of_its_weekday(rows: pd.DataFrame) -> pd.DataFrame:
            return rows[rows["due_weekday"].isin([day.weekday() for day in due_on()])]

        def overtaking() -> list[str]:
            paid = self._paid.get(customer, self._no_paid)
            return [invoice, *(one for day in due_on() for one in paid[paid["due_on"] > day]["invoice_id"])]

        named: dict[str, Callable[[], Iterable[str]]] = {
            "self": lambda: [invoice],
            "late": lambda: late()["invoice_id"],
            "prompt": lambda: prompt()["invoice_id"],
            "slowest_recent": lambda: _by(recent(), "days_late")["invoice_id"],
            "fastest_recent": lambda: _by(recent(), "days_late", least_first=True)["invoice_id"],
            "slowest_paid": lambda: _by(settled(), "days_late")["invoice_id"],
            "fastest_paid": lambda: _by(settled(), "days_late", least_first=True)["invoice_id"],
            "late_same_weekday": lambda: of_its_weekday(late())["invoice_id"],
            "prompt_same_weekday": lambda: of_its_weekday(prompt())["invoice_id"],
            "part_paid": lambda: history[history["n_payments"] > 1]["invoice_id"],
            "paid_at_once": lambda: settled()[settled()["n_payments"] <= 1].iloc[::-1]["invoice_id"],
            "paid": lambda: settled().iloc[::-1]["invoice_id"],
            "last_payment": lambda: self._last_payment.get(customer, []),
            "overdue": lambda: cohort[cohort["dpd"] > 0]["invoice_id"],
            "open": lambda: _by(cohort, "open_amount")["invoice_id"],
            "overtaking": overtaking,
            "known": lambda: history.iloc[::-1]["invoice_id"],
        }
        found = list(named[evidence]()) if evidence else []
        return [str(one) for one in found[:SHOWN]]


def _by(rows: pd.DataFrame, column: str, *, least_first: bool = False) -> pd.DataFrame:
    return rows.sort_values([column, "invoice_id"], ascending=[least_first, True])


def _last_payments(portfolio: Portfolio, wanted: ibis.Table) -> dict[str, list[str]]:
    """The invoice that each customer's last payment went to; none where several were paid that day, or the payment names none."""
    payments = portfolio.snapshot.receipts.semi_join(wanted, "customer_id")
    last = payments.group_by("customer_id").agg(last_on=payments.paid_on.max())
    t = payments.join(last, ["customer_id", payments.paid_on == last.last_on]).select("customer_id", "invoice_id").distinct().to_pandas()
    alone = t[~t["customer_id"].duplicated(keep=False) & t["invoice_id"].notna()]
    return {str(customer): [str(invoice)] for customer, invoice in zip(alone["customer_id"], alone["invoice_id"], strict=True)}
