"""Reasons in words: from a code, a value and the usual value to a sentence a collector could say."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import pandas as pd

from ledger.errors import RefusedError, nearest
from worklist.facts import per_customer
from worklist.money import money_text
from worklist.texts import UNITS, Texts, fill

POSITIONS = (1, 2, 3)
SHOWN_INVOICES = 3

_SPECIAL, _ESCAPED, _NUMBER = re.compile(r"([|\\])"), re.compile(r"\\(.)"), re.compile(r"(?:\\.|[^|\\])+")


def value_text(value: float, unit: str, currency: str | None, texts: Texts, of: float = math.nan) -> str:
    """A value in its unit, a share counted where it is one `of` so many; empty where it is missing or has none.

    >>> from worklist.texts import load_texts
    >>> [value_text(v, u, "EUR", load_texts()) for v, u in ((1, "days"), (12.4, "days"), (0.456, "share"), (3, "count"), (1e3, "money"))]
    ['1 day', '12 days', '46 %', '3', '1,000.00 EUR']
    >>> [value_text(v, u, None, load_texts()) for v, u in ((-5.3, "delay"), (0.2, "delay"), (12.4, "delay"), (-5, "age"), (1, "age"))]
    ['5 days early', 'on the day', '12 days late', 'due in 5 days', '1 day past due']
    >>> value_text(2 / 3, "share", None, load_texts(), of=3), value_text(float("nan"), "days", None, load_texts())
    ('2 of 3', '')
    """
    if unit == "none" or value != value:
        return ""
    if unit == "money":
        return money_text(value, currency)
    if unit == "share":
        if of == of:
            return texts.units.counted.format(n=f"{round(value * of):,}", of=f"{of:,.0f}")
        return texts.units.share.format(n=f"{100 * value:.0f}")
    if unit in ("delay", "age"):
        n, on_day = round(value), texts.units.on_day if unit == "delay" else texts.units.due_today
        after, before = (texts.units.late, texts.units.early) if unit == "delay" else (texts.units.past_due, texts.units.due_in)
        return (after if n > 0 else before).format(days=_days(f"{abs(n):,}", texts)) if n else on_day
    number = f"{value:.1f}" if abs(value) < 10 and abs(value - round(value)) >= 0.05 else f"{round(value):,}"
    return number if unit == "count" else _days(number, texts)


def _days(number: str, texts: Texts) -> str:
    return (texts.units.day if number == "1" else texts.units.days).format(n=number)


def invoices_text(invoices: tuple[str, ...], texts: Texts) -> str:
    """The first few invoice numbers, and how many more there are.

    >>> from worklist.texts import load_texts
    >>> invoices_text(("1", "2", "3", "4"), load_texts())
    '1, 2, 3 and 1 more'
    """
    shown = ", ".join(invoices[:SHOWN_INVOICES])
    more = len(invoices) - SHOWN_INVOICES
    return texts.units.and_more.format(ids=shown, n=more) if more > 0 else shown


def split_ids(invoices: object) -> tuple[str, ...]:
    """Invoice numbers from a list, or from text as `join_ids` writes it.

    >>> split_ids("7|8"), split_ids(["7"]), split_ids(None), split_ids("")
    (('7', '8'), ('7',), (), ())
    >>> split_ids(join_ids(("7|8", "9")))
    ('7|8', '9')
    """
    if isinstance(invoices, str):
        return tuple(_ESCAPED.sub(r"\1", one) for one in _NUMBER.findall(invoices))
    if isinstance(invoices, Iterable):
        return tuple(str(one) for one in invoices)
    return ()


def join_ids(invoices: tuple[str, ...]) -> str:
    """Invoice numbers joined by "|"; a bar or a backslash within one has a backslash before it."""
    return "|".join(_SPECIAL.sub(r"\\\1", one) for one in invoices)


def reasons_of(customers: pd.DataFrame, reasons: pd.DataFrame, texts: Texts) -> pd.DataFrame:
    """`reason_n`, `reason_n_code` and `reason_n_invoices` (`join_ids`) for n = 1, 2, 3, aligned with `customers`; missing where none.

    Raises RefusedError for a code without a text, or an unknown unit.
    """
    for column, known in (("code", tuple(texts.reasons)), ("unit", UNITS)):
        for word in reasons[column].dropna().unique():
            if word not in known:
                raise RefusedError(f"reasons, column {column}: no text for '{word}': {nearest(str(word), known)}; add it to the texts file")
    currency = dict(zip(customers["customer_id"], customers["currency"].astype(object), strict=True))
    wanted = reasons[reasons["customer_id"].isin(customers["customer_id"]) & reasons["position"].isin(POSITIONS)]
    wanted = wanted.astype({"value": "float64", "usual": "float64", "of": "float64"})
    said, ids = [], []
    for customer, code, contribution, value, usual, unit, of, invoices in zip(
        *(wanted[name] for name in ("customer_id", "code", "contribution", "value", "usual", "unit", "of", "invoices")), strict=True
    ):
        money, named = currency[customer], split_ids(invoices)
        fields = {
            "value": value_text(value, unit, money, texts, of),
            "usual": value_text(usual, unit, money, texts),
            "invoices": invoices_text(named, texts),
        }
        said.append(fill(texts.reasons[code].template(unit, raises=contribution >= 0), fields))
        ids.append(join_ids(named))
    long = pd.DataFrame(
        {"customer_id": wanted["customer_id"].to_numpy(), "position": wanted["position"].to_numpy(), "code": wanted["code"].to_numpy()}
    ).assign(text=pd.Series(said, dtype="str"), invoices=pd.Series(ids, dtype="str"))
    out: dict[str, pd.Series] = {}
    for n in POSITIONS:
        at = long[long["position"] == n].drop_duplicates("customer_id").set_index("customer_id")
        for name, column in ((f"reason_{n}", "text"), (f"reason_{n}_code", "code"), (f"reason_{n}_invoices", "invoices")):
            out[name] = per_customer(customers, at[column]).astype("str")
    return pd.DataFrame(out, index=customers.index)
