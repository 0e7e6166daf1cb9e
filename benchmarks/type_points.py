"""What each vote and each step of a characteristic is worth, learned in worlds drawn at random: writes `configs/type_points.yaml`.

    python benchmarks/type_points.py --out configs/type_points.yaml      # 60 worlds of 500 customers, about twelve minutes

Logistic regression of the true cause on votes and steps with hindsight, of the late customers of each month-end that a ledger of 24 months
can learn from. No world that the types are measured in (`docs/types.md`) is among them: not the named ones, and none of the same seed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from drawn_worlds import drawn
from sklearn.linear_model import LogisticRegression
from types_books import FEATURES, SETTINGS, UNTIL, WHOLE, side_by_side

from ledger.tables import DEBTOR_TYPES
from models.types.characteristics import steps_of
from models.types.debtor_type import codes_of
from models.types.points import Points
from models.types.rules import RULES
from models.types.training_data import KEYS, TrainingData, gather
from models.types.votes import told_and_not

FIRST_WORLD, WORLDS, CUSTOMERS = 201, 60, 500
KINDS = ("whole", "payments-only", "whole", "no-parts", "calls-only", "payments-only", "nothing", "whole", "no-calls", "whole")
"""Four in ten of the worlds have every record; the others stand for ledgers that tell less."""
MOST_ROWS, SEED, RIDGE = 80_000, 7, 10.0
HEAD = """\
# What each vote says of the cause of lateness, in points of log odds: where a rule saw what it looks for, and where it looked and did not.
# Below: what is said by how much was seen, from those above none of the bounds to those above the last.
# Learned in simulated worlds drawn at random by `python benchmarks/type_points.py`; see docs/decisions/0016-points-for-votes.md.
# The columns are {types}.
"""


def data_and_truth(world: int) -> tuple[TrainingData, np.ndarray]:
    """One world on all its month-ends, and the code of the true type (-1: nothing fell due)."""
    kind = KINDS[world % len(KINDS)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"drawn{world}.yaml"
        path.write_text(yaml.safe_dump(drawn(world, kind), sort_keys=False), encoding="utf-8")
        ledger, truth = side_by_side(str(path), [world], CUSTOMERS, str(Path(folder) / "ledger"))
        data = gather(ledger, UNTIL, FEATURES, WHOLE)
    true = data.seen[KEYS].merge(truth, on=KEYS, how="left")
    return data, codes_of(true["debtor_type"])


def learned(votes: list[pd.DataFrame], seen: list[pd.DataFrame], truth: list[np.ndarray]) -> Points:
    """The points that make the true causes likeliest, drawn towards zero."""
    said = np.vstack([np.hstack([told_and_not(one), steps_of(other)]) for one, other in zip(votes, seen, strict=True)])
    code = np.concatenate(truth)
    rows = np.flatnonzero(code > 0)
    rows = np.random.default_rng(SEED).choice(rows, min(MOST_ROWS, len(rows)), replace=False)
    model = LogisticRegression(C=1 / RIDGE, max_iter=1000).fit(said[rows], code[rows])
    points = model.coef_.T.round(2) + 0.0
    return Points(model.intercept_.round(2) + 0.0, *np.split(points, [len(RULES), 2 * len(RULES)]))


def text_of(points: Points) -> str:
    table = points.to_table()
    lines = [f"start: {table['start']}", "votes:"]
    for name, sides in table["votes"].items():
        lines += [f"  {name}:", f"    saw: {sides['saw']}", f"    saw_not: {sides['saw_not']}"]
    lines.append("characteristics:")
    for name, one in table["characteristics"].items():
        lines += [f"  {name}:", f"    above: {one['above']}", "    points:", *(f"    - {points}" for points in one["points"])]
    return HEAD.format(types=", ".join(DEBTOR_TYPES[1:])) + "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    found = []
    for world in range(FIRST_WORLD, FIRST_WORLD + chosen.worlds):
        data, true = data_and_truth(world)
        found.append((data.votes(SETTINGS), data.characteristics(SETTINGS), true))
        print(f"world {world}: {len(found[-1][0]):,} customers and month-ends", file=sys.stderr, flush=True)
    votes, seen, truth = (list(one) for one in zip(*found, strict=True))
    chosen.out.write_text(text_of(learned(votes, seen, truth)), encoding="utf-8")


if __name__ == "__main__":
    main()
