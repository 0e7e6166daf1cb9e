"""What a backtest measures: each contender by slice, the champion's margins over it, and how the intervals hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.arrays import Floats
from models.evaluate import auc_margin, ece_noise_floor, log_loss_margin, sliced
from models.payment.observations import fates_of
from pipelines.backtest_words import BacktestReport
from pipelines.slices import slices_of

CHAMPION = "champion"


def measured(
    rows: pd.DataFrame,
    said: Mapping[str, pd.DataFrame],
    outcomes: Mapping[str, Floats],
    out: Path,
    n_days: int,
    warnings: tuple[str, ...],
    passed_over: Mapping[str, int],
) -> BacktestReport:
    """The report on `rows` (with their outcomes, see `with_outcomes`), from what each contender `said` and the `outcomes` of each target
    (NaN: not known)."""
    slices = slices_of(rows)
    fate = fates_of(rows)
    metrics: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    margins: dict[str, dict[str, Any]] = {}
    for name, scores in said.items():
        told = {target: scores[target].to_numpy(dtype="float64") for target in outcomes if target in scores}
        metrics[name] = {target: sliced(outcomes[target], p, slices) for target, p in told.items()}
        if name != CHAMPION:
            ours = said[CHAMPION]
            margins[name] = {t: _margins(outcomes[t], ours[t].to_numpy(dtype="float64"), p, rows, slices) for t, p in told.items()}
    intervals = interval_figures(rows, said[CHAMPION])
    intervals |= {f"share_{target}": float(np.nanmean(outcome)) for target, outcome in outcomes.items() if np.isfinite(outcome).any()}
    for target, outcome in outcomes.items():
        known = ~np.isnan(outcome)
        if known.any():
            p = said[CHAMPION][target].to_numpy(dtype="float64")[known]
            intervals[f"ece_noise_floor_{target}"] = ece_noise_floor(p, pd.factorize(fate[known])[0])
    by_slice = {name: interval_figures(rows[part], said[CHAMPION][part]) for name, part in slices.items() if name != "all"}
    censored = int((~rows["is_paid"]).sum())
    return BacktestReport(out, len(rows), n_days, censored, metrics, margins, intervals, by_slice, warnings, passed_over)


def _margins(outcome: Floats, ours: Floats, theirs: Floats, rows: pd.DataFrame, slices: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("all", "without_largest_customer"):
        part = slices[name] & ~np.isnan(outcome) & ~np.isnan(theirs)
        if part.any() and 0 < outcome[part].mean() < 1:
            customers = rows.loc[part, "customer_id"]
            one = {
                "log_loss": log_loss_margin(outcome[part], ours[part], theirs[part], customers),
                "auc": auc_margin(outcome[part], ours[part], theirs[part], customers),
            }
            found = {**found, **one} if name == "all" else {**found, name: one}
    return found


def interval_figures(rows: pd.DataFrame, scores: pd.DataFrame) -> dict[str, float]:
    """How far off the median day is, and how often the 80 % interval holds the day, on rows whose payment day is known.

    `coverage_80_watched`: on the `n_watched` rows that were watched to the end of their interval, paid or not. Where the watch ends soon,
    or many never pay, those with a known day are the fast ones. `one_day`: the share of intervals that are a single day.
    """
    paid = rows["is_paid"].to_numpy(dtype=bool)
    end = (scores["days_late_p90"] - rows["dpd"]).to_numpy(dtype="float64")
    watched = rows["window_days"].to_numpy(dtype="float64") >= end
    within = paid & (rows["dpd"] + rows["days_seen"]).between(scores["days_late_p10"], scores["days_late_p90"]).to_numpy(dtype=bool)
    of_watched = {
        "n_watched": float(watched.sum()),
        "coverage_80_watched": float(within[watched].mean()) if watched.any() else float("nan"),
    }
    late = (rows["dpd"] + rows["days_seen"])[paid]
    p10, p50, p90 = (scores[f"days_late_{q}"][paid] for q in ("p10", "p50", "p90"))
    if not paid.any():
        return dict.fromkeys(("mae", "within_3", "coverage_80", "width_80", "one_day"), float("nan")) | of_watched
    error = (p50 - late).abs()
    return {
        "mae": float(error.mean()),
        "within_3": float((error <= 3).mean()),
        "coverage_80": float(within[paid].mean()),
        "width_80": float((p90 - p10).mean()),
        "one_day": float((p90 == p10).mean()),
        **of_watched,
    }
