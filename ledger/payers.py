"""Which source tells what was paid: invoices may come of the accounts and their payments of the bank."""

from __future__ import annotations

from datetime import date

import pandas as pd

TOLD_BY = 30


def payers(paid: pd.DataFrame, known_on: date) -> dict[str, str]:
    """The source that brought most of the last thirty payments on each source's invoices, where that is another source.

    `paid`: payments by `source` of their invoice, `payer` (source of the payment) and `known_on`, `n` of each. The last ones tell: books
    may move to another source, and the old one fall silent.

    >>> days = pd.to_datetime(["2025-03-03", "2025-03-04"])
    >>> paid = pd.DataFrame({"source": "erp", "payer": ["erp", "bank"], "known_on": days, "n": [50, 20]})
    >>> payers(paid, date(2025, 3, 3)), payers(paid, date(2025, 3, 4))
    ({}, {'erp': 'bank'})
    """
    known = paid[paid["known_on"] <= pd.Timestamp(known_on)].sort_values(["known_on", "payer"], ascending=False, kind="stable")
    before = known.groupby("source")["n"].cumsum() - known["n"]
    last = known.assign(n=known["n"].clip(upper=TOLD_BY - before)).loc[lambda rows: rows["n"] > 0]
    brought = last.groupby(["source", "payer"])["n"].sum().sort_values(kind="stable").reset_index().drop_duplicates("source", keep="last")
    return {str(source): str(payer) for source, payer in zip(brought["source"], brought["payer"], strict=True) if source != payer}
