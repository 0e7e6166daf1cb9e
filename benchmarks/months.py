"""HighRadius, learned anew at the end of each month and asked on every Monday until the next: is one test period's calibration luck?

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/months.py --work DIR [--peers scorecard,catboost] [--seconds S]

Rows of all months are put together; everyone learns from the same rows each time. Choices about the champion were made on the months up to
September, which may favour it there; so the later ones are shown apart. See `highradius.py` for the columns.
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from contest import Contest, publish
from highradius import ingested, prepared

from models.evaluate import ece

MONTHS = tuple(date(2019, month, 1) - timedelta(days=1) for month in range(4, 13))
CHOSEN_ON_UNTIL = pd.Timestamp(2019, 9, 30)
TARGETS = ("p_late", "p_paid_14")


def mondays(after: date, until: date) -> list[date]:
    """The Mondays after one month-end, up to the next.

    >>> mondays(date(2019, 3, 31), date(2019, 4, 15))
    [datetime.date(2019, 4, 1), datetime.date(2019, 4, 8), datetime.date(2019, 4, 15)]
    """
    return [day.date() for day in pd.date_range(after + timedelta(days=1), until, freq="W-MON")]


def together(contests: list[Contest]) -> Contest:
    """The asked rows of all months in one contest."""
    asked = [contest.rows["fold"] >= 0 for contest in contests]
    rows = pd.concat([contest.rows[part] for contest, part in zip(contests, asked, strict=True)], ignore_index=True)
    whole = Contest(rows, contests[0].columns)
    for name in contests[0].said:
        said = [contest.said[name][part] for contest, part in zip(contests, asked, strict=True)]
        whole.said[name] = pd.concat(said, ignore_index=True)
        whole.seconds[name] = sum(contest.seconds[name] for contest in contests)
    return whole


def by_month(whole: Contest) -> list[str]:
    """The ECE of everybody in each month, and how often each is above the champion's."""
    month = whole.rows["as_of"].dt.to_period("M").to_numpy()
    names = ["champion", *sorted(name for name in whole.said if name != "champion")]
    lines = []
    for target in TARGETS:
        found = {}
        for one in np.unique(month):
            part = (month == one) & whole.rows[f"outcome_{target}"].notna().to_numpy()
            outcome = whole.rows.loc[part, f"outcome_{target}"].to_numpy(dtype="float64")
            found[one] = {n: ece(outcome, whole.said[n].loc[part, target].to_numpy()) for n in names if target in whole.said[n]}
        told = pd.DataFrame(found).T
        head = f"| ECE of `{target}` | {' | '.join(map(str, told.index))} | mean | above the champion's in |"
        lines += [head, "|---" * (len(told) + 3) + "|"]
        for name in told:
            above = "" if name == "champion" else f"{(told[name] > told['champion']).sum()} of {len(told)} months"
            lines.append(f"| {name} | {' | '.join(f'{value:.4f}' for value in told[name])} | {told[name].mean():.4f} | {above} |")
        lines.append("")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="scratch folder")
    parser.add_argument("--peers", default="scorecard,catboost", help="which peers to run, by comma")
    parser.add_argument("--seconds", type=float, default=60.0, help="time budget of FLAML, for each target and month")
    args = parser.parse_args()
    ledger, contests = ingested(args.work / "ledger"), []
    for at, until in enumerate(MONTHS):
        last = MONTHS[at + 1] if at + 1 < len(MONTHS) else date(2019, 12, 9)
        work = args.work / f"{until:%Y-%m}"
        contest, _ = prepared(work, ledger, until, mondays(until, last))
        for peer in filter(None, args.peers.split(",")):
            contest.run_peer(work, peer, peer, seconds=args.seconds)
        contests.append(contest)
    whole = together(contests)
    lines = by_month(whole)
    chosen_on = (whole.rows["as_of"] <= CHOSEN_ON_UNTIL).to_numpy()
    for target in TARGETS:
        for about, part in (("all months", None), ("from October on", ~chosen_on)):
            lines += [f"**`{target}`, {about}**", "", *whole.table(target, "champion", part), ""]
    publish("months", lines)


if __name__ == "__main__":
    main()
