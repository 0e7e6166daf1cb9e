"""Which source tells what was paid: invoices may come of the accounts and their payments of the bank."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

LEAST_PAYMENTS = 30
LOOKED_BACK = timedelta(days=365)


def payers(paid: pd.DataFrame, known_on: date) -> dict[str, str]:
    """The source that brought most of a year's payments on each source's invoices, where that is another source.

    `paid`: payments by `source` of their invoice, `payer` (source of the payment) and `known_on`, `n` of each. Books may move to another
    source, and the old one fall silent: it is given up once the others have brought, since its last sign, half of what it brought in as
    many days before. Fewer than thirty payments say nothing.

    >>> days = pd.to_datetime(["2025-03-03", "2025-03-04", "2025-03-05"])
    >>> paid = pd.DataFrame({"source": "erp", "payer": ["bank", "bank", "erp"], "known_on": days, "n": [20, 20, 1]})
    >>> payers(paid, date(2025, 3, 3)), payers(paid, date(2025, 3, 5))
    ({}, {'erp': 'bank'})
    >>> payers(paid.assign(n=[20, 20, 10]), date(2025, 3, 5))
    {}
    """
    lately = paid[(paid["known_on"] <= pd.Timestamp(known_on)) & (paid["known_on"] > pd.Timestamp(known_on - LOOKED_BACK))]
    found = {}
    for source, rows in lately.groupby("source"):
        brought = rows.groupby("payer")["n"].sum().sort_values(ascending=False, kind="stable")
        for payer, n in brought.items():
            if payer == source:
                break
            if n >= LEAST_PAYMENTS and not _given_up(rows, str(payer), known_on):
                found[str(source)] = str(payer)
                break
    return found


def _given_up(rows: pd.DataFrame, payer: str, known_on: date) -> bool:
    """Whether the others have taken over since a payer was last heard of."""
    its, n, day = rows["payer"] == payer, rows["n"], rows["known_on"]
    last = day[its].max()
    before = last - (pd.Timestamp(known_on) - last)
    since = n[~its & (day > last)].sum()
    return bool(since > 0 and 2 * since >= n[its & (day > before)].sum())
