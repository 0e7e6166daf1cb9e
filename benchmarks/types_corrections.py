"""What fifty corrections by a collector do to everybody else's types, and what fifty wrong ones do.

    python benchmarks/types_corrections.py --world default --seeds 10

Fifty customers drawn at random are told their true type on the training day (or a wrong one, drawn at random); or fifty of those whom the
model tells wrong are corrected, and nobody is ever confirmed; or fifty are told whom the model leaves undetermined. The model learns from
that what it would in `duewise train`: where the line of compliant lies, and which cause is said too often. Six months later macro-F1 is
measured on the customers who were *not* corrected: over the determined, as users see it, and at one coverage, so that nothing is gained
by saying less.

*As labels* is what words on the customers drawn at random could teach at most without moving the line: the booster learns their truth
in every month of the training data, which no collector could say.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from types_books import SETTINGS, TRAINED_ON, UNTIL, Book, books
from types_ceiling import interval

from ledger.tables import DEBTOR_TYPES
from models.types.debtor_type import TypeModel, codes_of, evidence_of
from models.types.measure import measure, most_evident
from models.types.training import learn, taught, with_line
from models.types.training_data import KEYS, TrainingData

N_WORDS, COVERAGE = 50, 0.87


def gains(book: Book, draws: int) -> dict[str, float]:
    """Macro-F1 gained on uncorrected customers by each kind of corrections, the mean over some draws of the customers."""
    then, now = (book.types(day).merge(seen, on="customer_id") for day, seen in ((TRAINED_ON, book.then), (UNTIL, book.now)))
    rng = np.random.default_rng(book.seed)
    plain = learn(book.data, SETTINGS, seed=7, threads=1)
    found = pd.DataFrame([gained(book, plain, words, now) for _ in range(draws) for words in drawn(plain, then, rng)])
    some = then.iloc[rng.choice(len(then), N_WORDS, replace=False)]
    others = now[~now["customer_id"].isin(some["customer_id"])]
    before, after = scores(plain, others), scores(learn(in_every_month(book, some), SETTINGS, seed=7, threads=1), others)
    means = found.groupby("kind", sort=False).mean()
    each = {f"{kind}, {how}": float(gain) for kind, row in means.iterrows() for how, gain in row.items()}
    return each | {f"as labels, {how}": after[how] - before[how] for how in before}


def drawn(plain: TypeModel, then: pd.DataFrame, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Fifty words of each kind, `said_type` of customers as they look on the training day."""
    p, true = plain.probabilities(then), then["debtor_type"]
    anybody = rng.permutation(len(then))
    wrong = true.map(lambda name: rng.choice([one for one in DEBTOR_TYPES if one != name]))
    amiss = rng.permutation(np.flatnonzero(p.argmax(axis=1) != codes_of(true)))
    unclear = rng.permutation(np.flatnonzero(evidence_of(p) < plain.threshold_of(p)))
    kinds = {"true": (anybody, true), "wrong": (anybody, wrong), "of faults": (amiss, true), "of the undetermined": (unclear, true)}
    for kind, (rows, said) in kinds.items():
        yield then.assign(said_type=said, kind=kind).iloc[rows[:N_WORDS]]


def gained(book: Book, plain: TypeModel, words: pd.DataFrame, now: pd.DataFrame) -> dict[str, Any]:
    """What some words bring to all others."""
    others = now[~now["customer_id"].isin(words["customer_id"])]
    settings = with_line(plain, words)
    model = plain if settings == SETTINGS else learn(book.data, settings, seed=7, threads=1)
    before, after = scores(plain, others), scores(taught(model, words, book.data.seen), others)
    return {"kind": words["kind"].iloc[0], **{how: after[how] - before[how] for how in before}}


def in_every_month(book: Book, customers: pd.DataFrame) -> TrainingData:
    """The training data with the true type of some customers said, and sure, in each month."""
    seen = book.data.seen[KEYS].merge(book.truth[[*KEYS, "debtor_type"]], on=KEYS, how="left")
    true = seen["debtor_type"].where(seen["customer_id"].isin(customers["customer_id"]))
    return replace(book.data, told=codes_of(true), sure=np.ones(len(true)))


def scores(model: TypeModel, frame: pd.DataFrame) -> dict[str, float]:
    """Macro-F1 over the determined, and at a coverage that is the same for all."""
    code, p = codes_of(frame["debtor_type"]), model.probabilities(frame)
    determined = evidence_of(p) >= model.threshold_of(p)
    return {
        "determined": float(measure(code, p, determined)["macro_f1"]),
        f"at {COVERAGE:.0%}": float(measure(code, p, most_evident(p, COVERAGE))["macro_f1"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", default="default")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=5201)
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--draws", type=int, default=6, help="times that the fifty are drawn, each seed's gain being the mean")
    chosen = parser.parse_args()
    found: list[dict[str, float]] = []
    for book in books(chosen.world, range(chosen.first_seed, chosen.first_seed + chosen.seeds), chosen.customers):
        found.append(gains(book, chosen.draws))
        print(book.seed, {name: round(gain, 4) for name, gain in found[-1].items()}, file=sys.stderr, flush=True)
    print(f"macro-F1 gained on customers who were not corrected, `{chosen.world}`, {len(found)} seeds:")
    for name in found[0]:
        print(f"  {N_WORDS} words, {name}: {interval([one[name] for one in found])}")


if __name__ == "__main__":
    main()
