"""Who is too little known to be told a cause: late with few invoices, and no rule saw what it looks for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ledger.tables import DEBTOR_TYPES
from models.type_rules import VOTES_FOR


def too_few(behaviour: pd.DataFrame, votes: pd.DataFrame, likeliest: npt.NDArray[np.int64], least: int) -> pd.Series[bool]:
    """Late, with fewer invoices than `least`, and no rule voted for the likeliest type (a code of `DEBTOR_TYPES`, not compliant).

    `votes` as `models.type_rules.vote` gives them: what is told then is told by silence alone.

    >>> behaviour = pd.DataFrame({"due_count": [2.0, 2.0, 3.0, 0.0], "slow_count": [2.0, 2.0, 2.0, 1.0]})
    >>> votes = pd.DataFrame({"says_hardship": [np.nan, 1.0, np.nan, 0.0]})
    >>> too_few(behaviour, votes, np.array([1, 1, 1, 0]), least=3).tolist()
    [True, False, False, False]
    """
    known = behaviour[["due_count", "slow_count"]].fillna(0.0).max(axis=1)
    voted = np.zeros((len(votes), len(DEBTOR_TYPES)), dtype=bool)
    for name in votes:
        voted[:, VOTES_FOR[str(name)]] |= votes[name].to_numpy() == 1
    by_silence = (likeliest > 0) & ~voted[np.arange(len(votes)), likeliest]
    return (behaviour["slow_count"] > 0) & (known < least) & by_silence
