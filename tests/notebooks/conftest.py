"""A notebook is run as a reader would run it: in its own folder, from the first cell to the last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="session")
def executed() -> Callable[..., Any]:
    """The notebook of a name after a run; `parameters` is a cell that comes after the one tagged so."""

    def run(name: str, parameters: str = "") -> Any:
        notebook: Any = nbformat.read(FOLDER / name, as_version=4)
        if parameters:
            (place,) = [i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", ())]
            notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(parameters))
        NotebookClient(notebook, timeout=100, resources={"metadata": {"path": str(FOLDER)}}).execute()
        return notebook

    return run
