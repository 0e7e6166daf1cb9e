"""A picture of how well types are told: the true type against the told one, in shares of the true type."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ledger.tables import DEBTOR_TYPES, UNDETERMINED
from models.arrays import Ints
from models.pictures import INK, new_figure, save

PAPER = "#ffffff"
# One hue from light to dark: the order is in the lightness, which everybody sees alike.
SHADES = "Blues"
DARK = 0.55
PANELS_A_ROW = 2


def told_counts(figures: Mapping[str, Any]) -> Ints:
    """Customers by true type (down) and told type (across, `undetermined` last) from `confusion` and `per_type` of `measure`.

    >>> per_type = {name: {"n": 2} for name in DEBTOR_TYPES}
    >>> told_counts({"confusion": [[1, 0, 0, 0, 0], [2, 0, 0, 0, 0]] + [[0] * 5] * 3, "per_type": per_type})[:2].tolist()
    [[1, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 0]]
    """
    determined = np.asarray(figures["confusion"], dtype="int64")
    true = np.array([figures["per_type"][name]["n"] for name in DEBTOR_TYPES], dtype="int64")
    return np.column_stack([determined, true - determined.sum(axis=1)])


def confusion_picture(panels: Mapping[str, Ints], path: Path) -> Path:
    """One panel a title; each cell is the share of the customers of a true type who were told so. Rows add up to 100 %."""
    columns = min(len(panels), PANELS_A_ROW)
    rows = -(-len(panels) // columns)
    figure, grid = new_figure(rows, columns, (1.6 + 4.7 * columns, 0.5 + 3.9 * rows))
    for place, (title, counts) in enumerate(panels.items()):
        _panel(grid[place], title, counts, names=place % columns == 0)
    for panel in grid[len(panels) :]:
        panel.axis("off")
    figure.supxlabel("told type", fontsize=10, color=INK)
    figure.supylabel("true type", fontsize=10, color=INK)
    save(figure, path)
    return path


def _panel(panel: Any, title: str, counts: Ints, *, names: bool) -> None:
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    across = [*DEBTOR_TYPES, UNDETERMINED]
    edges = np.array([*range(len(DEBTOR_TYPES) + 1), len(DEBTOR_TYPES) + 0.15, len(across) + 0.15]) - 0.5
    # What was not told stands a little apart from what was.
    with_gap = np.insert(share, len(DEBTOR_TYPES), np.nan, axis=1)
    panel.pcolormesh(edges, np.arange(len(DEBTOR_TYPES) + 1) - 0.5, with_gap, cmap=SHADES, vmin=0, vmax=1, edgecolors=PAPER, linewidth=1.5)
    centres = [*range(len(DEBTOR_TYPES)), len(DEBTOR_TYPES) + 0.15]
    for true, row in enumerate(share):
        for told, value in enumerate(row):
            if counts[true, told]:
                style = {"fontweight": "bold" if true == told else "normal", "color": PAPER if value > DARK else INK}
                panel.text(centres[told], true, _percent(value), ha="center", va="center", fontsize=9, **style)
        panel.text(edges[-1] + 0.1, true, f"{counts[true].sum():,}", ha="left", va="center", fontsize=8, color=INK)
    panel.text(edges[-1] + 0.1, -0.62, "customers", ha="left", va="bottom", fontsize=8, color=INK)
    panel.set_title(title, loc="left", fontsize=10.5, fontweight="bold", color=INK, pad=12)
    panel.set_xticks(centres, across, rotation=35, ha="right", rotation_mode="anchor")
    panel.set_yticks(range(len(DEBTOR_TYPES)), DEBTOR_TYPES if names else [""] * len(DEBTOR_TYPES))
    panel.invert_yaxis()
    panel.tick_params(length=0, labelsize=9, colors=INK)
    panel.spines[:].set_visible(False)


def _percent(value: float) -> str:
    """A share in whole per cent.

    >>> _percent(0.004), _percent(0.936)
    ('< 1 %', '94 %')
    """
    return "< 1 %" if value < 0.005 else f"{100 * value:.0f} %"
