"""Who is too little known to be told a cause: late with few invoices, and no rule saw what it looks for; or always late until we remind,
without a word of why."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ledger.tables import DEBTOR_TYPES
from models.arrays import Ints
from models.type_needs import asked, promised
from models.type_rules import VOTES_FOR

FORGETS_OR_WILL_NOT = [DEBTOR_TYPES.index(name) for name in ("disorganized", "intentional")]
ALWAYS = 0.9


def too_few(behaviour: pd.DataFrame, votes: pd.DataFrame, likeliest: Ints, least: int) -> pd.Series[bool]:
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


def waits_to_be_reminded(behaviour: pd.DataFrame, likeliest: Ints) -> pd.Series[bool]:
    """Always late, and always paid within days of our first contact: whether they forget or wait to be asked, only they can say.

    >>> row = {"slow_count": 5.0, "slow_share": 1.0, "contacted_share": 1.0, "soon_after_first_share": 1.0, "kept_count": 0.0,
    ...        "broken_count": 0.0, "refused_count": 0.0}
    >>> reasons = dict.fromkeys(("hardship", "cash_management", "forgot", "dispute", "unwilling"), 0.0)
    >>> behaviour = pd.DataFrame([row | {f"told_{code}": n for code, n in (reasons | {"forgot": said}).items()} for said in (0.0, 2.0)])
    >>> waits_to_be_reminded(behaviour, np.array([2, 2])).tolist(), waits_to_be_reminded(behaviour, np.array([1, 1])).tolist()
    ([True, False], [False, False])
    """
    always = behaviour[["slow_share", "contacted_share", "soon_after_first_share"]].min(axis=1, skipna=False) >= ALWAYS
    silent = ~asked(behaviour) & ~promised(behaviour) & ~(behaviour["refused_count"] > 0)
    return always & (behaviour["slow_count"] >= 3) & silent & np.isin(likeliest, FORGETS_OR_WILL_NOT)
