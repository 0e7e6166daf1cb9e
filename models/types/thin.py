"""Who is too little known to be told a cause: late with few invoices, and no rule saw what it looks for; never seen to pay anything, or
late with two or three first ones, and no word from them; always late until we remind, without a word of why; and those whose words say
the contrary of what they do: no money, again and again, who look as if they would rather not, or the other way round."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ledger.tables import DEBTOR_TYPES
from models.arrays import Ints
from models.types.needs import answered
from models.types.rules import VOTES_FOR

FORGETS_OR_WILL_NOT = [DEBTOR_TYPES.index(name) for name in ("disorganized", "intentional")]
FORTUITOUS, INTENTIONAL = (DEBTOR_TYPES.index(name) for name in ("fortuitous", "intentional"))
ALWAYS, NEARLY_ALWAYS, MOSTLY = 0.9, 0.8, 0.7
FIRST = 3
"""So many invoices are no habit: a fourth that is late as well says more than any of them."""
FEW, NEVER_PAID, REMINDED, NEW, PLEADS, REFUSES = "few", "never_paid", "reminded", "new", "pleads", "refuses"


def too_little_known(behaviour: pd.DataFrame, votes: pd.DataFrame, likeliest: Ints, least: int) -> pd.Series[str]:
    """Why too little is known of each customer: `few`, `never_paid`, `reminded`, `new`, `pleads`, `refuses` (the rules below); empty where
    enough is.

    `votes` as `models.types.rules.vote` gives them, `likeliest` a code of `DEBTOR_TYPES`, `least` how many invoices are enough.

    >>> names = ("due_count slow_count slow_share open_late_share in_parts_share before_plain_slow_share contacted_share dispute_count "
    ...     "soon_after_first_share kept_count broken_count promised_count refused_count complained_count told_hardship "
    ...     "told_cash_management told_forgot told_dispute told_unwilling").split()
    >>> row = dict.fromkeys(names, 0.0) | {"due_count": 5.0, "slow_count": 5.0, "slow_share": 1.0, "before_plain_slow_share": np.nan}
    >>> one, unpaid, three = {"due_count": 1.0, "slow_count": 1.0}, {"open_late_share": 1.0}, {"due_count": 3.0, "slow_count": 3.0}
    >>> reminded = {"contacted_share": 1.0, "soon_after_first_share": 1.0}
    >>> said = [{"told_hardship": 2.0}, {"told_unwilling": 2.0}]
    >>> behaviour = pd.DataFrame([row | story for story in (one, unpaid, three, reminded, *said, {})])
    >>> votes, likeliest = pd.DataFrame({"refuses": np.zeros(7)}), np.array([3, 3, 3, 3, 3, 1, 3])
    >>> too_little_known(behaviour, votes, likeliest, least=3).tolist()
    ['few', 'never_paid', 'new', 'reminded', 'pleads', 'refuses', '']
    >>> too_little_known(behaviour.drop(columns="due_count"), votes, likeliest, least=3)
    Traceback (most recent call last):
    ...
    KeyError: "['due_count'] not in index"
    """
    by_code = {
        FEW: too_few(behaviour, votes, likeliest, least),
        NEVER_PAID: never_seen_to_pay(behaviour, likeliest),
        REMINDED: waits_to_be_reminded(behaviour, likeliest),
        NEW: new_and_silent(behaviour, likeliest),
        PLEADS: pleads(behaviour, likeliest),
        REFUSES: refuses(behaviour, likeliest),
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
    anything, also where we wrote and nobody answered.

    >>> from models.types.needs import ANSWERS
    >>> row = dict.fromkeys(ANSWERS, 0.0) | {"slow_share": 1.0, "open_late_share": 1.0, "in_parts_share": 0.0}
    >>> row |= {"before_plain_slow_share": np.nan}
    >>> behaviour = pd.DataFrame([row, row | {"slow_share": 0.5}, row | {"promised_count": 1.0}, row | {"dispute_count": 1.0}])
    >>> never_seen_to_pay(behaviour, np.full(4, 3)).tolist(), never_seen_to_pay(behaviour, np.zeros(4, dtype="int64")).tolist()
    ([True, False, False, False], [False, False, False, False])
    """
    nothing: pd.Series[bool] = (behaviour["slow_share"] >= 1) & (behaviour["open_late_share"] >= 1) & ~(behaviour["in_parts_share"] > 0)
    return nothing & behaviour["before_plain_slow_share"].isna() & ~answered(behaviour) & (likeliest > 0)


def new_and_silent(behaviour: pd.DataFrame, likeliest: Ints) -> pd.Series[bool]:
    """Two or three first invoices, all late, and no word of why: who forgets and who will not begin alike, and a mail is no answer.

    >>> from models.types.needs import ANSWERS
    >>> row = dict.fromkeys(ANSWERS, 0.0) | {"due_count": 3.0, "slow_count": 3.0, "slow_share": 1.0, "before_plain_slow_share": np.nan}
    >>> behaviour = pd.DataFrame([row, row | {"due_count": 4.0, "slow_count": 4.0}, row | {"before_plain_slow_share": 1.0},
    ...                           row | {"told_forgot": 1.0}])
    >>> new_and_silent(behaviour, np.full(4, 3)).tolist(), new_and_silent(behaviour, np.full(4, 1)).tolist()
    ([True, False, False, False], [False, False, False, False])
    """
    all_late = (behaviour["slow_share"] >= 1) & (behaviour[["due_count", "slow_count"]].max(axis=1) <= FIRST)
    return all_late & behaviour["before_plain_slow_share"].isna() & ~answered(behaviour) & np.isin(likeliest, FORGETS_OR_WILL_NOT)


def pleads(behaviour: pd.DataFrame, likeliest: Ints) -> pd.Series[bool]:
    """Looks as if they would not, and has told of hardship more than once, without ever refusing: their books would say.

    >>> row = {"told_hardship": 3.0, "told_unwilling": 0.0, "refused_count": 0.0}
    >>> behaviour = pd.DataFrame([row, row | {"told_hardship": 1.0}, row | {"refused_count": 1.0}])
    >>> pleads(behaviour, np.array([3, 3, 3])).tolist(), pleads(behaviour, np.array([1, 1, 1])).tolist()
    ([True, False, False], [False, False, False])
    """
    unwilling = (behaviour["told_unwilling"] > 0) | (behaviour["refused_count"] > 0)
    return (behaviour["told_hardship"] >= 2) & ~unwilling & np.isin(likeliest, INTENTIONAL)


def refuses(behaviour: pd.DataFrame, likeliest: Ints) -> pd.Series[bool]:
    """Looks short of money, as who pays in parts does, and has said more than once that they will not, and that oftener than that they
    cannot. A refusal that has its reason beside it is one.

    >>> row = {"told_hardship": 0.0, "told_unwilling": 2.0, "refused_count": 2.0}
    >>> behaviour = pd.DataFrame([row, row | {"told_hardship": 2.0}, row | {"told_unwilling": 1.0, "refused_count": 1.0}])
    >>> refuses(behaviour, np.array([1, 1, 1])).tolist(), refuses(behaviour, np.array([3, 3, 3])).tolist()
    ([True, False, False], [False, False, False])
    """
    refused = behaviour[["told_unwilling", "refused_count"]].max(axis=1)
    return (refused >= 2) & (refused > behaviour["told_hardship"]) & np.isin(likeliest, FORTUITOUS)


def waits_to_be_reminded(behaviour: pd.DataFrame, likeliest: Ints) -> pd.Series[bool]:
    """Always late, and but for one in five always paid within days of our first contact: whether they forget or wait to be asked, only
    they can say. Who saw that we had called may pay as well: seven in ten of the late days need a contact that reached them.

    >>> from models.types.needs import ANSWERS
    >>> row = dict.fromkeys(ANSWERS, 0.0) | {"slow_count": 5.0, "slow_share": 1.0, "contacted_share": 1.0, "soon_after_first_share": 1.0}
    >>> behaviour = pd.DataFrame([row, row | {"told_forgot": 2.0}])
    >>> waits_to_be_reminded(behaviour, np.array([2, 2])).tolist(), waits_to_be_reminded(behaviour, np.array([1, 1])).tolist()
    ([True, False], [False, False])
    """
    late, reached = behaviour["slow_share"] >= ALWAYS, behaviour["contacted_share"] >= MOSTLY
    waits = late & reached & (behaviour["soon_after_first_share"] >= NEARLY_ALWAYS)
    return waits & (behaviour["slow_count"] >= 3) & ~answered(behaviour) & np.isin(likeliest, FORGETS_OR_WILL_NOT)
