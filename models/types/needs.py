"""Where there is something to look at: what has to be known of a customer, or of the whole ledger, before a rule may vote.

They read the columns of `features.behaviour`, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

Sees = Callable[[pd.DataFrame], "pd.Series[bool]"]
SOME = 0.1
"""The share of the slow from which on a ledger is said to have something on record."""
TELLING = tuple(f"told_{code}" for code in ("hardship", "cash_management", "forgot", "dispute", "unwilling"))
ANSWERS = (*TELLING, "promised_count", "kept_count", "broken_count", "refused_count", "complained_count", "dispute_count")
MANY = 9
"""Of so many small late invoices whoever is short of money pays some in parts and most at once; of fewer, the large ones, most in parts."""


def anybody(b: pd.DataFrame) -> pd.Series[bool]:
    return b["due_count"] > 0


def slow(b: pd.DataFrame) -> pd.Series[bool]:
    return b["slow_count"] >= 1


def quarrels_seen(b: pd.DataFrame) -> pd.Series[bool]:
    """Slow, in a ledger that tells of disputes, complaints or credit notes; without them most quarrels cannot be seen."""
    return slow(b) & (b["dispute_count"].sum() + b["complained_count"].sum() + b["credited_share"].sum() > 0)


def disputes_told(b: pd.DataFrame) -> pd.Series[bool]:
    """Slow, in a ledger that has disputes at all."""
    return slow(b) & (b["dispute_count"].sum() > 0)


def credits_told(b: pd.DataFrame) -> pd.Series[bool]:
    return slow(b) & (b["credited_share"].sum() > 0)


def parts_told(b: pd.DataFrame) -> pd.Series[bool]:
    """Slow, in a ledger where some of the slow pay in parts: by direct debit nobody can, and paying at once says nothing. Nor does who
    has paid nothing of what is late."""
    return has_parts(b) & (paid_late(b) | (slow(b) & (b["in_parts_share"] > 0)))


def enough_parts_or_none(share: str, enough: float) -> Sees:
    """Parts are told, and a few of many are not the answer: then a share that is neither nothing nor `enough` says nothing.

    >>> late = pd.DataFrame({"slow_count": 8.0, "open_late_share": 0.0, "in_parts_share": 0.5, "share": [0.0, 0.2, 0.4]})
    >>> [enough_parts_or_none("share", 0.35)(late.assign(slow_count=n)).tolist() for n in (8.0, 9.0)]
    [[True, True, True], [True, False, True]]
    """

    def needs(b: pd.DataFrame) -> pd.Series[bool]:
        between = (b[share] > 0) & (b[share] < enough)
        return parts_told(b) & ~(between & (b["slow_count"] >= MANY))

    return needs


def has_parts(b: pd.DataFrame) -> bool:
    """Whether some of the slow pay in parts."""
    return bool(b.loc[slow(b), "in_parts_share"].gt(0).mean() >= SOME)


def has_words(b: pd.DataFrame) -> bool:
    """Whether of some of the slow anything is on record beside invoices and payments: that we wrote or called, or a word from them."""
    return bool((called(b) | answered(b))[slow(b)].mean() >= SOME)


def often_slow(b: pd.DataFrame) -> pd.Series[bool]:
    return b["slow_count"] >= 3


def several(b: pd.DataFrame) -> pd.Series[bool]:
    """Slow at least once, of enough invoices to tell some from all."""
    return slow(b) & (b["due_count"] >= 3)


def at_own_pace(b: pd.DataFrame) -> pd.Series[bool]:
    """Slow, and not always up to our first call: else the length of the delay says when we called, not what they are like.

    Of who says that they forgot up to whichever call reached them: of others, who are dunned every week, some call is always near.

    >>> row = {"slow_count": 5.0, "contacted_share": 1.0, "soon_after_first_share": 0.4, "soon_after_last_share": 1.0, "told_forgot": 3.0}
    >>> at_own_pace(pd.DataFrame([row, row | {"told_forgot": 0.0}, row | {"contacted_share": 0.4}])).tolist()
    [False, True, True]
    """
    soon = b["soon_after_first_share"].mask(b["told_forgot"] > 0, b[["soon_after_first_share", "soon_after_last_share"]].max(axis=1))
    ends_when_called = (b["contacted_share"] >= 0.8) & (soon >= 0.8)
    return slow(b) & ~ends_when_called


def own_pace(b: pd.DataFrame) -> pd.Series[bool]:
    return often_slow(b) & at_own_pace(b)


def own_habit(b: pd.DataFrame) -> pd.Series[bool]:
    """Often slow at their own pace, and some of it was paid, or something fell due before: three first invoices that are open are none."""
    return own_pace(b) & (paid_late(b) | b["before_plain_slow_share"].notna())


def paid_late(b: pd.DataFrame) -> pd.Series[bool]:
    """Some late invoice was paid: who pays none keeps no order."""
    return slow(b) & (b["open_late_share"] < 1)


def has_a_choice(b: pd.DataFrame) -> pd.Series[bool]:
    """Slow, of several, and while one was late a later one fell due: there was an order to keep, or not."""
    return several(b) & paid_late(b) & b["in_order_share"].notna()


def several_with_a_past(b: pd.DataFrame) -> pd.Series[bool]:
    """Slow at their own pace, of several, and some invoice without a visible reason fell due in the half year before as well."""
    return several(b) & at_own_pace(b) & b["before_plain_slow_share"].notna()


def often_slow_under_loads(b: pd.DataFrame) -> pd.Series[bool]:
    """Often slow, and what was due around then was not always as much."""
    return often_slow(b) & b["delay_load"].notna()


def often_slow_with_a_past(b: pd.DataFrame) -> pd.Series[bool]:
    """Often slow, and something fell due in the year before, too: early in a ledger nobody can have changed."""
    return often_slow(b) & b["delay_before"].notna()


def asked(b: pd.DataFrame) -> pd.Series[bool]:
    return b[list(TELLING)].sum(axis=1) > 0


def asked_or_complained(b: pd.DataFrame) -> pd.Series[bool]:
    return asked(b) | (b["complained_count"] > 0)


def asked_or_refused(b: pd.DataFrame) -> pd.Series[bool]:
    return asked(b) | (b["refused_count"] > 0)


def called(b: pd.DataFrame) -> pd.Series[bool]:
    return b["soon_after_first_share"].notna()


def promised(b: pd.DataFrame) -> pd.Series[bool]:
    return b["kept_count"] + b["broken_count"] > 0


def disputed(b: pd.DataFrame) -> pd.Series[bool]:
    return b["dispute_count"] > 0


def answered(b: pd.DataFrame) -> pd.Series[bool]:
    """There is a word from them, of whatever kind; that we wrote, or reached somebody, is none.

    >>> answered(pd.DataFrame([dict.fromkeys(ANSWERS, 0.0), dict.fromkeys(ANSWERS, 0.0) | {"promised_count": 1.0}])).tolist()
    [False, True]
    """
    return b[list(ANSWERS)].sum(axis=1) > 0
