"""The pictures of a ledger, each with the sentence that stands under it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.pictures import ACCENT, INK, SOFT, new_figure, save
from pipelines import portrait_words as words
from pipelines.portrait import FATES, Portrait
from pipelines.portrait_signals import tenths
from pipelines.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

PALE, AMBER, RED = "#a9c4f2", "#f0b429", "#c4501b"
FATE_COLOURS = dict(zip(FATES, (PALE, AMBER, RED, INK), strict=True))
CONCERNS, WIDTH = 12, 9.6


@dataclass(frozen=True)
class Picture:
    """A figure and what is seen on it; a notebook shows one under the other."""

    figure: Figure
    sentence: str

    @property
    def png(self) -> bytes:
        """The figure as PNG, the same bytes for the same tables."""
        held = io.BytesIO()
        save(self.figure, held)
        return held.getvalue()

    def _ipython_display_(self) -> None:
        from IPython.display import Image, Markdown, display

        # The sentence is the picture's alternative text too.
        display(Image(self.png, alt=self.sentence, width=int(WIDTH * 90)))  # type: ignore[no-untyped-call]
        display(Markdown(self.sentence))  # type: ignore[no-untyped-call]


def coverage(portrait: Portrait) -> Picture:
    """Facts by month, one strip a table; the dashed line is `as_of`."""
    months = portrait.activity
    today = (pd.Timestamp(portrait.as_of) - pd.Timestamp(0)).days
    figure, panels = new_panels(months.shape[1], 1, 0.85)
    for panel, name in zip(panels, months, strict=True):
        panel.bar(months.index, months[name], width=25, align="edge", color=ACCENT if name in ("invoices", "payments") else SOFT)
        panel.axvline(today, color=INK, linewidth=1, linestyle="--")
        panel.set_ylabel(str(name).replace("_", "\n"), rotation=0, ha="right", va="center", fontsize=9, labelpad=8)
        panel.sharex(panels[-1])
        _plain_numbers(panel.yaxis, most=2)
        panel.tick_params(axis="x", labelbottom=panel is panels[-1])
    entitle(panels[0], f"Facts by month, as known on {portrait.as_of} (dashed)")
    return Picture(figure, words.coverage(portrait))


def quality(found: pd.DataFrame) -> Picture:
    """The share of what each concern is about; `found` as `pipelines.portrait_quality.concerns` gives it."""
    shown = found.head(CONCERNS).iloc[::-1]
    figure, (panel,) = new_panels(1, 1, max(1.2, 0.34 * len(shown) + 0.6))
    panel.barh(shown.index, shown["share"], color=AMBER)
    for y, (count, part) in enumerate(zip(shown["count"], shown["share"], strict=True)):
        panel.text(part + 0.01, y, f"{count:,} ({words.share(part)})", va="center", color=INK, fontsize=8)
    entitle(panel, "Worth knowing before you trust a figure")
    panel.set_xlim(0, 1.2)
    panel.grid(visible=False)
    panel.set_xticks([])
    return Picture(figure, words.quality(found))


def ageing(portrait: Portrait) -> Picture:
    """Open amount by days past due, one panel a currency (the four with most open invoices)."""
    frame = portrait.ageing.head(words.CURRENCIES)
    figure, panels = new_panels(max(-(-len(frame) // 2), 1), min(max(len(frame), 1), 2), 3.0)
    for panel in panels[len(frame) :]:
        panel.axis("off")
    for panel, (currency, row) in zip(panels, frame.iterrows(), strict=False):
        bars = panel.bar(row.index, row, color=[PALE, AMBER, AMBER, RED, RED])
        panel.bar_label(bars, [words.share(part) if part else "" for part in row / row.sum()], fontsize=8, color=INK, padding=2)
        entitle(panel, f"Open {currency} by days past due")
        panel.margins(y=0.12)
        _plain_numbers(panel.yaxis)
    if frame.empty:
        _nothing(panels[0], "nothing is open")
    return Picture(figure, words.ageing(portrait))


def seasons(portrait: Portrait) -> Picture:
    """Weekdays, days of the month and months of the year."""
    week, months, usual = portrait.weekdays, portrait.calendar_months, portrait.due_invoices["is_late"].mean()
    figure, (by_weekday, late_weekday, by_day, by_month) = new_panels(2, 2, 2.6)
    at = np.arange(7)
    by_weekday.bar(at - 0.2, week["due"], width=0.4, color=SOFT, label="falls due")
    by_weekday.bar(at + 0.2, week["paid"], width=0.4, color=ACCENT, label="is paid")
    by_weekday.set_xticks(at, list(week.index))
    entitle(by_weekday, "When it falls due, when it is paid")
    by_weekday.legend(frameon=False, fontsize=8)
    late_weekday.bar(week.index, week["late_share"].fillna(0), color=_enough(week["n"]))
    entitle(late_weekday, f"Late share by weekday due (dashed: all; grey: under {words.LEAST})")
    by_day.bar(portrait.days_of_month.index, portrait.days_of_month, color=ACCENT)
    by_day.set_xticks([1, 5, 10, 15, 20, 25, 31])
    entitle(by_day, "Payments by day of the month")
    by_month.bar(months.index, months["late_share"], color=_enough(months["n"]))
    by_month.set_xticks(range(1, 13), list("JFMAMJJASOND"))
    by_month.set_xlim(0.4, 12.6)
    entitle(by_month, "Late share by month due")
    for panel in (late_weekday, by_month):
        panel.axhline(0 if np.isnan(usual) else usual, color=INK, linewidth=1, linestyle="--")
    for panel in (by_weekday, late_weekday, by_day, by_month):
        panel.set_ylim(bottom=0)
        in_percent(panel.yaxis)
    return Picture(figure, words.seasons(portrait))


def lateness(portrait: Portrait) -> Picture:
    """Days late of what was paid, and the share still unpaid by day since the due day."""
    due = portrait.due_invoices
    days = due.loc[due["paid_on"].notna(), "days_late"].clip(-30, 60)
    figure, (spread, unpaid) = new_panels(1, 2, 3.2)
    counts = days.value_counts().reindex(range(-30, 61)).fillna(0)
    spread.bar(counts.index, counts, width=0.9, color=[PALE if day <= 0 else AMBER if day <= 30 else RED for day in counts.index])
    entitle(spread, "Invoices by days late when paid (dashed: the middle one)")
    spread.set_ylim(bottom=0)
    _plain_numbers(spread.yaxis)
    if len(days):
        spread.axvline(days.median(), color=INK, linewidth=1, linestyle="--")
    curve = portrait.unpaid_curve.loc[-30:90]
    for name, colour, width in (("small", PALE, 1.5), ("large", RED, 1.5), ("all", INK, 2.0)):
        unpaid.plot(curve.index, curve[name], color=colour, linewidth=width, label=name, drawstyle="steps-post")
    unpaid.axvline(0, color=SOFT, linewidth=1)
    entitle(unpaid, "Share still unpaid, by days after due")
    unpaid.legend(frameon=False, fontsize=8, title="invoices", title_fontsize=8)
    unpaid.set_ylim(0, 1.02)
    in_percent(unpaid.yaxis)
    return Picture(figure, words.lateness(portrait))


def fates(portrait: Portrait) -> Picture:
    """What became of the invoices that fell due in each month."""
    from matplotlib.dates import AutoDateLocator

    figure, (counted, shares) = new_panels(1, 2, 3.2)
    if portrait.due_invoices.empty:
        for panel in (counted, shares):
            _nothing(panel, "nothing was due yet")
        return Picture(figure, words.fates(portrait))
    counts = portrait.fates
    for panel, frame in ((counted, counts), (shares, counts.div(counts.sum(axis=1).clip(lower=1), axis=0))):
        below = np.zeros(len(frame))
        for fate in FATES:
            panel.bar(frame.index, frame[fate], bottom=below, width=25, align="edge", color=FATE_COLOURS[fate], label=fate)
            below = below + frame[fate].to_numpy(dtype="float64")
        panel.xaxis.set_major_locator(AutoDateLocator(maxticks=6))  # type: ignore[no-untyped-call]
    entitle(counted, "Invoices by the month in which they were due")
    entitle(shares, "What became of them")
    _plain_numbers(counted.yaxis)
    in_percent(shares.yaxis)
    figure.legend(*counted.get_legend_handles_labels(), loc="outside lower center", ncols=len(FATES), frameon=False, fontsize=8)
    return Picture(figure, words.fates(portrait))


def concentration(portrait: Portrait) -> Picture:
    """How much of the amount the largest customers hold: the steeper the line rises, the fewer they are."""
    frame = portrait.concentration
    figure, (by_rank, largest) = new_panels(1, 2, 3.2)
    for name, label, colour in (("invoiced", "invoiced within a year", ACCENT), ("overdue", "overdue now", RED)):
        held = frame.loc[frame[name] > 0, name].sort_values(ascending=False)
        if len(held):
            part = np.concatenate([[0.0], np.cumsum(held) / held.sum()])
            by_rank.plot(
                np.arange(len(part)) / len(held), part, color=colour, linewidth=2, label=f"{label} ({counted(len(held), 'customer')})"
            )
    by_rank.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=":", label="all equal")
    entitle(by_rank, f"Share of {portrait.main_currency}, largest customers first")
    by_rank.set_xlabel("share of customers", fontsize=8, color=INK)
    by_rank.legend(frameon=False, fontsize=8, loc="lower right")
    in_percent(by_rank.xaxis, by_rank.yaxis)
    top = frame[frame["invoiced"] > 0].head(10).iloc[::-1]
    bars = largest.barh(top.index.astype(str), top["invoiced"], color=PALE)
    largest.bar_label(bars, [words.share(part) for part in top["invoiced"] / frame["invoiced"].sum()], fontsize=8, color=INK, padding=3)
    entitle(largest, f"The largest customers by {portrait.main_currency} invoiced within a year")
    largest.grid(visible=False)
    largest.margins(x=0.15)
    _plain_numbers(largest.xaxis, most=3)
    return Picture(figure, words.concentration(portrait))


def signals(found: pd.DataFrame, observed: pd.DataFrame) -> Picture:
    """Late share by tenth of a feature, for the most telling feature of each view; the dashed line is everyone's."""
    chosen = found.groupby("view", sort=False).head(1).head(9) if len(found) else found
    rows = max(-(-len(chosen) // 3), 1)
    figure, panels = new_panels(rows, 3 if len(chosen) else 1, 2.2)
    for panel, (name, signal) in zip(panels, chosen.iterrows(), strict=False):
        parts = tenths(observed[str(name)], observed["is_late"])
        panel.plot(range(len(parts)), parts["late_share"], color=ACCENT, linewidth=1.5)
        panel.scatter(range(len(parts)), parts["late_share"], s=10 + 60 * parts["n"] / parts["n"].max(), color=ACCENT, zorder=3)
        panel.axhline(observed["is_late"].mean(), color=INK, linewidth=1, linestyle="--")
        entitle(panel, f"{signal['view']}: {name}")
        ends = [0, len(parts) - 1] if len(parts) > 1 else [0]
        panel.set_xticks(ends, [f"{parts.iloc[end]['low' if end == 0 else 'high']:.3g}" for end in ends])
        panel.set_ylim(0, 1.05)
        in_percent(panel.yaxis)
    for panel in panels[len(chosen) :]:
        _nothing(panel, "" if len(chosen) else "nothing to tell late from punctual by")
    if found.empty:
        return Picture(figure, words.signals(found, len(observed)))
    figure.supxlabel("rows in ten equal parts, from the lowest to the highest value; dashed: all rows", fontsize=8, color=INK)
    figure.supylabel("went on to be late", fontsize=8, color=INK)
    return Picture(figure, words.signals(found, len(observed)))


def new_panels(rows: int, columns: int, height: float) -> tuple[Figure, list[Axes]]:
    figure, panels = new_figure(rows, columns, (WIDTH, height * rows + 0.3))
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
        panel.spines[["left", "bottom"]].set_color(SOFT)
        panel.tick_params(colors=INK, labelsize=8, length=3, color=SOFT)
        panel.grid(axis="y", color=SOFT, alpha=0.25, linewidth=0.7)
        panel.set_axisbelow(True)
    return figure, panels


def _enough(counts: pd.Series) -> list[str]:
    return [AMBER if n >= words.LEAST else SOFT for n in counts]


def entitle(panel: Axes, text: str) -> None:
    panel.set_title(text, loc="left", fontsize=9.5, fontweight="bold", color=INK)


def in_percent(*axes: Axis) -> None:
    for axis in axes:
        axis.set_major_formatter(lambda value, _: f"{100 * value:.3g} %")


def _plain_numbers(axis: Axis, most: int = 6) -> None:
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(most, integer=True))
    axis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _nothing(panel: Axes, text: str) -> None:
    panel.axis("off")
    panel.text(0.5, 0.5, text, ha="center", va="center", color=SOFT, transform=panel.transAxes)
