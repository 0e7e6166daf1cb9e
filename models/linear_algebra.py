"""Linear algebra on one thread.

On several threads a product is added up in another order: the solver of a linear head stops elsewhere, and a champion would hang on the
cores of the machine that trained it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
R = TypeVar("R")


def on_one_thread(work: Callable[P, R]) -> Callable[P, R]:
    """Work that fits or scores, held to one thread in its linear algebra; boosters have a setting of their own.

    >>> on_one_thread(sorted)([2, 1])
    [1, 2]
    """

    @wraps(work)
    def held(*args: P.args, **kwargs: P.kwargs) -> R:
        with threadpool_limits(1, user_api="blas"):
            return work(*args, **kwargs)

    return held
