"""A bag: boosters that differ by their dice alone, heard as one.

Small, column-sampled trees owe much to the dice: one fit of a head is known to about .001 of log loss. Log odds averaged over a few fits
are known better, and are better than those of each (bagging: Breiman 1996, Bagging predictors, Machine Learning 24, 123-140).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.arrays import Floats
from models.odds import expit


@dataclass(frozen=True)
class Bag:
    """Stock boosters of one design, at least one; each keeps its own number of rounds."""

    members: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not self.members:
            raise ValueError("a bag holds at least one booster")

    @classmethod
    def fit(cls, fit_one: Callable[[int | None, int], Any], rounds: Sequence[int | None], seed: int) -> Bag:
        """A booster for each of the `rounds` (None: it finds out itself); `fit_one` gets them and a seed of its own.

        >>> Bag.fit(lambda rounds, seed: (rounds, seed), [80, 90, None], 7).members
        ((80, 7), (90, 1007), (None, 2007))
        >>> Bag(())
        Traceback (most recent call last):
        ...
        ValueError: a bag holds at least one booster
        """
        return cls(tuple(fit_one(most, seed + 1000 * position) for position, most in enumerate(rounds)))

    def predict(self, design: npt.NDArray[np.float32], *, threads: int = 1) -> Floats:
        """Probability of each row of a design of shape (rows, columns), from the mean of the members' log odds."""
        margins = [one.predict(design, raw_score=True, num_threads=threads) for one in self.members]
        return expit(np.mean(margins, axis=0))

    @property
    def rounds(self) -> list[int]:
        """The rounds at which each member stopped gaining on newer days."""
        return [int(one.best_iteration) for one in self.members]

    @property
    def columns(self) -> list[str]:
        """The columns of the design that the members were fitted on."""
        return list(self.members[0].feature_name())

    def named(self, name: str) -> dict[str, Any]:
        """The members under names to keep them by: `name_1`, `name_2` ..."""
        return {f"{name}_{number}": one for number, one in enumerate(self.members, 1)}

    @classmethod
    def of(cls, name: str, boosters: dict[str, Any]) -> Bag:
        """The bag that was kept by these names; ValueError where there is none.

        >>> Bag.of("late", Bag(("a", "b")).named("late")).members
        ('a', 'b')
        """
        kept = {int(key.removeprefix(f"{name}_")): one for key, one in boosters.items() if key.startswith(f"{name}_")}
        return cls(tuple(kept[number] for number in sorted(kept)))
