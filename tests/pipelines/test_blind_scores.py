"""What leaves the house is blind to the future too: files to the byte, and the explanation to the letter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from desk.cli import run
from ledger.ledger import Ledger
from ledger.progress import silent
from ledger.store import Store, open_store
from ledger.tables import TABLES
from models.champion import Champion
from models.payment.baselines import ShrunkKaplanMeier
from models.payment.structural_breaks import Levels
from models.types.debtor_type import TypeModel
from models.types.settings import TypeSettings
from pipelines.config import Config
from pipelines.explain import explained
from pipelines.publish import publish
from pipelines.score import champion_for, manifest_of
from pipelines.scoring import score_day

TODAY = date(2025, 12, 20)
CHAMPION = "mlartifacts/*/artifacts/champion/*"


def with_another_future(store: Store, uri: str) -> Ledger:
    """A copy in which a third of what became known after today is gone, money and days of the rest are other, and more has come."""
    tables = {}
    for name in TABLES:
        rows = store.read(name)
        later = pc.greater(rows["known_on"], pa.scalar(TODAY))
        past, future = rows.filter(pc.invert(later)), rows.filter(later)
        future = future.filter(pa.array(np.arange(future.num_rows) % 3 != 0))
        for column in {"amount", "paid_on", "due_on", "outcome"} & set(rows.column_names):
            kind = rows.schema.field(column).type
            other = pc.multiply(future[column], pa.scalar(2)) if pa.types.is_decimal(kind) else pc.take(future[column], backwards(future))
            future = future.set_column(future.column_names.index(column), rows.schema.field(column), other.cast(kind))
        corrected = past.slice(0, 200)
        tomorrow = pa.array([TODAY + timedelta(days=1)] * corrected.num_rows, pa.date32())
        corrected = corrected.set_column(corrected.column_names.index("known_on"), rows.schema.field("known_on"), tomorrow)
        if "amount" in rows.column_names:
            doubled = pc.multiply(corrected["amount"], pa.scalar(2)).cast(rows.schema.field("amount").type)
            corrected = corrected.set_column(corrected.column_names.index("amount"), rows.schema.field("amount"), doubled)
        if name == "disputes":
            past = past.set_column(past.column_names.index("closed_on"), rows.schema.field("closed_on"), reopened(past["closed_on"]))
        tables[name] = pa.concat_tables([past, future, corrected])
    copy = open_store(uri)
    copy.commit(tables, store.meta().stating("simulator", TODAY + timedelta(days=5)))
    return Ledger(copy)


def backwards(rows: pa.Table) -> pa.Array:
    return pa.array(np.arange(rows.num_rows)[::-1])


def reopened(closed_on: pa.ChunkedArray) -> pa.ChunkedArray:
    """Disputes that end after today end on another day."""
    later = pc.greater(closed_on, pa.scalar(TODAY))
    return pc.if_else(later, pa.scalar(TODAY + timedelta(days=90)), closed_on)


def leaves_the_house(ledger: Ledger, champion: Champion, config: Config, folder: Path) -> dict[str, bytes]:
    day = score_day(ledger, champion, TODAY, config, silent)
    assert day.level != Levels(), "what came true since the training is looked at"
    publish(day, folder, manifest_of(ledger, champion, day, config), "champion", config)
    files = {path.name: path.read_bytes() for path in sorted((folder / "latest").iterdir())}
    told = [line for customer in day.worklist["customer_id"].head(20) for line in explained(day, customer, config)]
    return {**files, "explained": "\n".join(told).encode()}


@pytest.mark.parametrize("kind", ["payment_time", "kaplan_meier"])
def test_another_future_changes_no_byte(trained: Any, kind: str, tmp_path: Path) -> None:
    ledger = Ledger.open(trained.ledger)
    champion, _ = champion_for(ledger, TODAY, None)
    assert champion.payment.kind == "payment_time"
    if kind == "kaplan_meier":
        types = TypeModel.untrained(TypeSettings()).to_json()
        champion = replace(champion, payment=ShrunkKaplanMeier(np.linspace(1, 0, 241)), types=types, type_boosters={})
    other = with_another_future(ledger.store, str(tmp_path / "books"))
    whole = leaves_the_house(ledger, champion, trained.config, tmp_path / "one")
    blind = leaves_the_house(other, champion, trained.config, tmp_path / "other")
    assert [name for name in whole if whole[name] != blind[name]] == []
    assert len(whole["explained"]) > 1000


def test_another_future_trains_the_same_champion(trained: Any, tmp_path: Path) -> None:
    other = with_another_future(Ledger.open(trained.ledger).store, str(tmp_path / "books"))
    assert run(["train", "--ledger", other.store.uri, "--as-of", str(trained.as_of), "--config", str(trained.settings)]) == 0
    one, again = ({path.name: path.read_bytes() for path in Path(uri).glob(CHAMPION)} for uri in (trained.ledger, other.store.uri))
    assert {"champion.json", "hazard_1.txt", "hazard_2.txt", "late_1.txt"} <= set(one)
    assert [name for name in one if one[name] != again[name]] == []


def test_the_other_future_is_another_one(trained: Any, ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    """The test above would prove nothing if both ledgers went on alike."""
    ledger = Ledger.open(trained.ledger)
    other = with_another_future(ledger.store, str(tmp_path / "books"))
    later = TODAY + timedelta(days=10)
    opened = [one.as_of(later).balances.open_amount.sum().execute() for one in (ledger, other)]
    assert abs(opened[0] - opened[1]) > 0.05 * opened[0]
