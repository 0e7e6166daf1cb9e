"""UCI credit cards: who misses next month's payment, told without a word about sex, education, marriage or age?

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/uci.py [--work DIR] [--seconds 60]

Five folds, an exception to forward-in-time evaluation: there is one row a customer, and one period. SEX, EDUCATION, MARRIAGE and AGE are
thrown away before anything else. There are no invoices here, so the payment curve has nothing to say; it is the late head's recipe
(small, heavily column-sampled trees) that is tried, on the raw columns and a few ratios of them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from contest import Contest, auc_interval, data_folder, publish

from models.arrays import Floats
from models.bag import Bag
from models.payment.contenders import logistic, raw_lightgbm
from models.settings import ModelSettings

TRAITS = ("SEX", "EDUCATION", "MARRIAGE", "AGE")
OUTCOME = "default.payment.next.month"
FOLDS = 5
SEED = 7


def features(cards: pd.DataFrame) -> pd.DataFrame:
    """The columns that are left, with what a collector would work out from them."""
    out = cards.astype("float64")
    limit = out["LIMIT_BAL"]
    bills = out[[f"BILL_AMT{i}" for i in range(1, 7)]].to_numpy()
    paid = out[[f"PAY_AMT{i}" for i in range(1, 7)]].to_numpy()
    behind = out[[f"PAY_{i}" for i in (0, 2, 3, 4, 5, 6)]].to_numpy()
    out["months_behind"] = (behind > 0).sum(axis=1)
    out["most_behind"] = behind.max(axis=1)
    out["mean_behind"] = np.maximum(behind, 0).mean(axis=1)
    out["used_share"] = bills[:, 0] / limit
    out["used_share_mean"] = bills.mean(axis=1) / limit
    out["used_change"] = (bills[:, 0] - bills[:, 5]) / limit
    out["paid_of_limit"] = paid.mean(axis=1) / limit
    # What is paid in a month answers the bill of the month before.
    answered = np.clip(paid[:, :5] / np.where(bills[:, 1:] > 0, bills[:, 1:], np.nan), 0, 2)
    out["paid_share_last"] = answered[:, 0]
    out["paid_share_mean"] = np.where(np.isnan(answered), 0, answered).sum(axis=1) / np.maximum((~np.isnan(answered)).sum(axis=1), 1)
    out["n_months_paid_nothing"] = (paid == 0).sum(axis=1)
    return out


class LateHead:
    """The late head's recipe; the number of trees is chosen on a fifth of the training rows, then all are used."""

    def fit(self, rows: pd.DataFrame, outcome: Floats) -> LateHead:
        settings, fits = ModelSettings().late_head, ModelSettings().late_fits
        held = np.random.default_rng(SEED).random(len(rows)) < 1 / FOLDS

        def fit_one(_: int | None, seed: int) -> lgb.Booster:
            params = settings.params(seed, threads=1)
            choice = lgb.train(
                params,
                lgb.Dataset(rows[~held], outcome[~held]),
                settings.max_rounds,
                valid_sets=[lgb.Dataset(rows[held], outcome[held])],
                callbacks=[lgb.early_stopping(settings.patience, verbose=False)],
            )
            return lgb.train(params, lgb.Dataset(rows, outcome), choice.best_iteration)

        self.head = Bag.fit(fit_one, [None] * fits, SEED)
        return self

    def predict_proba(self, rows: pd.DataFrame) -> Floats:
        p = self.head.predict(rows)
        return np.column_stack([1 - p, p])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=None, help="scratch folder; a temporary one if not given")
    parser.add_argument("--seconds", type=float, default=60.0, help="time budget of FLAML, for each fold")
    args = parser.parse_args()
    work = args.work or Path(tempfile.mkdtemp(prefix="uci_"))
    cards = pd.read_csv(data_folder() / "uci-credit-card" / "UCI_Credit_Card.csv.gz").drop(columns=list(TRAITS))
    outcome = cards.pop(OUTCOME).astype("float64")
    raw, known = list(cards.columns), features(cards)
    rows = known.assign(
        customer_id=np.arange(len(cards)).astype(str),
        fate=np.arange(len(cards)).astype(str),
        fold=np.random.default_rng(SEED).permutation(len(cards)) % FOLDS,
        outcome_p_late=outcome,
    )
    contest = Contest(rows, {"p_late": {"same": list(known.columns), "raw": raw}}, by_time=False)
    makers: dict[str, tuple[Any, list[str]]] = {
        "champion": (LateHead, list(known.columns)),
        "logistic": (logistic, list(known.columns)),
        "raw_lightgbm": (raw_lightgbm, raw),
    }
    for name, (make, columns) in makers.items():
        begun = time.process_time()
        for fold in range(FOLDS):
            asked = rows["fold"] == fold
            model = make().fit(rows.loc[~asked, columns], outcome[~asked].to_numpy())
            contest.say(name, pd.DataFrame({"p_late": model.predict_proba(rows.loc[asked, columns])[:, 1]}, index=rows.index[asked]))
        contest.seconds[name] = time.process_time() - begun
    contest.export(work)
    for name in ("scorecard", "catboost", "flaml"):
        contest.run_peer(work, name, name, seconds=args.seconds)
    low, high = auc_interval(outcome, contest.said["champion"]["p_late"])
    intro = f"{len(rows):,} customers, {outcome.mean():.1%} missed the next payment; without {', '.join(TRAITS)}."
    publish(
        "uci", [intro, f"AUC of the champion's recipe, 95 % interval: {low:.4f} to {high:.4f}.", "", *contest.table("p_late", "champion")]
    )


if __name__ == "__main__":
    main()
