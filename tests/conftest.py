"""What every test may rely on: real data where it is, the same chance every time, and no skip that nobody notices.

With CI=true a skipped test fails, unless it was skipped because the real data are not there.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from desk.cli import OBJECTS_TO_SWEEP
from features import due_day, month_days
from features.matrix import FEATURES
from ledger.ledger import Ledger
from ledger.meta import LedgerMeta
from ledger.store import open_store
from ledger.tables import TABLES

DATA_ABSENT = "real data absent"
LONGEST = "test_truth_absent.py"

for name in [name for name in os.environ if name.startswith("DUEWISE_") and name != "DUEWISE_DATA"] + ["MLFLOW_TRACKING_URI"]:
    os.environ.pop(name, None)
os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", GX_ANALYTICS_ENABLED="false", MPLBACKEND="agg")

gc.set_threshold(*OBJECTS_TO_SWEEP)

hypothesis.settings.register_profile("duewise", derandomize=True, deadline=None, print_blob=False)
hypothesis.settings.load_profile("duewise")


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """The path of a real file, by its name below $DUEWISE_DATA (else ../shared/data beside the repository)."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("DUEWISE_DATA") or beside)

    def path_of(relative: str) -> Path:
        path = folder / relative
        if not path.exists():
            pytest.skip(f"{DATA_ABSENT}: $DUEWISE_DATA names no folder with {relative}")
        return path

    return path_of


Rows = Sequence[Mapping[str, Any]]


@pytest.fixture(scope="session")
def ledger_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ledger]:
    """A ledger from a story: tables by name, each as rows or as lines of words under a head ('-' is missing).

    What a story leaves out is the usual: EUR, known on the fact's own day, of the one source `erp`, paid by the invoice's customer.
    `stated` are the days until which the source says that it was watched; `uri` is where the ledger is kept.
    """

    def build(*, uri: str | None = None, stated: Sequence[str] = (), **tables: str | Rows) -> Ledger:
        given = {name: _lines(told) if isinstance(told, str) else list(told) for name, told in tables.items()}
        owner = {row["invoice_id"]: row["customer_id"] for row in given["invoices"]}
        given.setdefault("customers", [{"customer_id": customer} for customer in sorted(set(owner.values()))])
        store = open_store(uri or tmp_path_factory.mktemp("story") / "ledger")
        meta = LedgerMeta("0" * 12)
        for day in stated:
            meta = meta.stating("erp", date.fromisoformat(day))
        store.commit({name: _table(name, rows, owner) for name, rows in given.items()}, meta)
        return Ledger(store)

    return build


def _lines(told: str) -> list[dict[str, Any]]:
    head, *lines = [line.split() for line in told.strip().splitlines()]
    return [{name: None if word == "-" else word for name, word in zip(head, line, strict=True)} for line in lines]


def _table(name: str, rows: Rows, owner: Mapping[str, str]) -> pa.Table:
    table, key = TABLES[name], TABLES[name].key[0]
    whole = []
    for number, row in enumerate(rows, start=1):
        usual = {key: f"{name}-{number}", "currency": "EUR", "source": "erp", "loaded_batch": "0" * 16}
        usual |= {"customer_id": owner.get(row.get("invoice_id", ""))} if key != "customer_id" else {}
        fact = usual | dict(row)
        fact.setdefault("known_on", fact.get(table.event_on or "", "2000-01-01"))
        whole.append({field.name: _value(fact.get(field.name), field.type) for field in table.schema})
    return pa.Table.from_pylist(whole, schema=table.schema)


def _value(value: Any, kind: pa.DataType) -> Any:
    if not isinstance(value, str):
        return Decimal(str(value)) if pa.types.is_decimal(kind) and value is not None else value
    if pa.types.is_date(kind):
        return date.fromisoformat(value)
    if pa.types.is_decimal(kind):
        return Decimal(value)
    return float(value) if pa.types.is_floating(kind) else value


@pytest.fixture(scope="session")
def toy_rows() -> Callable[..., pd.DataFrame]:
    """Feature-matrix rows with outcomes whose law is known: `so_far_late_share` is the chance of being late, all else is noise.

    On time means up to five days early, late 1 day and on average nine more. `signal` False hides the chance from the features; rows
    are watched for `watched` days after `as_of`, or less where that is a range.
    """

    def build(
        n: int = 1500,
        *,
        seed: int = 1,
        first: str = "2024-01-01",
        n_days: int = 8,
        watched: tuple[int, int] = (90, 90),
        signal: bool = True,
    ) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        rows = pd.DataFrame(rng.normal(size=(n, len(FEATURES))).round(3), columns=list(FEATURES))
        customer = rng.integers(0, 40, n)
        chance = (0.05 + 0.9 * np.random.default_rng(0).random(40))[customer]
        dpd = rng.integers(-20, 15, n)
        is_late = (rng.random(n) < chance) | (dpd >= 0)
        days_late = np.where(is_late, np.maximum(dpd, 0) + rng.geometric(0.1, n), -rng.integers(0, 6, n))
        to_pay = np.maximum(days_late - dpd, 1)
        window = rng.integers(watched[0], watched[1] + 1, n)
        rows = rows.assign(
            as_of=pd.Timestamp(first) + pd.to_timedelta(7 * rng.integers(0, n_days, n), unit="D"),
            invoice_id=[f"I{i:05}" for i in range(n)],
            customer_id=[f"C{c:02}" for c in customer],
            country="",
            currency="EUR",
            amount=100.0,
            open_amount=rng.integers(1, 100, n).astype("float64"),
            dpd=dpd.astype("float64"),
            due_weekday=0.0,
            due_day_of_month=1.0,
            log_amount=4.6,
            dispute_open=0.0,
            so_far_late_share=chance if signal else 0.5,
            so_far_days_left=np.abs(rows["so_far_days_left"]),
            so_far_paid_14_share=0.5,
            pay_gap=30.0,
            late_share_plain=chance if signal else 0.5,
            is_paid=to_pay <= window,
            days_seen=np.minimum(to_pay, window),
            window_days=window,
        )
        rows["due_on"] = rows["as_of"] - pd.to_timedelta(rows["dpd"], unit="D")
        rows["seen_until"] = rows["as_of"] + pd.to_timedelta(rows["window_days"], unit="D")
        rows["paid_on"] = (rows["as_of"] + pd.to_timedelta(rows["days_seen"], unit="D")).where(rows["is_paid"])
        rows[list(due_day.SHARES)] = 1 / 7
        rows[list(month_days.SHARES)] = 1 / 6
        return rows.sort_values(["as_of", "invoice_id"], ignore_index=True)

    return build


def _forbid_silent_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = str(report.longrepr)
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true" and DATA_ABSENT not in reason:
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {reason}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that takes longest goes first, so that one worker is not left alone with it in the end."""
    items.sort(key=lambda item: item.path.name != LONGEST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _forbid_silent_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _forbid_silent_skip(report)
    return report
