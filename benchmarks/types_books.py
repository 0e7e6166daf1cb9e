"""Simulated books of several seeds side by side in one ledger, so that their behaviour is computed in one pass.

What the types are told from depends on no other customer, so each seed is as it would be alone; each is then learned from by itself.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.behaviour import behaviour
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from models.types.debtor_type import behaviour_of
from models.types.settings import TypeSettings
from models.types.training_data import TrainingData, gather
from simulator import load_world, simulate, write_ledger

UNTIL, TRAINED_ON = date(2025, 12, 31), date(2025, 6, 30)
FEATURES, SETTINGS = FeatureSettings(), TypeSettings()
WHOLE = SETTINGS.model_copy(update={"max_rows": 10**9})


@dataclass(frozen=True)
class Book:
    """One seed: what there is to learn by `TRAINED_ON`, everybody's behaviour then and `now` (`UNTIL`), and the truth on all month-ends."""

    seed: int
    data: TrainingData
    then: pd.DataFrame
    now: pd.DataFrame
    truth: pd.DataFrame

    def types(self, day: date) -> pd.DataFrame:
        """`customer_id, debtor_type` of the customers with an invoice due in the half year before a month-end."""
        return self.truth.loc[self.truth["as_of"] == pd.Timestamp(day), ["customer_id", "debtor_type"]].reset_index(drop=True)


def books(world: str, seeds: Sequence[int], customers: int) -> Iterator[Book]:
    """Simulate, and tell what the model may learn from; the truth stands beside it for the measurement only."""
    with tempfile.TemporaryDirectory() as folder:
        ledger, truth = side_by_side(world, seeds, customers, folder)
        data = gather(ledger, TRAINED_ON, FEATURES, WHOLE)
        seen = behaviour_of(portfolio(ledger, TRAINED_ON, UNTIL), SETTINGS.correction_days)
    for seed in seeds:
        people = _of(seen, seed)
        then, now = (people[pd.to_datetime(people["as_of"]) == pd.Timestamp(day)].reset_index(drop=True) for day in (TRAINED_ON, UNTIL))
        mine = data.take(data.seen["customer_id"].str.startswith(f"{seed}-").to_numpy(dtype=bool))
        yield Book(seed, mine, then, now, _of(truth, seed))


def _of(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    return rows[rows["customer_id"].str.startswith(f"{seed}-")].reset_index(drop=True)


def behaviour_and_truth(world: str, seeds: Sequence[int], customers: int, days: Sequence[date]) -> pd.DataFrame:
    """Behaviour and true type on some month-ends: what a ceiling is learned from."""
    with tempfile.TemporaryDirectory() as folder:
        ledger, truth = side_by_side(world, seeds, customers, folder)
        seen: pd.DataFrame = behaviour(portfolio(ledger, *days)).to_pandas()
    seen["as_of"] = pd.to_datetime(seen["as_of"]).astype("datetime64[s]")
    return truth.merge(seen, on=["as_of", "customer_id"])


def side_by_side(world: str, seeds: Sequence[int], customers: int, folder: str) -> tuple[Ledger, pd.DataFrame]:
    """A ledger with the customers of all seeds, and their true types: `as_of, customer_id, debtor_type`."""
    simulations = [simulate(load_world(world), customers=customers, months=24, until=UNTIL, seed=seed) for seed in seeds]
    first = simulations[0]
    tables = {name: pa.concat_tables([_named(one.tables[name], one.seed) for one in simulations]).combine_chunks() for name in first.tables}
    first.tables.update(tables)
    write_ledger(first, folder)
    types = [one.truth(0.0).types for one in simulations]
    types = [one.assign(customer_id=f"{seed}-" + one["customer_id"]) for seed, one in zip(seeds, types, strict=True)]
    truth = pd.concat(types, ignore_index=True)[["as_of", "customer_id", "debtor_type"]]
    return Ledger.open(folder), truth.assign(as_of=truth["as_of"].astype("datetime64[s]"))


def _named(table: pa.Table, seed: int) -> pa.Table:
    """Ids that no other seed has."""
    for at, column in enumerate(table.schema):
        if column.name.endswith("_id"):
            table = table.set_column(at, column, pc.binary_join_element_wise(f"{seed}", table[column.name], "-"))
    return table


def portfolio(ledger: Ledger, *days: date) -> Portfolio:
    return Portfolio.on(ledger, FEATURES, *days)
