"""SuperLender: will the first repayment of a loan come after its first due date? Asked at approval, from the second loan on.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/superlender.py [--work DIR] [--seconds 60]

Five folds by customer, an exception to forward-in-time evaluation: most customers have few loans in one short period. Features are
those of the product, as known at the end of the day of approval; the champion chooses within the training customers by time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from at_issue import issue_days, matrix_at_issue
from contest import Contest, data_folder, publish

from features.matrix import FEATURES
from ledger.ledger import Ledger
from models.folds import fold_cut
from models.payment.contenders import RAW_COLUMNS, contenders
from models.payment.observations import late_outcome, with_outcomes
from models.payment.payment_time import fit_payment_time
from pipelines.config import Config, load_config
from pipelines.ingest import run_ingest

FOLDS = 5


def at_approval(ledger: Ledger, config: Config) -> pd.DataFrame:
    """One row a loan, on the day it was approved, for customers who had one before."""
    rows = matrix_at_issue(ledger, issue_days(ledger), config.features)
    loans = ledger.as_of(ledger.span[1]).balances.select("invoice_id", "customer_id", "issued_on").to_pandas()
    first = loans.sort_values(["issued_on", "invoice_id"]).drop_duplicates("customer_id")["invoice_id"]
    return rows[~rows["invoice_id"].isin(first)].reset_index(drop=True)


def by_customer(customers: pd.Series, seed: int) -> np.ndarray:
    """A fold for each row, the same for all rows of a customer."""
    names = np.sort(customers.unique())
    fold_of = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) % FOLDS, strict=True))
    return customers.map(fold_of).to_numpy()


def champion(train: pd.DataFrame, asked: pd.DataFrame, ledger: Ledger, config: Config) -> pd.DataFrame:
    """The product's payment-time model, its choices made on the newest quarter of the training days."""
    days = [day.date() for day in sorted(train["as_of"].unique())]
    cut: date = fold_cut(days, config.models.validation_share)
    is_old = train["as_of"] <= pd.Timestamp(cut)
    old, new = with_outcomes(train[is_old], ledger, cut), train[~is_old].reset_index(drop=True)
    fitted = fit_payment_time(old, new, train, config.models, seed=config.seed, threads=config.threads)
    return fitted.model.curve(asked).scores(asked["as_of"], asked["dpd"].to_numpy(dtype="int64"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=None, help="scratch folder; a temporary one if not given")
    parser.add_argument("--seconds", type=float, default=60.0, help="time budget of FLAML, for each fold")
    args = parser.parse_args()
    work = args.work or Path(tempfile.mkdtemp(prefix="superlender_"))
    config = load_config(env={})
    run_ingest("superlender-previous", str(data_folder() / "superlender" / "trainprevloans.csv.gz"), str(work / "ledger"), None, config)
    ledger = Ledger.open(str(work / "ledger"))
    rows = with_outcomes(at_approval(ledger, config), ledger, ledger.watched_to)
    rows["fold"] = by_customer(rows["customer_id"], config.seed)
    rows["fate"] = rows["customer_id"] + rows["due_on"].astype(str)
    rows["outcome_p_late"] = late_outcome(rows)

    columns = {"same": tuple(FEATURES), "raw": RAW_COLUMNS}
    contest = Contest(rows, {"p_late": columns}, categories=("customer_id",))
    for name in ("champion", *contenders()):
        begun = time.process_time()
        for fold in range(FOLDS):
            asked = rows["fold"] == fold
            train = rows[~asked].reset_index(drop=True)
            told = (
                champion(train, rows[asked], ledger, config) if name == "champion" else contenders()[name].fit(train).predict(rows[asked])
            )
            contest.say(name, told)
        contest.seconds[name] = time.process_time() - begun
        print(f"{name}: {contest.seconds[name]:.0f} s", file=sys.stderr)
    contest.export(work)
    for name in ("scorecard", "catboost", "flaml"):
        contest.run_peer(work, name, name, seconds=args.seconds)
    late = rows["outcome_p_late"].mean()
    publish(
        "superlender",
        [f"{len(rows):,} loans of {rows['customer_id'].nunique():,} customers, {late:.1%} late.", "", *contest.table("p_late", "champion")],
    )


if __name__ == "__main__":
    main()
