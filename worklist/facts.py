"""The facts beside the scores that decide whether and how we may get in touch."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


def _frame(**columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


def _contacts() -> pd.DataFrame:
    return _frame(customer_id="str", contacted_on="datetime64[s]", channel="str", action="str", outcome="str", reason_code="str")


def _promises() -> pd.DataFrame:
    days = {"promised_on": "datetime64[s]", "due_on": "datetime64[s]"}
    return _frame(customer_id="str", invoice_id="str", **days, amount="float64", kept="object")


@dataclass(frozen=True)
class Facts:
    """What was known at `as_of`; each frame may be empty (a ledger without contacts is a ledger).

    `contacts`: customer_id, contacted_on, channel, action, outcome, reason_code.
    `promises`: customer_id, invoice_id (may be missing), promised_on, due_on, amount, kept (True, False, or missing while pending).

    Days may come in any form that pandas reads as a day; they are kept as `datetime64[s]`.

    >>> len(Facts().contacts), list(Facts().promises.columns)[-1]
    (0, 'kept')
    """

    contacts: pd.DataFrame = field(default_factory=_contacts)
    promises: pd.DataFrame = field(default_factory=_promises)

    def __post_init__(self) -> None:
        for name, days in (("contacts", ("contacted_on",)), ("promises", ("promised_on", "due_on"))):
            frame: pd.DataFrame = getattr(self, name)
            read = {day: pd.to_datetime(frame[day]).astype("datetime64[s]") for day in days}
            object.__setattr__(self, name, frame.assign(**read))


def per_customer(customers: pd.DataFrame, found: pd.Series) -> pd.Series:
    """A fact indexed by customer, brought onto the rows of `customers`; missing where there is none.

    >>> per_customer(pd.DataFrame({"customer_id": ["A", "B"]}), pd.Series([1.0], index=["B"])).tolist()
    [nan, 1.0]
    """
    return found.reindex(pd.Index(customers["customer_id"])).set_axis(customers.index)
