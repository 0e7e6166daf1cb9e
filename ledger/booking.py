"""How long a source takes to book what was paid: until then a payment is unseen, and its invoice no unpaid one."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

NEARLY_ALL = 0.95
LEAST_PAYMENTS = 30
LOOKED_BACK = timedelta(days=365)


def behind(booked: pd.DataFrame, reached: pd.DataFrame) -> pd.DataFrame:
    """`source, known_on, n, days`: for how many days up to the last one watched a payment had been missing when it became known.

    `booked`: payments by `source, known_on, paid_on`, `n` of each; `reached`: `source, known_on, happened_on` of whatever is booked. Who
    loads a whole month at once had watched none of it before, and is behind with nothing.

    >>> days = pd.to_datetime(["2025-03-03", "2025-03-04", "2025-03-05"])
    >>> booked = pd.DataFrame({"source": "erp", "known_on": days, "paid_on": [days[0], days[0], days[2]], "n": 1})
    >>> reached = booked.rename(columns={"paid_on": "happened_on"})
    >>> behind(booked, reached)["days"].tolist()
    [0, 1, 0]
    """
    watched = reached.groupby(["source", "known_on"])["happened_on"].max().groupby(level="source").cummax()
    before = watched.groupby(level="source").shift(1).rename("before").reset_index()
    rows = booked.merge(before, on=["source", "known_on"], how="left")
    rows["days"] = ((rows["before"] - rows["paid_on"]).dt.days + 1).fillna(0).clip(lower=0).astype("int64")
    return rows[["source", "known_on", "n", "days"]]


def booking_days(rows: pd.DataFrame, known_on: date) -> dict[str, int]:
    """In how many days nineteen of twenty payments of the year to `known_on` were booked, by source; who needs none is left out.

    Fewer than thirty payments say nothing.

    >>> rows = pd.DataFrame({"source": "erp", "known_on": pd.Timestamp("2025-03-04"), "n": [90, 10], "days": [0, 4]})
    >>> booking_days(rows, date(2025, 3, 4)), booking_days(rows, date(2025, 3, 3))
    ({'erp': 4}, {})
    """
    lately = rows[(rows["known_on"] <= pd.Timestamp(known_on)) & (rows["known_on"] > pd.Timestamp(known_on - LOOKED_BACK))]
    found = {}
    for source, own in lately.sort_values("days").groupby("source"):
        booked = own["n"].cumsum()
        if booked.iloc[-1] >= LEAST_PAYMENTS:
            found[str(source)] = int(own.loc[booked >= NEARLY_ALL * booked.iloc[-1], "days"].iloc[0])
    return {source: days for source, days in found.items() if days}
