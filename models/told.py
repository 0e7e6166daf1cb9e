"""The figure that is told with each reason, whether it bears the sentence out, and the evidence that it rests on.

SHAP values are shared among related features, so that a code can weigh in against its own best-known figure; a person would not
believe such a sentence, and it is left unsaid. Figures are plain ones (`features.plain`), compared as they are shown: rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.month_days import sixth_of
from features.pay_runs import MONTH
from features.plain import Plain
from models.figures import (
    SOME,
    Figure,
    Rule,
    apart,
    as_shown,
    by_a_tenth,
    by_some_days,
    compared,
    differs,
    habit,
    little,
    nothing_is_good,
    of_some,
    out_of_rhythm,
    stands,
)

ON_SET_DAYS = 0.6
"""Who pays so much on one day of the week or two has days on which it pays; else there is nothing for a due date to fit."""


@dataclass(frozen=True)
class Case:
    """What a figure may be taken from: the open invoice that speaks (a feature-matrix row), its customer's plain figures and history."""

    invoice: pd.Series
    customer: pd.Series
    history: pd.DataFrame
    plain: Plain
    seen: dict[str, float]

    @property
    def others(self) -> pd.DataFrame:
        """The history without the invoice that speaks: that it is late is no habit yet."""
        others: pd.DataFrame = self.history[self.history["invoice_id"] != self.invoice["invoice_id"]]
        return others


def _share(n: float, of: float, usual: float = math.nan) -> Figure:
    return Figure(n / of if of else math.nan, usual, "share", of)


def _habit_late(c: Case) -> Figure:
    others = c.others
    return _share(float(others["is_late"].sum()), float(len(others)), c.plain.usual["late_share"])


def _habit_days(c: Case) -> Figure:
    return Figure(c.customer["days_late"], c.plain.usual["days_late"], "delay")


def _recent_change(c: Case) -> Figure:
    lately, before = c.customer["days_late_lately"], c.customer["days_late_before"]
    # How late those will be that are still open nobody knows: at least so much, and perhaps no less than before.
    # Nor is who has left some unpaid since long before any faster for it.
    unknown = before != before or (c.customer["n_open_lately"] + c.customer["n_open_before"] > 0 and lately < before)
    return Figure(math.nan if unknown else lately, before, "delay")


def _overdue_now(c: Case) -> Figure:
    n = c.invoice["overdue_count"]
    return Figure(n, c.seen.get("overdue_count", math.nan), "count" if n else "none")


def _open_load(c: Case) -> Figure:
    return Figure(c.customer["months_open"], c.plain.usual["months_open"], "count")


def _amount_unusual(c: Case) -> Figure:
    past = c.history.loc[c.history["currency"] == c.invoice["currency"], "amount"]
    return Figure(float(c.invoice["amount"]), past.median(), "money") if len(past) else Figure(math.nan)


def _terms(c: Case) -> Figure:
    return Figure(c.invoice["terms_days"], c.seen.get("terms_days", math.nan), "days")


def _due_day(c: Case) -> Figure:
    others = c.others
    same = others[others["due_weekday"] == c.invoice["due_weekday"]]
    return _share(float(same["is_late"].sum()), float(len(same)), _habit_late(c).value)


def _business_unit(c: Case) -> Figure:
    others = c.others
    same = others[others["business_unit"] == c.invoice["business_unit"]]
    return _share(float(same["is_late"].sum()), float(len(same)), _habit_late(c).value)


def _pay_day(c: Case) -> Figure:
    weekday = c.history["paid_on"].dropna().dt.day_of_week
    return _days_on((weekday - c.invoice["due_weekday"]) % 7, weekday, c.seen.get("pay_day_gap", math.nan))


def _month_day(c: Case) -> Figure:
    paid_on, due = c.history["paid_on"].dropna().dt.day, c.invoice["due_on"].day
    sixth = sixth_of(paid_on)
    days = ((paid_on - due) % MONTH).where(sixth != sixth_of(due), 0.0)
    return _days_on(days, sixth, c.seen.get("month_day_gap", math.nan))


def _days_on(days: pd.Series, place: pd.Series, usual: float) -> Figure:
    """The mean of days counted on to each payment, where there are some and one place in the week or month, or two, has most of them."""
    is_set = len(days) >= SOME and place.value_counts(normalize=True).head(2).sum() >= ON_SET_DAYS
    value = days.mean() if is_set else math.nan
    return Figure(value, usual, "days" if as_shown(value, "days") else "none", float(len(days)))


def _part_payments(c: Case) -> Figure:
    return _share(c.customer["n_in_parts"], c.customer["n_due"], c.plain.usual["in_parts_share"])


def _broken_promises(c: Case) -> Figure:
    return _share(c.customer["n_broken"], c.customer["n_broken"] + c.customer["n_kept"])


def _no_answer(c: Case) -> Figure:
    return _share(c.customer["n_unanswered"], c.customer["n_tried"], c.plain.usual["unanswered_share"])


def _dispute(c: Case) -> Figure:
    days = c.plain.disputed_for.get(str(c.invoice["invoice_id"]))
    return Figure(math.nan) if days is None else Figure(days, unit="days" if days else "none")


def _skipped(c: Case) -> Figure:
    return Figure(float(round(np.expm1(c.invoice["overtaken_count"]))), unit="count")


def _last_payment(c: Case) -> Figure:
    days = c.customer["days_since_payment"]
    return Figure(math.inf) if days != days else Figure(days, c.invoice["pay_gap"], "days")


def _thin_history(c: Case) -> Figure:
    n = c.customer["n_due"]
    return Figure(n, c.plain.usual["n_due"], "count" if n else "none")


def _segment(c: Case) -> Figure:
    return Figure(c.invoice["late_share"], c.plain.late_share_of_all, "share")


def _age(c: Case) -> Figure:
    return Figure(c.invoice["dpd"], unit="age")


@dataclass(frozen=True)
class Telling:
    """How a code is told: its figure, when that bears the reason out, and the evidence where it raises and where it lowers."""

    figure: Callable[[Case], Figure]
    rule: Rule
    slower: str
    faster: str


TOLD = {
    "HABIT_LATE": Telling(_habit_late, habit, "late", "prompt"),
    "HABIT_DAYS": Telling(_habit_days, compared, "slowest_paid", "fastest_paid"),
    "RECENT_CHANGE": Telling(_recent_change, compared, "slowest_recent", "fastest_recent"),
    "OVERDUE_NOW": Telling(_overdue_now, nothing_is_good, "overdue", "overdue"),
    "OPEN_LOAD": Telling(_open_load, by_a_tenth, "open", "open"),
    "AMOUNT_UNUSUAL": Telling(_amount_unusual, by_a_tenth, "self", "self"),
    "TERMS": Telling(_terms, differs, "self", "self"),
    "DUE_DAY": Telling(_due_day, of_some, "late_same_weekday", "prompt_same_weekday"),
    "BUSINESS_UNIT": Telling(_business_unit, of_some, "late_same_unit", "prompt_same_unit"),
    "PAY_DAY": Telling(_pay_day, by_some_days, "paid", "paid"),
    "MONTH_DAY": Telling(_month_day, by_some_days, "paid", "paid"),
    "PART_PAYMENTS": Telling(_part_payments, habit, "part_paid", "paid_at_once"),
    "BROKEN_PROMISES": Telling(_broken_promises, habit, "", ""),
    "NO_ANSWER": Telling(_no_answer, habit, "", ""),
    "DISPUTE": Telling(_dispute, stands, "self", "self"),
    "SKIPPED": Telling(_skipped, compared, "overtaking", ""),
    "LAST_PAYMENT": Telling(_last_payment, out_of_rhythm, "last_payment", "last_payment"),
    "THIN_HISTORY": Telling(_thin_history, little, "known", "known"),
    "SEGMENT": Telling(_segment, apart, "", ""),
    "AGE": Telling(_age, compared, "self", "self"),
}


def told(code: str, case: Case, *, raises: bool) -> tuple[Figure, str] | None:
    """The figure of a code and the kind of evidence behind it; None where it is not known, or does not bear the reason out."""
    telling = TOLD[code]
    figure = telling.figure(case)
    if math.isnan(figure.value) or not telling.rule(figure, raises):
        return None
    return figure, telling.slower if raises else telling.faster
