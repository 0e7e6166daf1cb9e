"""Small ledgers and small files for the tests of the way in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from ledger.store import Store, open_store

CUSTOMERS = """
    customer_id,name,kind,country
    C1,Alder,business,US
    C2,Birch,business,DE
"""
INVOICES = """
    invoice_id,customer_id,issued_on,due_on,amount,currency
    I1,C1,2024-01-02,2024-02-01,100.00,USD
    I2,C1,2024-01-10,2024-02-09,250.50,USD
    I3,C2,2024-01-15,2024-02-14,80.00,EUR
    I4,C2,2024-01-20,2024-02-19,40.00,EUR
    I5,C2,2024-01-21,2024-02-20,60.00,EUR
"""
PAYMENTS = """
    payment_id,invoice_id,customer_id,paid_on,amount,currency
    P1,I1,C1,2024-02-05,100.00,USD
    P3,I3,C2,2024-02-10,80.00,EUR
    P4,I4,C2,2024-02-19,40.00,EUR
    P5,I5,C2,2024-02-20,60.00,EUR
    P6,,C2,2024-02-21,5.00,EUR
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "ledger")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a text, indented as in the test, to a file below the test's folder."""

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def canonical(write: Callable[[str, str], Path]) -> Callable[..., Path]:
    """A folder of canonical tables; any of them can be given in place of the usual five invoices of two customers."""

    def folder(name: str = "extract", **tables: str) -> Path:
        texts = {"customers": CUSTOMERS, "invoices": INVOICES, "payments": PAYMENTS} | tables
        files = [write(f"{name}/{table}.csv", text) for table, text in texts.items()]
        return files[0].parent

    return folder


@pytest.fixture
def state(store: Store) -> Callable[[], dict[str, bytes]]:
    """The bytes of every file of the ledger."""

    def files() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(store.folder.rglob("*")) if path.is_file()}

    return files
