"""Payables on set days: customers who pay at a month's end or on its last business day, in its middle too, on the tenth, on Fridays, on a
day of their own, or on any.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/pay_days.py --work DIR [--first-seed N] [--ledgers N]

The ledgers are made up here, not by the product's simulator, and hold what HighRadius does not: pay runs by the calendar month. Nothing but
the days of payment is in them to be learned, so the figures tell how well those are seen, and of a real ledger nothing.
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from contest import publish
from highradius import prepared
from months import together

from ledger.ledger import Ledger
from pipelines.config import load_config
from pipelines.ingest import run_ingest

CUSTOMERS, INVOICES, DAYS = 200, 8000, 900
START, SEEN_UNTIL = np.datetime64("2022-01-01"), np.datetime64("2024-09-30")
TRAIN_UNTIL = date(2024, 1, 29)
MONDAYS = [date(2024, 2, 5) + timedelta(days=7 * week) for week in range(19)]
BESIDE = 0.2
"""Share of invoices that are paid outside of the habit, on any day."""
HABITS = {"any day": 0.35, "end": 0.1, "last business day": 0.1, "middle and end": 0.1, "tenth": 0.1, "friday": 0.15, "own day": 0.1}


def extracts(folder: Path, seed: int) -> Path:
    """Customers, invoices and payments as canonical CSV files."""
    rng = np.random.default_rng(seed)
    size = rng.pareto(1.2, CUSTOMERS) + 0.2
    customer = rng.choice(CUSTOMERS, INVOICES, p=size / size.sum())
    issued = START + rng.integers(0, DAYS, INVOICES)
    due = issued + rng.choice([14, 30, 45, 60], CUSTOMERS)[customer]
    lag = rng.normal(0, 6, CUSTOMERS)[customer] + rng.lognormal(1.2, 1.0, INVOICES) - 4
    ready = due + np.clip(lag, -20, 300).astype("int64")
    habit = rng.choice(list(HABITS), CUSTOMERS, p=list(HABITS.values()))[customer]
    habit = np.where(rng.random(INVOICES) < BESIDE, "any day", habit)
    own = rng.integers(3, 28, CUSTOMERS)[customer]
    ending = (ready.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    run = {
        "end": ending,
        "last business day": np.where(_last(ready) >= ready, _last(ready), _last(ending + 1)),
        "middle and end": np.minimum(_next(ready, 15), ending),
        "tenth": _next(ready, 10),
        "friday": np.busday_offset(ready, 0, roll="forward", weekmask="Fri"),
        "own day": _next(ready, own),
    }
    paid = np.busday_offset(np.select([habit == name for name in run], list(run.values()), ready), 0, roll="forward")
    ids = pd.Series([f"F{seed}-{n:05}" for n in range(INVOICES)])
    who = pd.Series([f"K{seed}-{n:03}" for n in customer])
    amount = np.round(rng.lognormal(7, 1.2, INVOICES), 2)
    of = {"invoice_id": ids, "customer_id": who, "amount": amount, "currency": "EUR"}
    invoices = pd.DataFrame(of | {"issued_on": issued, "due_on": due})
    payments = pd.DataFrame(of | {"payment_id": ids, "paid_on": paid})
    customers = pd.DataFrame({"customer_id": [f"K{seed}-{n:03}" for n in range(CUSTOMERS)], "kind": "business", "country": "DE"})
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("customers", customers), ("invoices", invoices), ("payments", payments[paid <= SEEN_UNTIL])):
        rows.to_csv(folder / f"{name}.csv", index=False)
    return folder


def _next(day: np.ndarray, of_month: np.ndarray | int) -> np.ndarray:
    """The first day from `day` on that is that day of a month."""
    this = day.astype("datetime64[M]").astype("datetime64[D]") + of_month - 1
    following = (day.astype("datetime64[M]") + 1).astype("datetime64[D]") + of_month - 1
    return np.where(this >= day, this, following)


def _last(day: np.ndarray) -> np.ndarray:
    """The last business day of a day's month."""
    return np.busday_offset((day.astype("datetime64[M]") + 1).astype("datetime64[D]"), -1, roll="forward")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="scratch folder")
    parser.add_argument("--first-seed", type=int, default=11)
    parser.add_argument("--ledgers", type=int, default=3)
    args = parser.parse_args()
    contests = []
    for seed in range(args.first_seed, args.first_seed + args.ledgers):
        books = args.work / f"books_{seed}"
        run_ingest("canonical", str(extracts(args.work / f"extracts_{seed}", seed)), str(books), None, load_config(env={}))
        contests.append(prepared(args.work / f"{seed}", Ledger.open(str(books)), TRAIN_UNTIL, MONDAYS)[0])
    whole = together(contests)
    lines = [line for target in ("p_late", "p_paid_14") for line in [*whole.table(target, "champion"), ""]]
    publish("pay_days", lines[:-1])


if __name__ == "__main__":
    main()
