"""From votes to one opinion: majority vote, and the model of Dawid and Skene with abstentions as answers.

Dawid, A. P., and Skene, A. M. (1979): Maximum likelihood estimation of observer error-rates using the EM algorithm, Applied Statistics
28, 20-28. Here an observer is a rule that says 1 or 0, so that its error rates are one number a type: how often it says 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ledger.tables import DEBTOR_TYPES
from models.arrays import Floats
from models.evaluate import auc
from models.odds import softmax
from models.types.rules import COMPLIANT, RULES, VOTES_FOR

N_TYPES = len(DEBTOR_TYPES)
START_SHARE = 1.0
EVEN_SHARE = 0.7
"""The shares of the types are drawn towards even ones by so many rows for each that there is: else a type with few rules dies out."""
MOST_STEPS, STILL = 60, 1e-5


def told_and_not(votes: pd.DataFrame) -> Floats:
    """Shape (customers, 2 x rules): 1 where a rule saw, then 1 where it looked and did not; 0 where there was nothing to look at.

    >>> told_and_not(pd.DataFrame({"a": [1.0, 0.0, np.nan]})).tolist()
    [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    """
    said = votes.to_numpy(dtype="float64")
    return np.hstack([np.nan_to_num(said), np.where(np.isnan(said), 0.0, 1.0 - np.nan_to_num(said))])


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
    def assumed(cls, trust: float = 1.0, *, parts: bool = True) -> DawidSkene:
        """What is thought of the rules before any customer was seen, of a ledger with part payments or without."""
        says_one = np.array([[one.says_one(t, parts) for t in DEBTOR_TYPES] for one in RULES])
        says_one = _silent_on_lateness(says_one, np.ones_like(says_one))
        return cls(says_one, np.full(N_TYPES, 1.0 / N_TYPES), trust)

    def posterior(self, votes: pd.DataFrame) -> Floats:
        """Probability of each type given the votes, shape (customers, types)."""
        weights = np.vstack([np.log(self.says_one), np.log1p(-self.says_one)])
        return softmax(np.log(self.prior) + self.trust * (told_and_not(votes) @ weights))

    def fitted(self, votes: pd.DataFrame, known: Floats | None = None) -> DawidSkene:
        """Expectation-maximisation from here; `known` (NaN rows: unknown) holds the types that people confirmed, which no step changes."""
        said = votes.to_numpy(dtype="float64")
        yes, seen = np.nan_to_num(said), (~np.isnan(said)).astype("float64")
        start, model, strength, few = self, self, START_SHARE * len(votes), max(50.0, EVEN_SHARE * len(votes))
        for _ in range(MOST_STEPS):
            p = model.posterior(votes)
            if known is not None:
                p = np.where(np.isnan(known), p, known)
            ones = yes.T @ p + strength * start.says_one
            looked = seen.T @ p + strength
            says_one = np.clip(_silent_on_lateness(ones / looked, looked), 0.005, 0.995)
            prior = (p.sum(axis=0) + few / N_TYPES) / (len(p) + few)
            moved = float(np.abs(says_one - model.says_one).max())
            model = DawidSkene(says_one, prior, self.trust)
            if moved < STILL:
                break
        return model


def _silent_on_lateness(says_one: Floats, weight: Floats) -> Floats:
    """A rule about the cause says nothing of whether there is enough lateness to have one: on the compliant it fires as on all others."""
    about_cause = np.array([one.votes != COMPLIANT for one in RULES])
    out = says_one.copy()
    late = slice(1, N_TYPES)
    out[about_cause, 0] = (says_one[about_cause, late] * weight[about_cause, late]).sum(axis=1) / weight[about_cause, late].sum(axis=1)
    return out


def foretold(votes: pd.DataFrame, rules: DawidSkene) -> dict[str, float]:
    """How well the other rules foretell each rule (mean AUC), weighed by majority and by Dawid and Skene: no truth is needed for that."""
    scores: dict[str, list[float]] = {"majority": [], "dawid_skene": []}
    for at, name in enumerate(votes):
        looked = votes[name].notna().to_numpy()
        said = votes[name].to_numpy()[looked]
        if not 0 < said.sum() < len(said):
            continue
        others = votes[looked].drop(columns=name)
        less = DawidSkene(np.delete(rules.says_one, at, axis=0), rules.prior, rules.trust)
        for way, p in (("majority", majority(others)), ("dawid_skene", less.posterior(others))):
            scores[way].append(auc(said, p[:, VOTES_FOR[str(name)]]))
    return {way: round(float(np.mean(found)), 4) if found else 0.5 for way, found in scores.items()}


def summary(votes: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Of each rule: `coverage` (share of customers it votes on), `overlap` (some other rule votes too), `conflict` (for another type).

    >>> votes = pd.DataFrame({"pays_round_parts": [1.0, 0.0], "refuses": [1.0, np.nan]})
    >>> summary(votes)["refuses"]
    {'coverage': 0.5, 'overlap': 0.5, 'conflict': 0.5}
    """
    yes = np.nan_to_num(votes.to_numpy(dtype="float64")) > 0
    kind = np.array([VOTES_FOR[str(name)] for name in votes])
    told = {}
    for at, name in enumerate(votes):
        others, against = np.delete(yes, at, axis=1).any(axis=1), yes[:, kind != kind[at]].any(axis=1)
        mine = yes[:, at]
        shares = {"coverage": mine.mean(), "overlap": (mine & others).mean(), "conflict": (mine & against).mean()}
        told[str(name)] = {key: round(float(value), 4) for key, value in shares.items()} if len(votes) else {}
    return told
