"""Backtest: train once on what was known, then say for each later day what would have been predicted, and what happened.

In isolation from the registry: nothing is registered, promoted or read from it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.matrix import build_matrix
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from models.arrays import Floats
from models.champion import Champion
from models.evaluate import auc_margin, ece_noise_floor, log_loss_margin, sliced
from models.payment.contenders import contenders
from models.payment.lateness import by_convention
from models.payment.observations import FORTNIGHT, fates_of, late_if_not_due, paid_outcome, with_outcomes
from models.pictures import calibration_picture, lift_picture
from pipelines.backdated import refuse_backdated
from pipelines.backtest_words import BacktestReport
from pipelines.config import Config
from pipelines.learning import learn
from pipelines.progress import Progress
from pipelines.publish import write_frame
from pipelines.scoring import INVOICE_COLUMNS
from pipelines.slices import slices_of
from pipelines.watching import LevelWatch, scored

CHAMPION = "champion"
KEYS = ("as_of", "invoice_id", "customer_id", "dpd")


def run_backtest(
    ledger_uri: str, train_until: date, first: date, last: date, every: int, out: Path, config: Config, progress: Progress
) -> BacktestReport:
    """Write `invoice_scores.parquet`, `contender_scores.parquet`, `metrics.json`, `margins.json` and pictures into `out`."""
    ledger = Ledger.open(ledger_uri, staleness_days=config.staleness_days)
    days = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, every)]
    end = ledger.watched_to
    if first > end:
        nothing_yet = f"the first day {first} lies after the last day of {ledger_uri} ({end}): nothing happened then yet"
        raise RefusedError(f"{nothing_yet}; choose a --first up to {end}")
    # Training asks its own day; what its ledger of then could not show yet may be plain on the last day of this one.
    backdated = refuse_backdated(ledger, end, ledger.today, config)
    learned = learn(ledger, train_until, config, progress, payment_only=True)
    passed_over: Counter[str] = Counter()
    matrix = build_matrix(ledger, days, config.features, progress=progress, passed_over=passed_over)
    matrix = by_convention(matrix, learned.champion.lateness)
    if matrix.empty:
        raise RefusedError(f"{ledger_uri}: {_nobody_asked(passed_over, config)} on any day from {first} to {last}: choose other days")
    told = said_on(ledger, learned.champion, matrix, days, config, progress)
    progress("outcomes")
    # A payment may be booked after the last day that was watched, and a correction may come later still: all of it is known today.
    rows = with_outcomes(matrix.assign(asked=matrix.index), ledger, ledger.today)
    passed_over["paid by then, as became known later"] = len(matrix) - len(rows)
    if rows.empty:
        raise RefusedError(
            f"{ledger_uri}: all that seemed open from {first} to {last} had been paid by then, as became known later: choose other days"
        )
    scores = told.loc[rows["asked"]].reset_index(drop=True)
    said: dict[str, pd.DataFrame] = {CHAMPION: scores}
    for name, contender in contenders().items() if len(learned.observations) else ():
        progress(f"fitting {name}")
        said[name] = contender.fit(learned.observations).predict(rows)
    progress("measuring")
    outcomes = {
        "p_late": late_if_not_due(rows),
        "p_paid_14": paid_outcome(rows, FORTNIGHT),
        "p_late_business": late_if_not_due(by_convention(rows, "business")),
    }
    report = _measured(rows, said, outcomes, Path(out), len(days), tuple(dict.fromkeys((*backdated, *learned.warnings))), passed_over)
    _write(Path(out), rows, scores, said, outcomes, report, learned.champion.fingerprint)
    return report


def said_on(
    ledger: Ledger, champion: Champion, rows: pd.DataFrame, days: Sequence[date], config: Config, progress: Progress
) -> pd.DataFrame:
    """What the nightly job would have said of the rows of each day, the level told by what was known on that day."""
    watch = LevelWatch(ledger, champion, config)
    progress("asking about earlier days")
    watch.ask(sorted({one for day in days for one in watch.needed(day)} - set(days)))
    parts = []
    for number, day in enumerate(days, 1):
        progress(f"scoring: {number} of {len(days)} days")
        level = watch.level(day)
        scores, said = scored(champion, rows[rows["as_of"] == pd.Timestamp(day)], config.threads, level)
        watch.remember(day, said)
        parts.append(scores)
    return pd.concat(parts).loc[rows.index]


def _nobody_asked(passed_over: Mapping[str, int], config: Config) -> str:
    """Why there is no row at all, in words that go before the days."""
    left = [f"{n:,} {why}" for why, n in passed_over.items() if n]
    if not left:
        return "no invoice was open"
    days = config.features.staleness_days
    return f"every open invoice was left out ({', '.join(left)}; stale: its source had been silent for more than {days} days)"


def _measured(
    rows: pd.DataFrame,
    said: Mapping[str, pd.DataFrame],
    outcomes: Mapping[str, Floats],
    out: Path,
    n_days: int,
    warnings: tuple[str, ...],
    passed_over: Mapping[str, int],
) -> BacktestReport:
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
    or many never pay, those with a known day are the fast ones.
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
        return dict.fromkeys(("mae", "within_3", "coverage_80", "width_80"), float("nan")) | of_watched
    error = (p50 - late).abs()
    return {
        "mae": float(error.mean()),
        "within_3": float((error <= 3).mean()),
        "coverage_80": float(within[paid].mean()),
        "width_80": float((p90 - p10).mean()),
        **of_watched,
    }


def _write(
    out: Path,
    rows: pd.DataFrame,
    scores: pd.DataFrame,
    said: Mapping[str, pd.DataFrame],
    outcomes: Mapping[str, Floats],
    report: BacktestReport,
    fingerprint: str,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rows = rows.astype({"dpd": "int64"})
    whole = pd.concat([rows, scores], axis=1)
    whole["run_id"] = fingerprint
    whole["days_late"] = (whole["paid_on"] - whole["due_on"]).dt.days.astype("Int64")
    whole["outcome_known"] = whole["is_paid"].astype(bool)
    write_frame(whole[[*INVOICE_COLUMNS, "paid_on", "days_late", "outcome_known"]], out / "invoice_scores.parquet")
    others = [
        pd.concat([rows[list(KEYS)], theirs.reindex(columns=["p_late", "p_paid_14", "days_late_p50"])], axis=1).assign(contender=name)
        for name, theirs in said.items()
        if name != CHAMPION
    ]
    (out / "contender_scores.parquet").unlink(missing_ok=True)
    if others:
        write_frame(pd.concat(others, ignore_index=True), out / "contender_scores.parquet")
    (out / "metrics.json").write_text(_json(report.metrics), encoding="utf-8")
    told = {"margins": report.margins, "intervals": report.intervals, "intervals_by_slice": report.intervals_by_slice}
    (out / "margins.json").write_text(_json(told), encoding="utf-8")
    pairs = {t: (y, scores[t].to_numpy(dtype="float64")) for t, y in outcomes.items()}
    calibration_picture(pairs, out / "calibration.png", rows["as_of"])
    lifts = {t: (y, {n: s[t].to_numpy(dtype="float64") for n, s in said.items() if t in s}) for t, y in outcomes.items()}
    lift_picture(lifts, out / "lift.png")


def _json(found: Any) -> str:
    """JSON in which a figure that cannot be given is null."""

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: plain(one) for key, one in value.items()}
        return None if isinstance(value, float) and value != value else value

    return json.dumps(plain(found), indent=1, sort_keys=True) + "\n"
