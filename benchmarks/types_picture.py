"""Draw how well types are told from the figures that `types_ceiling.py` wrote; seeds of a world are added up.

python benchmarks/types_picture.py build/types.json --out docs/images/types_confusion.png
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from models.arrays import Ints
from models.types.pictures import confusion_picture, told_counts


def panels(runs: list[dict[str, Any]]) -> dict[str, Ints]:
    """Counts by world, in the order of the runs."""
    worlds: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        worlds.setdefault(run["world"], []).append(run)
    return {f"{world} ({_seeds(len(mine))})": sum(map(told_counts, mine[1:]), told_counts(mine[0])) for world, mine in worlds.items()}


def _seeds(n: int) -> str:
    return "1 seed" if n == 1 else f"{n} seeds"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", help="what `types_ceiling.py --out` wrote")
    parser.add_argument("--out", type=Path, default=Path("docs/images/types_confusion.png"))
    chosen = parser.parse_args()
    print(confusion_picture(panels([run for path in chosen.runs for run in json.loads(path.read_text())]), chosen.out))


if __name__ == "__main__":
    main()
