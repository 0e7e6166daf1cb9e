"""Why: exact SHAP values become reasons. The only file that imports shap.

The values explain the uncalibrated margin of the heads that speak for an invoice, not the calibrated probability: where it is not yet
due, the log-odds of being late by the late head and the linear one, as the model weighs them; where it is overdue, or these tell nobody
from another, the hazard head's mean log-odds of payment over the days to come, with its sign turned, so that more always means slower.
Habits of a customer without history are those of its peers, and told as theirs. A customer's reason is the mean over its invoices,
weighted by open amount, of all features that speak with the same code.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from features.evidence import Evidence
from features.matrix import FEATURES
from features.plain import Plain
from features.portfolio import Portfolio
from models.arrays import Bools, Floats
from models.bag import Bag
from models.champion import Champion
from models.drift import without
from models.odds import logit
from models.payment import late, steps
from models.payment.lateness import days_past
from models.payment.payment_time import PaymentTimeModel
from models.told import TOLD, Case, told

EXPLAINED_INVOICES = 10
# A whole week, so that no weekday speaks for itself.
STEPS_TO_COME = tuple(range(7))
STEP_CODES = {
    "step_days_late": "AGE",
    "step_days_late_net": "AGE",
    "step_less_usual": "HABIT_DAYS",
    "step_less_usual_weekday": "HABIT_DAYS",
    "step_less_usual_unit": "BUSINESS_UNIT",
    "step_pay_gaps": "LAST_PAYMENT",
}
# What is said of its peers where a customer has no history of its own.
OF_PEERS = ["HABIT_LATE", "HABIT_DAYS", "RECENT_CHANGE", "PART_PAYMENTS"]
REASON_COLUMNS = ("customer_id", "position", "code", "contribution", "value", "usual", "unit", "of", "invoices")


def contributions(champion: Champion, rows: pd.DataFrame, *, threads: int = 1) -> pd.DataFrame:
    """Signed contributions by code, one row an invoice of `rows` (more is later), columns the codes of `TOLD`."""
    out = pd.DataFrame(0.0, index=rows.index, columns=list(TOLD))
    if not isinstance(champion.payment, PaymentTimeModel):
        share = np.clip(rows["so_far_late_share"].fillna(0.5).to_numpy(dtype="float64"), 0.01, 0.99)
        usual = np.array([np.clip(champion.usual.get("so_far_late_share", 0.5), 0.01, 0.99)])
        out["HABIT_LATE"] = logit(share) - logit(usual)
        return _told_of_peers(out, rows)
    known = without(rows, champion.payment.left_out)
    by_late = days_past(rows) < 0
    if by_late.any():
        values = late_values(champion.payment, late.design(known[by_late]), threads=threads)
        _add(out, by_late, values, late.COLUMNS)
        by_late &= values.any()
    if (~by_late).any():
        others = known[~by_late]
        n = len(others)
        pairs = np.repeat(np.arange(n), len(STEPS_TO_COME)), np.tile(np.array(STEPS_TO_COME), n)
        head = champion.payment.hazard
        values = bag_values(head, steps.design(others, *pairs, by_month=steps.FIRST_DAY in head.columns), threads=threads)
        _add(out, ~by_late, -values.reshape(n, len(STEPS_TO_COME), -1).mean(axis=1), tuple(head.columns))
    return _told_of_peers(out, rows)


def _told_of_peers(out: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    unknown = rows["history_weight"].to_numpy(dtype="float64") == 0
    out.loc[unknown, "SEGMENT"] = out.loc[unknown, OF_PEERS].sum(axis=1)
    out.loc[unknown, OF_PEERS] = 0.0
    return out


def shap_values(booster: Any, design: npt.NDArray[np.float32], *, threads: int = 1) -> Floats:
    """Exact SHAP values of a booster's margin, shape (rows, columns), or (rows, columns, classes) where it has one for each class.

    With the expected value they sum to the margin.
    """
    import shap

    # shap asks LightGBM without saying how many threads it may use, which would be all.
    with threadpool_limits(threads, user_api="openmp"), warnings.catch_warnings():
        # shap announces a list where it gives an array.
        warnings.filterwarnings("ignore", message="LightGBM binary classifier")
        return np.asarray(shap.TreeExplainer(booster).shap_values(design), dtype="float64")


def bag_values(bag: Bag, design: npt.NDArray[np.float32], *, threads: int = 1) -> Floats:
    """Exact SHAP values of a bag's margin: the mean of its members', since the margin is the mean of theirs."""
    return np.asarray(np.mean([shap_values(one, design, threads=threads) for one in bag.members], axis=0))


def late_values(model: PaymentTimeModel, design: npt.NDArray[np.float32], *, threads: int = 1) -> Floats:
    """Values of the late head and of the linear head, as the model weighs them; of the late one alone where the linear one is not heard."""
    of_late, of_linear = model.stacking.late_head_weight, model.stacking.linear_late_weight
    values = bag_values(model.late, design, threads=threads)
    if not of_linear:
        return values
    return (of_late * values + of_linear * model.linear_late.contributions(design)) / (of_late + of_linear)


def _add(out: pd.DataFrame, mask: Bools, values: Floats, columns: tuple[str, ...]) -> None:
    for position, name in enumerate(columns):
        code = STEP_CODES.get(name) or (FEATURES[name].reason if name in FEATURES else "")
        if code:
            out.loc[mask, code] += values[:, position]


def explained_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The invoices that speak for each customer: those due today or before if it has any, else the others; the ten that count most.

    Adds `counts`, how much each counts: its open amount, in mean amounts of its customer in that currency, since amounts of several
    currencies are not compared.

    >>> of_both = {"customer_id": "a", "invoice_id": ["1", "2", "3"], "currency": ["EUR", "JPY", "JPY"], "dpd": -9}
    >>> explained_rows(pd.DataFrame({**of_both, "open_amount": [150.0, 30_000.0, 10_000.0]}))["counts"].tolist()
    [1.5, 1.0, 0.5]
    """
    due = rows["dpd"] >= 0
    any_due = due.groupby(rows["customer_id"]).transform("any")
    chosen = rows[due | ~any_due]
    amount = chosen["open_amount"].clip(lower=1e-9)
    counts = amount / amount.groupby([chosen["customer_id"], chosen["currency"]]).transform("mean")
    ordered = chosen.assign(counts=counts).sort_values(["customer_id", "counts", "invoice_id"], ascending=[True, False, True])
    return ordered.groupby("customer_id").head(EXPLAINED_INVOICES).reset_index(drop=True)


def reasons(champion: Champion, rows: pd.DataFrame, portfolio: Portfolio, *, threads: int = 1, most: int = 3) -> pd.DataFrame:
    """The strongest reasons of each customer in `rows` (feature-matrix rows of one day), those for lateness first.

    Columns: `customer_id, position, code, contribution, value, usual, unit, of, invoices`; `of` is how many a figure was counted of,
    `invoices` are the ids of rows known on the day.
    """
    chosen = explained_rows(rows)
    if chosen.empty:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in REASON_COLUMNS})
    by_invoice = contributions(champion, chosen, threads=threads)
    weight = chosen["counts"]
    total = weight.groupby(chosen["customer_id"]).transform("sum")
    by_customer = by_invoice.mul(weight / total, axis=0).groupby(chosen["customer_id"]).sum()
    speaks = by_invoice.mul(weight, axis=0)
    places = chosen.groupby("customer_id").indices
    evidence, plain = Evidence(portfolio, list(by_customer.index)), Plain(portfolio)
    said = []
    for name, row in by_customer.iterrows():
        customer = str(name)
        mine = places[customer]
        own, history = plain.of(customer), evidence.history(customer)
        ordered = row[row.abs() > 1e-6].sort_values(ascending=False, kind="stable")
        position = 0
        for code, contribution in [*ordered[ordered > 0].items(), *ordered[ordered < 0][::-1].items()]:
            # Of the invoices that speak so: one of another mind would make the reason untrue of the customer.
            strongest = (speaks[str(code)].to_numpy()[mine] * np.sign(contribution)).argmax()
            invoice = chosen.iloc[mine[strongest]]
            found = told(str(code), Case(invoice, own, history, plain, champion.usual), raises=contribution > 0)
            if found is None:
                continue
            position += 1
            figure, kind = found
            cited = tuple(evidence.invoices(customer, kind, str(invoice["invoice_id"])))
            said.append((customer, position, code, float(contribution), figure.value, figure.usual, figure.unit, figure.of, cited))
            if position == most:
                break
    return pd.DataFrame(said, columns=list(REASON_COLUMNS))
