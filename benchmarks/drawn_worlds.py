"""Worlds drawn at random, in which nothing was tuned: what the debtor types are held against beside the named ones.

    python benchmarks/drawn_worlds.py --first 1 --worlds 8 --out build/worlds
    python benchmarks/types_ceiling.py --worlds build/worlds/*.yaml --seeds 5 --out build/drawn.json

`--kind payments-only` writes no table beside invoices and payments, `calls-only` no disputes and credit notes, `no-calls` no contacts and
promises; `no-parts` is a world in which nobody pays in parts, and `nothing` is one of which neither is on record.

Each number is drawn evenly between the two that stand here, or on a log scale where the range is wide; the same seed draws the same world.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import yaml

EVENLY: dict[str, dict[str, tuple[float, float]]] = {
    "customers": {
        "weakness": (0.6, 0.82),
        "overlap": (0.05, 0.4),
        "change": (0.005, 0.04),
        "size_spread": (0.6, 1.6),
        "consumer_share": (0.0, 0.6),
        "sole_trader_share": (0.1, 0.4),
    },
    "billing": {
        "invoices_per_month": (0.9, 3.0),
        "amount_spread": (0.2, 1.1),
        "recurring_share": (0.1, 0.8),
        "sent_late_share": (0.0, 0.1),
    },
    "leanings": {
        "compliant": (0.35, 0.6),
        "fortuitous": (0.08, 0.2),
        "disorganized": (0.1, 0.22),
        "intentional": (0.08, 0.16),
        "circumstantial": (0.1, 0.18),
    },
    "cash": {
        "able_level": (2.0, 3.6),
        "weak_level": (1.0, 1.4),
        "level_spread": (0.1, 0.3),
        "lumpiness": (0.4, 1.0),
        "shock_months": (2.0, 6.0),
        "part_payment": (0.1, 0.7),
        "season": (0.0, 0.35),
    },
    "habits": {
        "stretch_spread": (0.2, 0.85),
        "forget": (0.65, 0.97),
        "processing_days": (0.6, 2.6),
        "before_due": (0.6, 0.97),
        "weekly_run_share": (0.0, 0.6),
        "monthly_run_share": (0.0, 0.15),
    },
    "grievances": {
        "episode": (0.15, 0.32),
        "episode_months": (3.0, 8.0),
        "part_withheld": (0.1, 0.6),
        "credit_share": (0.2, 0.8),
        "voiced": (0.3, 0.95),
        "pretext": (0.0, 0.25),
    },
    "collectors": {
        "wait_days": (3.0, 15.0),
        "gap_days": (5.0, 18.0),
        "intensity": (0.06, 0.25),
        "preventive_share": (0.0, 0.6),
        "whim": (0.0, 0.45),
        "asked": (0.2, 0.9),
        "reason_accuracy": (0.4, 0.95),
        "reached": (0.4, 0.9),
    },
}
ON_A_LOG_SCALE = {
    "habits": {"stretch_days": (18.0, 70.0), "forget_days": (10.0, 50.0)},
    "grievances": {"resolve_days": (14.0, 60.0)},
}
NO_PARTS = {"cash": {"part_payment": 0.0}, "grievances": {"part_withheld": 0.0}}
KINDS: dict[str, dict[str, Any]] = {
    "whole": {},
    "payments-only": {"tables": []},
    "no-parts": NO_PARTS,
    "calls-only": {"tables": ["contacts", "promises"]},
    "no-calls": {"tables": ["credit_notes", "disputes"]},
    "nothing": {"tables": [], **NO_PARTS},
}
TERMS = {7: (0.1, 2.0), 14: (0.5, 2.0), 30: (1.0, 5.0), 60: (0.1, 2.0)}


def drawn(seed: int, kind: str = "whole") -> dict[str, Any]:
    """A world as its file holds it; of another `kind` it is the same in all else."""
    rng = np.random.default_rng(seed)
    world: dict[str, Any] = {"title": f"Drawn at random, {seed}, {kind}"}
    for part, ranges in EVENLY.items():
        world[part] = {name: round(float(rng.uniform(*between)), 3) for name, between in ranges.items()}
    for part, ranges in ON_A_LOG_SCALE.items():
        world[part] |= {name: round(float(np.exp(rng.uniform(*np.log(between)))), 1) for name, between in ranges.items()}
    world["billing"]["terms"] = {days: round(float(rng.uniform(*between)), 3) for days, between in TERMS.items()}
    for part, changed in KINDS[kind].items():
        world[part] = world[part] | changed if isinstance(changed, dict) else changed
    return world


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=1, help="the first world's seed")
    parser.add_argument("--worlds", type=int, default=8)
    parser.add_argument("--kind", choices=list(KINDS), default="whole")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for seed in range(chosen.first, chosen.first + chosen.worlds):
        text = yaml.safe_dump(drawn(seed, chosen.kind), sort_keys=False)
        (chosen.out / f"drawn{seed}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
