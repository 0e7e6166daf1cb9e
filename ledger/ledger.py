"""The ledger: every fact, every version of it, and the way to stand on a day."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from ledger.errors import RefusedError
from ledger.store import LedgerMeta, Store, open_store
from ledger.tables import TABLES

if TYPE_CHECKING:
    from ledger.snapshot import Snapshot


class Ledger:
    """A stored ledger, opened for questions.

    `history(table)` holds every version of every fact with the day it reached us and the day it was superseded;
    `as_of(*days)` is the one place where time is cut.
    """

    def __init__(self, store: Store, *, threads: int = 2) -> None:
        import ibis

        self.store = store
        self.meta: LedgerMeta = store.meta()
        self.connection: Any = ibis.duckdb.connect(threads=threads)
        self._histories: dict[str, Any] = {}

    @classmethod
    def open(cls, uri: str, *, threads: int = 2) -> Ledger:
        """Open the ledger at an address. A place without a ledger is refused.

        >>> Ledger.open("nowhere/at/all")
        Traceback (most recent call last):
        ...
        ledger.errors.RefusedError: no ledger at nowhere/at/all: run `duewise ingest` or `duewise simulate` with it first
        """
        return cls(open_store(uri), threads=threads)

    def history(self, name: str) -> Any:
        """All versions of a table's facts, each valid from `known_on` until the day before `superseded_on` (null: still)."""
        if name not in self._histories:
            import ibis

            table = TABLES[name]
            stored = self.store.attach(self.connection, name)
            versions = ibis.window(group_by=list(table.key), order_by="known_on")
            self._histories[name] = stored.mutate(superseded_on=stored.known_on.lead().over(versions)).cache()
        return self._histories[name]

    def as_of(self, *days: date, history_days: int | None = None) -> Snapshot:
        """What was known at the end of each of these days, side by side.

        A day before the first fact is refused: nothing was known.
        """
        from ledger.snapshot import Snapshot

        first, _ = self.span
        if min(days) < first:
            raise RefusedError(f"as_of {min(days)} is before the first fact of {self.store.uri} ({first}): choose a later day")
        return Snapshot(self, tuple(sorted(set(days))), history_days=history_days)

    @cached_property
    def _reached(self) -> pd.DataFrame:
        """For each source and day on which facts reached us: the greatest date among those facts."""
        frames = []
        for table in TABLES.values():
            if table.event_on is None:
                continue
            facts = self.history(table.name)
            happened = facts[table.event_on].fill_null(facts.known_on) if table.name == "disputes" else facts[table.event_on]
            grouped = facts.mutate(happened_on=happened).group_by(["source", "known_on"]).agg(happened_on=lambda t: t.happened_on.max())
            frames.append(grouped.to_pandas())
        reached: pd.DataFrame = pd.concat(frames, ignore_index=True)
        for column in ("known_on", "happened_on"):
            reached[column] = pd.to_datetime(reached[column]).astype("datetime64[s]")
        return reached

    @cached_property
    def span(self) -> tuple[date, date]:
        """The first and the last day on which anything became known."""
        if self._reached.empty:
            raise RefusedError(f"the ledger at {self.store.uri} holds no facts: ingest a source first")
        known = self._reached["known_on"]
        first, last = pd.Timestamp(known.min()), pd.Timestamp(known.max())
        return first.date(), last.date()

    @property
    def watched_to(self) -> date:
        """The last day that any source was watched, as far as is known today."""
        stated = [date.fromisoformat(day) for days in self.meta.observed_until.values() for day in days]
        happened = pd.Timestamp(self._reached["happened_on"].max()).date()
        return max([happened, *stated])

    def observed_until(self, as_of: date) -> dict[str, date]:
        """For each source, how far it was watched, as could be told at the end of `as_of`.

        A statement counts from the day it speaks of, for who stands before that day does not know it. Without one that counts, it is the
        greatest fact date known on `as_of`.
        """
        known = self._reached[self._reached["known_on"] <= pd.Timestamp(as_of)]
        watched: dict[str, date] = {str(s): d.date() for s, d in known.groupby("source")["happened_on"].max().items()}
        for source in watched:
            stated = [date.fromisoformat(day) for day in self.meta.observed_until.get(source, ())]
            watched[source] = max((day for day in stated if day <= as_of), default=watched[source])
        return watched

    def refuse_stale(self, as_of: date, staleness_days: int) -> None:
        """Refuse a day that lies too far past what any source was watched."""
        first, _ = self.span
        if as_of < first:
            raise RefusedError(f"as_of {as_of} is before the first fact of {self.store.uri} ({first}): choose a later day")
        last = max(self.observed_until(as_of).values())
        if as_of > last + timedelta(days=staleness_days):
            raise RefusedError(
                f"as_of {as_of} is more than {staleness_days} days past the last day on which {self.store.uri} was watched ({last}): "
                f"ingest newer data, choose an as_of up to {last + timedelta(days=staleness_days)}, or raise staleness_days"
            )
