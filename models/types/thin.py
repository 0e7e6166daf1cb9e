"""Who is too little known to be told a cause: late with few invoices, and no rule saw what it looks for; never seen to pay anything, and
never asked; late with two or three first ones, and never asked; always late until we remind, without a word of why; or one who says
again and again that there is no money, and looks as if they would rather not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ledger.tables import DEBTOR_TYPES
from models.arrays import Ints
from models.types.needs import asked, disputed, promised
from models.types.rules import VOTES_FOR

FORGETS_OR_WILL_NOT = [DEBTOR_TYPES.index(name) for name in ("disorganized", "intentional")]
INTENTIONAL = DEBTOR_TYPES.index("intentional")
ALWAYS = 0.9
FIRST = 3
"""So many invoices are no habit: a fourth that is late as well says more than any of them."""
FEW, NEVER_PAID, NEW, REMINDED, PLEADS = "few", "never_paid", "new", "reminded", "pleads"


def too_little_known(behaviour: pd.DataFrame, votes: pd.DataFrame, likeliest: Ints, least: int) -> pd.Series[str]:
    """Why too little is known of each customer: `few`, `never_paid`, `new`, `reminded`, `pleads` (the rules below); empty where enough is.

    `votes` as `models.types.rules.vote` gives them, `likeliest` a code of `DEBTOR_TYPES`, `least` how many invoices are enough.

    >>> names = ("due_count slow_count slow_share open_late_share in_parts_share before_plain_slow_share contacted_share contacts_each "
    ...     "dispute_count soon_after_first_share kept_count broken_count refused_count told_hardship told_cash_management told_forgot "
    ...     "told_dispute told_unwilling").split()
    >>> row = dict.fromkeys(names, 0.0) | {"due_count": 5.0, "slow_count": 5.0, "slow_share": 1.0, "before_plain_slow_share": np.nan}
    >>> one, unpaid, three = {"due_count": 1.0, "slow_count": 1.0}, {"open_late_share": 1.0}, {"due_count": 3.0, "slow_count": 3.0}
    >>> reminded = {"contacted_share": 1.0, "soon_after_first_share": 1.0}
    >>> behaviour = pd.DataFrame([row | story for story in (one, unpaid, three, reminded, {"told_hardship": 2.0}, {})])
    >>> votes = pd.DataFrame({"refuses": np.zeros(6)})
    >>> too_little_known(behaviour, votes, np.full(6, INTENTIONAL), least=3).tolist()
    ['few', 'never_paid', 'new', 'reminded', 'pleads', '']
    >>> too_little_known(behaviour.drop(columns="due_count"), votes, np.full(6, INTENTIONAL), least=3)
    Traceback (most recent call last):
    ...
    KeyError: "['due_count'] not in index"
    """
    by_code = {
        FEW: too_few(behaviour, votes, likeliest, least),
        NEVER_PAID: never_seen_to_pay(behaviour, likeliest),
        NEW: new_and_unasked(behaviour, likeliest),
        REMINDED: waits_to_be_reminded(behaviour, likeliest),
        PLEADS: pleads(behaviour, likeliest),
    }
    return pd.Series(np.select([is_so.to_numpy(dtype=bool) for is_so in by_code.values()], list(by_code), ""), behaviour.index, dtype="str")


def too_few(behaviour: pd.DataFrame, votes: pd.DataFrame, likeliest: Ints, least: int) -> pd.Series[bool]:
    """Late, with fewer invoices than `least` or late once, and no rule voted for the likeliest type (a code of `DEBTOR_TYPES`, not
    compliant).

    `votes` as `models.types.rules.vote` gives them: what is told then is told by silence alone.

    >>> behaviour = pd.DataFrame({"due_count": [2.0, 2.0, 3.0, 9.0, 0.0], "slow_count": [2.0, 2.0, 2.0, 1.0, 1.0]})
    >>> votes = pd.DataFrame({"says_hardship": [np.nan, 1.0, np.nan, np.nan, 0.0]})
    >>> too_few(behaviour, votes, np.array([1, 1, 1, 1, 0]), least=3).tolist()
    [True, False, False, True, False]
    """
    known = behaviour[["due_count", "slow_count"]].fillna(0.0).max(axis=1)
    voted = np.zeros((len(votes), len(DEBTOR_TYPES)), dtype=bool)
    for name in votes:
        voted[:, VOTES_FOR[str(name)]] |= votes[name].to_numpy() == 1
    by_silence = (likeliest > 0) & ~voted[np.arange(len(votes)), likeliest]
    slow = behaviour["slow_count"].fillna(0.0)
    return (slow > 0) & ((known < least) | (slow < 2)) & by_silence


def never_seen_to_pay(behaviour: pd.DataFrame, likeliest: Ints) -> pd.Series[bool]:
    """All that fell due is late, nothing of it paid, nothing due before, and no word of why: three first invoices that are open may mean
    anything.

    >>> row = {"slow_share": 1.0, "open_late_share": 1.0, "in_parts_share": 0.0, "before_plain_slow_share": np.nan, "contacted_share": 0.0,
    ...        "dispute_count": 0.0}
    >>> behaviour = pd.DataFrame([row, row | {"slow_share": 0.5}, row | {"contacted_share": 0.7}, row | {"dispute_count": 1.0}])
    >>> never_seen_to_pay(behaviour, np.full(4, 3)).tolist(), never_seen_to_pay(behaviour, np.zeros(4, dtype="int64")).tolist()
    ([True, False, False, False], [False, False, False, False])
    """
    nothing: pd.Series[bool] = (behaviour["slow_share"] >= 1) & (behaviour["open_late_share"] >= 1) & ~(behaviour["in_parts_share"] > 0)
    nobody_asked = ~(behaviour["contacted_share"] > 0) & ~disputed(behaviour)
    return nothing & behaviour["before_plain_slow_share"].isna() & nobody_asked & (likeliest > 0)


def new_and_unasked(behaviour: pd.DataFrame, likeliest: Ints) -> pd.Series[bool]:
    """Two or three first invoices, all late, nobody asked and nothing said: who forgets and who will not begin alike.

    >>> row = {"due_count": 3.0, "slow_count": 3.0, "slow_share": 1.0, "before_plain_slow_share": np.nan, "contacts_each": 0.0,
    ...        "dispute_count": 0.0}
    >>> behaviour = pd.DataFrame([row, row | {"due_count": 4.0, "slow_count": 4.0}, row | {"before_plain_slow_share": 1.0},
    ...                           row | {"contacts_each": 0.3}])
    >>> new_and_unasked(behaviour, np.full(4, 3)).tolist(), new_and_unasked(behaviour, np.full(4, 1)).tolist()
    ([True, False, False, False], [False, False, False, False])
    """
    all_late = (behaviour["slow_share"] >= 1) & (behaviour[["due_count", "slow_count"]].max(axis=1) <= FIRST)
    nobody_asked = ~(behaviour["contacts_each"] > 0) & ~disputed(behaviour)
    return all_late & behaviour["before_plain_slow_share"].isna() & nobody_asked & np.isin(likeliest, FORGETS_OR_WILL_NOT)


def pleads(behaviour: pd.DataFrame, likeliest: Ints) -> pd.Series[bool]:
    """Looks as if they would not, and has told of hardship more than once, without ever refusing: their books would say.

    >>> row = {"told_hardship": 3.0, "told_unwilling": 0.0, "refused_count": 0.0}
    >>> behaviour = pd.DataFrame([row, row | {"told_hardship": 1.0}, row | {"refused_count": 1.0}])
    >>> pleads(behaviour, np.array([3, 3, 3])).tolist(), pleads(behaviour, np.array([1, 1, 1])).tolist()
    ([True, False, False], [False, False, False])
    """
    unwilling = (behaviour["told_unwilling"] > 0) | (behaviour["refused_count"] > 0)
    return (behaviour["told_hardship"] >= 2) & ~unwilling & np.isin(likeliest, INTENTIONAL)


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
