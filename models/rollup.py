"""From open invoices to customers: amounts and probabilities, in one currency a customer."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pandas as pd

from models.payment.lateness import days_past

AMOUNTS = (
    "exposure",
    "overdue_amount",
    "disputed_amount",
    "overdue_disputed",
    "expected_late_amount",
    "late_disputed",
    "not_due_amount",
    "late_of_not_due",
    "paid_14",
    "paid_30",
)


def latest_rates(rates: pd.DataFrame, as_of: date) -> dict[str, float]:
    """The newest rate of each currency that was known by `as_of`; a rate is the worth of one unit in the ledger's base currency."""
    known = rates[rates["rate_on"] <= pd.Timestamp(as_of)].sort_values("rate_on")
    return {str(currency): float(rate) for currency, rate in known.groupby("currency")["rate"].last().items()}


def roll_up(invoices: pd.DataFrame, rates: dict[str, float], reporting_currency: str | None) -> pd.DataFrame:
    """One row a customer: `customer_id, currency, other_amounts, n_open, max_dpd, chased_dpd, next_due_on, p_late, p_paid_14, p_paid_30`
    and amounts.

    `invoices`: scored open invoices with `is_disputed`. Amounts of several currencies are added only through rates. Without them the
    row speaks of the currency with the largest overdue share (then with the largest undisputed one, the most invoices, the alphabet),
    and the rest stands in `other_amounts` as JSON. `overdue_disputed` and `late_disputed` are the parts in dispute of what is overdue and
    expected late. `p_late` is the amount-weighted mean over invoices not yet due, 1 where there is none; `max_dpd` is the greatest of
    all, `chased_dpd` and `next_due_on` leave disputed invoices out where there are others.

    >>> rows = pd.DataFrame({"customer_id": ["A", "A"], "currency": ["EUR", "USD"], "open_amount": [10.0, 30.0], "dpd": [3, -3],
    ...     "due_on": pd.to_datetime(["2024-01-01", "2024-01-07"]), "is_disputed": False, "p_late": [1.0, 0.2], "p_late_30": 0.1,
    ...     "p_paid_14": 0.5, "p_paid_30": 0.7})
    >>> roll_up(rows, {}, None)[["currency", "exposure", "p_late", "other_amounts"]].values.tolist()
    [['EUR', 10.0, 1.0, '{"USD": {"exposure": 30.0, "overdue_amount": 0.0, "expected_late_amount": 3.0, "undisputed_amount": 30.0}}']]
    >>> roll_up(rows, {"EUR": 1.0, "USD": 0.5}, "EUR")[["currency", "exposure", "p_late"]].values.tolist()
    [['EUR', 25.0, 0.2]]
    """
    rows = reported(invoices, rates, reporting_currency)
    amount = rows["open_amount"]
    not_due = pd.Series(days_past(rows) < 0, index=rows.index)
    rows["exposure"] = amount
    rows["overdue_amount"] = amount.where(rows["dpd"] > 0, 0.0)
    rows["disputed_amount"] = amount.where(rows["is_disputed"], 0.0)
    rows["overdue_disputed"] = rows["overdue_amount"].where(rows["is_disputed"], 0.0)
    rows["expected_late_amount"] = amount * rows["p_late_30"]
    rows["late_disputed"] = rows["expected_late_amount"].where(rows["is_disputed"], 0.0)
    rows["not_due_amount"] = amount.where(not_due, 0.0)
    rows["late_of_not_due"] = (amount * rows["p_late"]).where(not_due, 0.0)
    rows["paid_14"] = amount * rows["p_paid_14"]
    rows["paid_30"] = amount * rows["p_paid_30"]
    by_currency = rows.groupby(["customer_id", "currency"], as_index=False)[list(AMOUNTS)].sum()
    by_currency["n"] = rows.groupby(["customer_id", "currency"]).size().to_numpy()
    by_currency["share"] = by_currency["overdue_amount"] / by_currency["exposure"]
    by_currency["undisputed_share"] = (by_currency["overdue_amount"] - by_currency["overdue_disputed"]) / by_currency["exposure"]
    order = ["customer_id", "share", "undisputed_share", "n", "currency"]
    ordered = by_currency.sort_values(order, ascending=[True, False, False, False, True])
    own = ordered.drop_duplicates("customer_id").set_index("customer_id")
    rest = ordered[ordered.duplicated("customer_id")]
    own["other_amounts"] = pd.Series({c: _other(part) for c, part in rest.groupby("customer_id")}, dtype="object")
    own["p_late"] = np.where(
        own["not_due_amount"] > 0, own["late_of_not_due"] / own["not_due_amount"].where(own["not_due_amount"] > 0), 1.0
    )
    own["p_paid_14"] = own["paid_14"] / own["exposure"]
    own["p_paid_30"] = own["paid_30"] / own["exposure"]
    chased = rows["dpd"].where(~rows["is_disputed"]).groupby(rows["customer_id"]).max()
    own["max_dpd"] = rows.groupby("customer_id")["dpd"].max().astype("int64")
    own["chased_dpd"] = chased.fillna(own["max_dpd"]).astype("int64")
    coming = rows["due_on"].where(rows["dpd"] <= 0)
    undisputed = coming.where(~rows["is_disputed"]).groupby(rows["customer_id"]).min()
    own["next_due_on"] = undisputed.fillna(coming.groupby(rows["customer_id"]).min())
    own["n_open"] = rows.groupby("customer_id").size()
    dropped = ["not_due_amount", "late_of_not_due", "paid_14", "paid_30", "n", "share", "undisputed_share"]
    return own.drop(columns=dropped).reset_index()


def reported(invoices: pd.DataFrame, rates: dict[str, float], reporting_currency: str | None) -> pd.DataFrame:
    """Invoices with `open_amount` and `currency` as they are reported: converted where all that their customer owes can be.

    >>> rows = pd.DataFrame({"customer_id": ["A", "B", "B"], "currency": ["USD", "USD", "JPY"], "open_amount": [30.0, 30.0, 9.0]})
    >>> reported(rows, {"EUR": 1.0, "USD": 0.5}, "EUR")[["currency", "open_amount"]].values.tolist()
    [['EUR', 15.0], ['USD', 30.0], ['JPY', 9.0]]
    """
    factor = factors(invoices["currency"], rates, reporting_currency)
    convertible = factor.notna().groupby(invoices["customer_id"]).transform("all")
    return invoices.assign(
        open_amount=invoices["open_amount"] * np.where(convertible, factor, 1.0),
        currency=np.where(convertible, reporting_currency or invoices["currency"], invoices["currency"]),
    )


def factors(currency: pd.Series, rates: dict[str, float], reporting_currency: str | None) -> pd.Series:
    """What one unit of each row's currency is worth in the reporting currency; NaN where that is not known.

    >>> factors(pd.Series(["EUR", "USD", "JPY"]), {"EUR": 1.0, "USD": 0.5}, "EUR").tolist()
    [1.0, 0.5, nan]

    A reporting currency without a rate is the base in which rates are told, unless another one is worth 1: then nothing is known of it.

    >>> factors(pd.Series(["GBP", "USD"]), {"USD": 0.5}, "GBP").tolist(), factors(pd.Series(["EUR", "GBP"]), {"EUR": 1.0}, "GBP").tolist()
    ([1.0, 0.5], [nan, 1.0])
    """
    if reporting_currency not in rates and 1.0 in rates.values():
        rates = {}
    if reporting_currency is None:
        return pd.Series(np.nan, index=currency.index)
    base = rates.get(reporting_currency, 1.0)
    worth = {**{code: rate / base for code, rate in rates.items()}, reporting_currency: 1.0}
    return currency.map(worth).astype("float64")


def _other(part: pd.DataFrame) -> str:
    amounts = {
        row["currency"]: {name: row[name] for name in ("exposure", "overdue_amount", "expected_late_amount")}
        | {"undisputed_amount": row["exposure"] - row["disputed_amount"]}
        for row in part.sort_values("currency").to_dict("records")
    }
    return json.dumps(amounts)
