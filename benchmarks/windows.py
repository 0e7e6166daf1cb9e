"""Development windows: where choices about the model are made. All lie before the published test periods.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/windows.py --work DIR [--drift 0,0.1,0.2,0.3] [--config FILE]

Five times a champion is trained and then asked weekly for two months, with each of the given `models.level_drift` (0: no watch).
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from contest import data_folder, publish

from features.matrix import build_matrix
from ledger.ledger import Ledger
from ledger.progress import silent
from models.evaluate import metrics
from models.payment.contenders import KaplanMeier
from models.payment.lateness import by_convention
from models.payment.observations import late_if_not_due, paid_outcome, with_outcomes
from pipelines.backtest import said_on
from pipelines.config import Config, load_config
from pipelines.ingest import run_ingest
from pipelines.learning import learn

SOURCES = {
    "highradius-closed": "highradius/invoices_due_before_2019-12-26.csv.gz",
    "superlender-previous": "superlender/trainprevloans.csv.gz",
}
WINDOWS = (
    ("highradius-closed", date(2019, 4, 30), date(2019, 5, 6), 9),
    ("highradius-closed", date(2019, 5, 31), date(2019, 6, 3), 9),
    ("highradius-closed", date(2019, 7, 26), date(2019, 7, 29), 9),
    ("superlender-previous", date(2016, 11, 30), date(2016, 12, 5), 8),
    ("superlender-previous", date(2017, 1, 31), date(2017, 2, 6), 8),
)
TARGETS = ("p_late", "p_paid_14")


def window(
    ledger: Ledger, until: date, first: date, weeks: int, drifts: list[float], config: Config
) -> dict[str, dict[str, dict[str, float]]]:
    """The metrics of each drift and of the Kaplan-Meier curve, by target."""
    champion = learn(ledger, until, config, silent, payment_only=True).champion
    days = [first + timedelta(days=7 * week) for week in range(weeks)]
    rows = with_outcomes(build_matrix(ledger, days, config.features), ledger, ledger.watched_to)
    rows = by_convention(rows, champion.lateness)
    outcomes = {"p_late": late_if_not_due(rows), "p_paid_14": paid_outcome(rows, 14)}
    said: dict[str, pd.DataFrame] = {"Kaplan-Meier": KaplanMeier().fit(rows).predict(rows)}
    for drift in drifts:
        watched = config.model_copy(update={"models": config.models.model_copy(update={"level_drift": drift})})
        said[f"level_drift {drift:g}"] = said_on(ledger, champion, rows, days, watched, silent)
    return {name: {t: metrics(outcomes[t], scores[t].to_numpy(dtype="float64")) for t in TARGETS} for name, scores in said.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="scratch folder")
    parser.add_argument("--config", type=Path, default=None, help="settings to try instead of the defaults; the page is left as it is")
    parser.add_argument("--drift", default="0,0.1,0.2,0.3", help="values of models.level_drift, by comma")
    args = parser.parse_args()
    config = load_config(args.config, env={})
    drifts = [float(one) for one in args.drift.split(",")]
    for source, file in SOURCES.items():
        run_ingest(source, str(data_folder() / file), str(args.work / source), None, config)
    found = [window(Ledger.open(str(args.work / source)), until, first, weeks, drifts, config) for source, until, first, weeks in WINDOWS]
    lines = ["| log loss / ECE | mean of five | " + " | ".join(f"{source.split('-')[0]} {until}" for source, until, _, _ in WINDOWS) + " |"]
    lines.append("|---" * (len(WINDOWS) + 2) + "|")
    for target in TARGETS:
        for name in found[0]:
            cells = [(one[name][target]["log_loss"], one[name][target]["ece"]) for one in found]
            told = " | ".join(f"{loss:.4f} / {error:.4f}" for loss, error in [tuple(np.mean(cells, axis=0)), *cells])
            lines.append(f"| `{target}`, {name} | {told} |")
    if args.config:
        print("\n".join(lines))
    else:
        publish("windows", lines)


if __name__ == "__main__":
    main()
