"""What a customer has promised to pay and may still be paying: nobody is chased for it meanwhile.

What is promised on one day, for one invoice or for none, is one promise, in parts where it is a plan of instalments. It stands until its
first unpaid part is overdue by the grace, or until a later promise of no less, for the same invoice or for none, takes its place.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from worklist.settings import WorklistSettings

TRIFLE = 0.1
PROMISE = ["customer_id", "invoice_id", "promised_on"]


def standing(promises: pd.DataFrame, settings: WorklistSettings, first: pd.Series) -> pd.DataFrame:
    """The promises that stand on `first` (a day by customer_id): `customer_id, due_on, until, amount`, the amount what is still to come.

    `due_on` is the day of the first unpaid part and `until` the last day of its grace: money takes some days to reach us, so a promise that
    looks broken on the night after its day stands through its grace. A promise without an amount is of all there is.

    >>> told = pd.DataFrame({"customer_id": "A", "invoice_id": None, "promised_on": pd.to_datetime(["2025-11-03", "2025-11-10"]),
    ...     "due_on": pd.to_datetime(["2025-12-20", "2025-12-05"]), "amount": [900.0, 50.0], "kept": None})
    >>> first = pd.Series(pd.Timestamp("2025-12-02"), index=["A"])
    >>> standing(told, WorklistSettings(), first)["amount"].tolist()
    [900.0, 50.0]
    >>> standing(told.assign(amount=[900.0, 950.0]), WorklistSettings(), first)["amount"].tolist()
    [950.0]
    """
    told = promises.assign(invoice_id=promises["invoice_id"].fillna(""), amount=promises["amount"].astype("float64").fillna(np.inf))
    unkept = told[told["kept"].ne(True)].groupby(PROMISE, as_index=False).agg(due_on=("due_on", "min"), amount=("amount", "sum"))
    unkept["until"] = unkept["due_on"] + pd.Timedelta(days=settings.promise_grace_days)
    unkept = unkept[unkept["until"] >= first.reindex(unkept["customer_id"]).to_numpy()]
    whole = told.groupby(PROMISE, as_index=False)["amount"].sum()
    asked = unkept[PROMISE].merge(whole, on=PROMISE).merge(whole, on="customer_id", suffixes=("", "_later"))
    later = (asked["promised_on_later"] > asked["promised_on"]) & (asked["amount_later"] >= asked["amount"])
    same = (asked["invoice_id_later"] == asked["invoice_id"]) | (asked["invoice_id_later"] == "")
    replaced = pd.MultiIndex.from_frame(asked.loc[later & same, PROMISE])
    stands = ~pd.MultiIndex.from_frame(unkept[PROMISE]).isin(replaced)
    return unkept.loc[stands, ["customer_id", "due_on", "until", "amount"]].reset_index(drop=True)


def held_by(promises: pd.DataFrame, overdue: pd.Series) -> pd.DataFrame:
    """By customer_id, `due_on` and `until` of the promise that holds longest: once it is over, all that still stands is a trifle.

    `promises`: see `standing`; `overdue`: an amount by customer_id, of which a trifle is less than a tenth.
    """
    latest = promises.sort_values(["until", "due_on"], ascending=False, kind="stable")
    promised = latest.groupby("customer_id")["amount"].cumsum()
    enough = latest[promised >= TRIFLE * overdue.reindex(latest["customer_id"]).to_numpy()]
    return enough.drop_duplicates("customer_id").set_index("customer_id")[["due_on", "until"]]
