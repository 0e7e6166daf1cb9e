"""The plausibility page: worlds beside real receivables where these are there, and the worlds alone, with the reason, where not."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = "02_is_the_simulator_plausible.ipynb"
SMALL = 'WORLDS, CUSTOMERS, MONTHS = ("default",), 60, 9'
PICTURES = ("lateness", "weekdays", "ageing", "concentration", "parts")


def sentences(notebook: Any) -> dict[str, str]:
    """What stands under each picture, which is there."""
    cells = {cell.id: cell for cell in notebook.cells}
    for name in PICTURES:
        assert base64.b64decode(cells[name].outputs[0]["data"]["image/png"]).startswith(b"\x89PNG"), name
    return {name: str(cells[name].outputs[1]["data"]["text/markdown"]) for name in PICTURES}


def test_without_real_data_the_worlds_stand_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executed: Callable[..., Any]) -> None:
    monkeypatch.setenv("DUEWISE_DATA", str(tmp_path))
    notebook = executed(NOTEBOOK, SMALL)
    (said,) = [cell.outputs[-1]["text"] for cell in notebook.cells if cell.id == "real"]
    assert said.startswith("the worlds alone: no real receivables at ")
    told = sentences(notebook)
    assert all("HighRadius" not in sentence for sentence in told.values())
    assert told["parts"].startswith("Paid in more than one payment [of those paid]: default ")


def test_real_receivables_stand_beside_them(
    real_data: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, executed: Callable[..., Any]
) -> None:
    path = real_data("highradius/invoices_due_before_2019-12-26.csv.gz")
    monkeypatch.setenv("DUEWISE_DATA", str(path.parents[1]))
    told = sentences(executed(NOTEBOOK, SMALL))
    assert all("HighRadius" in sentence for sentence in told.values())
    # It records one payment for each invoice, and no credit note.
    assert told["parts"].count("HighRadius not recorded") == 2
