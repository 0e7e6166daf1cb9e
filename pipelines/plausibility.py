"""Simulated worlds beside a real ledger: the same figures of each, so that what is alike and what is not can be seen.

The worlds were not fitted to any of these figures; nothing here feeds back into the simulator.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from ledger.errors import RefusedError
from models.arrays import Floats
from pipelines.config import load_config
from pipelines.ingest import run_ingest
from pipelines.portrait import Portrait, take_portrait
from pipelines.simulate import run_simulate

UNTIL = date(2025, 12, 31)
REAL_FILE = "highradius/invoices_due_before_2019-12-26.csv.gz"
REAL_AS_OF = "2019-09-30"
REAL = "HighRadius"

# What is compared, in words; the shares are of what stands in brackets.
FIGURES = (
    "customers",
    "invoices a customer and month",
    "late [of invoices due]",
    "more than 30 days late [of invoices due]",
    "middle days late [of those paid]",
    "days late from quarter to quarter [of those paid]",
    "due on a weekend",
    "paid on the commonest weekday",
    "paid in more than one payment [of those paid]",
    "with a credit note",
    "overdue [of the amount open]",
    "more than 90 days past due [of the amount open]",
    "largest customer [of a year's amount]",
    "largest tenth of customers [of a year's amount]",
    "Gini of a year's amount",
)
NUMBERS = (*FIGURES[:2], *FIGURES[4:6])


def simulated(worlds: tuple[str, ...], folder: Path, *, customers: int = 400, months: int = 24, seed: int = 1) -> dict[str, Portrait]:
    """A portrait of each world on the last day of its history; its ledger goes below `folder`, which must not hold it yet."""
    books = {}
    for world in worlds:
        uri = str(folder / world)
        run_simulate(uri, None, customers=customers, months=months, until=UNTIL, seed=seed, world=world)
        books[world] = take_portrait(uri)
    return books


def real(folder: Path, data: Path | None = None) -> dict[str, Portrait]:
    """A portrait of the HighRadius receivables on a day in the middle, so that something is open.

    `data` is the folder with the real files, else `$DUEWISE_DATA`. Raises RefusedError where it is not there.

    >>> real(Path("books"), Path("nowhere"))
    Traceback (most recent call last):
    ...
    ledger.errors.RefusedError: no real receivables at nowhere/highradius/invoices_due_before_2019-12-26.csv.gz: set DUEWISE_DATA
    """
    path = (data or Path(os.environ.get("DUEWISE_DATA", "data"))) / REAL_FILE
    if not path.is_file():
        raise RefusedError(f"no real receivables at {path}: set DUEWISE_DATA")
    uri = str(folder / "highradius")
    run_ingest("highradius-closed", str(path), uri, None, load_config(env={}))
    return {REAL: take_portrait(uri, REAL_AS_OF)}


def compare(books: Mapping[str, Portrait]) -> pd.DataFrame:
    """Each of `FIGURES` (index) of each ledger (columns); shares are between 0 and 1."""
    return pd.DataFrame({name: _figures(book) for name, book in books.items()}, index=pd.Index(FIGURES, name="figure"))


def _figures(book: Portrait) -> list[float]:
    invoices, due = book.invoices, book.due_invoices
    paid = due[due["paid_on"].notna()]
    low, middle, high = paid["days_late"].quantile([0.25, 0.5, 0.75])
    months = max((invoices["issued_on"].max() - invoices["issued_on"].min()).days / 30.44, 1.0)
    customers = invoices["customer_id"].nunique()
    held = lorenz(book)
    ageing = book.ageing.loc[book.main_currency] if book.main_currency in book.ageing.index else pd.Series(0.0, index=book.ageing.columns)
    opened = ageing.to_numpy(dtype="float64").sum() or float("nan")
    return [
        customers,
        len(invoices) / customers / months,
        due["is_late"].mean(),
        (due["days_late"] > 30).mean(),
        middle,
        high - low,
        (due["due_on"].dt.day_of_week >= 5).mean(),
        book.weekdays["paid"].max(),
        in_parts(book),
        _credited(book),
        1.0 - ageing["current"] / opened,
        ageing["91+"] / opened,
        1.0 - held[-2],
        1.0 - float(np.interp(0.9, np.linspace(0, 1, len(held)), held)),
        1.0 - 2.0 * float(np.trapezoid(held, dx=1.0 / (len(held) - 1))),
    ]


def lorenz(book: Portrait) -> Floats:
    """Share of a year's amount (main currency) held by the smallest 0, 1, 2, ... customers; the last is 1."""
    amounts = np.sort(book.concentration["invoiced"].to_numpy(dtype="float64"))
    amounts = amounts[amounts > 0]
    return np.concatenate([[0.0], amounts.cumsum() / amounts.sum()])


def in_parts(book: Portrait) -> float:
    """Share of the paid invoices that took more than one payment; NaN where none is on record, as in sets that know one day of payment."""
    payments = book.snapshot.known("payments")
    allocated = payments.filter(payments.invoice_id.notnull())
    counted = allocated.group_by("invoice_id").agg(n=allocated.payment_id.count()).to_pandas()
    paid = book.invoices.loc[book.invoices["paid_on"].notna(), "invoice_id"]
    return _recorded(paid.map(counted.set_index("invoice_id")["n"]).fillna(0) > 1)


def _credited(book: Portrait) -> float:
    notes = book.snapshot.known("credit_notes").select("invoice_id").distinct().to_pandas()
    return _recorded(book.invoices["invoice_id"].isin(notes["invoice_id"]))


def _recorded(found: pd.Series) -> float:
    return float(found.mean()) if found.any() else float("nan")
