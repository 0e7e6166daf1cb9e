"""Finer kinds within a type, where the settings ask for them: the negligent, the late by choice, the non-payer."""

from __future__ import annotations

import pandas as pd

from ledger.tables import UNDETERMINED
from models.types.settings import TypeSettings

NEGLIGENT, LATE_BY_CHOICE, NON_PAYER = KINDS = ("negligent", "late_by_choice", "non_payer")
NO_KIND = ""
EVERY_TIME, NOW_AND_THEN = 0.9, 0.25


def kinds(frame: pd.DataFrame, debtor_type: pd.Series[str], settings: TypeSettings) -> pd.Series[str]:
    """The kind of each customer, empty where there is none or nobody asked.

    Negligent: as the disorganized, but pays only when pressed, all but now and then; whether such a customer forgets or will not may be
    undetermined.
    Among the intentional, a non-payer leaves invoices open unless forced by a formal step; the others are late by choice: they pay in
    the end.

    >>> frame = pd.DataFrame({"slow_count": [4.0], "contacted_share": [0.2], "soon_after_last_share": [0.5],
    ...                       "open_late_share": [0.9], "forced_share": [0.1]})
    >>> kinds(frame, pd.Series(["intentional"]), TypeSettings(intentional_kinds=True)).tolist()
    ['non_payer']
    >>> kinds(frame, pd.Series(["intentional"]), TypeSettings()).tolist()
    ['']
    """
    told = pd.Series(NO_KIND, index=frame.index, dtype="str")
    if settings.negligent:
        pressed = (frame["slow_share"] >= 1 - NOW_AND_THEN) & (frame["contacted_share"] >= EVERY_TIME) & (frame["slow_count"] >= 3)
        pressed &= (frame["soon_after_last_share"] >= EVERY_TIME) & (frame["plain_share"] >= 0.5)
        told = told.mask(debtor_type.isin(["disorganized", UNDETERMINED]) & pressed, NEGLIGENT)
    if settings.intentional_kinds:
        unless_forced = frame["open_late_share"].fillna(0.0) + frame["forced_share"].fillna(0.0) >= EVERY_TIME
        told = told.mask((debtor_type == "intentional") & unless_forced, NON_PAYER)
        told = told.mask((debtor_type == "intentional") & ~unless_forced, LATE_BY_CHOICE)
    return told
