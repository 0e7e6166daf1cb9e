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

LITTLE = 5
"""At most so many past invoices are little history."""
SOME = 3
"""From fewer than these no habit is read that speaks for a customer."""
SOME_DAYS = 3
"""Within a month fewer days are no difference."""
ON_SET_DAYS = 0.6
"""Who pays so much on one day of the week or two has days on which it pays; else there is nothing for a due date to fit."""
NOW_AND_THEN = 0.1
"""What happens more seldom is no habit that speaks against one."""


@dataclass(frozen=True)
class Figure:
    """A value, the usual value, their unit, and of how many it was counted (NaN: it was not)."""

    value: float
    usual: float = math.nan
    unit: str = "none"
    of: float = math.nan

    @property
    def shown(self) -> tuple[float, float]:
        """The value and the usual value, rounded as people read them.

        >>> Figure(12.4, 11.6, "delay").shown, Figure(0.5, 0.4967, "share", 6).shown, Figure(3.04, 3.0, "days").shown
        ((12.0, 12.0), (0.5, 0.5), (3.0, 3.0))
        """
        return as_shown(self.value, self.unit), as_shown(self.usual, self.unit)


def as_shown(value: float, unit: str) -> float:
    if not math.isfinite(value):
        return value
    places = {"share": 2, "money": 2, "delay": 0, "age": 0}.get(unit, 1 if abs(value) < 10 else 0)
    return float(round(value, places))


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


Rule = Callable[[Figure, bool], bool]


def compared(figure: Figure, raises: bool) -> bool:
    """More than usual where it raises, less where it lowers; zero is usual where nothing else is known.

    >>> compared(Figure(3, 2, "count"), True), compared(Figure(12.4, 11.6, "delay"), True), compared(Figure(math.nan), True)
    (True, False, False)
    """
    value, usual = figure.shown
    bar = 0.0 if math.isnan(usual) else usual
    return value > bar if raises else value < bar


def nothing_is_good(figure: Figure, raises: bool) -> bool:
    """As compared; zero speaks for a customer whatever is usual."""
    return compared(figure, raises) or (not raises and figure.value == 0)


def habit(figure: Figure, raises: bool) -> bool:
    """A counted share: above the usual where it raises, and more than now and then; below it where it lowers, and less than half.

    Where it never happens to anybody, that it did not happen here says nothing.

    >>> habit(Figure(1.0, 0.5, "share", 2), True), habit(Figure(0.01, 0.0, "share", 100), True)
    (True, False)
    >>> habit(Figure(0.0, 0.5, "share", 2), False), habit(Figure(0.0, 0.5, "share", 3), False), habit(Figure(0.0, 0.0, "share", 3), False)
    (False, True, False)
    """
    told = figure.value >= NOW_AND_THEN if raises else figure.of >= SOME and figure.value < 0.5
    return told and (raises or figure.usual != 0) and nothing_is_good(figure, raises)


def of_some(figure: Figure, raises: bool) -> bool:
    """As compared and by a tenth at least, where there are enough to tell.

    >>> of_some(Figure(8 / 15, 0.52, "share", 15), True), of_some(Figure(0.8, 0.52, "share", 15), True)
    (False, True)
    """
    return figure.of >= SOME and apart(figure, raises)


def apart(figure: Figure, raises: bool) -> bool:
    """As compared and by a tenth at least.

    >>> apart(Figure(0.97, 0.99, "share"), False), apart(Figure(0.4, 0.2, "share"), True)
    (False, True)
    """
    return abs(figure.value - figure.usual) >= NOW_AND_THEN and compared(figure, raises)


def by_some_days(figure: Figure, raises: bool) -> bool:
    """As compared and by three days at least.

    >>> by_some_days(Figure(13, 12, "days", 40), True), by_some_days(Figure(19, 12, "days", 40), True)
    (False, True)
    """
    return abs(figure.value - figure.usual) >= SOME_DAYS and compared(figure, raises)


def out_of_rhythm(figure: Figure, raises: bool) -> bool:
    """Never yet where it raises; else as compared with one's own rhythm, and by three days and a tenth of it at least.

    >>> [out_of_rhythm(Figure(value, usual, "days"), True) for value, usual in ((5, 3), (63, 60), (24, 14))]
    [False, False, True]
    >>> out_of_rhythm(Figure(math.inf), True), out_of_rhythm(Figure(24, math.nan, "days"), True)
    (True, False)
    """
    never = raises and math.isinf(figure.value)
    return never or (by_some_days(figure, raises) and by_a_tenth(figure, raises))


def by_a_tenth(figure: Figure, raises: bool) -> bool:
    """As compared, and by a tenth of what is usual at least.

    >>> by_a_tenth(Figure(3936, 3901, "money"), True), by_a_tenth(Figure(5000, 3901, "money"), True)
    (False, True)
    """
    return abs(figure.value - figure.usual) >= NOW_AND_THEN * abs(figure.usual) and compared(figure, raises)


def differs(figure: Figure, raises: bool) -> bool:
    """The model may read either side of the usual value as slower."""
    value, usual = figure.shown
    return value != usual


def little(figure: Figure, raises: bool) -> bool:
    """Few past invoices where it raises; more than usual by a tenth where it lowers.

    >>> little(Figure(51, 40, "count"), True), little(Figure(51, 40, "count"), False), little(Figure(2, 40, "count"), True)
    (False, True, True)
    >>> little(Figure(16, 15, "count"), False)
    False
    """
    return figure.value <= LITTLE if raises else figure.value > max((1 + NOW_AND_THEN) * figure.usual, LITTLE)


def stands(figure: Figure, raises: bool) -> bool:
    """What is there is told as slowing payment, whatever the figure."""
    return raises


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
