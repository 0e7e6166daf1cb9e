"""The notebooks: they call the rooms and define nothing, and run on any ledger from the first cell to the last."""

from __future__ import annotations

import ast
import base64
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest

from ledger.ingest import ingest
from ledger.store import open_store
from simulator import load_world, simulate, write_ledger

FOLDER = Path(__file__).parents[2] / "notebooks"
KNOW_YOUR_LEDGER = "01_know_your_ledger.ipynb"
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def seen(notebook: Any) -> dict[str, list[dict[str, Any]]]:
    """What each cell put out, by the cell's id."""
    return {cell.id: [one.get("data", {"text/plain": one.get("text")}) for one in cell.get("outputs", ())] for cell in notebook.cells}


def sentence(outputs: list[dict[str, Any]]) -> str:
    return str(outputs[-1].get("text/markdown"))


def assert_pictures_with_sentences(notebook: Any) -> None:
    drawn = {cell.id for cell in notebook.cells if cell.source.startswith("pictures.")}
    assert len(drawn) >= 8
    for name, outputs in seen(notebook).items():
        if name in drawn:
            image, said = outputs
            assert base64.b64decode(image["image/png"]).startswith(b"\x89PNG"), name
            assert said["text/markdown"].strip().endswith("."), name


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_defines_nothing_and_is_kept_without_outputs(path: Path) -> None:
    notebook: Any = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, DEFINITIONS)] == [], cell.id
            assert (cell.outputs, cell.execution_count) == ([], None), cell.id


def test_it_runs_on_a_simulated_ledger_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executed: Callable[..., Any]
) -> None:
    uri = f"duckdb:///{tmp_path}/books.duckdb"
    write_ledger(simulate(load_world("default"), customers=150, months=10, until=date(2025, 12, 31), seed=1), uri)
    monkeypatch.setenv("DUEWISE_LEDGER", uri)
    monkeypatch.setenv("DUEWISE_AS_OF", "2025-11-30")
    notebook = executed(KNOW_YOUR_LEDGER)
    assert_pictures_with_sentences(notebook)
    outputs = seen(notebook)
    assert outputs["open"][0]["text/plain"].strip().endswith("on 2025-11-30")
    assert " of 148 customers, issued" in sentence(outputs["coverage"])
    assert "to 28 November 2025" in sentence(outputs["coverage"])
    assert "habits" in outputs["observe"][0]["text/plain"]


def test_it_runs_on_real_receivables_named_by_an_injected_cell(
    tmp_path: Path, real_data: Callable[[str], Path], executed: Callable[..., Any]
) -> None:
    uri = str(tmp_path / "books")
    ingest(open_store(uri), "highradius-closed", str(real_data("highradius/invoices_due_before_2019-12-26.csv.gz")))
    notebook = executed(KNOW_YOUR_LEDGER, f'LEDGER = "{uri}"')
    assert_pictures_with_sentences(notebook)
    outputs = seen(notebook)
    assert "33,997 invoices of 998 customers" in sentence(outputs["coverage"])
    assert "42 % were late, 2.2 % by more than 30 days" in sentence(outputs["lateness"])
    assert "166 of all had not been paid" in sentence(outputs["fates"])
    assert sentence(outputs["quality"]).startswith("Most frequent of 5 concerns: invoices with an assumed issue date (33,997 of 33,997")
