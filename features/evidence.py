"""The invoices behind a figure: which ledger rows a feature of a customer rests on."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import pandas as pd

from features.portfolio import Portfolio
from features.siblings import LONGEST_SILENCE

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
        self._no_history, self._no_cohort, self._no_paid = history.iloc[:0], cohort.iloc[:0], paid.iloc[:0]

    def known_count(self, customer: str) -> int:
        """How many invoices of the customer have come due."""
        return len(self._history.get(customer, self._no_history))

    def invoices(self, customer: str, evidence: str, invoice: str) -> list[str]:
        """At most five invoice ids; `invoice` is the open one that the figure speaks of, where it speaks of one."""
        history = self._history.get(customer, self._no_history)
        cohort = self._cohort.get(customer, self._no_cohort)
        this = cohort[cohort["invoice_id"] == invoice]
        due_on = this["due_on"].iloc[0] if len(this) else pd.Timestamp.max
        paid = self._paid.get(customer, self._no_paid)
        last = paid[paid["paid_on"] == paid["paid_on"].max()]
        # Where several were paid on the last day, the figure rests on none of them: without any one it is the same.
        last = last if len(last) == 1 else last.iloc[:0]
        weightiest = history.assign(mass=history["weight"] * history["days_late"]).sort_values(
            ["mass", "invoice_id"], ascending=[False, True]
        )
        late = weightiest[weightiest["is_late"]]
        recent = late[late["age"] <= self._recent_days]
        same_weekday = late[late["due_weekday"] == due_on.weekday()] if len(this) else late
        named: dict[str, Callable[[], pd.Series]] = {
            "self": lambda: pd.Series([invoice]),
            "late": lambda: late["invoice_id"],
            "late_recent": lambda: recent["invoice_id"] if len(recent) else late["invoice_id"],
            "late_30": lambda: late[late["days_late"] > 30]["invoice_id"],
            "late_same_weekday": lambda: same_weekday["invoice_id"],
            "part_paid": lambda: history[history["n_payments"] > 1]["invoice_id"],
            "paid": lambda: history[~history["is_open"]].iloc[::-1]["invoice_id"],
            "paid_last": lambda: last["invoice_id"],
            # A silence that was cut off says that there was no payment, and so rests on none.
            "paid_lately": lambda: last[(last["as_of"] - last["paid_on"]).dt.days < LONGEST_SILENCE]["invoice_id"],
            "overdue": lambda: cohort[cohort["dpd"] > 0]["invoice_id"],
            "open": lambda: cohort.sort_values(["open_amount", "invoice_id"], ascending=[False, True])["invoice_id"],
            "same_due": lambda: paid[paid["due_on"] == due_on]["invoice_id"],
            "overtaking": lambda: paid[paid["due_on"] > due_on]["invoice_id"],
            "known": lambda: history.iloc[::-1]["invoice_id"],
        }
        found = list(named[evidence]()) if evidence else []
        # Where nothing speaks for the figure (never late), the newest known invoices are what it was counted from.
        fallback = (
            history.iloc[::-1]["invoice_id"] if evidence in ("late", "late_recent", "late_30", "late_same_weekday", "part_paid") else []
        )
        return [str(one) for one in (found or list(fallback))[:SHOWN]]
