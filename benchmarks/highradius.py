"""HighRadius: trained once on what was known on 2019-09-30, asked about every open invoice on ten Mondays after it.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/highradius.py --work DIR [--peers scorecard,catboost,...] [--seconds 60]

Everyone learns from the same rows and the same label cut, on one thread; what the peers see is written as Parquet into DIR and they run
in `.venv-bench`. `same`: the product's features; `raw`: customer, amount, due weekday, day of the month. AutoML gets `--seconds` for each
target. Fits are timed in CPU seconds, so that their ratio holds on a busy machine too.
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
from models.contenders import RAW_COLUMNS, contenders
from models.observations import late_outcome, paid_outcome, with_outcomes
from pipelines.config import load_config
from pipelines.ingest import run_ingest
from pipelines.learning import learn

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


def prepared(work: Path) -> Contest:
    """Rows and outcomes for everyone, with what the champion and the contenders of the product say."""
    config = load_config(env={})
    file = data_folder() / "highradius" / "invoices_due_before_2019-12-26.csv.gz"
    run_ingest("highradius-closed", str(file), str(work / "ledger"), None, config)
    ledger = Ledger.open(str(work / "ledger"))
    stopwatch = Stopwatch()
    learned = learn(ledger, TRAIN_UNTIL, config, stopwatch)
    asked = with_outcomes(build_matrix(ledger, DAYS, config.features), ledger, ledger.watched_to)
    train = learned.observations
    rows = pd.concat([train.assign(fold=-1), asked.assign(fold=0)], ignore_index=True)
    rows["fate"] = rows["customer_id"] + "|" + rows["due_on"].astype(str)
    rows["outcome_p_late"] = np.where(rows["dpd"] < 0, late_outcome(rows), np.nan)
    rows["outcome_p_paid_14"] = paid_outcome(rows, 14)
    columns = {
        "p_late": {"same": tuple(FEATURES), "raw": RAW_COLUMNS},
        "p_paid_14": {"same": tuple(FEATURES), "raw": (*RAW_COLUMNS, "dpd")},
    }
    contest = Contest(rows, columns, categories=("customer_id",))
    tested = rows[rows["fold"] == 0]
    curve = learned.champion.payment.curve(tested)
    contest.say("champion", curve.scores(tested["as_of"], tested["dpd"].to_numpy(dtype="int64")))
    contest.seconds["champion"] = stopwatch.seconds["fitting the payment-time model"]
    for name, contender in contenders().items():
        begun = time.process_time()
        contest.say(name, contender.fit(train).predict(tested))
        contest.seconds[name] = time.process_time() - begun
    contest.export(work)
    return contest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="scratch folder")
    parser.add_argument("--seconds", type=float, default=60.0, help="time budget of FLAML and AutoGluon, for each target")
    parser.add_argument("--peers", default=",".join(name for name, _, _ in PEERS), help="which peers to run, by comma")
    args = parser.parse_args()
    contest = prepared(args.work)
    wanted = args.peers.split(",")
    for name, peer, columns in PEERS:
        if name in wanted:
            contest.run_peer(args.work, name, peer, columns, args.seconds)
    publish("highradius", report(contest, args.seconds))


def report(contest: Contest, seconds: float) -> list[str]:
    """Both targets, with and without the largest customer, and how much longer each contender took than the champion."""
    rows = contest.rows
    largest = rows.loc[rows["fold"] >= 0, "customer_id"].value_counts().sort_index().idxmax()
    others = (rows["customer_id"] != largest).to_numpy()
    lines = [
        f"Trained on {(rows['fold'] < 0).sum():,} rows, asked about {(rows['fold'] >= 0).sum():,}; {seconds:g} s a target for AutoML.",
        "",
    ]
    for target, about in (("p_late", "rows not yet due"), ("p_paid_14", "all rows")):
        lines += [f"**`{target}`, {about}**", "", *contest.table(target, "champion"), ""]
        lines += [f"**`{target}`, {about}, without the largest customer**", "", *contest.table(target, "champion", others), ""]
    ratios = {name: spent / contest.seconds["champion"] for name, spent in contest.seconds.items() if name != "champion"}
    told = ", ".join(f"{name} {ratio:.2g}" for name, ratio in sorted(ratios.items(), key=lambda one: -one[1]))
    return [*lines, f"Time to fit, as a multiple of the champion's (both targets together): {told}."]


if __name__ == "__main__":
    main()
