"""What there is to learn types from: past month-ends as they looked then, and as they look with hindsight, which the rules vote on.

The two must not mix. `seen` holds features of a snapshot on the month-end itself; `later` comes from a snapshot some weeks later, in which
the same half year is told to its end: who paid after all, after whose call, and what they said. Nothing of `later` is a feature.
A young ledger has hardly a month-end whose hindsight is over: there the day of the training is learned from, and `later` is as `seen`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.asked import last_labels
from features.behaviour import NAMES, behaviour
from features.part import n_judged, part_of
from features.portfolio import Portfolio, side_by_side
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from ledger.progress import Progress, silent
from models.arrays import Bools, Floats, Ints
from models.types.characteristics import characteristics
from models.types.debtor_type import behaviour_of, codes_of
from models.types.rules import vote
from models.types.settings import TypeSettings

DAYS_AT_ONCE = 12
SPARE = 2
LABEL_REACH_DAYS = 31
LATELY_DAYS = 92
SEVERAL = 2
"""Of a single month-end, two months old, worse is learned than of the day itself, see decision 36."""
UNSAID = -1
KEYS = ["as_of", "customer_id"]


@dataclass(frozen=True)
class TrainingData:
    """Rows side by side, one a customer and day: what was `seen`, the same `later`, and what a collector `told` (code, or -1) and how sure
    he was (0 to 1, or NaN). Days of `hindsight` lie between the two."""

    seen: pd.DataFrame
    later: pd.DataFrame
    told: Ints
    sure: Floats
    hindsight: int = 0

    def __len__(self) -> int:
        return len(self.seen)

    def take(self, rows: Bools) -> TrainingData:
        """The training data for which `rows`, shape (rows,), is true."""
        return TrainingData(self.seen[rows], self.later[rows], self.told[rows], self.sure[rows], self.hindsight)

    def votes(self, settings: TypeSettings) -> pd.DataFrame:
        """How the rules vote on each row with hindsight; what a ledger tells at all is asked of one month-end at a time."""
        return self._of_each_month(vote, settings)

    def characteristics(self, settings: TypeSettings) -> pd.DataFrame:
        """The characteristics of each row with hindsight, likewise."""
        return self._of_each_month(characteristics, settings)

    def _of_each_month(self, told: Callable[[pd.DataFrame, TypeSettings], pd.DataFrame], settings: TypeSettings) -> pd.DataFrame:
        months = [told(part, settings) for _, part in self.later.groupby("as_of")]
        return pd.concat(months).loc[self.later.index] if months else told(self.later, settings)


def month_ends(first: date, last: date, most: int) -> list[date]:
    """The newest month-ends between two days, both inclusive.

    >>> month_ends(date(2025, 1, 15), date(2025, 4, 30), 2)
    [datetime.date(2025, 3, 31), datetime.date(2025, 4, 30)]
    >>> month_ends(date(2025, 4, 30), date(2025, 4, 1), 2)
    []
    """
    return [day.date() for day in pd.date_range(first, last, freq="ME")][-most:]


def gather(ledger: Ledger, as_of: date, features: FeatureSettings, settings: TypeSettings, *, progress: Progress = silent) -> TrainingData:
    """Everything that could be learned by the end of `as_of`; empty where the ledger is too young for anything."""
    days, hindsight = training_days(ledger, as_of, settings)
    if not days:
        empty = pd.DataFrame(columns=[*KEYS, *NAMES]).astype(dict.fromkeys(NAMES, "float64"))
        return TrainingData(empty, empty, np.empty(0, "int64"), np.empty(0))
    part = training_part(ledger, days, features, settings)
    seen = behaviour_on(part, days, features, 0, progress)
    later = behaviour_on(part, [day + timedelta(days=hindsight) for day in days], features, hindsight, progress) if hindsight else seen
    later = later.assign(as_of=later["as_of"] - pd.Timedelta(days=hindsight))
    keys = seen[KEYS].merge(later[KEYS], on=KEYS).sort_values(KEYS, ignore_index=True)
    keys = _sampled(keys, settings.max_rows, part.share)
    told, sure = _told(ledger, as_of, features, settings, keys)
    return TrainingData(keys.merge(seen, on=KEYS, how="left"), keys.merge(later, on=KEYS, how="left"), told, sure, hindsight)


def training_days(ledger: Ledger, as_of: date, settings: TypeSettings) -> tuple[list[date], int]:
    """The days that can be learned from by the end of `as_of`, and the days of hindsight on them.

    Month-ends whose hindsight is over; where a ledger is too young for several, `as_of` without any; none before half of the warm-up is
    over.
    """
    start, warm_up = ledger.span[0], timedelta(days=settings.warm_up_days)
    days = month_ends(start + warm_up, as_of - timedelta(days=settings.hindsight_days), max(settings.max_month_ends, SEVERAL))
    if len(days) >= SEVERAL:
        return days[-settings.max_month_ends :], settings.hindsight_days
    return ([as_of] if start + warm_up / 2 <= as_of else []), 0


def training_part(ledger: Ledger, days: Sequence[date], features: FeatureSettings, settings: TypeSettings) -> Ledger:
    """The part of a large ledger that is learned from."""
    return part_of(ledger, n_judged(ledger, days, features), SPARE * settings.max_rows)


def behaviour_on(
    ledger: Ledger, days: Sequence[date], features: FeatureSettings, ahead_days: int = 0, progress: Progress = silent
) -> pd.DataFrame:
    """The behaviour of some days, see `features.behaviour`; with `ahead_days` the same half years told by later knowledge."""
    frames, n_done = [], 0
    for portfolio in side_by_side(ledger, features, days, DAYS_AT_ONCE):
        frames.append(behaviour(portfolio, ahead_days).to_pandas())
        n_done += len(portfolio.snapshot.days)
        progress(f"types: {'labels' if ahead_days else 'behaviour'} of {n_done} of {len(days)} month-ends")
    whole: pd.DataFrame = pd.concat(frames, ignore_index=True)
    return whole.assign(as_of=pd.to_datetime(whole["as_of"]).astype("datetime64[s]"))


def _sampled(rows: pd.DataFrame, most: int, drawn: float) -> pd.DataFrame:
    """Whole customers by the hash of their id, as many as fit; `drawn` is the share of all customers that are here, by the same hash."""
    if len(rows) <= most:
        return rows
    place = rows["customer_id"].map(lambda one: int(hashlib.sha256(one.encode()).hexdigest()[:8], 16)) / 2**32
    return rows[place <= drawn * most / len(rows)].reset_index(drop=True)


def _told(ledger: Ledger, as_of: date, features: FeatureSettings, settings: TypeSettings, rows: pd.DataFrame) -> tuple[Ints, Floats]:
    """What collectors had said by `as_of`, on the month-ends near the day they spoke of."""
    portfolio = Portfolio.on(ledger, features, as_of)
    said = last_labels(portfolio, settings.correction_days).to_pandas()
    said["labelled_on"] = pd.to_datetime(said["labelled_on"]).astype("datetime64[s]")
    near = rows[KEYS].merge(said.drop(columns="as_of"), on="customer_id", how="left", validate="many_to_one")
    reach = (near["labelled_on"] - near["as_of"]).dt.days.abs() <= LABEL_REACH_DAYS
    return codes_of(near["debtor_type"].where(reach)), near["confidence"].to_numpy(dtype="float64")


def corrected_customers(ledger: Ledger, as_of: date, features: FeatureSettings) -> pd.DataFrame:
    """The customers whom a collector spoke of lately, as they look on `as_of` and with that word, as `behaviour_of` tells them."""
    portfolio = Portfolio.on(ledger, features, as_of)
    if not last_labels(portfolio, LATELY_DAYS).count().execute():
        return pd.DataFrame(columns=[*KEYS, *NAMES, "said_type", "confidence"]).astype({"confidence": "float64"})
    frame = behaviour_of(portfolio, LATELY_DAYS)
    return frame[frame["said_type"].notna()].reset_index(drop=True)
