"""The label model: one opinion from all that was seen, of what this ledger's rules agree on and of what the points say.

Whether a customer is late at all is what the rules agree on. Of the cause the logs of both are averaged: what the rules agree on adapts to
the ledger and takes them for independent; the points know how all that was seen hangs together, and nothing of the ledger. They err
in different ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models.arrays import Floats
from models.odds import softmax
from models.types.points import Points
from models.types.settings import TypeSettings
from models.types.votes import DawidSkene, majority

LEAST = 1e-6
LATE = slice(1, None)


@dataclass(frozen=True)
class LabelModel:
    """`agreed`: the rules' error rates as this ledger shows them; `points`: what is worth how much; `share`: how much they count."""

    agreed: DawidSkene
    points: Points
    share: float

    @classmethod
    def assumed(cls, settings: TypeSettings, *, parts: bool = True) -> LabelModel:
        """What is thought of votes before any customer was seen, of a ledger with part payments or without."""
        return cls(DawidSkene.assumed(settings.trust, parts=parts), Points.shipped(), settings.points_share)

    def posterior(self, votes: pd.DataFrame, seen: pd.DataFrame, *, counted: bool = False) -> Floats:
        """Probability of each type given votes and characteristics, shape (customers, types); `counted`: the majority instead of
        Dawid and Skene.

        >>> table = Points.shipped().to_table()
        >>> votes, seen = (pd.DataFrame(np.nan, index=[0], columns=list(table[one])) for one in ("votes", "characteristics"))
        >>> LabelModel.assumed(TypeSettings(points_share=0)).posterior(votes.assign(refuses=1.0), seen).round(2).tolist()
        [[0.21, 0.17, 0.17, 0.29, 0.17]]
        """
        agreed = majority(votes) if counted else self.agreed.posterior(votes)
        logs = [np.log(np.maximum(p, LEAST)) for p in (agreed[:, LATE], self.points.of(votes, seen))]
        causes = softmax((1 - self.share) * logs[0] + self.share * logs[1])
        return np.hstack([agreed[:, :1], agreed[:, LATE].sum(axis=1, keepdims=True) * causes])

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, from which `from_json` makes it again."""
        agreed = {"says_one": self.agreed.says_one.tolist(), "prior": self.agreed.prior.tolist(), "trust": self.agreed.trust}
        return {"agreed": agreed, "points": self.points.to_table(), "share": self.share}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> LabelModel:
        """What `to_json` gave; KeyError where it is something else."""
        agreed = raw["agreed"]
        error_rates = DawidSkene(np.array(agreed["says_one"]), np.array(agreed["prior"]), agreed["trust"])
        return cls(error_rates, Points.from_table(raw["points"]), raw["share"])
