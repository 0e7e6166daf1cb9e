"""Choices are made on days that are newer than those the fold was fitted on."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.folds import fold_cut, training_days
from models.settings import ModelSettings

FIRST = date(2024, 1, 1)


@given(st.integers(0, 500), st.integers(1, 20), st.integers(4, 60), st.integers(0, 90))
def test_the_days_to_learn_from(length: int, every: int, most: int, warm_up: int) -> None:
    as_of = FIRST + timedelta(days=length)
    settings = ModelSettings(every_days=every, max_as_ofs=most, warm_up_days=warm_up)
    days = training_days(FIRST, as_of, settings)
    assert days == sorted(set(days))
    assert len(days) <= most
    assert all(FIRST + timedelta(days=warm_up) <= day < as_of for day in days)
    assert all((as_of - day).days % every == 0 for day in days)
    # None that could have been used was left out, unless there were enough.
    earlier = (days[0] if days else as_of) - timedelta(days=every)
    assert len(days) == most or earlier < FIRST + timedelta(days=warm_up)


@given(st.integers(2, 60), st.floats(0.01, 0.99))
def test_the_newest_days_are_for_choosing(n: int, share: float) -> None:
    days = [FIRST + timedelta(days=5 * i) for i in range(n)]
    n_valid = max(1, round(n * share))
    if n_valid < n:
        cut = fold_cut(days[::-1], share)
        assert sum(day > cut for day in days) == n_valid
        assert cut in days
