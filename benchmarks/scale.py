"""Scale: what each verb takes, in CPU seconds and memory, on simulated ledgers from one customer to ten million rows.

    .venv/bin/python benchmarks/scale.py --work DIR --customers 1 400 12000 128000

Each verb runs as a process of its own on one thread. What was measured in DIR before is taken as it is, so that a run may be
interrupted; begin in a new DIR to measure again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from contest import publish

from features.matrix import FEATURES
from pipelines.config import load_config

TRAIN_AS_OF, TODAY = "2025-10-31", "2025-12-31"
SAYS = "import sys; from desk.cli import run; sys.exit(run())"


@dataclass(frozen=True)
class Took:
    """What one call took: CPU and wall-clock seconds, and the most memory that it held, in GiB."""

    cpu: float
    wall: float
    memory: float

    def __str__(self) -> str:
        return f"{self.cpu:,.0f} s, {self.memory:.1f} GiB"


def call(note: Path, verb: str, *words: str) -> Took:
    """Run a verb and wait; what it took is told by the system, and noted. A call that fails ends the benchmark."""
    if note.exists():
        return Took(**json.loads(note.read_text("utf-8")))
    print(verb, *words, file=sys.stderr)
    begun = time.monotonic()
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.Popen([sys.executable, "-c", SAYS, verb, *words], env=alone, stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(done.pid, 0)
    if status:
        raise SystemExit(f"duewise {verb} {' '.join(words)} ended with exit code {os.waitstatus_to_exitcode(status)}")
    took = Took(usage.ru_utime + usage.ru_stime, time.monotonic() - begun, usage.ru_maxrss / 2**20)
    note.write_text(json.dumps(asdict(took)) + "\n", encoding="utf-8")
    return took


def measured(customers: int, months: int, work: Path) -> list[str]:
    """One line of the table: the size of a ledger and what each verb took on it."""
    work.mkdir(parents=True, exist_ok=True)
    books, scores = work / "books", work / "scores"
    here = ("--ledger", str(books), "--store", f"sqlite:///{work / 'models.db'}")
    took = [
        call(work / "simulate.json", "simulate", "--out", str(books), "--customers", str(customers), "--months", str(months)),
        call(work / "train.json", "train", *here, "--as-of", TRAIN_AS_OF),
        call(work / "score.json", "score", *here, "--as-of", TODAY, "--out", str(scores)),
        call(work / "forecast.json", "forecast", *here, "--as-of", TODAY, "--out", str(work / "forecast")),
    ]
    first = pd.read_parquet(scores / "latest" / "worklist.parquet", columns=["customer_id"])["customer_id"].iloc[0]
    took.append(call(work / "explain.json", "explain", *here, "--as-of", TODAY, "--customer", first))
    rows = {path.stem: pq.read_metadata(path).num_rows for path in books.glob("*.parquet")}
    return [f"{sum(rows.values()):,}", f"{rows['invoices']:,}", f"{customers:,}", *map(str, took)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="scratch folder; ten million rows take 1 GB in it")
    parser.add_argument("--customers", type=int, nargs="+", default=[1, 400, 12_000, 128_000], help="sizes of the ledgers")
    parser.add_argument("--months", type=int, default=24, help="months of history")
    args = parser.parse_args()
    found = [measured(customers, args.months, args.work / f"{customers}_customers") for customers in args.customers]
    head = ("rows in all", "invoices", "customers", "simulate", "train", "score", "forecast", "explain")
    most = load_config(env={}).models.max_rows
    lines = [
        f"Trained as of {TRAIN_AS_OF}, asked as of {TODAY}, {args.months} months of the default world; CPU seconds on one thread and",
        f"the most memory held. Training keeps at most about {most:,} rows of {len(FEATURES)} features; scores are of everybody.",
        "Measured on simulations, whose customers are all of a similar size: a ledger with few giants behaves otherwise.",
        "",
        f"| {' | '.join(head)} |",
        "|---" * len(head) + "|",
        *(f"| {' | '.join(line)} |" for line in found),
    ]
    publish("scale", lines)


if __name__ == "__main__":
    main()
