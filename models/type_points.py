"""What each vote is worth, whatever else was voted: points for each cause of lateness, as a scorecard has them.

Dawid and Skene take the rules for independent witnesses, which they are not: most look at the same late days. How they hang together cannot
be told from one small ledger, so it was learned once, by logistic regression in simulated worlds drawn at random
(`benchmarks/type_points.py`), and stands as a table that can be read in `configs/type_points.yaml`. That is an assumption about the
real world, and as good as the worlds are; `types.points_share` says how much it counts. Whether a customer is late at all is left alone:
where that line lies is a view of the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ledger.plain_yaml import read_yaml
from models.odds import softmax
from models.type_rules import RULES
from models.type_votes import told_and_not

Floats = npt.NDArray[np.float64]
FILE = "type_points.yaml"


@dataclass(frozen=True)
class Points:
    """Points of log odds for the four causes, in the order of `ledger.tables.DEBTOR_TYPES` without the compliant.

    `start` (causes,) for everybody late; `saw` and `saw_not` (rules, causes), in the order of `models.type_rules.RULES`, for a rule that
    saw what it looks for, or looked and did not. One that had nothing to look at gives none.
    """

    start: Floats
    saw: Floats
    saw_not: Floats

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
        """From `{"start": [...], "votes": {rule: {"saw": [...], "saw_not": [...]}}}`.

        >>> Points.from_table({"start": [0.0] * 4, "votes": {}})
        Traceback (most recent call last):
        ...
        ValueError: no points for the rules hardly_any_late_days, fewer_late_days_still, ...: run benchmarks/type_points.py again
        """
        absent = [one.name for one in RULES if one.name not in table["votes"]]
        if absent:
            raise ValueError(f"no points for the rules {', '.join(absent[:2])}, ...: run benchmarks/type_points.py again")
        saw, saw_not = (np.array([table["votes"][one.name][side] for one in RULES], dtype="float64") for side in ("saw", "saw_not"))
        return cls(np.array(table["start"], dtype="float64"), saw, saw_not)

    def to_table(self) -> dict[str, Any]:
        """The table that `from_table` reads."""
        votes = {
            one.name: {"saw": saw, "saw_not": saw_not}
            for one, saw, saw_not in zip(RULES, self.saw.tolist(), self.saw_not.tolist(), strict=True)
        }
        return {"start": self.start.tolist(), "votes": votes}

    def of(self, votes: pd.DataFrame) -> Floats:
        """Probability of each cause given the votes on late customers, shape (customers, causes)."""
        return softmax(self.start + told_and_not(votes) @ np.vstack([self.saw, self.saw_not]))


@cache
def _shipped() -> Points:
    table, _ = read_yaml(files("configs").joinpath(FILE).read_text(encoding="utf-8"), FILE)
    return Points.from_table(table)
