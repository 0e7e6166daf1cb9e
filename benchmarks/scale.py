"""Scale: what each verb takes, in CPU seconds and memory, on simulated ledgers from one customer to ten million rows.

    .venv/bin/python benchmarks/scale.py --work DIR --customers 1 400 12000 128000

Each verb runs as a process of its own on one thread; a ledger that lies in DIR already is taken as it is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
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


def call(verb: str, *words: str) -> Took:
    """Run a verb and wait; what it takes is told by the system when it ends. A call that fails ends the benchmark."""
    print(verb, *words, file=sys.stderr)
    begun = time.monotonic()
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.Popen([sys.executable, "-c", SAYS, verb, *words], env=alone, stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(done.pid, 0)
    if status:
        raise SystemExit(f"duewise {verb} {' '.join(words)} ended with exit code {os.waitstatus_to_exitcode(status)}")
    return Took(usage.ru_utime + usage.ru_stime, time.monotonic() - begun, usage.ru_maxrss / 2**20)


def measured(customers: int, months: int, work: Path) -> list[str]:
    """One line of the table: the size of a ledger and what each verb took on it."""
    books = work / f"books_{customers}"
    simulate = None if books.exists() else call("simulate", "--out", str(books), "--customers", str(customers), "--months", str(months))
    rows = {path.stem: pq.read_metadata(path).num_rows for path in books.glob("*.parquet")}
    here = ("--ledger", str(books), "--store", f"sqlite:///{work / f'models_{customers}.db'}")
    train = call("train", *here, "--as-of", TRAIN_AS_OF)
    score = call("score", *here, "--as-of", TODAY, "--out", str(work / f"scores_{customers}"))
    listed = pd.read_parquet(work / f"scores_{customers}" / "latest" / "worklist.parquet", columns=["customer_id"])["customer_id"]
    explain = call("explain", *here, "--as-of", TODAY, "--customer", listed.iloc[0]) if len(listed) else None
    forecast = call("forecast", *here, "--as-of", TODAY, "--out", str(work / f"forecast_{customers}"))
    sizes = [f"{sum(rows.values()):,}", f"{rows['invoices']:,}", f"{customers:,}"]
    return [*sizes, *("" if one is None else str(one) for one in (simulate, train, score, explain, forecast))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="scratch folder; ten million rows take 1 GB in it")
    parser.add_argument("--customers", type=int, nargs="+", default=[1, 400, 12_000, 128_000], help="sizes of the ledgers")
    parser.add_argument("--months", type=int, default=24, help="months of history")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    found = [measured(customers, args.months, args.work) for customers in args.customers]
    head = ("rows in all", "invoices", "customers", "simulate", "train", "score", "explain", "forecast")
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
