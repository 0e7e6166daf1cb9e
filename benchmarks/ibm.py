"""IBM's sample ledger: will an invoice be paid late? Asked on its day of issue, of the last fifth of the invoices in time.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/ibm.py [--work DIR] [--seconds 60]

The dispute flag has no date, so that an invoice's own flag is unknown while it is open. The set looks simulated: payments fall on all
weekdays alike, Sundays included, and amounts are normally distributed. A good score here says little about real ledgers.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import pandas as pd
from at_issue import issue_days, matrix_at_issue
from contest import Contest, Stopwatch, data_folder, publish

from features.matrix import FEATURES
from ledger.ledger import Ledger
from models.payment.contenders import RAW_COLUMNS, contenders
from models.payment.lateness import by_convention
from models.payment.observations import late_if_not_due, with_outcomes
from pipelines.config import load_config
from pipelines.ingest import run_ingest
from pipelines.learning import learn

TESTED_SHARE = 0.2


def weekday_lines(ledger: Ledger) -> list[str]:
    """How payments spread over the week, the sign that nobody's bank was involved."""
    paid = ledger.as_of(ledger.watched_to).balances.select("paid_on").to_pandas()["paid_on"].dropna()
    shares = paid.dt.day_of_week.value_counts(normalize=True)
    weekend = float(shares.get(5, 0.0) + shares.get(6, 0.0))
    return [f"**The set looks simulated:** {weekend:.1%} of its payments fall on a Saturday or Sunday (2 days of 7 are {2 / 7:.1%})."]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=None, help="scratch folder; a temporary one if not given")
    parser.add_argument("--seconds", type=float, default=60.0, help="time budget of FLAML")
    args = parser.parse_args()
    work = args.work or Path(tempfile.mkdtemp(prefix="ibm_"))
    config = load_config(env={})
    file = data_folder() / "ibm-ar" / "WA_Fn-UseC_-Accounts-Receivable.csv"
    run_ingest("ibm-ar", str(file), str(work / "ledger"), None, config)
    ledger = Ledger.open(str(work / "ledger"))
    issued = ledger.as_of(ledger.span[1]).balances.select("issued_on").to_pandas()["issued_on"].sort_values()
    cut = issued.iloc[int(len(issued) * (1 - TESTED_SHARE))].date()

    stopwatch = Stopwatch()
    learned = learn(ledger, cut, config, stopwatch)
    asked = matrix_at_issue(ledger, issue_days(ledger, after=cut), config.features)
    asked = by_convention(with_outcomes(asked, ledger, ledger.watched_to), learned.champion.lateness)
    train = learned.observations
    rows = pd.concat([train.assign(fold=-1), asked.assign(fold=0)], ignore_index=True)
    rows["fate"] = rows["customer_id"] + rows["due_on"].astype(str)
    rows["outcome_p_late"] = late_if_not_due(rows)
    contest = Contest(rows, {"p_late": {"same": tuple(FEATURES), "raw": RAW_COLUMNS}}, categories=("customer_id",))
    tested = rows["fold"] == 0
    curve = learned.champion.payment.curve(rows[tested])
    contest.say("champion", curve.scores(rows.loc[tested, "as_of"], rows.loc[tested, "dpd"].to_numpy(dtype="int64")))
    contest.seconds["champion"] = stopwatch.seconds["fitting the payment-time model"]
    for name, contender in contenders().items():
        begun = time.process_time()
        contest.say(name, contender.fit(train).predict(rows[tested]))
        contest.seconds[name] = time.process_time() - begun
    contest.export(work)
    for name in ("scorecard", "catboost", "flaml"):
        contest.run_peer(work, name, name, seconds=args.seconds)
    late = rows.loc[tested, "outcome_p_late"].mean()
    intro = f"Trained on what was known on {cut}; {len(asked):,} invoices issued after it, {late:.1%} late."
    publish("ibm", [intro, "", *weekday_lines(ledger), "", *contest.table("p_late", "champion")])


if __name__ == "__main__":
    main()
