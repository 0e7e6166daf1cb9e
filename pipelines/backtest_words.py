"""What a backtest came to, in lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.evaluate import told_bounds

TARGETS = {"p_late": "rows not yet due", "p_paid_14": "all rows", "p_late_business": "by business days"}

HELD_MORE = 0.85
NOT_BEFORE_DUE = "nothing was open before its due date, as far as due dates have been seen"
NOTHING_KNOWN = {"p_late": NOT_BEFORE_DUE, "p_paid_14": "no fortnight has been seen to its end", "p_late_business": NOT_BEFORE_DUE}


@dataclass(frozen=True)
class BacktestReport:
    """What the contenders came to, side by side."""

    out: Path
    n_rows: int
    n_days: int
    n_censored: int
    metrics: dict[str, dict[str, dict[str, dict[str, float]]]]
    margins: dict[str, dict[str, Any]]
    intervals: dict[str, float]
    intervals_by_slice: dict[str, dict[str, float]]
    warnings: tuple[str, ...]
    left_out: Mapping[str, int]

    def lines(self) -> list[str]:
        lines = [f"warning: {one}" for one in self.warnings]
        lines.append(f"{self.n_rows:,} rows on {self.n_days} days; {self.n_censored:,} without a known payment day (censored)")
        lines += [f"left out of the cohort, {why}: {n:,} rows" for why, n in self.left_out.items() if n]
        for target, about in TARGETS.items():
            if self.metrics and not self.metrics["champion"][target]["all"]["n"]:
                lines += ["", f"{target} ({about}): {NOTHING_KNOWN[target]}"]
                continue
            lines += [
                "",
                f"{f'{target} ({about})':<28} {'n':>6}  {'AUC':>6}  log loss   Brier     ECE   champion ahead by (95 %)",
            ]
            for name, targets in self.metrics.items():
                if target in targets:
                    lines.append(f"  {name:<26} {_figures(targets[target]['all'])}{_margin(self.margins.get(name, {}).get(target))}")
                    if "without_largest_customer" in targets[target]:
                        rest = _margin(self.margins[name][target].get("without_largest_customer")) if name in self.margins else ""
                        lines.append(f"    without largest customer {_figures(targets[target]['without_largest_customer'])}{rest}")
            ahead = [name for name, one in self.margins.items() if one.get(target, {}).get("log_loss", {}).get("high", 0.0) < 0]
            if ahead:
                lines.append(f"  ahead of the champion by log loss, beyond chance: {', '.join(ahead)}")
            share = self.intervals.get(f"share_{target}")
            if share is not None:
                lines.append(f"  came true: {share:.1%} of the rows")
            floor = self.intervals.get(f"ece_noise_floor_{target}")
            if floor is not None:
                lines.append(f"  ECE of a perfectly calibrated model, 95th percentile: {floor:.4f}")
        seen = self.intervals
        if np.isnan(seen["mae"]):
            return [*lines, "", "days late: no payment was seen after any of these days", f"written to {self.out}"]
        lines += [
            "",
            f"days late, of the {self.n_rows - self.n_censored:,} rows seen paid, so without who pays later still: mean absolute error "
            f"{seen['mae']:.2f} days, {seen['within_3']:.0%} within 3 days; p10 to p90 covers "
            f"{seen['coverage_80']:.1%}, {seen['width_80']:.1f} days wide on average",
        ]
        if seen["n_watched"]:
            held = f"{seen['coverage_80_watched']:.1%}"
            lines.append(f"of the {seen['n_watched']:,.0f} rows that were watched to their p90, paid or not, {held}")
        lines += one_day_lines(seen)
        return [*lines, f"written to {self.out}"]


def one_day_lines(seen: Mapping[str, float]) -> list[str]:
    """Why the intervals hold more than they say, where most of them are a single day already.

    >>> one_day_lines({"coverage_80": 0.928, "one_day": 0.81})[0].split(";")[0]
    'that is more than 80 % because 81% of the intervals are one day, on which most of the chance lies'
    >>> one_day_lines({"coverage_80": 0.928, "one_day": 0.2}), one_day_lines({"coverage_80": 0.8, "one_day": 0.9})
    ([], [])
    """
    if seen["coverage_80"] <= HELD_MORE or seen["one_day"] < 0.5:
        return []
    share = f"{seen['one_day']:.0%} of the intervals are one day, on which most of the chance lies"
    return [f"that is more than 80 % because {share}; a shorter one cannot be told in whole days"]


def _figures(m: Mapping[str, float]) -> str:
    return f"{int(m['n']):>6,}  {m['auc']:.4f}  {m['log_loss']:.4f}  {m['brier']:.4f}  {m['ece']:.4f}"


def _margin(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    named = (("log loss", found["log_loss"]), ("AUC", found["auc"]))
    told = [f"{name} {one['margin']:+.4f} ({told_bounds(one)})" for name, one in named]
    return "   " + ", ".join(told)
