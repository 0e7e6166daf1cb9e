"""The simulator's page cannot lag behind its keys and worlds."""

from __future__ import annotations

from pathlib import Path

from simulator.page import page


def test_the_page_is_up_to_date() -> None:
    written = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text("utf-8")
    assert written == page(), "run `python -m simulator.page > docs/simulator.md`"
