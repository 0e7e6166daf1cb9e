"""Labelling rules: each looks at one thing and votes for one type, or abstains.

A rule says 1 (it saw what it looks for), 0 (it looked and did not) or NaN (there was nothing to look at). No rule is right by itself;
`models.types.votes` weighs them. They read the columns of `features.behaviour`, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ledger.tables import DEBTOR_TYPES
from models.types.needs import (
    Sees,
    anybody,
    asked,
    asked_or_complained,
    asked_or_refused,
    called,
    credits_told,
    disputed,
    disputes_told,
    enough_parts_or_none,
    has_a_choice,
    often_slow_under_loads,
    often_slow_with_a_past,
    own_habit,
    own_pace,
    parts_told,
    promised,
    quarrels_seen,
    several,
    several_with_a_past,
)
from models.types.settings import TypeSettings

COMPLIANT = "compliant"
ENOUGH_ROUND, ENOUGH_NEED = 0.35, 0.5
NEARLY_ALWAYS = 0.85
UNEVEN, LEAST_UNEVEN = 2.0, 0.2
"""A habit is steady: delays this many times as uneven as is usual here among those always late, and more than a fifth, are none. What is
usual differs from ledger to ledger by four times, so no single bound would do."""


@dataclass(frozen=True)
class Rule:
    """A named vote. `needs` tells where there is something to look at; `hit` and `slip` how often it is thought to fire, at the start,
    on customers of its type and on others; `also` names types on which it is known to slip more. `unparted` is how often it fires on
    the fortuitous of a ledger without parts, where nothing stands beside their delay either."""

    name: str
    votes: str
    says: str
    sees: Sees
    needs: Sees
    hit: float
    slip: float
    also: tuple[tuple[str, float], ...] = ()
    unparted: float | None = None

    def says_one(self, debtor_type: str, parts: bool = True) -> float:
        """How often it is thought to fire on customers of a type, in a ledger with `parts` or without."""
        if not parts and debtor_type == "fortuitous" and self.unparted is not None:
            return self.unparted
        return self.hit if debtor_type == self.votes else dict(self.also).get(debtor_type, self.slip)


RULES: list[Rule] = []


def rule(
    votes: str, says: str, *, needs: Sees, hit: float, slip: float, unparted: float | None = None, **also: float
) -> Callable[[Sees], Sees]:
    """Registers a vote for a type."""

    def register(sees: Sees) -> Sees:
        RULES.append(Rule(sees.__name__, votes, says, sees, needs, hit, slip, tuple(also.items()), unparted))
        return sees

    return register


def complaints(b: pd.DataFrame) -> pd.Series[float]:
    """How often a complaint was noted, as the reason or as what came of the contact."""
    return b[["told_dispute", "complained_count"]].max(axis=1)


def fair_late_days(b: pd.DataFrame) -> pd.Series[float]:
    """Late days for each invoice due, less the two that each late one spends with banks and over weekends."""
    return b["late_days_each"] - 2.0 * b["slow_share"]


def plain(b: pd.DataFrame) -> pd.Series[bool]:
    """Neither part payments nor a quarrel stand beside most of the delay."""
    return b["plain_share"] >= 0.5


def passed_over(b: pd.DataFrame) -> pd.Series[bool]:
    """Later ones were paid while some stayed open: else holding back looks like having stopped to pay at all."""
    return b["overtaken_share"] >= 0.2


def year_slow_share(b: pd.DataFrame) -> pd.Series[float]:
    """Share late among the invoices without a visible reason, of this half year and the one before."""
    return (b["plain_slow_share"] + b["before_plain_slow_share"].fillna(b["plain_slow_share"])) / 2.0


def uneven(b: pd.DataFrame) -> pd.Series[bool]:
    """Their delays are of far more different lengths than those of others here who are always late: they forget nearly everything.

    >>> row = {"plain_share": 1.0, "plain_slow_share": 1.0, "before_plain_slow_share": 1.0, "slow_count": 5.0}
    >>> uneven(pd.DataFrame([row | {"delay_spread": spread} for spread in (0.1, 0.1, 0.15, 0.3, np.nan)])).tolist()
    [False, False, False, True, False]
    """
    always = plain(b) & (year_slow_share(b) >= NEARLY_ALWAYS) & (b["slow_count"] >= 3)
    usual = float(np.nan_to_num(b.loc[always, "delay_spread"].median()))
    is_uneven: pd.Series[bool] = b["delay_spread"] > max(LEAST_UNEVEN, UNEVEN * usual)
    return is_uneven


@rule("compliant", "hardly any late days", needs=anybody, hit=0.92, slip=0.01)
def hardly_any_late_days(b: pd.DataFrame) -> pd.Series[bool]:
    return fair_late_days(b) <= b["compliant_days"]


@rule("compliant", "not even the late days that anybody has", needs=anybody, hit=0.75, slip=0.002)
def fewer_late_days_still(b: pd.DataFrame) -> pd.Series[bool]:
    return fair_late_days(b) <= 0.6 * b["compliant_days"]


@rule("compliant", "not many more late days than hardly any", needs=anybody, hit=0.985, slip=0.12)
def not_many_late_days(b: pd.DataFrame) -> pd.Series[bool]:
    return fair_late_days(b) <= 1.6 * b["compliant_days"]


@rule("compliant", "nearly always on time", needs=anybody, hit=0.55, slip=0.01, circumstantial=0.03)
def nearly_always_on_time(b: pd.DataFrame) -> pd.Series[bool]:
    return b["slow_share"] <= 0.15


@rule("compliant", "late, but never for long", needs=anybody, hit=0.76, slip=0.01)
def never_late_for_long(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["delay_high"] <= 5) & (b["delay_most"] <= 25)


@rule("fortuitous", "pays round sums in parts", needs=enough_parts_or_none("round_part_share", ENOUGH_ROUND), hit=0.9, slip=0.04)
def pays_round_parts(b: pd.DataFrame) -> pd.Series[bool]:
    """A few parts among many invoices are no denial: three in four of those short of money pay too few of twenty in round parts."""
    return b["round_part_share"] >= ENOUGH_ROUND


@rule(
    "fortuitous",
    "most late days are on invoices paid in parts, without a quarrel",
    needs=enough_parts_or_none("need_share", ENOUGH_NEED),
    hit=0.83,
    slip=0.02,
)
def mostly_in_parts(b: pd.DataFrame) -> pd.Series[bool]:
    """A few parts among many invoices are no denial: of twenty small ones nine in ten of those short of money pay some in parts, and
    one in ten most."""
    return b["need_share"] >= ENOUGH_NEED


@rule("fortuitous", "is later the more is due", needs=often_slow_under_loads, hit=0.38, slip=0.09)
def later_when_more_is_due(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["delay_load"] >= 0.4) & (b["load_late"] >= 1.6)


@rule("fortuitous", "is late when much is due at once", needs=several, hit=0.5, slip=0.16, circumstantial=0.05)
def late_under_load(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["load_late"] >= 2.2) & (b["quarrel_share"] < 0.3)


@rule("fortuitous", "pays what is late in the order in which it fell due", needs=has_a_choice, hit=0.87, slip=0.12, intentional=0.33)
def pays_in_due_order(b: pd.DataFrame) -> pd.Series[bool]:
    return b["in_order_share"] >= 0.8


@rule("fortuitous", "says that money is short", needs=asked, hit=0.6, slip=0.13, intentional=0.3)
def says_hardship(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["told_hardship"] > 0) & (b["told_hardship"] >= complaints(b))


@rule("fortuitous", "was good, then slows", needs=often_slow_with_a_past, hit=0.2, slip=0.04)
def was_good_then_slows(b: pd.DataFrame) -> pd.Series[bool]:
    mean_of_all = b["delay_mean"] * b["slow_share"]
    return (b["delay_before"] < 0.4 * mean_of_all) & (b["delay_trend"] >= 0.3) & (b["quarrel_share"] < 0.3)


@rule("disorganized", "pays in full within days of the first contact", needs=called, hit=0.5, slip=0.03, unparted=0.17, intentional=0.22)
def pays_once_reminded(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["soon_after_first_share"] >= 0.5) & plain(b)


@rule(
    "disorganized",
    "over a year some invoices slipped for no visible reason, others were paid on time",
    needs=several,
    hit=0.74,
    slip=0.12,
    unparted=0.5,
    intentional=0.15,
    circumstantial=0.14,
)
def some_slip_some_do_not(b: pd.DataFrame) -> pd.Series[bool]:
    return plain(b) & (year_slow_share(b) <= 0.75) & (b["slow_mid"] <= 35)


@rule(
    "disorganized",
    "delays without a visible reason are of every length, short ones too",
    needs=own_pace,
    hit=0.62,
    slip=0.1,
    unparted=0.14,
    circumstantial=0.12,
)
def delays_of_every_length(b: pd.DataFrame) -> pd.Series[bool]:
    return plain(b) & (b["plain_low"] <= 6) & (b["plain_mid"] <= 0.7 * b["plain_high"]) & (b["slow_low"] <= 12)


@rule(
    "disorganized",
    "no late invoice has a visible reason, and not all are late",
    needs=several,
    hit=0.6,
    slip=0.03,
    unparted=0.18,
    intentional=0.1,
    circumstantial=0.15,
)
def no_reason_at_all(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["plain_share"] >= 0.85) & (b["plain_slow_share"] <= 0.85) & (b["load_late"] < 2.2) & (b["slow_mid"] <= 22)


@rule("disorganized", "says that it was forgotten", needs=asked, hit=0.57, slip=0.11, intentional=0.22)
def says_forgotten(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["told_forgot"] > 0) & (b["told_forgot"] >= complaints(b)) & (b["told_forgot"] >= b["told_hardship"])


@rule("disorganized", "keeps its promises", needs=promised, hit=0.7, slip=0.05, unparted=0.25, intentional=0.35)
def keeps_promises(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["kept_count"] > 0) & (b["broken_count"] == 0) & plain(b)


@rule(
    "intentional",
    "over a year nearly every invoice is late for no visible reason, no more unevenly than is usual here",
    needs=own_habit,
    hit=0.76,
    slip=0.04,
    unparted=0.25,
    disorganized=0.12,
)
def nearly_always_late(b: pd.DataFrame) -> pd.Series[bool]:
    return plain(b) & (year_slow_share(b) >= NEARLY_ALWAYS) & ~uneven(b)


@rule(
    "intentional",
    "not one of many invoices on time, and delays no more uneven than is usual here",
    needs=own_habit,
    hit=0.68,
    slip=0.03,
    unparted=0.2,
    disorganized=0.09,
)
def never_on_time(b: pd.DataFrame) -> pd.Series[bool]:
    no_better_before = b["delay_before"].fillna(b["delay_mean"]) >= 0.4 * b["delay_mean"]
    return plain(b) & (b["delay_least"] >= 2) & (b["slow_count"] >= 4) & no_better_before & ~uneven(b)


@rule(
    "intentional",
    "was late with most invoices half a year before, too, and no more unevenly than is usual here",
    needs=several_with_a_past,
    hit=0.78,
    slip=0.15,
    fortuitous=0.27,
)
def late_before_too(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["before_plain_slow_share"] >= 0.7) & ~uneven(b)


@rule("intentional", "pays after a formal step", needs=called, hit=0.22, slip=0.02, disorganized=0.1)
def pays_when_forced(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["after_formal_share"] >= 0.1) & plain(b)


@rule("intentional", "refuses, or says that it will not", needs=asked_or_refused, hit=0.4, slip=0.08)
def refuses(b: pd.DataFrame) -> pd.Series[bool]:
    return b["refused_count"] + b["told_unwilling"] > 0


@rule("intentional", "complains only after the due date, and is late without complaint too", needs=disputed, hit=0.55, slip=0.04)
def complains_late(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["dispute_late_start"] >= 3) & (b["plain_slow_share"] >= 0.8) & (b["plain_share"] >= 0.3)


@rule(
    "circumstantial",
    "most late days are on invoices disputed, complained of, credited or held back in part",
    needs=quarrels_seen,
    hit=0.7,
    slip=0.03,
)
def mostly_quarrel(b: pd.DataFrame) -> pd.Series[bool]:
    return b["quarrel_share"] >= 0.5


@rule("circumstantial", "many late days lie within a dispute", needs=disputes_told, hit=0.7, slip=0.02)
def in_dispute(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["in_dispute_share"] >= 0.3) & (b["plain_slow_share"].fillna(0.0) < 0.85)


@rule("circumstantial", "pays all but an odd part", needs=parts_told, hit=0.54, slip=0.02)
def withholds_a_part(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["withheld_share"] >= 0.2) & (b["round_part_share"] < 0.3)


@rule("circumstantial", "late ones end with a credit note", needs=credits_told, hit=0.65, slip=0.04)
def ends_with_credit_note(b: pd.DataFrame) -> pd.Series[bool]:
    return b["credited_share"] >= 0.2


@rule("circumstantial", "complains when asked", needs=asked_or_complained, hit=0.88, slip=0.14, intentional=0.26)
def says_dispute(b: pd.DataFrame) -> pd.Series[bool]:
    return (complaints(b) > 0) & (complaints(b) >= b["told_hardship"])


@rule(
    "circumstantial",
    "leaves some open while later ones are paid",
    needs=several,
    hit=0.48,
    slip=0.02,
    unparted=0.68,
    disorganized=0.35,
    intentional=0.08,
)
def passes_over(b: pd.DataFrame) -> pd.Series[bool]:
    return b["overtaken_share"] >= 0.4


@rule("circumstantial", "not one short delay among the late ones", needs=several, hit=0.35, slip=0.02, unparted=0.22, disorganized=0.08)
def no_short_delay(b: pd.DataFrame) -> pd.Series[bool]:
    return (b["slow_low"] >= 17) & (b["slow_share"] <= 0.7) & (b["round_part_share"] < 0.15) & passed_over(b)


def vote(behaviour: pd.DataFrame, settings: TypeSettings) -> pd.DataFrame:
    """What each rule says of each customer: 1, 0 or NaN, a column a rule, in the order of `RULES`.

    Rules on the cause of lateness have nothing to look at where there is hardly any.
    """
    b = behaviour.assign(compliant_days=settings.compliant_days)
    late = fair_late_days(b) > settings.compliant_days
    said = {one.name: one.sees(b).astype("float64").where(one.needs(b) & (late | (one.votes == COMPLIANT))) for one in RULES}
    return pd.DataFrame(said, index=behaviour.index)


VOTES_FOR: dict[str, int] = {one.name: DEBTOR_TYPES.index(one.votes) for one in RULES}
