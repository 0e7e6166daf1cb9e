"""What is left of invoices that were all but paid: discounts, bank fees or withholding tax that nobody posted as a credit note."""

from __future__ import annotations

import pandas as pd

from features.cohort import open_invoices
from features.settings import FeatureSettings
from ledger.snapshot import Snapshot
from pipelines.words import counted
from worklist.money import whole_text

SMALL = 0.03
NOTABLE = 0.05
"""Of so many of the open invoices it is told: a few remainders lie in any ledger."""


def remainder_lines(snapshot: Snapshot, settings: FeatureSettings) -> list[str]:
    """A line where a good part of the open invoices of the day is nothing but a remainder."""
    cohort = open_invoices(snapshot, settings)
    return told(cohort.select("currency", "amount", "settled_amount", "open_amount").to_pandas())


def told(rows: pd.DataFrame) -> list[str]:
    """The line, from the open invoices.

    >>> rows = pd.DataFrame({"currency": "GBP", "amount": 100.0, "settled_amount": [98.0, 0.0], "open_amount": [2.0, 100.0]})
    >>> told(rows)[0].split(":")[0], told(rows[1:])
    ('1 open invoice (2 GBP) is a remainder of 3 % or less of its amount', [])
    """
    small = rows[(rows["settled_amount"] > 0) & (rows["open_amount"] <= SMALL * rows["amount"])]
    if small.empty or len(small) < NOTABLE * len(rows):
        return []
    sums = small.groupby("currency")["open_amount"].sum().sort_index()
    amounts = ", ".join(whole_text(amount, str(currency)) for currency, amount in sums.items())
    are, their = ("is a remainder", "its") if len(small) == 1 else ("are remainders", "their")
    many = f"{counted(len(small), 'open invoice')} ({amounts}) {are} of {100 * SMALL:.0f} % or less of {their} amount"
    return [f"{many}: discounts, bank fees or withholding tax? post them as credit notes, or set `settled_within`"]
