"""Who moved between debtor types, month by month.

One champion tells all days, so that a change is the customer's and not the model's; each day is told from what was known on it. Where
a collector's word begins or ends to stand, the change is ours, and said to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from features.portfolio import side_by_side
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.progress import Progress, silent
from ledger.tables import DEBTOR_TYPES, UNDETERMINED
from models.linear_algebra import on_one_thread
from models.types.debtor_type import TypeModel, behaviour_of
from models.types.movement import movement, stability
from models.types.training_data import DAYS_AT_ONCE
from pipelines.config import Config
from pipelines.describe import aligned
from pipelines.score import champion_for

SEGMENTS = (*DEBTOR_TYPES, UNDETERMINED)
NOT_ASKED = "(nothing due)"


@dataclass(frozen=True)
class MovementReport:
    """The type of every customer that was asked about, on several days: `types` has `as_of, customer_id, debtor_type, is_word`:
    whether a collector's word told it."""

    champion_as_of: date
    types: pd.DataFrame

    @property
    def counts(self) -> pd.DataFrame:
        """Customers by type (index) and day (columns)."""
        counts = self.types.groupby(["debtor_type", "as_of"]).size().unstack(fill_value=0)
        return counts.reindex(list(SEGMENTS), fill_value=0)

    @cached_property
    def moves(self) -> pd.DataFrame:
        """Customers by the type before and after (index) and the day after (columns), with `total`; the most frequent first.

        Who kept the type is left out; who had nothing due on one of the two days comes from or goes to `NOT_ASKED`.
        """
        moved = movement(self.types).replace({"type_from": {"": NOT_ASKED}, "type_to": {"": NOT_ASKED}})
        moved = moved[moved["type_from"] != moved["type_to"]]
        wide = moved.pivot(index=["type_from", "type_to"], columns="as_of", values="n_customers")
        wide = wide.reindex(columns=sorted(self.types["as_of"].unique())[1:]).fillna(0).astype("int64")
        wide["total"] = wide.sum(axis=1)
        order = wide.reset_index()
        order["outside"] = (order["type_from"] == NOT_ASKED) | (order["type_to"] == NOT_ASKED)
        order = order.sort_values(["outside", "total", "type_from", "type_to"], ascending=[True, False, True, True])
        return order.drop(columns="outside").set_index(["type_from", "type_to"])

    @cached_property
    def moved(self) -> pd.DataFrame:
        """Whose type changed: `as_of, customer_id, type_from, type_to`, and `by_word` where a collector's word had to do with it."""
        days = self.counts.columns
        named = self.types.assign(as_of=self.types["as_of"].dt.date.astype("str")).sort_values(["customer_id", "as_of"])
        named["type_from"] = named.groupby("customer_id")["debtor_type"].shift()
        named["by_word"] = named["is_word"] | named.groupby("customer_id")["is_word"].shift(fill_value=False)
        since = named.groupby("customer_id")["as_of"].shift()
        follows = since == named["as_of"].map(dict(zip(_iso(days)[1:], _iso(days), strict=False)))
        changed = named[follows & (named["type_from"] != named["debtor_type"])].rename(columns={"debtor_type": "type_to"})
        return changed[["as_of", "customer_id", "type_from", "type_to", "by_word"]].sort_values(["as_of", "customer_id"])

    def to_json(self) -> dict[str, Any]:
        """`as_of`s, counts by type, and who moved."""
        kept = stability(self.types)
        return {
            "champion_as_of": self.champion_as_of.isoformat(),
            "as_of": _iso(self.counts.columns),
            "customers": {str(name): row.tolist() for name, row in self.counts.iterrows()},
            "moved": self.moved.to_dict("records"),
            "kept_share": kept if kept == kept else None,
        }

    def lines(self) -> list[str]:
        """Two tables for people: how many of each type, and who moved."""
        days = _iso(self.counts.columns)
        sizes = [(str(name), *map(_count, row)) for name, row in self.counts.iterrows()]
        sizes.append(("together", *map(_count, self.counts.sum())))
        moves = [(*map(str, pair), *map(_count, row)) for pair, row in zip(self.moves.index, self.moves.to_numpy(), strict=True)]
        lines = [f"debtor types by month, all told by the champion of {self.champion_as_of}", ""]
        lines += aligned(("customers", *days), sizes, right=range(1, len(days) + 1))
        lines += ["", "moved since the day before in this table:"]
        lines += aligned(("from", "to", *days[1:], "total"), moves, right=range(2, len(days) + 2)) if moves else ["nobody"]
        kept, by_word = stability(self.types), int(self.moved["by_word"].sum())
        if kept == kept:
            lines += ["", f"{kept:.1%} of those whose type was clear on two days in a row kept it"]
        if by_word:
            lines += [
                f"{by_word:,} of the moves came of a collector's word that began or ended to stand; they are not counted in that share"
            ]
        return lines


@on_one_thread
def run_types_movement(
    uri: str, as_of: date, config: Config, *, months: int = 6, store: str | None = None, progress: Progress = silent
) -> MovementReport:
    """Tell the types on `as_of` and on the month-ends before it, as many as `months`, with the champion that `score` would use on `as_of`.

    Raises RefusedError where there is no such champion, no fact by `as_of`, or no month-end before it that has any.
    """
    ledger = Ledger.open(uri, staleness_days=config.staleness_days, settled_within=config.settled_within)
    ledger.refuse_stale(as_of)
    days = [day for day in days_up_to(as_of, months) if day >= ledger.span[0]]
    if len(days) < 2:
        raise RefusedError(f"{uri} holds no fact before {as_of} that a month-end could see (the first is of {ledger.span[0]})")
    champion, found = champion_for(ledger, as_of, store)
    model = TypeModel.from_parts(champion.types, champion.type_boosters)
    told = []
    for portfolio in side_by_side(ledger, config.features, days, DAYS_AT_ONCE):
        # What a ledger tells at all is asked of one day at a time.
        for _, people in behaviour_of(portfolio, model.settings.correction_days).groupby("as_of"):
            types = model.told(people)[["as_of", "customer_id", "debtor_type"]]
            told.append(types.assign(is_word=people["said_type"].notna().to_numpy()))
        progress(f"types: {len(told)} of {len(days)} days")
    return MovementReport(found.as_of, pd.concat(told, ignore_index=True))


def days_up_to(as_of: date, months: int) -> list[date]:
    """The month-ends before a day, and the day.

    >>> [day.isoformat() for day in days_up_to(date(2025, 3, 31), 2)]
    ['2025-01-31', '2025-02-28', '2025-03-31']
    >>> [day.isoformat() for day in days_up_to(date(2025, 3, 15), 1)]
    ['2025-02-28', '2025-03-15']
    """
    before = pd.date_range(end=pd.Timestamp(as_of) - pd.Timedelta(days=1), periods=months, freq="ME")
    return [*(day.date() for day in before), as_of]


def _iso(days: pd.Index) -> list[str]:
    return [pd.Timestamp(day).date().isoformat() for day in days]


def _count(n: int) -> str:
    return f"{n:,}" if n else "."
