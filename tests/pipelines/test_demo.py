"""A demo replaces what an earlier demo made, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk.cli import run
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.progress import silent
from pipelines import demo
from pipelines.config import Config
from pipelines.simulate import run_simulate

BOOKS = """
    invoice_id customer_id issued_on  due_on     amount
    I1         ada         2025-01-01 2025-01-31 100
"""


class BegunError(Exception):
    """The demo has cleared its folder and begins."""


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Runs a demo up to its first step."""

    def begun(*_: Any, **__: Any) -> None:
        raise BegunError

    monkeypatch.setattr(demo, "run_simulate", begun)

    def call(out: Path) -> None:
        demo.run_demo(out, Config(), silent)

    return call


def test_books_that_were_not_simulated_stay(begin: Callable[[Path], None], ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    ledger_of(uri=str(tmp_path / "work" / "ledger"), invoices=BOOKS)
    (tmp_path / "work" / "scores").mkdir()
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(RefusedError, match="a ledger that was not simulated"):
        begin(tmp_path / "work")
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("held", ["notes.txt", "scores", "ledger"])
def test_a_folder_that_no_demo_made_is_refused(begin: Callable[[Path], None], tmp_path: Path, held: str) -> None:
    (tmp_path / held).mkdir()
    with pytest.raises(RefusedError, match=f"holds something else .{held}"):
        begin(tmp_path)
    assert (tmp_path / held).is_dir()


def test_an_earlier_demo_is_replaced(begin: Callable[[Path], None], tmp_path: Path) -> None:
    assert run(["simulate", "--out", str(tmp_path / "ledger"), "--customers", "3", "--months", "2"]) == 0
    (tmp_path / "scores").mkdir()
    with pytest.raises(BegunError):
        begin(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BegunError):
        begin(tmp_path / "new")


def test_the_command_is_told_as_it_can_be_called_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "python"))
    (tmp_path / "deep" / "down").mkdir(parents=True)
    for folder, told in ((tmp_path, "bin/duewise"), (tmp_path / "deep" / "down", str(tmp_path / "bin" / "duewise"))):
        monkeypatch.chdir(folder)
        assert demo._duewise() == told


def test_the_customer_of_the_examples_is_one_of_the_demo(tmp_path: Path) -> None:
    """Who tries the line from the README or the help has made this ledger, and has the customer on the list."""
    uri = str(tmp_path / "ledger")
    run_simulate(uri, None, customers=demo.CUSTOMERS, months=demo.MONTHS, until=demo.UNTIL, seed=Config().seed)
    balances = Ledger.open(uri).as_of(demo.UNTIL).balances.to_pandas()
    owing = set(balances.loc[balances["open_amount"] > 0, "customer_id"])
    page, helped = (Path(__file__).parents[2] / name for name in ("README.md", "docs/cli.md"))
    for path in (page, helped):
        named = re.findall(r"explain --ledger demo/ledger --as-of (\S+) --customer (\w+)", path.read_text(encoding="utf-8"))
        assert named, path
        assert {day for day, _ in named} == {demo.UNTIL.isoformat()}
        assert {customer for _, customer in named} <= owing
