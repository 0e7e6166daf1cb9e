"""The cash that came: what was paid, week by week, on invoices that were open on a day. What the cash forecast is held against.

Weeks are calendar weeks and begin on Monday. The first one is the rest of the week in which `as_of` lies, from the day after it;
where `as_of` is a Sunday it is the whole week that follows.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from ledger.calendars import Days
from ledger.ledger import Ledger
from models.arrays import Floats, Ints


def week_ends(as_of: pd.Series, weeks: int) -> Ints:
    """Days from `as_of` to the Sunday that ends each of the next weeks, shape (rows, weeks).

    >>> week_ends(pd.Series(pd.to_datetime(["2019-10-07", "2019-10-13"])), 3)  # a Monday, a Sunday
    array([[ 6, 13, 20],
           [ 7, 14, 21]])
    """
    left = 6 - as_of.dt.day_of_week.to_numpy(dtype="int64")
    return np.where(left == 0, 7, left)[:, None] + 7 * np.arange(weeks)[None, :]


def week_starts(as_of: date, weeks: int) -> Days:
    """The Mondays on which the next weeks begin, the one in which `as_of` lies first (a Sunday's first one begins the day after).

    >>> week_starts(date(2019, 10, 9), 2)
    array(['2019-10-07', '2019-10-14'], dtype='datetime64[D]')
    >>> week_starts(date(2019, 10, 13), 2)
    array(['2019-10-14', '2019-10-21'], dtype='datetime64[D]')
    """
    ends = week_ends(pd.Series([pd.Timestamp(as_of)]), weeks)[0]
    return np.asarray(np.datetime64(as_of, "D") + ends - 6)


def receipts(rows: pd.DataFrame, ledger: Ledger, known_on: date, weeks: int) -> Floats:
    """Cash that came on each row's invoice in each of the weeks after its `as_of`, as known on `known_on`; shape (rows, weeks).

    Credit notes clear an invoice but are no cash. A week that was not watched to its end, or is not all booked yet, is NaN.
    """
    snapshot = ledger.as_of(known_on)
    payments = snapshot.known("payments")
    paid = (
        payments.filter(payments.invoice_id.notnull()).group_by(["invoice_id", "paid_on"]).agg(cash=payments.amount.sum().cast("float64"))
    )
    watched = {source: pd.Timestamp(until) for source, until in ledger.seen_until(known_on).items()}
    ends = week_ends(rows["as_of"], weeks)
    asked = rows[["invoice_id", "as_of"]].reset_index(drop=True)
    came = asked.assign(row=asked.index).merge(paid.to_pandas(), on="invoice_id")
    after = (pd.to_datetime(came["paid_on"]) - came["as_of"]).dt.days.to_numpy(dtype="int64")
    row = came["row"].to_numpy(dtype="int64")
    week = (after[:, None] > ends[row]).sum(axis=1)
    within = (after > 0) & (week < weeks)
    amount = came["cash"].to_numpy(dtype="float64")[within]
    cash = np.bincount(row[within] * weeks + week[within], weights=amount, minlength=len(rows) * weeks)
    window = (rows["source"].map(watched) - rows["as_of"]).dt.days.to_numpy(dtype="float64")
    return np.where(ends <= window[:, None], cash.reshape(len(rows), weeks), np.nan)
