"""How near the debtor types come to what the same features could tell at all, in worlds and seeds that nothing was tuned on.

    python benchmarks/types_ceiling.py --worlds default noisy payments_only shifted --seeds 10 --out build/types.json
    python benchmarks/types_ceiling.py --render build/types.json      # the tables of docs/types.md

The ceiling is the same booster on the same features, learned from the truth of six other seeds of the world: no model that sees only
the ledger can be expected to do better. It reads the truth; the model never does,
but for the points, which the truth of other worlds taught (`benchmarks/type_points.py`): `without points` leaves them out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats
from types_books import SETTINGS, UNTIL, Book, behaviour_and_truth, books

from ledger.tables import DEBTOR_TYPES, UNDETERMINED
from models.odds import softmax
from models.types.debtor_type import PROBABILITIES, codes_of, design
from models.types.measure import ece_floor, measure, most_evident
from models.types.training import fit_soft, learn
from models.types.training_data import month_ends
from pipelines.types import contenders

FIRST_SEED, CEILING_SEEDS = 4801, tuple(range(2901, 2907))


def ceiling(world: str, customers: int) -> Any:
    """The booster, learned from the truth of other seeds, on month-ends of the year that is measured too."""
    rows = behaviour_and_truth(world, CEILING_SEEDS, customers, month_ends(date(2025, 1, 1), UNTIL, 12)[1::2])
    labels = np.eye(len(DEBTOR_TYPES))[codes_of(rows["debtor_type"])]
    return fit_soft(rows, labels, SETTINGS, 7, 1, rounds=SETTINGS.booster.max_rounds)


def run(world: str, book: Book, customers: int, best: Any) -> dict[str, Any]:
    """All figures of one seed: the model's as `duewise types evaluate` tells them, the others' at its coverage."""
    model = learn(book.data, SETTINGS, seed=7, threads=1)
    truth = book.types(UNTIL)
    told = truth.merge(model.told(book.now), on="customer_id", how="left", suffixes=("_true", ""))
    code = codes_of(told["debtor_type_true"])
    p = told[list(PROBABILITIES)].fillna(1.0 / len(DEBTOR_TYPES)).to_numpy()
    figures = measure(code, p, (told["debtor_type"].fillna(UNDETERMINED) != UNDETERMINED).to_numpy(dtype=bool))
    frame = truth[["customer_id"]].merge(book.now, on="customer_id", how="left")
    q = softmax(np.asarray(best.predict(design(frame), raw_score=True, num_threads=1)))
    without = learn(book.data, SETTINGS.model_copy(update={"points_share": 0.0}), seed=7, threads=1).probabilities(frame)
    others = {"ceiling": q, "without_points": without, **contenders(model, frame, code, 7)}
    return {
        "world": Path(world).stem,
        "seed": book.seed,
        "customers": customers,
        "n": figures["n"],
        "model": figures["macro_f1"],
        **{name: measure(code, other, most_evident(other, figures["coverage"]))["macro_f1"] for name, other in others.items()},
        "coverage": figures["coverage"],
        "ece": figures["ece"],
        "ece_floor": ece_floor(p),
        "per_type": figures["per_type"],
        "confusion": figures["confusion"],
        "labels": model.card.get("labels", "assumed"),
    }


def interval(values: list[float]) -> str:
    """Mean and 95 % interval over seeds (Student's t)."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return f"{mean:.3f}"
    half = float(stats.t.ppf(0.975, len(values) - 1) * stats.sem(values))
    return f"{mean:.3f} ({mean - half:.3f} to {mean + half:.3f})"


def render(runs: list[dict[str, Any]]) -> Iterator[str]:
    worlds = list(dict.fromkeys(one["world"] for one in runs))
    yield "| world | seeds | model | ceiling | of the ceiling | without points | coverage | ECE (floor) | least determined of a type |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for world in worlds:
        mine = [one for one in runs if one["world"] == world]
        columns = [interval([one[name] for one in mine]) for name in ("model", "ceiling")]
        share = interval([one["model"] / one["ceiling"] for one in mine])
        rest = [interval([one[name] for one in mine]) for name in ("without_points", "coverage")]
        ece = f"{np.mean([one['ece'] for one in mine]):.3f} ({np.mean([one['ece_floor'] for one in mine]):.3f})"
        least = min(part["determined"] for one in mine for part in one["per_type"].values() if part["n"])
        yield f"| `{world}` | {len(mine)} | " + " | ".join([*columns, share, *rest, ece, f"{least:.2f}"]) + " |"
    yield ""
    yield "| world | majority | Dawid-Skene | points alone | above majority | above Dawid-Skene | above points alone | above k-means |"
    yield "|---|---|---|---|---|---|---|---|"
    for world in worlds:
        mine = [one for one in runs if one["world"] == world]
        means = [f"{np.mean([one[name] for one in mine]):.3f}" for name in ("majority", "dawid_skene", "points")]
        gaps = [interval([one["model"] - one[name] for one in mine]) for name in ("majority", "dawid_skene", "points", "k_means")]
        yield f"| `{world}` | " + " | ".join([*means, *gaps]) + " |"
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
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--customers", type=int, default=500)
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
        for book in books(world, range(chosen.first_seed, chosen.first_seed + chosen.seeds), chosen.customers):
            runs.append(run(world, book, chosen.customers, best))
            chosen.out.write_text(json.dumps(runs, indent=1))
            print({k: round(v, 3) for k, v in runs[-1].items() if isinstance(v, float)}, world, book.seed, file=sys.stderr, flush=True)
    print("\n".join(render(runs)))


if __name__ == "__main__":
    main()
