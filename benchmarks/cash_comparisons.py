"""What `benchmarks/cash.py` holds the cash forecast against: the cash that came, and what others make of the same day."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from contest import PEER_PYTHON, ROOT

from features.cohort import open_invoices
from ledger.ledger import Ledger
from models.cash.receipts import receipts, week_ends, week_starts
from pipelines.config import Config, load_config

HISTORY = date(2019, 1, 7)
KEYS = ["as_of", "currency", "week_from"]


def actual(rows: pd.DataFrame, ledger: Ledger, weeks: int) -> pd.DataFrame:
    """The target: `as_of, currency, week_from, week, actual`; weeks that were not watched to their end are left out."""
    came = receipts(rows, ledger, ledger.watched_to, weeks)
    frame = rows[["as_of", "currency"]].reset_index(drop=True)
    return by_week(frame, came, "actual").dropna(subset="actual")


def by_week(frame: pd.DataFrame, values: Any, name: str) -> pd.DataFrame:
    """Row values by week, summed by day and currency, long."""
    weeks = values.shape[1]
    sums = frame[["as_of", "currency"]].join(pd.DataFrame(values)).groupby(["as_of", "currency"]).sum(min_count=1, skipna=False)
    long = sums.rename_axis(columns="week").stack(future_stack=True).rename(name).reset_index()
    first = pd.Series([week_starts(day.date(), weeks)[0] for day in long["as_of"]], dtype="datetime64[s]")
    long["week_from"] = first + pd.to_timedelta(long["week"].astype("int64") * 7, unit="D")
    return long


def open_rows(ledger: Ledger, days: list[date], config: Config) -> pd.DataFrame:
    """The open invoices of these days, without features."""
    cohort = open_invoices(ledger.as_of(*days), config.features)
    rows: pd.DataFrame = cohort.select("as_of", "invoice_id", "customer_id", "currency", "source", "open_amount", "due_on").to_pandas()
    return rows


def due_dates(ledger: Ledger, mondays: list[date], weeks: int) -> pd.DataFrame:
    """What the due dates say, as they stand and shifted by the customer's average days late (everybody's, if it never paid).

    What should have come by now is expected in the first week.
    """
    rows = open_rows(ledger, mondays, load_config(env={}))
    past = ledger.as_of(*mondays).balances
    paid = past.filter(past.paid_on.notnull()).select("as_of", "customer_id", late=past.paid_on.delta(past.due_on, unit="day")).to_pandas()
    own = paid.groupby(["as_of", "customer_id"])["late"].mean().rename("own").reset_index()
    everybody = paid.groupby("as_of")["late"].mean().rename("everybody").reset_index()
    rows = rows.merge(own, on=["as_of", "customer_id"], how="left").merge(everybody, on="as_of")
    shift = rows["own"].fillna(rows["everybody"]).round()
    ahead = (rows["due_on"] - rows["as_of"]).dt.days
    ends = week_ends(rows["as_of"], weeks)
    found = []
    for name, days in (("due dates", ahead), ("average delay", ahead + shift)):
        week = (days.to_numpy(dtype="float64")[:, None] > ends).sum(axis=1)
        amounts = (week[:, None] == np.arange(weeks)) * rows["open_amount"].to_numpy(dtype="float64")[:, None]
        found.append(by_week(rows, amounts, name).drop(columns="week"))
    return found[0].merge(found[1], on=KEYS)


def past_receipts(ledger: Ledger, mondays: list[date], work: Path, weeks: int) -> pd.DataFrame:
    """What ARIMA and Prophet make of past receipts of that kind; they run in their own environment."""
    config, parts = load_config(env={}), []
    before = [HISTORY + timedelta(days=7 * n) for n in range((max(mondays) - HISTORY).days // 7 + 1)]
    history = actual(open_rows(ledger, before, config), ledger, weeks)
    for day in mondays:
        # Known on the day: weeks that had ended by then.
        known = history[history["week_from"] + pd.Timedelta(days=6) <= pd.Timestamp(day)]
        parts.append(known.rename(columns={"as_of": "open_on"}).assign(as_of=pd.Timestamp(day)))
    pd.concat(parts, ignore_index=True).to_parquet(work / "past_receipts.parquet")
    subprocess.run([str(PEER_PYTHON), str(ROOT / "benchmarks" / "cash_peers.py"), str(work)], check=True)  # noqa: S603
    told = pd.read_parquet(work / "said_receipts.parquet")
    told["week_from"] = told["as_of"] + pd.to_timedelta(told["week"] * 7, unit="D")
    return told.drop(columns="week")
