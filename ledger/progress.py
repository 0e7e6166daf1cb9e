"""How a long job tells how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called at each step of a job, and within a long one with how much of it is done."""

    def __call__(self, step: str) -> None: ...


def silent(step: str) -> None:
    """The listener that does not listen.

    >>> silent("scoring: 3 of 10 days")
    """
