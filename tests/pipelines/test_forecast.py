"""The cash forecast through the command line: the file that was promised, and every way in which it may say no."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ledger.ledger import Ledger
from models.registry import Version
from pipelines.forecast import ForecastReport

COLUMNS = "as_of week_from currency expected lo_50 hi_50 lo_80 hi_80 lo_95 hi_95".split()


@pytest.fixture(scope="module")
def out(trained: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The forecast of the last day, a Wednesday, a month after the training."""
    folder = tmp_path_factory.mktemp("forecast")
    assert trained.called("forecast", as_of=trained.today, out=folder) == 0
    return folder


def test_the_file_has_exactly_what_was_promised(trained: Any, out: Path) -> None:
    table = pq.read_table(out / "cash_forecast.parquet")
    assert table.column_names == COLUMNS
    assert {str(table.schema.field(name).type) for name in COLUMNS[3:]} == {"double"}
    assert pa.types.is_date(table.schema.field("as_of").type)
    assert pa.types.is_date(table.schema.field("week_from").type)
    weeks = table.to_pandas()
    assert set(weeks["as_of"]) == {trained.today}
    assert weeks["week_from"].tolist() == [trained.today - timedelta(days=2) + timedelta(days=7 * n) for n in range(6)], "Mondays"
    assert (out / "cash_forecast.png").read_bytes().startswith(b"\x89PNG")


def test_the_amounts_make_sense(trained: Any, out: Path) -> None:
    weeks = pd.read_parquet(out / "cash_forecast.parquet")
    balances = Ledger.open(trained.ledger).as_of(trained.today).balances
    owed = balances.open_amount.sum().execute()
    assert 0 < weeks["expected"].sum() < owed
    for inner, outer in (("50", "80"), ("80", "95")):
        assert (weeks[f"lo_{outer}"] <= weeks[f"lo_{inner}"]).all()
        assert (weeks[f"hi_{inner}"] <= weeks[f"hi_{outer}"]).all()
    assert (weeks[COLUMNS[3:]].round(2) == weeks[COLUMNS[3:]]).all(axis=None), "rounded to the cent"


def test_the_same_day_gives_the_same_bytes_and_says_what_it_found(
    trained: Any, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained.called("forecast", as_of=trained.today, out=tmp_path, weeks=6) == 0
    told = capsys.readouterr().out
    assert "2025-12-29 EUR" in told
    assert "champion: version 1, trained as of 2025-11-30" in told
    weekly = pd.read_parquet(out / "cash_forecast.parquet")
    expected = weekly.loc[weekly["currency"] == "EUR", "expected"].sum()
    assert f" of which {expected:,.2f} within 6 weeks" in told
    for name in ("cash_forecast.parquet", "cash_forecast.png"):
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes()


@pytest.mark.parametrize("weeks", [3, 9])
def test_a_week_is_told_the_same_however_many_are_asked_for(trained: Any, out: Path, weeks: int, tmp_path: Path) -> None:
    assert trained.called("forecast", as_of=trained.today, out=tmp_path, weeks=weeks) == 0
    usual, other = (pd.read_parquet(folder / "cash_forecast.parquet") for folder in (out, tmp_path))
    assert len(other) == weeks
    assert other.head(6).equals(usual.head(weeks))


def test_on_the_day_of_training_there_is_no_experience_yet(trained: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert trained.called("forecast", as_of=trained.as_of, out=tmp_path, weeks=2) == 0
    assert "the intervals rest on its validation days" in capsys.readouterr().out
    weeks = pd.read_parquet(tmp_path / "cash_forecast.parquet")["week_from"].astype(str).tolist()
    assert weeks == ["2025-12-01", "2025-12-08"], "after a Sunday comes a whole week"


@pytest.mark.parametrize(
    ("days", "told"),
    [(-31, "no champion for 2025-10-30"), (30, "more than 7 days past the last day"), (-2000, "before the first fact")],
)
def test_a_day_that_cannot_be_forecast_is_refused(
    trained: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], days: int, told: str
) -> None:
    day = (trained.as_of if days == -31 else trained.today) + timedelta(days=days)
    assert trained.called("forecast", as_of=day, out=tmp_path / "out") == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_weeks_are_wrong_usage(trained: Any, tmp_path: Path) -> None:
    assert trained.called("forecast", as_of=trained.today, out=tmp_path, weeks=0) == 2


def test_open_invoices_of_a_silent_source_are_counted(trained: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are left out, as in a score, and the cash to expect would seem to be that of everything open."""
    copy = shutil.copytree(trained.ledger, tmp_path / "books")
    invoices = pq.read_table(copy / "invoices.parquet")
    old = invoices.slice(0, 1).to_pylist()[0] | {"invoice_id": "of the old books", "source": "old books"}
    pq.write_table(pa.concat_tables([invoices, pa.Table.from_pylist([old], schema=invoices.schema)]), copy / "invoices.parquet")
    other = replace(trained, ledger=str(copy))
    assert other.called("forecast", as_of=trained.today, out=tmp_path / "out") == 0
    assert "left out of the cohort, stale: 1 open invoices" in capsys.readouterr().out


def test_where_nothing_is_open_that_is_said() -> None:
    nothing = pd.DataFrame({"week_from": [], "currency": [], "expected": []})
    version = Version(1, date(2025, 11, 30), True, "abc", ())
    report = ForecastReport(Path("t"), Path("p"), nothing, version, 0, 1, "payment_time", 0, {}, [], pd.DataFrame())
    assert report.lines()[-2:] == ["nothing is open: there is no cash to expect", "written to t"]


@pytest.mark.parametrize(("low", "high", "told"), [(0.0, 0.0, True), (0.0, 80.0, False), (60.0, 60.0, True)])
def test_what_is_expected_outside_of_its_interval_is_explained(low: float, high: float, told: bool) -> None:
    """One open invoice that is paid or not: nothing in four weeks of five, and the mean is a fifth of it."""
    week = {"week_from": pd.Timestamp("2025-12-01"), "currency": "EUR", "expected": 46.95, "lo_80": low, "hi_80": high}
    owed = pd.DataFrame({"open": [230.0], "largest": [1.0]}, index=["EUR"])
    version = Version(1, date(2025, 11, 30), True, "abc", ())
    report = ForecastReport(Path("t"), Path("p"), pd.DataFrame([week]), version, 1, 1, "payment_time", 0, {}, [], owed)
    assert any("all of it comes or nothing" in line for line in report.lines()) == told
