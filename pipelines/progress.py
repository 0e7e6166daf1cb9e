"""How a long job tells how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called at each step of a job, and within a long step with the share that is done (0 to 1)."""

    def __call__(self, step: str, share: float | None = None) -> None: ...


def silent(step: str, share: float | None = None) -> None:
    """The listener that does not listen.

    >>> silent("fitting", 0.5)
    """
