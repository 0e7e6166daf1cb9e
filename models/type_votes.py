"""From votes to one opinion: majority vote, and the model of Dawid and Skene with abstentions as answers.

Dawid, A. P., and Skene, A. M. (1979): Maximum likelihood estimation of observer error-rates using the EM algorithm, Applied Statistics
28, 20-28. Here an observer is a rule that says 1 or 0, so that its error rates are one number a type: how often it says 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ledger.tables import DEBTOR_TYPES
from models.type_rules import RULES, VOTES_FOR

Floats = npt.NDArray[np.float64]
N_TYPES = len(DEBTOR_TYPES)
START_STRENGTH = 60.0
MOST_STEPS, STILL = 60, 1e-5


def majority(votes: pd.DataFrame) -> Floats:
    """The share of votes for each type, shape (customers, types); equal shares where nobody votes.

    >>> votes = pd.DataFrame({"pays_round_parts": [1.0, 0.0], "refuses": [1.0, np.nan]})
    >>> majority(votes).round(2).tolist()
    [[0.0, 0.5, 0.0, 0.5, 0.0], [0.2, 0.2, 0.2, 0.2, 0.2]]
    """
    counts = np.zeros((len(votes), N_TYPES))
    for name in votes:
        counts[:, VOTES_FOR[str(name)]] += np.nan_to_num(votes[name].to_numpy())
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1.0), 1.0 / N_TYPES)


@dataclass(frozen=True)
class DawidSkene:
    """How often each rule says 1 of each type, shape (rules, types), and how common the types are.

    `trust` below 1 weakens every vote alike: rules that look at the same thing are not independent witnesses.
    """

    says_one: Floats
    prior: Floats
    trust: float = 1.0

    @classmethod
    def assumed(cls, trust: float = 1.0) -> DawidSkene:
        """What is thought of the rules before any customer was seen."""
        says_one = np.array([[one.hit if one.votes == t else one.slip for t in DEBTOR_TYPES] for one in RULES])
        return cls(says_one, np.full(N_TYPES, 1.0 / N_TYPES), trust)

    def posterior(self, votes: pd.DataFrame) -> Floats:
        """Probability of each type given the votes, shape (customers, types)."""
        said = votes.to_numpy(dtype="float64")
        yes, no = np.nan_to_num(said), np.where(np.isnan(said), 0.0, 1.0 - np.nan_to_num(said))
        logs = np.log(self.prior) + self.trust * (yes @ np.log(self.says_one) + no @ np.log1p(-self.says_one))
        odds = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def fitted(self, votes: pd.DataFrame, known: Floats | None = None) -> DawidSkene:
        """Expectation-maximisation from here; `known` (NaN rows: unknown) holds the types that people confirmed, which no step changes."""
        said = votes.to_numpy(dtype="float64")
        yes, seen = np.nan_to_num(said), (~np.isnan(said)).astype("float64")
        start, model = self, self
        for _ in range(MOST_STEPS):
            p = model.posterior(votes)
            if known is not None:
                p = np.where(np.isnan(known), p, known)
            ones = yes.T @ p + START_STRENGTH * start.says_one
            looked = seen.T @ p + START_STRENGTH
            says_one = np.clip(ones / looked, 0.005, 0.995)
            prior = (p.sum(axis=0) + START_STRENGTH / N_TYPES) / (len(p) + START_STRENGTH)
            moved = float(np.abs(says_one - model.says_one).max())
            model = DawidSkene(says_one, prior, self.trust)
            if moved < STILL:
                break
        return model
