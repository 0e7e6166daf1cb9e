"""Whatever fits or scores does its linear algebra on one thread: its answer must not hang on how many cores a machine has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from ledger.ledger import Ledger
from models.linear_algebra import on_one_thread
from pipelines.backtest import run_backtest
from pipelines.forecast import run_forecast
from pipelines.learning import learn
from pipelines.movement import run_types_movement
from pipelines.score import champion_for
from pipelines.scoring import score_day
from pipelines.train import run_train

PAGES: dict[str, Callable[[Any, Path, Any], object]] = {
    "learn": lambda books, out, progress: learn(Ledger.open(books.ledger), books.as_of, books.config, progress),
    "train": lambda books, out, progress: run_train(books.ledger, books.as_of, f"sqlite:///{out}/models.db", books.config, progress),
    "backtest": lambda books, out, progress: run_backtest(
        books.ledger, books.as_of, books.today, books.today, 7, out, books.config, progress
    ),
    "forecast": lambda books, out, progress: run_forecast(books.ledger, books.today, out, 4, None, books.config, progress),
    "movement": lambda books, out, progress: run_types_movement(books.ledger, books.today, books.config, progress=progress),
    "score": lambda books, out, progress: score_day(
        Ledger.open(books.ledger), champion_for(Ledger.open(books.ledger), books.today, None)[0], books.today, books.config, progress
    ),
}


class SeenEnoughError(Exception):
    """The page has come far enough to tell."""


def blas_threads() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_as_many_threads_as_before_once_the_work_is_done() -> None:
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        assert on_one_thread(blas_threads)() == {1}
        assert blas_threads() == before


@pytest.mark.parametrize("page", sorted(PAGES))
def test_each_page_that_fits_or_scores_is_held_to_one_thread(page: str, trained: Any, tmp_path: Path) -> None:
    def progress(_: str) -> None:
        assert blas_threads() == {1}
        raise SeenEnoughError

    with threadpool_limits(2, user_api="blas"), pytest.raises(SeenEnoughError):
        PAGES[page](trained, tmp_path, progress)
