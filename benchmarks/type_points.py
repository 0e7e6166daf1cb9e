"""What each vote of the labelling rules is worth, learned in worlds drawn at random: writes `configs/type_points.yaml`.

    python benchmarks/type_points.py --out configs/type_points.yaml      # 48 worlds of 500 customers, about ten minutes

Logistic regression of the true cause on the votes with hindsight, of the late customers of each month-end that a ledger of 24 months can
learn from. No world that the types are measured in (`docs/types.md`) is among them: not the named ones, and none of the same seed.
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
from models.debtor_type import codes_of
from models.type_lessons import KEYS, gather
from models.type_points import Points
from models.type_rules import RULES
from models.type_votes import told_and_not

FIRST_WORLD, WORLDS, CUSTOMERS = 201, 48, 500
KINDS = ("whole", "payments-only", "whole", "no-parts", "whole", "payments-only", "nothing", "whole")
"""Half of the worlds have every record; the others stand for ledgers that tell less."""
MOST_ROWS, SEED, RIDGE = 80_000, 7, 10.0
HEAD = """\
# What each vote says of the cause of lateness, in points of log odds: where a rule saw what it looks for, and where it looked and did not.
# Learned in simulated worlds drawn at random by `python benchmarks/type_points.py`; see docs/decisions/0016-points-for-votes.md.
# The columns are {types}.
"""


def votes_and_truth(world: int, kind: str) -> tuple[pd.DataFrame, np.ndarray]:
    """The votes of one world on all its month-ends, and the code of the true type (-1: nothing fell due)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"drawn{world}.yaml"
        path.write_text(yaml.safe_dump(drawn(world, kind), sort_keys=False), encoding="utf-8")
        ledger, truth = side_by_side(str(path), [world], CUSTOMERS, str(Path(folder) / "ledger"))
        lessons = gather(ledger, UNTIL, FEATURES, WHOLE)
    true = lessons.seen[KEYS].merge(truth, on=KEYS, how="left")
    return lessons.votes(SETTINGS), codes_of(true["debtor_type"])


def learned(votes: list[pd.DataFrame], truth: list[np.ndarray]) -> Points:
    """The points that make the true causes likeliest, drawn towards zero."""
    said, code = np.vstack([told_and_not(one) for one in votes]), np.concatenate(truth)
    rows = np.flatnonzero(code > 0)
    rows = np.random.default_rng(SEED).choice(rows, min(MOST_ROWS, len(rows)), replace=False)
    model = LogisticRegression(C=1 / RIDGE, max_iter=1000).fit(said[rows], code[rows])
    points = model.coef_.T.round(2) + 0.0
    return Points(model.intercept_.round(2) + 0.0, points[: len(RULES)], points[len(RULES) :])


def text_of(points: Points) -> str:
    table = points.to_table()
    lines = [f"start: {table['start']}", "votes:"]
    for name, sides in table["votes"].items():
        lines += [f"  {name}:", f"    saw: {sides['saw']}", f"    saw_not: {sides['saw_not']}"]
    return HEAD.format(types=", ".join(DEBTOR_TYPES[1:])) + "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    votes, truth = [], []
    for world in range(FIRST_WORLD, FIRST_WORLD + chosen.worlds):
        kind = KINDS[world % len(KINDS)]
        said, code = votes_and_truth(world, kind)
        votes.append(said)
        truth.append(code)
        print(f"world {world} ({kind}): {len(said):,} customers and month-ends", file=sys.stderr, flush=True)
    chosen.out.write_text(text_of(learned(votes, truth)), encoding="utf-8")


if __name__ == "__main__":
    main()
