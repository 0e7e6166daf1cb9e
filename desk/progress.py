"""Progress on stderr: a moving line where somebody looks at a terminal, plain short lines everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.progress import Progress


@contextmanager
def shown() -> Iterator[Progress]:
    """What a job calls with its steps, for as long as the job runs."""
    if not sys.stderr.isatty():
        yield _PlainLines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("starting", total=None)

        def step(step: str) -> None:
            bars.update(task, description=step)

        yield step


class _PlainLines:
    """One line a step; what is told twice is not repeated, so that a log stays short."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, step: str) -> None:
        if step != self._last:
            print(step, file=sys.stderr, flush=True)
            self._last = step
