"""Backtest: train once on what was known, then say for each later day what would have been predicted, and what happened.

In isolation from the registry: nothing is registered, promoted or read from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from features.matrix import build_matrix
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.progress import Progress
from models.champion import Champion
from models.linear_algebra import on_one_thread
from models.payment.contenders import contenders
from models.payment.lateness import by_convention
from models.payment.observations import FORTNIGHT, late_if_not_due, paid_outcome, with_outcomes
from pipelines.backdated import refuse_backdated
from pipelines.backtest_measures import CHAMPION, measured
from pipelines.backtest_outputs import write
from pipelines.backtest_words import BacktestReport
from pipelines.config import Config
from pipelines.learning import learn
from pipelines.publish import refuse_unwritable
from pipelines.silence import silence_warnings
from pipelines.watching import LevelWatch, scored


@on_one_thread
def run_backtest(
    ledger_uri: str, train_until: date, first: date, last: date, every: int, out: Path, config: Config, progress: Progress
) -> BacktestReport:
    """Write `invoice_scores.parquet`, `contender_scores.parquet`, `metrics.json`, `margins.json` and pictures into `out`."""
    ledger = Ledger.open(ledger_uri, staleness_days=config.staleness_days, settled_within=config.settled_within)
    days = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, every)]
    end = ledger.watched_to
    if first > end:
        nothing_yet = f"the first day {first} lies after the last day of {ledger_uri} ({end}): nothing happened then yet"
        raise RefusedError(f"{nothing_yet}; choose a --first up to {end}")
    refuse_unwritable(Path(out))
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
    silence = silence_warnings(ledger.as_of(ledger.today), "what is measured")
    warnings = tuple(dict.fromkeys((*backdated, *learned.warnings, *silence)))
    report = measured(rows, said, outcomes, Path(out), len(days), warnings, passed_over)
    write(Path(out), rows, scores, said, outcomes, report, learned.champion.fingerprint)
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
