"""Pictures of several ledgers side by side; the real one, where there is one, is the thick dark line.

Each takes the portraits and what `pipelines.plausibility.compare` found of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.pictures import INK, SOFT
from pipelines.plausibility import NUMBERS, REAL, lorenz
from pipelines.portrait import Portrait
from pipelines.portrait_pictures import AMBER, PALE, RED, Picture, entitle, in_percent, new_panels
from pipelines.portrait_words import share
from worklist.page import BUCKETS

# Okabe and Ito: told apart by everybody.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
FIRST_DAY, LAST_DAY = -20, 60
ABSENT = "-"


def lateness(books: Mapping[str, Portrait], figures: pd.DataFrame) -> Picture:
    """Share still unpaid by day since the due day, and days late when paid."""
    figure, (unpaid, spread) = new_panels(1, 2, 3.4)
    for name, style in _styles(books).items():
        curve = books[name].unpaid_curve.loc[FIRST_DAY:LAST_DAY, "all"]
        unpaid.plot(curve.index, curve, drawstyle="steps-post", label=name, **style)
        due = books[name].due_invoices
        days = due.loc[due["paid_on"].notna(), "days_late"].value_counts(normalize=True)
        shares = days.reindex(range(FIRST_DAY - 3, LAST_DAY + 4)).fillna(0)
        # A week's mean: pay runs would hide everything else.
        smooth = shares.rolling(7, center=True).mean().dropna()
        spread.plot(smooth.index, smooth, label=name, **style)
    entitle(unpaid, "Still unpaid by day since the due day")
    entitle(spread, "Paid on that day since the due day (mean of a week)")
    for panel in (unpaid, spread):
        panel.axvline(0, color=SOFT, linewidth=1, linestyle=":")
        panel.set_ylim(bottom=0)
        in_percent(panel.yaxis)
    unpaid.legend(frameon=False, fontsize=8)
    return Picture(figure, _told(figures, "late [of invoices due]", "more than 30 days late [of invoices due]"))


def weekdays(books: Mapping[str, Portrait], figures: pd.DataFrame) -> Picture:
    """On which weekdays money comes, and how late what falls due on each of them is."""
    figure, (paid, late) = new_panels(1, 2, 3.0)
    for name, style in _styles(books).items():
        week = books[name].weekdays
        paid.plot(week.index, week["paid"], marker="o", markersize=3, label=name, **style)
        late.plot(week.index, week["late_share"].where(week["n"] >= 30), marker="o", markersize=3, **style)
    entitle(paid, "Payments by weekday")
    entitle(late, "Late share by weekday due")
    for panel in (paid, late):
        panel.set_ylim(bottom=0)
        in_percent(panel.yaxis)
    paid.legend(frameon=False, fontsize=8, loc="lower left", ncols=2)
    return Picture(figure, _told(figures, "paid on the commonest weekday", "due on a weekend"))


def ageing(books: Mapping[str, Portrait], figures: pd.DataFrame) -> Picture:
    """What is open by days past due, one bar a ledger (its main currency)."""
    figure, (panel,) = new_panels(1, 1, 0.45 * len(books) + 1.0)
    names = list(books)[::-1]
    open_now = {name: books[name].ageing.reindex([books[name].main_currency]).iloc[0] for name in names}
    parts = pd.DataFrame(open_now).T.reindex(columns=list(BUCKETS)).astype("float64")
    parts = parts.div(parts.sum(axis=1), axis=0).fillna(0.0)  # a ledger with nothing open has no bar
    left = np.zeros(len(parts))
    for bucket, colour in zip(BUCKETS, (PALE, "#f7d58a", AMBER, "#e08a4f", RED), strict=True):
        panel.barh(parts.index, parts[bucket], left=left, color=colour, label="not due" if bucket == "current" else f"{bucket} days")
        left = left + parts[bucket].to_numpy()
    entitle(panel, "What is open by days past due")
    panel.grid(visible=False)
    panel.set_xlim(0, 1)
    in_percent(panel.xaxis)
    figure.legend(*panel.get_legend_handles_labels(), loc="outside lower center", ncols=len(BUCKETS), frameon=False, fontsize=8)
    return Picture(figure, _told(figures, "overdue [of the amount open]", "more than 90 days past due [of the amount open]"))


def concentration(books: Mapping[str, Portrait], figures: pd.DataFrame) -> Picture:
    """Lorenz curves of a year's amount by customer: the further from the diagonal, the fewer customers hold it."""
    figure, (whole, top) = new_panels(1, 2, 3.4)
    for name, style in _styles(books).items():
        held = lorenz(books[name])
        place = np.linspace(0, 1, len(held))
        for panel in (whole, top):
            panel.plot(place, held, label=name, **style)
    for panel in (whole, top):
        panel.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=":")
        panel.set_xlabel("share of customers, the smallest first", fontsize=8, color=INK)
        in_percent(panel.xaxis, panel.yaxis)
    top.set(xlim=(0.9, 1.0), ylim=(0, 1))
    entitle(whole, "Share of a year's amount")
    entitle(top, "The same, the largest tenth")
    whole.legend(frameon=False, fontsize=8)
    return Picture(figure, _told(figures, "largest customer [of a year's amount]", "largest tenth of customers [of a year's amount]"))


def parts(books: Mapping[str, Portrait], figures: pd.DataFrame) -> Picture:
    """Invoices paid in more than one payment, and those with a credit note; a ledger that records none has no bar."""
    figure, panels = new_panels(1, 2, 0.3 * len(books) + 0.9)
    for panel, row in zip(panels, ("paid in more than one payment [of those paid]", "with a credit note"), strict=True):
        values = figures.loc[row].dropna().iloc[::-1]
        bars = panel.barh(values.index, values, color=[INK if name == REAL else PALE for name in values.index])
        panel.bar_label(bars, [share(float(value)) for value in values.to_numpy()], fontsize=8, color=INK, padding=3)
        panel.set_yticks(range(len(values)), values.index)
        entitle(panel, row.split(" [", maxsplit=1)[0].capitalize())
        panel.grid(visible=False)
        panel.margins(x=0.2)
        in_percent(panel.xaxis)
    told = _told(figures, "paid in more than one payment [of those paid]", "with a credit note", absent="not recorded")
    return Picture(figure, told)


def shown(figures: pd.DataFrame) -> pd.DataFrame:
    """The table of `compare` as people read it.

    >>> shown(pd.DataFrame({"noisy": [0.25, 12.0]}, index=["due on a weekend", "customers"]))["noisy"].tolist()
    ['25 %', '12']
    >>> shown(pd.DataFrame({"new": [float("nan")]}, index=["due on a weekend"]))["new"].tolist()
    ['-']
    """
    told = {row: [_shown(value, row) for value in figures.loc[row]] for row in figures.index}
    return pd.DataFrame.from_dict(told, orient="index", columns=list(figures.columns)).rename_axis("figure")


def _shown(value: float, row: str) -> str:
    if value != value:
        return ABSENT
    return _number(value) if row in NUMBERS else share(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:.1f}"


def _styles(books: Mapping[str, Portrait]) -> dict[str, dict[str, Any]]:
    """Line styles by ledger; the real one comes last, so that it lies on top."""
    worlds = [name for name in books if name != REAL]
    styles: dict[str, dict[str, Any]] = {name: {"color": COLOURS[n % len(COLOURS)], "linewidth": 1.4} for n, name in enumerate(worlds)}
    return styles | ({REAL: {"color": INK, "linewidth": 2.6}} if REAL in books else {})


def _told(figures: pd.DataFrame, *rows: str, absent: str = ABSENT) -> str:
    found = shown(figures.loc[list(rows)]).replace(ABSENT, absent)
    told = []
    for row in rows:
        values = ", ".join(f"{name} {value}" for name, value in zip(found.columns, found.loc[row], strict=True))
        told.append(f"{row[:1].upper()}{row[1:]}: {values}.")
    return " ".join(told)
