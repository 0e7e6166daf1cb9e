"""How near the debtor types come to what the same features could tell at all, in worlds and seeds that nothing was tuned on.

    python benchmarks/types_ceiling.py --worlds default noisy payments_only shifted --seeds 10 --out build/types.json
    python benchmarks/types_ceiling.py --render build/types.json > docs/types_figures.md

The ceiling is the same booster on the same features, learned from the truth of two other seeds of the world: no model that sees only
the ledger can be expected to do better. It reads the truth; the model never does.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.behaviour import behaviour
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from ledger.tables import DEBTOR_TYPES
from models.debtor_type import behaviour_of, codes_of, design
from models.type_lessons import month_ends
from models.type_measure import ece_floor, measure, most_evident
from models.type_settings import TypeSettings
from models.type_training import fit_booster, fit_types, softmax
from pipelines.types import figures_of, read_truth
from simulator import load_world, simulate, write_ledger, write_truth

UNTIL, TRAINED_ON = date(2025, 12, 31), date(2025, 6, 30)
FIRST_SEED, CEILING_SEEDS = 2001, (2901, 2902)
FEATURES, SETTINGS = FeatureSettings(), TypeSettings()
T_975 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}


def books(world: str, seed: int, customers: int, folder: Path) -> tuple[Ledger, Path]:
    simulation = simulate(load_world(world), customers=customers, months=24, until=UNTIL, seed=seed)
    write_ledger(simulation, str(folder / "ledger"))
    write_truth(simulation.truth(0.0), folder / "truth")
    return Ledger.open(str(folder / "ledger"), threads=1), folder / "truth"


def portfolio(ledger: Ledger, *days: date) -> Portfolio:
    return Portfolio(ledger.as_of(*days, history_days=FEATURES.history_days), FEATURES)


def ceiling(world: str, customers: int) -> Any:
    """The booster, learned from the truth of other seeds: as many month-ends as the model learns from."""
    frames = []
    for seed in CEILING_SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            ledger, truth = books(world, seed, customers, Path(folder))
            for day in month_ends(date(2025, 1, 1), UNTIL, 12)[1::2]:
                seen = behaviour(portfolio(ledger, day)).to_pandas().merge(read_truth(truth, day), on="customer_id")
                frames.append(seen)
    rows = pd.concat(frames, ignore_index=True)
    labels = np.eye(len(DEBTOR_TYPES))[codes_of(rows["debtor_type"])]
    return fit_booster(rows, labels, SETTINGS, 7, 1, rounds=SETTINGS.booster.max_rounds)


def run(world: str, seed: int, customers: int, best: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        ledger, truth_folder = books(world, seed, customers, Path(folder))
        truth = read_truth(truth_folder, UNTIL)
        model = fit_types(ledger, TRAINED_ON, FEATURES, SETTINGS, seed=7, threads=1)
        today = portfolio(ledger, UNTIL)
        told = figures_of(model, today, truth, seed=7)
        frame = truth.merge(behaviour_of(today, SETTINGS.correction_days), on="customer_id", how="left")
    code = codes_of(frame["debtor_type"])
    p = softmax(np.asarray(best.predict(design(frame), raw_score=True, num_threads=1)))
    able = measure(code, p, most_evident(p, told["coverage"]))
    others = {name: one["macro_f1"] for name, one in told["contenders"].items()}
    return {
        "world": world,
        "seed": seed,
        "customers": customers,
        "n": told["n"],
        "model": told["macro_f1"],
        "ceiling": able["macro_f1"],
        **others,
        "coverage": told["coverage"],
        "ece": told["ece"],
        "ece_floor": told["ece_floor"],
        "ceiling_ece_floor": ece_floor(p),
        "per_type": told["per_type"],
        "confusion": told["confusion"],
        "labels": told["labels"],
    }


def interval(values: list[float]) -> str:
    """Mean and 95 % interval over seeds (Student's t)."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return f"{mean:.3f}"
    half = T_975.get(len(values), 2.0) * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return f"{mean:.3f} ({mean - half:.3f} to {mean + half:.3f})"


def render(runs: list[dict[str, Any]]) -> Iterator[str]:
    worlds = list(dict.fromkeys(one["world"] for one in runs))
    yield "| world | seeds | model | ceiling | of the ceiling | majority | Dawid-Skene | k-means | coverage | ECE (floor) |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for world in worlds:
        mine = [one for one in runs if one["world"] == world]
        columns = [interval([one[name] for one in mine]) for name in ("model", "ceiling")]
        share = interval([one["model"] / one["ceiling"] for one in mine])
        rest = [interval([one[name] for one in mine]) for name in ("majority", "dawid_skene", "k_means", "coverage")]
        ece = f"{np.mean([one['ece'] for one in mine]):.3f} ({np.mean([one['ece_floor'] for one in mine]):.3f})"
        yield f"| `{world}` | {len(mine)} | " + " | ".join([*columns, share, *rest, ece]) + " |"
    yield ""
    yield "| world | above majority vote | above Dawid-Skene | above k-means |"
    yield "|---|---|---|---|"
    for world in worlds:
        mine = [one for one in runs if one["world"] == world]
        gaps = [interval([one["model"] - one[name] for one in mine]) for name in ("majority", "dawid_skene", "k_means")]
        yield f"| `{world}` | " + " | ".join(gaps) + " |"
    yield ""
    yield "| world | type | share | precision | recall | determined |"
    yield "|---|---|---|---|---|---|"
    for world in worlds:
        mine = [one for one in runs if one["world"] == world]
        for name in DEBTOR_TYPES:
            of = [one["per_type"][name] for one in mine]
            share = np.mean([part["n"] / one["n"] for part, one in zip(of, mine, strict=True)])
            figures = [f"{np.mean([part[key] for part in of]):.2f}" for key in ("precision", "recall", "determined")]
            yield f"| `{world}` | {name} | {share:.0%} | " + " | ".join(figures) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", nargs="+", default=["default"])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=Path("build/types.json"))
    parser.add_argument("--render", type=Path, nargs="+", help="print the tables of earlier runs and stop")
    chosen = parser.parse_args()
    if chosen.render:
        print("\n".join(render([one for path in chosen.render for one in json.loads(path.read_text())])))
        return
    runs: list[dict[str, Any]] = []
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    for world in chosen.worlds:
        best = ceiling(world, chosen.customers)
        for seed in range(FIRST_SEED, FIRST_SEED + chosen.seeds):
            runs.append(run(world, seed, chosen.customers, best))
            chosen.out.write_text(json.dumps(runs, indent=1))
            print({k: round(v, 3) for k, v in runs[-1].items() if isinstance(v, float)}, world, seed, file=sys.stderr, flush=True)
    print("\n".join(render(runs)))


if __name__ == "__main__":
    main()
