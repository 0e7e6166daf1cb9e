"""HighRadius: trained once on what was known on 2019-09-30, asked about every open invoice on ten Mondays after it.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/highradius.py --work DIR [--peers NAME,...]
        [--seconds S] [--autogluon-seconds S] [--raw-seconds S]

Everyone learns from the same rows and the same label cut, on one thread; what the peers see is written as Parquet into DIR and they run
in `.venv-bench`. `same`: the product's features; `raw`: customer, amount, due weekday, day of the month. AutoML gets a time budget
for each target. Fits are timed in CPU seconds, so that their ratio holds on a busy machine too.
"""

from __future__ import annotations

import argparse
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from contest import Contest, Stopwatch, data_folder, publish

from features.matrix import FEATURES, build_matrix
from ledger.ledger import Ledger
from models.evaluate import metrics
from models.payment.contenders import RAW_COLUMNS, contenders
from models.payment.lateness import by_convention
from models.payment.observations import late_if_not_due, late_outcome, paid_outcome, with_outcomes
from pipelines.backtest import said_on
from pipelines.backtest_measures import interval_figures
from pipelines.config import load_config
from pipelines.ingest import run_ingest
from pipelines.learning import learn
from pipelines.slices import first_sight

TRAIN_UNTIL = date(2019, 9, 30)
DAYS = [date(2019, 10, 7) + timedelta(days=7 * week) for week in range(10)]
# What it is filed under, who it is, what it sees.
PEERS = (
    ("scorecard", "scorecard", "same"),
    ("catboost", "catboost", "same"),
    ("flaml", "flaml", "same"),
    ("autogluon", "autogluon", "same"),
    ("autogluon_by_time", "autogluon_by_time", "same"),
    ("autogluon_raw", "autogluon", "raw"),
)


def ingested(folder: Path) -> Ledger:
    """The ledger of the invoices that were paid in the end."""
    file = data_folder() / "highradius" / "invoices_due_before_2019-12-26.csv.gz"
    run_ingest("highradius-closed", str(file), str(folder), None, load_config(env={}))
    return Ledger.open(str(folder))


def prepared(work: Path, ledger: Ledger, until: date, days: list[date]) -> tuple[Contest, pd.DataFrame]:
    """Rows and outcomes for everyone, with what the contenders of the product say; and all that the champion says."""
    config = load_config(env={})
    stopwatch = Stopwatch()
    learned = learn(ledger, until, config, stopwatch)
    asked = build_matrix(ledger, days, config.features)
    asked = by_convention(with_outcomes(asked, ledger, ledger.watched_to), learned.champion.lateness)
    train = learned.observations
    rows = pd.concat([train.assign(fold=-1), asked.assign(fold=0)], ignore_index=True)
    rows["fate"] = rows["customer_id"] + "|" + rows["due_on"].astype(str)
    rows["outcome_p_late"] = late_if_not_due(rows)
    rows["outcome_p_paid_14"] = paid_outcome(rows, 14)
    columns = {
        "p_late": {"same": tuple(FEATURES), "raw": RAW_COLUMNS},
        "p_paid_14": {"same": tuple(FEATURES), "raw": (*RAW_COLUMNS, "dpd")},
    }
    contest = Contest(rows, columns, categories=("customer_id",))
    tested = rows[rows["fold"] == 0]
    champion = said_on(ledger, learned.champion, tested, days, config, stopwatch)
    contest.say("champion", champion)
    contest.seconds["champion"] = stopwatch.seconds["fitting the payment-time model"]
    for name, contender in contenders().items():
        begun = time.process_time()
        contest.say(name, contender.fit(train).predict(tested))
        contest.seconds[name] = time.process_time() - begun
    contest.export(work)
    return contest, champion


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="scratch folder")
    parser.add_argument("--seconds", type=float, default=60.0, help="time budget of FLAML, for each target")
    parser.add_argument("--autogluon-seconds", type=float, default=900.0, help="time budget of AutoGluon, for each target")
    parser.add_argument("--raw-seconds", type=float, default=300.0, help="the same on raw columns, of which there are four")
    parser.add_argument("--peers", default=",".join(name for name, _, _ in PEERS), help="which peers to run, by comma")
    args = parser.parse_args()
    contest, champion = prepared(args.work, ingested(args.work / "ledger"), TRAIN_UNTIL, DAYS)
    wanted = args.peers.split(",")
    for name, peer, columns in PEERS:
        if name in wanted:
            budget = args.raw_seconds if columns == "raw" else args.autogluon_seconds if "autogluon" in peer else args.seconds
            contest.run_peer(args.work, name, peer, columns, budget)
    publish("highradius", [*report(contest), "", *day_lines(contest, champion), "", *limits(contest, champion)])


def report(contest: Contest) -> list[str]:
    """Both targets, with and without the largest customer, and how much longer each contender took than the champion."""
    rows = contest.rows
    largest = rows.loc[rows["fold"] >= 0, "customer_id"].value_counts().sort_index().idxmax()
    others = (rows["customer_id"] != largest).to_numpy()
    lines = [
        f"Trained on {(rows['fold'] < 0).sum():,} rows, asked about {(rows['fold'] >= 0).sum():,}.",
        "",
    ]
    for target, about in (("p_late", "rows not yet due"), ("p_paid_14", "all rows")):
        lines += [f"**`{target}`, {about}**", "", *contest.table(target, "champion"), ""]
        lines += [f"**`{target}`, {about}, without the largest customer**", "", *contest.table(target, "champion", others), ""]
    ratios = {name: spent / contest.seconds["champion"] for name, spent in contest.seconds.items() if name != "champion"}
    told = ", ".join(f"{name} {ratio:.2g}" for name, ratio in sorted(ratios.items(), key=lambda one: -one[1]) if ratio >= 0.01)
    return [*lines, f"Time to fit, as a multiple of the champion's (both targets together): {told}."]


def day_lines(contest: Contest, champion: pd.DataFrame) -> list[str]:
    """How far off the champion's day is, all rows and at first sight, and how often its 80 % interval holds the day."""
    rows = contest.rows.loc[champion.index]
    lines = [
        "| days late | known rows | censored | mean absolute error | within 3 days | 80 % interval covers | its mean width |",
        "|---" * 7 + "|",
    ]
    for about, part in (("all rows", np.ones(len(rows), dtype=bool)), ("first sight of an invoice", first_sight(rows))):
        seen = interval_figures(rows[part], champion[part])
        known = int(rows.loc[part, "is_paid"].sum())
        figures = f"{seen['mae']:.2f} days | {seen['within_3']:.1%} | {seen['coverage_80']:.1%} | {seen['width_80']:.1f} days"
        lines.append(f"| {about} | {known:,} | {int(part.sum()) - known:,} | {figures} |")
    return lines


def limits(contest: Contest, champion: pd.DataFrame) -> list[str]:
    """Where the champion should be trusted less: the same figures on parts of the rows not yet due."""
    rows = contest.rows.loc[champion.index]
    customers = rows["customer_id"]
    own = customers == customers.value_counts().sort_index().idxmax()
    weight = rows["history_weight"].fillna(0)
    not_due = (rows["dpd"] < 0).to_numpy()
    parts = {
        ("all", "p_late"): not_due,
        ("the largest customer alone", "p_late"): not_due & own.to_numpy(),
        ("customers without history", "p_late"): not_due & (weight == 0).to_numpy(),
        ("customers with thin history", "p_late"): not_due & ((weight > 0) & (weight < 0.5)).to_numpy(),
        ("more than 30 days late", "p_late_30"): not_due,
    }
    outcomes = {"p_late": late_outcome(rows), "p_late_30": late_outcome(rows, 30)}
    lines = ["| champion, rows not yet due | rows | customers | share that came true | AUC | log loss | Brier | ECE |", "|---" * 8 + "|"]
    for (about, target), part in parts.items():
        outcome, p = outcomes[target][part], champion[target].to_numpy(dtype="float64")[part]
        m = metrics(outcome, p)
        figures = " | ".join(f"{m[key]:.4f}" for key in ("auc", "log_loss", "brier", "ece"))
        lines.append(f"| {about} | {m['n']:,} | {customers[part].nunique():,} | {np.nanmean(outcome):.1%} | {figures} |")
    return lines


if __name__ == "__main__":
    main()
