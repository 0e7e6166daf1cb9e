"""How far the mean of rules and booster is to be stretched (`STRETCH` in `models/types/training.py`), in the worlds that taught the points.

    python benchmarks/type_stretch.py      # 48 worlds of 500 customers, about half an hour

Two that err in different ways know more together than either, so their mean is less sure than it may be. Each world is learned from as any
ledger, half a year before the day on which it is compared with the truth. Of each kind of record the stretch is told that makes the truth
likeliest. No world that is measured is among them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml
from drawn_worlds import drawn
from scipy.optimize import minimize_scalar
from type_points import CUSTOMERS, FIRST_WORLD, KINDS, WORLDS
from types_books import SETTINGS, UNTIL, books

from models.arrays import Floats
from models.odds import softmax
from models.types.debtor_type import codes_of
from models.types.training import learn


def unstretched(world: int, kind: str) -> tuple[Floats, Floats]:
    """The log of the unstretched probabilities, and the code of the true type."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"drawn{world}.yaml"
        path.write_text(yaml.safe_dump(drawn(world, kind), sort_keys=False), encoding="utf-8")
        (book,) = books(str(path), [world], CUSTOMERS)
    model = replace(learn(book.data, SETTINGS, seed=7, threads=1), stretch=1.0)
    truth = book.types(UNTIL)
    frame = truth[["customer_id"]].merge(book.now, on="customer_id", how="left")
    fell_due = frame["due_count"].to_numpy() > 0
    return np.log(np.maximum(model.probabilities(frame)[fell_due], 1e-9)), codes_of(truth["debtor_type"])[fell_due]


def log_loss(stretch: float, logs: Floats, code: Floats) -> float:
    return float(-np.log(softmax(stretch * logs)[np.arange(len(code)), code]).mean())


def likeliest(logs: Floats, code: Floats) -> float:
    return float(minimize_scalar(log_loss, bounds=(0.5, 2.5), args=(logs, code), method="bounded").x)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=WORLDS)
    chosen = parser.parse_args()
    found: dict[str, list[tuple[Floats, Floats]]] = {}
    for world in range(FIRST_WORLD, FIRST_WORLD + chosen.worlds):
        kind = KINDS[world % len(KINDS)]
        found.setdefault(kind, []).append(unstretched(world, kind))
        print(f"world {world} ({kind}): {likeliest(*found[kind][-1]):.2f}", file=sys.stderr, flush=True)
    print("| on record | worlds | stretch | log loss at 1 | at the stretch | of single worlds |")
    print("|---|---|---|---|---|---|")
    for kind, worlds in sorted(found.items(), reverse=True):
        logs, code = np.vstack([one for one, _ in worlds]), np.concatenate([one for _, one in worlds])
        best, single = likeliest(logs, code), [likeliest(*one) for one in worlds]
        losses = f"{log_loss(1.0, logs, code):.3f} | {log_loss(best, logs, code):.3f}"
        quarters = "{:.2f} to {:.2f}".format(*np.quantile(single, [0.25, 0.75]))
        print(f"| {kind} | {len(worlds)} | {best:.2f} | {losses} | {quarters} |", flush=True)


if __name__ == "__main__":
    main()
