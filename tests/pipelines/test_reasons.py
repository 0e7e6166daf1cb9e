"""A reason rests on the invoices it cites: without the first of them its figure is another one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.matrix import feature_matrix
from features.portfolio import Portfolio
from ledger.ledger import Ledger
from ledger.store import Store, open_store
from ledger.tables import TABLES
from models.champion import Champion
from models.explain import reasons
from models.told import TOLD
from pipelines.score import champion_for

TODAY = date(2025, 12, 20)
# What is said about a code that cites the open invoice itself goes with that invoice.
OF_ITSELF = {code for code, telling in TOLD.items() if telling.slower == "self"}


def without(store: Store, invoices: list[str], uri: str) -> Ledger:
    """A copy of the ledger in which these invoices, and all that names them, never were."""
    copy, gone = open_store(uri), pa.array(invoices)
    tables = {name: store.read(name) for name in TABLES}
    kept = {
        name: rows.filter(pc.invert(pc.is_in(rows["invoice_id"], value_set=gone))) if "invoice_id" in rows.column_names else rows
        for name, rows in tables.items()
    }
    copy.commit(kept, store.meta())
    return Ledger(copy)


def all_reasons(champion: Champion, ledger: Ledger, config: Any) -> pd.DataFrame:
    """All that could be said of each customer, not only the three strongest reasons."""
    portfolio = Portfolio.on(ledger, config.features, TODAY)
    found = reasons(champion, feature_matrix(portfolio), portfolio, most=len(TOLD))
    return found.assign(cited=found["invoices"].where(found["invoices"].astype("bool"))).set_index(["customer_id", "code"])


@pytest.fixture(scope="module")
def before(trained: Any) -> tuple[Ledger, Champion, pd.DataFrame]:
    ledger = Ledger.open(trained.ledger)
    champion, _ = champion_for(ledger, TODAY, None)
    return ledger, champion, all_reasons(champion, ledger, trained.config)


def test_cited_invoices_exist_and_were_known(before: tuple[Ledger, Champion, pd.DataFrame]) -> None:
    ledger, _, said = before
    owner = ledger.as_of(TODAY).balances.to_pandas().set_index("invoice_id")["customer_id"]
    assert said["cited"].notna().sum() > 20
    for (customer, _), cited in said["cited"].dropna().items():
        assert [owner.get(invoice) for invoice in cited] == [customer] * len(cited)
        assert len(set(cited)) == len(cited) <= 5


def test_without_the_first_cited_invoice_the_figure_changes(
    before: tuple[Ledger, Champion, pd.DataFrame], trained: Any, tmp_path: Path
) -> None:
    """Each code is tried on customers of its own, so that what goes for one code does not touch another's."""
    ledger, champion, said = before
    tried, gone = [], []
    # Who is always paid on the day itself is so without one invoice, too.
    with_figure = said[said["cited"].notna() & said["value"].notna() & (said["value"] != 0)].reset_index()
    with_figure = with_figure[~with_figure["code"].isin(OF_ITSELF)]
    rare_first = with_figure["code"].value_counts(ascending=True).index
    free = set(with_figure["customer_id"])
    for code in [*rare_first] * 3:
        mine = with_figure[(with_figure["code"] == code) & with_figure["customer_id"].isin(free)]
        if len(mine):
            row = mine.iloc[0]
            tried.append((row["customer_id"], code))
            gone.append(row["cited"][0])
            free.discard(row["customer_id"])
    after = all_reasons(champion, without(ledger.store, gone, str(tmp_path / "books")), trained.config)
    unmoved = []
    for key in tried:
        was = said.loc[key, ["value", "of"]].to_numpy(dtype="float64")
        if key in after.index and np.allclose(was, after.loc[key, ["value", "of"]].to_numpy(dtype="float64"), rtol=1e-4, equal_nan=True):
            unmoved.append((*key, *was))
    assert unmoved == []
    assert len({code for _, code in tried}) >= 8
