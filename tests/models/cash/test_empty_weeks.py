"""How often a week that little was expected of stayed empty."""

from __future__ import annotations

import numpy as np
import pytest

from models.cash.empty_weeks import NEVER, empty_shares

OWED = np.full(16, 100.0)


def test_small_weeks_and_large_ones_are_counted_apart_and_crumbs_are_nothing() -> None:
    expected = np.tile([2.0, 20.0, 50.0], (16, 1))
    came = np.tile([0.05, 0.5, 40.0], (16, 1))
    assert empty_shares(came, expected, expected[None], OWED, np.array(NEVER)).tolist() == pytest.approx([0, 16 / 24, 0, 16 / 24, 0])


def test_what_was_not_seen_or_not_expected_teaches_nothing() -> None:
    expected = np.tile([2.0, 0.0], (16, 1))
    came = np.tile([np.nan, 0.0], (16, 1))
    before = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    assert empty_shares(came, expected, expected[None], OWED, before).tolist() == before.tolist()


def test_weeks_that_bring_something_make_empty_ones_rarer_than_they_were() -> None:
    expected = np.full((16, 1), 2.0)
    assert empty_shares(expected, expected, expected[None], OWED, np.array([0, 0.6, 0, 0, 0]))[1] == pytest.approx(0.2)


def test_weeks_that_luck_leaves_empty_are_no_habit() -> None:
    """One invoice is paid in the week or not: in half of the weeks nothing comes, and draws know it."""
    expected = np.full((16, 1), 2.0)
    came = np.tile([[0.0], [4.0]], (8, 1))
    draws = np.stack([np.zeros((16, 1)), np.full((16, 1), 4.0)])
    assert empty_shares(came, expected, draws, OWED, np.array(NEVER)).tolist() == [0.0] * 5
    assert empty_shares(0 * came, expected, draws, OWED, np.array(NEVER))[1] == pytest.approx(8 / 24)
