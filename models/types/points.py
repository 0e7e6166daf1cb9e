"""What each vote is worth, whatever else was seen, and each step of a characteristic: points for each cause of lateness, a scorecard.

Dawid and Skene take the rules for independent witnesses, which they are not: most look at the same late days. And a vote says that a thing
was seen, not how much of it. How all that hangs together cannot be told from one small ledger, so it was learned once, by logistic
regression in simulated worlds drawn at random (`benchmarks/type_points.py`), and stands as a table that can be read in
`configs/type_points.yaml`. That is an assumption about the real world, and as good as the worlds are; `types.points_share` says how much
it counts. Whether a customer is late at all is left alone: where that line lies is a view of the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from ledger.plain_yaml import read_yaml
from models.arrays import Floats
from models.odds import softmax
from models.types.characteristics import CHARACTERISTICS, steps_of
from models.types.rules import RULES
from models.types.votes import told_and_not

FILE = "type_points.yaml"
_ENDS = np.cumsum([len(one.above) + 1 for one in CHARACTERISTICS])[:-1]


@dataclass(frozen=True)
class Points:
    """Points of log odds for the four causes, in the order of `ledger.tables.DEBTOR_TYPES` without the compliant.

    `start` (causes,) for everybody late; `saw` and `saw_not` (rules, causes), in the order of `models.types.rules.RULES`, for a rule that
    saw what it looks for, or looked and did not; `steps` (steps of all characteristics, causes), in the order of
    `models.types.characteristics.steps_of`, for what each step adds to the one below. Where there was nothing to look at there are none.
    """

    start: Floats
    saw: Floats
    saw_not: Floats
    steps: Floats

    @classmethod
    def shipped(cls) -> Points:
        """The table that ships with the package.

        >>> points = Points.shipped()
        >>> points.saw.shape == (len(RULES), 4), points.start.shape
        (True, (4,))
        """
        return _shipped()

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Points:
        """From a table as `to_table` gives it.

        >>> Points.from_table({"start": [0.0] * 4, "votes": {}, "characteristics": {}})
        Traceback (most recent call last):
        ...
        ValueError: points of other rules than these: hardly_any_late_days, fewer_late_days_still, ...: run benchmarks/type_points.py again
        """
        rules = {one.name: () for one in RULES} | {one.name: one.above for one in CHARACTERISTICS}
        told = dict.fromkeys(table["votes"], ()) | {name: tuple(one["above"]) for name, one in table["characteristics"].items()}
        amiss = [name for name in {**rules, **told} if rules.get(name) != told.get(name)]
        if amiss:
            raise ValueError(f"points of other rules than these: {', '.join(amiss[:2])}, ...: run benchmarks/type_points.py again")
        saw, saw_not = (np.array([table["votes"][one.name][side] for one in RULES], dtype="float64") for side in ("saw", "saw_not"))
        points = [np.array(table["characteristics"][one.name]["points"], dtype="float64") for one in CHARACTERISTICS]
        steps = np.vstack([np.diff(one, axis=0, prepend=0.0).round(2) for one in points])
        return cls(np.array(table["start"], dtype="float64"), saw, saw_not, steps)

    def to_table(self) -> dict[str, Any]:
        """`{"start": [...], "votes": {rule: {"saw": [...], "saw_not": [...]}}, "characteristics": {name: {"above": [...], "points": [[...],
        ...]}}}`, where the points of those that lie above no bound come first."""
        votes = {
            one.name: {"saw": saw, "saw_not": saw_not}
            for one, saw, saw_not in zip(RULES, self.saw.tolist(), self.saw_not.tolist(), strict=True)
        }
        steps = {
            one.name: {"above": list(one.above), "points": points.cumsum(axis=0).round(2).tolist()}
            for one, points in zip(CHARACTERISTICS, np.split(self.steps, _ENDS), strict=True)
        }
        return {"start": self.start.tolist(), "votes": votes, "characteristics": steps}

    def of(self, votes: pd.DataFrame, seen: pd.DataFrame) -> Floats:
        """Probability of each cause given the votes on late customers and their characteristics, shape (customers, causes)."""
        said = self.start + told_and_not(votes) @ np.vstack([self.saw, self.saw_not])
        return softmax(said + steps_of(seen) @ self.steps)

    def of_each(self, seen: pd.DataFrame) -> dict[str, Floats]:
        """The points that each characteristic gives, shape (customers, causes)."""
        parts = zip(np.split(steps_of(seen), _ENDS, axis=1), np.split(self.steps, _ENDS), strict=True)
        return {one.name: steps @ points for one, (steps, points) in zip(CHARACTERISTICS, parts, strict=True)}


@cache
def _shipped() -> Points:
    table, _ = read_yaml(files("configs").joinpath(FILE).read_text(encoding="utf-8"), FILE)
    return Points.from_table(table)
