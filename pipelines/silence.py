"""A feed of payments that has stopped: everybody who pays is then taken for late, and called for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from ledger.silence import silent_since
from ledger.snapshot import Snapshot

CALLED = "customers who have paid are called late"


def silence_lines(snapshot: Snapshot, what: str = CALLED) -> list[str]:
    """A warning where no payment has become known for far longer than ever before, up to the newest day of the snapshot.

    `what` goes wrong where they are no longer loaded.
    """
    payments: Any = snapshot.known("payments")
    as_of = snapshot.days[-1]
    paid_on = payments.filter(payments.as_of == as_of).select("paid_on").distinct().to_pandas()["paid_on"]
    return stopped(paid_on, as_of, what)


def silence_warnings(snapshot: Snapshot, off: str = "what is learned") -> list[str]:
    """The same for the warnings of a training or a backtest: what of the days since then is `off`.

    Outcomes that were not seen are censored (`Ledger.seen_until`), but the features of these days, too, take for open what was paid.
    """
    lines = silence_lines(snapshot, f"{CALLED}, and {off} of the days since then is off")
    return [line.removeprefix("warning: ") for line in lines]


def stopped(paid_on: pd.Series, as_of: date, what: str = CALLED) -> list[str]:
    """The warning, from the days on which something was paid.

    >>> days = pd.Series(pd.date_range("2025-01-01", periods=20, freq="3D"))
    >>> stopped(days, date(2025, 3, 10))
    []
    >>> stopped(days, date(2025, 3, 31))[0].split(";")[0]
    'warning: no payment is known after 2025-02-27, 32 days ago, and never before was there a wait of more than 3 days'
    """
    found = silent_since(paid_on, as_of)
    if found is None:
        return []
    last, longest = found
    return [
        f"warning: no payment is known after {last}, {(as_of - last).days} days ago, and never before was there a wait of more than "
        f"{longest} days; if payments are no longer loaded, {what}: load them first"
    ]
