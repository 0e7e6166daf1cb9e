"""The scorecard competes where its library is, and its absence hurts nobody."""

from __future__ import annotations

from importlib.util import find_spec

from models.contenders import contenders


def test_the_scorecard_competes_exactly_where_optbinning_is_installed() -> None:
    assert ("scorecard" in contenders()) == (find_spec("optbinning") is not None)
