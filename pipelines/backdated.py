"""A guard against facts that are written when an invoice is paid, but carry an earlier date.

A dispute that is entered with the money, a late fee put into the amount, a due date moved in place: without a `known_on` of their own
they seem to have been known all along, and no replay can tell. What gives them away is what is open on the last day: nobody has paid it
yet, so nobody has written such a fact. Three shares are compared with those of three to six months before:

- of what is open on the last day, and of what has been open for four weeks, hardly anything has the value any more,
- of what was paid within the last fortnight as many as ever have it, as seen on the day before that fortnight.

The last is the control: a house that stopped recording, or gave all its customers other terms, shows neither. Each customer counts once
a day, whatever it owes, so that a big one is no crowd.

Training asks what was known on its own day, and reads no later fact; where a ledger goes on for a week or more beyond that day the later
payments have written their facts into the past already, and nothing is amiss to see. A backtest asks the last day of all: its ledger
holds the outcomes anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import numpy as np
import pandas as pd

from features import dealings, disputes, terms
from features.matrix import FEATURES, feature_matrix
from features.part import n_open, part_of
from features.portfolio import side_by_side
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from models.arrays import Bools
from models.payment.observations import FORTNIGHT, late_if_not_due, paid_outcome, with_outcomes
from pipelines.config import Config

EARLIER = (84, 112, 140, 168, 196)
OPEN_FOR = 28
LEAST_EARLIER = 2
ROWS = 100_000
WITHIN = (-25, 60)
"""Days past due: what is older has been given up, and is no sign of what is usual."""
HARDLY = 0.2
STILL = 0.5
LEAST_WITNESSES = 5
BY_CHANCE, BY_CHANCE_OF_THE_OLD = 1e-4, 0.05
"""Of what is open for four weeks there is little; it only confirms."""
TELLS = 4.0
IN_PLACE = "which seems to be overwritten in place"
WHERE = {
    "terms_days": f"invoices.issued_on and invoices.due_on, one of {IN_PLACE}",
    "log_amount": f"invoices.amount, {IN_PLACE}",
    "open_share": "payments.known_on and credit_notes.known_on",
    "sent_late_days": "invoices.known_on",
    "dispute_open": "disputes.known_on",
    "dispute_solved": "disputes.known_on",
    "promise_pending": "promises.known_on",
    "promise_broken_count": "promises.known_on",
    "contact_count": "contacts.known_on",
}
OF_CUSTOMERS = {feature.name for feature in dealings.FEATURES}


@dataclass(frozen=True)
class Share:
    """How many of some customers have a value: the mean of their own shares on each day, how many were asked, how many have it at all."""

    share: float
    n_customers: int
    n_with: int

    @classmethod
    def of(cls, rows: pd.DataFrame, has: Bools, asked: Bools) -> Share:
        """Of the rows that are `asked`; both of shape (rows,).

        >>> rows = pd.DataFrame({"customer_id": ["ann", "ann", "bob"], "as_of": pd.Timestamp("2025-06-30")})
        >>> Share.of(rows, np.array([True, False, False]), np.array([True] * 3))
        Share(share=0.25, n_customers=2, n_with=1)
        """
        some = rows[asked].assign(has=has[asked]).groupby(["customer_id", "as_of"])["has"].mean()
        if some.empty:
            return cls(0.0, 0, 0)
        of_customers = some.groupby(level=0).max()
        return cls(float(some.mean()), len(of_customers), int((of_customers > 0).sum()))

    def is_gone(self, before: Share, chance: float) -> bool:
        """Whether hardly any have it of those who would by the share before, and so few less often than by `chance`.

        >>> Share(0.0, 100, 0).is_gone(Share(0.1, 100, 10), 1e-4), Share(0.0, 100, 0).is_gone(Share(0.05, 100, 5), 1e-4)
        (True, False)
        """
        from scipy.special import pdtr

        expected, seen = before.share * self.n_customers, self.share * self.n_customers
        return bool(seen <= HARDLY * expected and pdtr(np.ceil(seen - 1e-9), expected) < chance)


@dataclass(frozen=True)
class Vanished:
    """A value of a feature that what is open lacks, and what was paid has; `tells`: it goes with the outcome of earlier rows."""

    name: str
    sign: str
    before: float
    paid: float
    now: float
    tells: bool

    def words(self, day: date) -> str:
        return (
            f"{self.name} ({FEATURES[self.name].doc}) lies {self.sign} for {self.paid:.1%} of what was paid in the fortnight up to {day}, "
            f"and for {self.before:.1%} of what was open in the months before, but for {self.now:.1%} of what is open on that day"
        )


def refuse_backdated(ledger: Ledger, day: date, known_on: date, config: Config) -> tuple[str, ...]:
    """Refuse a value that only what was paid has, and that tells the outcome; a warning for each that does not tell it.

    What is open is that of `day`, as it was known then; what was paid is told by what was known on `known_on`. Not asked where
    `models.suspicious_auc` is 1, nor of a ledger too short or too small for it not to be chance.
    """
    if config.models.suspicious_auc >= 1 or day < ledger.span[0]:
        return ()
    start = max(ledger.span[0] + timedelta(days=config.models.warm_up_days), ledger.taken_over_on(known_on) or date.min)
    earlier = [day - timedelta(days=n) for n in EARLIER if day - timedelta(days=n) >= start]
    if len(earlier) < LEAST_EARLIER:
        return ()
    days = sorted({*earlier, *(day - timedelta(days=n) for n in (0, FORTNIGHT, OPEN_FOR))})
    part = part_of(ledger, n_open(ledger, days, config.features), ROWS)
    views = (terms.VIEW, dealings.VIEW, disputes.VIEW)
    asked = [feature_matrix(portfolio, views) for portfolio in side_by_side(part, config.features, days)]
    rows = pd.concat(asked, ignore_index=True).query("@WITHIN[0] <= dpd <= @WITHIN[1]")
    found = vanished(with_outcomes(rows, part, known_on), day)
    for one in found:
        if one.tells:
            raise RefusedError(
                f"{one.words(day)}, and it tells who pays: it seems to be written when an invoice is paid, under an earlier date. Look at "
                f"{WHERE[one.name]}: map the day on which the row was written to known_on, or leave the table out; where you have looked, "
                "and it is as it should be, set models.suspicious_auc to 1"
            )
    return tuple(f"{one.words(day)}: look at {WHERE[one.name]}" for one in found)


def vanished(rows: pd.DataFrame, day: date) -> list[Vanished]:
    """What of `WHERE` has vanished from what is open on `day`, and not from what was paid.

    `rows` are those of `day`, of a fortnight and of four weeks before, and of days in the months before, with their outcomes.
    """
    ago = (pd.Timestamp(day) - rows["as_of"]).dt.days.to_numpy()
    earlier = ago >= EARLIER[0]
    found: list[Vanished] = []
    if not earlier.any() or not (ago == 0).any():
        return found
    for name in WHERE:
        values = rows[name].round(6)
        usual = values[earlier].mode().iloc[0]
        paid, left = (_paid_within(rows, n, name in OF_CUSTOMERS) for n in (FORTNIGHT, OPEN_FOR))
        for sign, has in (("above", (values > usual).to_numpy()), ("below", (values < usual).to_numpy())):
            before, now = Share.of(rows, has, earlier), Share.of(rows, has, ago == 0)
            if not now.is_gone(before, BY_CHANCE):
                continue
            if not Share.of(rows, has, ~left & (ago == OPEN_FOR)).is_gone(Share.of(rows, has, ~left & earlier), BY_CHANCE_OF_THE_OLD):
                continue
            was, still = Share.of(rows, has, paid & earlier), Share.of(rows, has, paid & (ago == FORTNIGHT))
            if still.n_with >= LEAST_WITNESSES and still.share >= STILL * was.share:
                sign = f"{sign} its usual {usual:.4g}"
                found.append(Vanished(name, sign, before.share, still.share, now.share, _tells(rows[earlier], has[earlier])))
    return found


def _paid_within(rows: pd.DataFrame, days: int, by_customer: bool) -> Bools:
    """Which rows were paid within so many days; of what is known of customers, those who paid anything of what was open."""
    paid = rows["is_paid"] & (rows["days_seen"] <= days)
    if by_customer:
        paid = paid.groupby([rows["customer_id"], rows["as_of"]]).transform("max")
    return paid.to_numpy(dtype=bool)


def _tells(rows: pd.DataFrame, has: Bools) -> bool:
    """Whether a value goes with being late, or with being paid within a fortnight, beyond chance; customers are the witnesses.

    Among rows of one day that are as many fortnights past due, or as many old: where a due date is moved on payment, it is the age that
    tells. Of all, or of those of one fortnight: who pays late does not pay soon when asked early, and is about to when asked late.
    """
    old = (rows["as_of"] - rows["issued_on"]).dt.days
    for outcome, days in product((late_if_not_due(rows), paid_outcome(rows, FORTNIGHT)), (rows["dpd"], old)):
        told = pd.DataFrame({"y": outcome, "x": has.astype("float64"), "of": days // FORTNIGHT}, index=rows.index)[~np.isnan(outcome)]
        apart = told[["y", "x"]] - told.groupby([rows["as_of"].loc[told.index], "of"])[["y", "x"]].transform("mean")
        said = (apart["y"] * apart["x"]).groupby([rows["customer_id"].loc[told.index], told["of"]]).sum().unstack(fill_value=0.0)
        said["all"] = said.sum(axis=1)
        if (said.sum().abs() > TELLS * np.sqrt((said**2).sum())).any():
            return True
    return False
