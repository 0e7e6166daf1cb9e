"""Pictures: how good a prediction was (calibration and lift), and the cash to come."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import pandas as pd

from models.arrays import Floats, Ints
from models.evaluate import BINS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, ACCENT = "#1f2933", "#9aa5b1", "#2f6fde"


def new_figure(rows: int, columns: int, size: tuple[float, float], dpi: int = 130) -> tuple[Figure, list[Axes]]:
    """A figure of `size` in inches that no window shows, and its panels, row by row."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def save(figure: Figure, to: Path | BinaryIO) -> None:
    """The figure as PNG; without the software's version in it, the same figures give the same bytes."""
    figure.savefig(to, format="png", metadata={"Software": None})


def _row_of(n: int) -> tuple[Figure, list[Axes]]:
    return new_figure(1, n, (4.4 * n, 4.2), 110)


def calibration_picture(pairs: Mapping[str, tuple[Floats, Floats]], path: Path, days: pd.Series) -> Path:
    """What was said against what was seen, one panel a target: dots on the diagonal are right; their area grows with the number of rows.

    `days`: the days on which it was said; their first and last stand in each panel, with its rows and those of the largest dot.
    """
    figure, panels = _row_of(len(pairs))
    for panel, (name, (outcome, p)) in zip(panels, pairs.items(), strict=True):
        known = ~np.isnan(outcome)
        bin_of = np.minimum((p[known] * BINS).astype("int64"), BINS - 1)
        n = np.bincount(bin_of, minlength=BINS)
        filled = n > 0
        said = np.bincount(bin_of, weights=p[known], minlength=BINS)[filled] / n[filled]
        seen = np.bincount(bin_of, weights=outcome[known], minlength=BINS)[filled] / n[filled]
        panel.plot([0, 1], [0, 1], color=SOFT, linewidth=1)
        panel.scatter(said, seen, s=12 + 260 * n[filled] / max(n.max(), 1), color=ACCENT, alpha=0.75)
        panel.set(title=name, xlabel="said", ylabel="seen", xlim=(0, 1), ylim=(0, 1))
        # Below the diagonal there is room.
        panel.text(0.98, 0.02, dots_text(n, days), transform=panel.transAxes, ha="right", va="bottom", fontsize=7, color=INK)
    save(figure, path)
    return path


def dots_text(n: Ints, days: pd.Series) -> str:
    """What the dots of a panel stand for: `n` has the rows of each bin, `days` those on which the rows were asked about.

    >>> print(dots_text(np.array([0, 30, 1500]), pd.Series(pd.to_datetime(["2025-03-31", "2025-01-31"]))))
    1,530 rows of 2025-01-31 to 2025-03-31
    largest dot: 1,500 rows, smallest: 30
    >>> dots_text(np.array([0]), pd.Series([], dtype="datetime64[s]"))
    'no outcome is known'
    """
    filled = n[n > 0]
    if not len(filled):
        return "no outcome is known"
    return f"{n.sum():,} rows of {days.min():%F} to {days.max():%F}\nlargest dot: {filled.max():,} rows, smallest: {filled.min():,}"


def lift_picture(pairs: Mapping[str, tuple[Floats, Mapping[str, Floats]]], path: Path) -> Path:
    """Share of all positives found among the first rows of each ranking, one panel a target, one line a contender."""
    figure, panels = _row_of(len(pairs))
    for panel, (name, (outcome, contenders)) in zip(panels, pairs.items(), strict=True):
        for contender, p in contenders.items():
            known = ~np.isnan(outcome) & ~np.isnan(p)
            if not known.any():
                continue
            order = np.argsort(-p[known], kind="stable")
            found = np.cumsum(outcome[known][order]) / max(outcome[known].sum(), 1)
            share = np.arange(1, len(found) + 1) / len(found)
            panel.plot(share, found, linewidth=2 if contender == "champion" else 1, label=contender)
        panel.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=":")
        panel.set(title=name, xlabel="share of rows, likeliest first", ylabel="share of positives found", xlim=(0, 1), ylim=(0, 1))
        if panel.get_legend_handles_labels()[0]:
            panel.legend(frameon=False, fontsize=8, loc="upper left")
    save(figure, path)
    return path


def cash_picture(forecast: pd.DataFrame, path: Path) -> Path:
    """Expected cash by week with its 50, 80 and 95 % intervals, one panel a currency."""
    currencies = sorted(forecast["currency"].unique())
    figure, panels = _row_of(max(len(currencies), 1))
    for panel, currency in zip(panels, currencies, strict=False):
        weeks = forecast[forecast["currency"] == currency]
        place = np.arange(len(weeks))
        shown = slice(None, None, 1 + len(weeks) // 9)
        for band, width in ((95, 2.0), (80, 6.0), (50, 12.0)):
            panel.vlines(place, weeks[f"lo_{band}"], weeks[f"hi_{band}"], color=ACCENT, alpha=0.3, linewidth=width, label=f"{band} %")
        panel.scatter(place, weeks["expected"], color=INK, s=18, zorder=3, label="expected")
        panel.set(title=f"cash by week, {currency}", xlabel="week from", xticks=place[shown], ylim=(0, None))
        panel.set_xticklabels([f"{day:%d %b}" for day in weeks["week_from"].iloc[shown]])
        panel.yaxis.set_major_formatter("{x:,.0f}")
        panel.legend(frameon=False, fontsize=8, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.16), handlelength=0.8)
    save(figure, path)
    return path
