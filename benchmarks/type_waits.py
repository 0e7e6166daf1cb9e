"""How many of those seen with hardly any late days are compliant in truth, by how long their invoices waited for a pay run.

    python benchmarks/type_waits.py      # 20 worlds of 500 customers, about five minutes

Of the worlds that the points were learned in (`benchmarks/type_points.py`); all month-ends that a ledger of 24 months can learn from.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
import pandas as pd
from type_points import FIRST_WORLD, data_and_truth
from types_books import SETTINGS

from ledger.tables import DEBTOR_TYPES
from models.types.rules import fair_late_days
from models.types.waits import HIDING_DAYS

STEPS = (0, 1, 2, 3, 4, 6, 9, 13)


def waiting(world: int) -> pd.DataFrame:
    """`waited` and `is_compliant` of those of one world that are seen with hardly any late days, on each month-end."""
    data, true = data_and_truth(world)
    seen = data.seen
    told = pd.DataFrame({"waited": seen["run_wait_each"].to_numpy(), "is_compliant": true == DEBTOR_TYPES.index("compliant")})
    prompt = (seen["due_count"] > 0) & (fair_late_days(seen) <= SETTINGS.compliant_days)
    return told[prompt.to_numpy() & (true >= 0)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=20)
    found = []
    for world in range(FIRST_WORLD, FIRST_WORLD + parser.parse_args().worlds):
        found.append(waiting(world))
        print(f"world {world}: {len(found[-1]):,} customers and month-ends", file=sys.stderr, flush=True)
    seen = pd.concat(found)
    seen["step"] = pd.cut(seen["waited"], [-np.inf, *STEPS, np.inf])
    told = seen.groupby("step", observed=True).agg(n=("waited", "size"), mean=("waited", "mean"), share=("is_compliant", "mean"))
    print(
        "| days waited, each invoice | customers and month-ends | compliant in truth | as the model allows |", "|---|---|---|---|", sep="\n"
    )
    for step, row in told.iterrows():
        name = f"{step.left:g} to {step.right:g}".replace("-inf to 0", "none").replace(" to inf", " and more")
        print(f"| {name} | {row['n']:,.0f} | {row['share']:.2f} | {1 - row['mean'] / HIDING_DAYS:.2f} |")


if __name__ == "__main__":
    main()
