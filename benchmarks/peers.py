"""Contenders from outside, run in the environment of `make bench`; only pandas and the contender itself are imported here.

Reads `WORK/task.json` and `WORK/rows.parquet`, writes `WORK/said_<name>.parquet` (a column a target) and `WORK/said_<name>.json`
(CPU seconds to fit and to predict). Rows of fold k are scored by a fit on all other folds; fold -1 only ever trains.

    .venv-bench/bin/python benchmarks/peers.py WORK --peer catboost --columns same --seconds 60 --name catboost
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

THREADS = 1
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(THREADS)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

NEWEST_SHARE = 0.25
Fitted = Callable[[pd.DataFrame], Any]


def scorecard(rows: pd.DataFrame, y: Any, days: Any, categories: list[str], seconds: float, seed: int) -> Fitted:
    from models.payment.scorecard import Scorecard

    card = Scorecard().fit(rows.drop(columns=categories), y)
    return lambda asked: card.predict_proba(asked.drop(columns=categories))[:, 1]


def catboost(rows: pd.DataFrame, y: Any, days: Any, categories: list[str], seconds: float, seed: int) -> Fitted:
    """Its defaults, stopped where the newest quarter of the days stops gaining, where there are days."""
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(thread_count=THREADS, random_seed=seed, verbose=False, allow_writing_files=False, cat_features=categories)
    rows = _as_text(rows, categories)
    if days is None:
        model.fit(rows, y)
    else:
        new = _newest(days)
        model.fit(rows[~new], y[~new], eval_set=(rows[new], y[new]), early_stopping_rounds=50)
    return lambda asked: model.predict_proba(_as_text(asked, categories))[:, 1]


def flaml(rows: pd.DataFrame, y: Any, days: Any, categories: list[str], seconds: float, seed: int) -> Fitted:
    """Its search for the least log loss within the budget; splits by time where there are days."""
    from flaml import AutoML

    logging.getLogger("flaml").setLevel(logging.ERROR)
    automl = AutoML()
    split: dict[str, Any] = {}
    if days is not None:
        order = np.argsort(days.to_numpy(), kind="stable")
        rows, y = rows.iloc[order].reset_index(drop=True), y[order]
        split = {"eval_method": "holdout", "split_type": "time", "split_ratio": NEWEST_SHARE}
    automl.fit(
        rows,
        y.astype("int64"),
        task="classification",
        metric="log_loss",
        time_budget=seconds,
        n_jobs=THREADS,
        seed=seed,
        verbose=0,
        estimator_list=["lgbm", "xgboost", "xgb_limitdepth", "catboost", "rf", "extra_tree"],
        **split,
    )
    return lambda asked: automl.predict_proba(asked)[:, 1]


def autogluon(rows: pd.DataFrame, y: Any, days: Any, categories: list[str], seconds: float, seed: int) -> Fitted:
    """Its `best_quality` preset, which bags over random folds and stacks, within the budget."""
    from autogluon.tabular import TabularPredictor

    folder = tempfile.mkdtemp(prefix="autogluon_")
    predictor = TabularPredictor(label="outcome", eval_metric="log_loss", path=folder, verbosity=0)
    predictor.fit(
        rows.assign(outcome=y.astype("int64")),
        presets="best_quality",
        time_limit=seconds,
        num_cpus=THREADS,
        num_gpus=0,
        dynamic_stacking=False,
        ag_args_ensemble={"fold_fitting_strategy": "sequential_local"},
    )
    return lambda asked: predictor.predict_proba(asked)[1].to_numpy()


def autogluon_by_time(rows: pd.DataFrame, y: Any, days: Any, categories: list[str], seconds: float, seed: int) -> Fitted:
    """AutoGluon without bags: its models chosen, weighed and calibrated on the newest quarter of the days."""
    from autogluon.tabular import TabularPredictor

    if days is None:
        raise SystemExit("autogluon_by_time wants rows with days: take autogluon")
    table, new = rows.assign(outcome=y.astype("int64")), _newest(days)
    predictor = TabularPredictor(label="outcome", eval_metric="log_loss", path=tempfile.mkdtemp(prefix="autogluon_"), verbosity=0)
    predictor.fit(table[~new], tuning_data=table[new], time_limit=seconds, num_cpus=THREADS, num_gpus=0)
    return lambda asked: predictor.predict_proba(asked)[1].to_numpy()


def cpu_seconds() -> float:
    """What this process and those it started have used: on one thread the time it takes on an idle machine."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _newest(days: pd.Series) -> Any:
    """Which rows lie in the newest quarter of the days."""
    distinct = np.sort(days.unique())
    return (days >= distinct[-max(1, round(len(distinct) * NEWEST_SHARE))]).to_numpy()


def _as_text(rows: pd.DataFrame, categories: list[str]) -> pd.DataFrame:
    return rows.assign(**{name: rows[name].astype(str) for name in categories})


PEERS: dict[str, Callable[..., Fitted]] = {
    "scorecard": scorecard,
    "catboost": catboost,
    "flaml": flaml,
    "autogluon": autogluon,
    "autogluon_by_time": autogluon_by_time,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument("--columns", default="same", help="a list of columns that task.json names")
    parser.add_argument("--seconds", type=float, default=60.0, help="time budget of one fit, where the contender has one")
    parser.add_argument("--name", required=True, help="what its scores are filed under")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()

    task = json.loads((args.work / "task.json").read_text("utf-8"))
    rows = pd.read_parquet(args.work / "rows.parquet")
    for name in task["categories"]:
        rows[name] = rows[name].astype("category")
    said = pd.DataFrame(np.nan, index=rows.index, columns=list(task["targets"]))
    spent = {"fit": 0.0, "predict": 0.0}
    for target, chosen in task["targets"].items():
        columns = chosen[args.columns]
        categories = [name for name in columns if name in task["categories"]]
        known = rows[f"outcome_{target}"].notna()
        for fold in sorted(set(rows["fold"]) - {-1}):
            train, asked = rows[known & (rows["fold"] != fold)], rows[rows["fold"] == fold]
            days = train["as_of"] if task["by_time"] else None
            begun = cpu_seconds()
            fitted = PEERS[args.peer](train[columns], train[f"outcome_{target}"].to_numpy(), days, categories, args.seconds, args.seed)
            done = cpu_seconds()
            said.loc[asked.index, target] = fitted(asked[columns])
            spent["fit"] += done - begun
            spent["predict"] += cpu_seconds() - done
    said.to_parquet(args.work / f"said_{args.name}.parquet")
    (args.work / f"said_{args.name}.json").write_text(json.dumps(spent) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
