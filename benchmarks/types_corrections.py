"""What fifty corrections by a collector do to everybody else's types, and what fifty wrong ones do.

    python benchmarks/types_corrections.py --world default --seeds 10

Fifty late customers are told their true type on the training day (or a wrong one, drawn at random). The model learns again, and macro-F1
is measured six months later on the late customers who were *not* corrected, at the same coverage as before.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from types_ceiling import FEATURES, SETTINGS, TRAINED_ON, UNTIL, books, interval, portfolio

from ledger.tables import DEBTOR_TYPES
from models.debtor_type import TypeModel, behaviour_of, codes_of
from models.type_lessons import LABEL_REACH_DAYS, UNSAID, gather
from models.type_measure import measure, most_evident
from models.type_training import learn
from pipelines.types import read_truth

N_CORRECTIONS, COVERAGE = 50, 0.85


def gains(world: str, seed: int, customers: int) -> dict[str, float]:
    """Macro-F1 gained on uncorrected late customers by true and by wrong corrections."""
    with tempfile.TemporaryDirectory() as folder:
        ledger, truth = books(world, seed, customers, Path(folder))
        lessons = gather(ledger, TRAINED_ON, FEATURES, SETTINGS)
        then = read_truth(truth, TRAINED_ON).set_index("customer_id")["debtor_type"]
        frame = read_truth(truth, UNTIL).merge(behaviour_of(portfolio(ledger, UNTIL), SETTINGS.correction_days), on="customer_id")
    rng = np.random.default_rng(seed)
    late = then[then != "compliant"]
    chosen = late.iloc[rng.choice(len(late), N_CORRECTIONS, replace=False)]
    wrong = pd.Series([rng.choice([one for one in DEBTOR_TYPES if one != name]) for name in chosen], chosen.index)
    others = frame[~frame["customer_id"].isin(chosen.index) & (frame["debtor_type"] != "compliant")]
    near = (pd.Timestamp(TRAINED_ON) - lessons.seen["as_of"]).dt.days <= LABEL_REACH_DAYS

    def score(said: pd.Series | None) -> float:
        told = lessons.told if said is None else codes_of(lessons.seen["customer_id"].map(said).where(near))
        model = learn(replace(lessons, told=told), SETTINGS, seed=7, threads=1)
        return macro_f1(model, others)

    plain = score(None)
    assert (lessons.told == UNSAID).all()
    return {"true": score(chosen) - plain, "wrong": score(wrong) - plain}


def macro_f1(model: TypeModel, frame: pd.DataFrame) -> float:
    """Over the four types that late customers can have."""
    p = model.probabilities(frame)
    told = measure(codes_of(frame["debtor_type"]), p, most_evident(p, COVERAGE))
    return float(told["macro_f1"]) * len(DEBTOR_TYPES) / (len(DEBTOR_TYPES) - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", default="default")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=3001)
    parser.add_argument("--customers", type=int, default=1000)
    chosen = parser.parse_args()
    found: list[dict[str, float]] = []
    for seed in range(chosen.first_seed, chosen.first_seed + chosen.seeds):
        found.append(gains(chosen.world, seed, chosen.customers))
        print(seed, {name: round(gain, 4) for name, gain in found[-1].items()}, file=sys.stderr, flush=True)
    print(f"macro-F1 gained on late customers who were not corrected, `{chosen.world}`, {len(found)} seeds:")
    for name in ("true", "wrong"):
        print(f"  {N_CORRECTIONS} {name} corrections: {interval([one[name] for one in found])}")


if __name__ == "__main__":
    main()
