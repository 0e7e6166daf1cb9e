"""The ledger: every fact, every version of it, and the way to stand on a day."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from ledger.booking import behind, booking_days
from ledger.errors import RefusedError
from ledger.last_sign import last_sign
from ledger.meta import LedgerMeta
from ledger.migration import taken_over_on
from ledger.payers import payers
from ledger.silence import silent_since
from ledger.sql import literal
from ledger.store import Store, open_store
from ledger.tables import TABLES

if TYPE_CHECKING:
    from ledger.snapshot import Snapshot

STALENESS_DAYS = 7
PLACES = 2**32
BOOKED = ("invoices", "payments", "credit_notes")
"""The tables whose dates tell how long and how far the books were watched. What people say or do about a debt (labels, contacts, promises,
disputes) and public rates go on while nobody loads payments, and one misdated word must not make an invoice unpaid that was only unseen."""


class Ledger:
    """A stored ledger, opened for questions.

    `history(table)` holds every version of every fact with the day it reached us and the day it was superseded;
    `as_of(*days)` is the one place where time is cut. One thread: with more, DuckDB adds up floats in an order of its own each
    time, and the last digits of a large ledger's features differ from run to run.
    """

    share = 1.0
    """The share of the customers that are here; less than 1 only in a `sample`."""

    def __init__(self, store: Store, *, staleness_days: int = STALENESS_DAYS, settled_within: float = 0.0, connection: Any = None) -> None:
        import duckdb
        import ibis

        self.store = store
        self.staleness_days = staleness_days
        self.settled_within = settled_within
        self.meta: LedgerMeta = store.meta()
        if connection is None:
            connection = ibis.duckdb.connect(threads=1)
            # A long query would draw its progress on stdout, which is for the summary; a notebook refuses the setting and draws none.
            with suppress(duckdb.InvalidInputException):
                connection.raw_sql("set enable_progress_bar = false")
            # What does not fit in memory is set down beside the ledger, and not in the folder from which somebody happened to call.
            connection.raw_sql(f"set temp_directory = {literal(store.folder / '.spill')}")
        self.connection: Any = connection
        self._histories: dict[str, Any] = {}
        self._attached: dict[str, Any] = {}

    @classmethod
    def open(cls, uri: str, *, staleness_days: int = STALENESS_DAYS, settled_within: float = 0.0) -> Ledger:
        """Open the ledger at an address. A place without a ledger is refused.

        `staleness_days`: for how long after the last sign of a source we go on as if it were watched. `settled_within`: an invoice of
        whose amount no more than this share is open counts as settled, on the day it got there.

        >>> Ledger.open("nowhere/at/all")
        Traceback (most recent call last):
        ...
        ledger.errors.RefusedError: no ledger at nowhere/at/all: run `duewise ingest` or `duewise simulate` with it first
        """
        return cls(open_store(uri), staleness_days=staleness_days, settled_within=settled_within)

    def history(self, name: str) -> Any:
        """All versions of a table's facts, each valid from `known_on` until the day before `superseded_on` (null: still)."""
        if name not in self._histories:
            import ibis

            stored = self._stored(name)
            versions = ibis.window(group_by=list(TABLES[name].key), order_by="known_on")
            self._histories[name] = stored.mutate(superseded_on=stored.known_on.lead().over(versions)).cache()
        return self._histories[name]

    def _stored(self, name: str) -> Any:
        if name not in self._attached:
            self._attached[name] = self.store.attach(self.connection, name)
        return self._attached[name]

    def as_of(self, *days: date, history_days: int | None = None) -> Snapshot:
        """What was known at the end of each of these days, side by side.

        A day before the first fact is refused: nothing was known.
        """
        from ledger.snapshot import Snapshot

        first, _ = self.span
        if min(days) < first:
            raise RefusedError(f"as_of {min(days)} is before the first fact of {self.store.uri} ({first}): choose a later day")
        return Snapshot(self, tuple(sorted(set(days))), history_days=history_days)

    def sample(self, share: float) -> Ledger:
        """This ledger with about that share of its customers, one at least, and all that is known of them.

        How far sources were watched is told by the whole.
        Customers are drawn by the hash of their id: the same ones every time, and a smaller sample lies within a larger one.
        """
        return self if share >= 1 else _Sample(self, share)

    @cached_property
    def _reached(self) -> pd.DataFrame:
        """For each source and day on which booked facts reached us: the greatest date among those facts."""
        frames = []
        for name in BOOKED:
            facts = self._stored(name)
            grouped = facts.group_by(["source", "known_on"]).agg(happened_on=facts[TABLES[name].event_on].max())
            frames.append(grouped.to_pandas())
        reached: pd.DataFrame = pd.concat(frames, ignore_index=True)
        return _dated(reached)

    @cached_property
    def _booked(self) -> pd.DataFrame:
        """How many payments of each day became known on which day, by source."""
        facts = self._stored("payments")
        return _dated(facts.group_by(["source", "known_on", "paid_on"]).agg(n=facts.count()).to_pandas())

    @cached_property
    def _behind(self) -> pd.DataFrame:
        """How far behind payments were booked, see `ledger.booking.behind`."""
        return behind(self._booked, self._reached)

    @cached_property
    def _paid(self) -> pd.DataFrame:
        """Which source paid whose invoices, see `ledger.payers`; none where there is one source alone."""
        if self._reached["source"].nunique() < 2:
            return pd.DataFrame({"source": [], "payer": [], "known_on": pd.to_datetime([]), "n": []})
        import ibis

        invoices = self._stored("invoices").group_by(["invoice_id", "source"]).agg(invoice_known_on=lambda t: t.known_on.min())
        payments = self._stored("payments").select("invoice_id", "known_on", payer="source")
        # Who pays an invoice is not known before the invoice is.
        paid = payments.join(invoices, "invoice_id").mutate(known_on=ibis.greatest(ibis._.known_on, ibis._.invoice_known_on))
        return _dated(paid.group_by(["source", "payer", "known_on"]).agg(n=paid.count()).to_pandas())

    def taken_over_on(self, known_on: date) -> date | None:
        """The day on which a history was taken over at once, as known on a day; see `ledger.migration`."""
        facts = self._stored("payments")
        known = facts.filter(facts.known_on <= known_on)
        return taken_over_on(known.group_by("paid_on").agg(n=known.count()).to_pandas())

    def booking_days(self, known_on: date) -> dict[str, int]:
        """For each source whose invoices' payments are booked late: for how many days before the last one watched they are not all in yet.

        One that has stated how far it was watched is taken at its word.
        """
        stated = self._stated(known_on)
        own = booking_days(self._behind[~self._behind["source"].isin(stated)], known_on)
        paid_by = {source: payer for source, payer in payers(self._paid, known_on).items() if source not in stated}
        others = {source: max(own.get(source, 0), own.get(payer, 0)) for source, payer in paid_by.items()}
        return {source: days for source, days in {**own, **others}.items() if days}

    def seen_until(self, known_on: date) -> dict[str, date]:
        """For each source, until when what was paid on its invoices has been seen: how far it was watched, and payments are booked.

        Where its payments have stopped coming in (`ledger.silence`), until the last one: who only loads invoices has seen nobody not pay.
        """
        late, silent = self.booking_days(known_on), self._silent(known_on)
        watched = self.observed_until(known_on)
        return {source: silent.get(source, until - timedelta(days=late.get(source, 0))) for source, until in watched.items()}

    def _silent(self, known_on: date) -> dict[str, date]:
        """The day of the last payment of each source whose payments have stopped; one that states how far it was watched is believed."""
        known = self._booked[self._booked["known_on"] <= pd.Timestamp(known_on)]
        watched, stated = self.observed_until(known_on), self._stated(known_on)
        found = {str(source): silent_since(days, watched[str(source)]) for source, days in known.groupby("source")["paid_on"]}
        return {source: silent[0] for source, silent in found.items() if silent and source not in stated}

    def _stated(self, known_on: date) -> set[str]:
        """The sources that had stated by then how far they were watched."""
        return {source for source, days in self.meta.observed_until.items() if min(days) <= known_on.isoformat()}

    @cached_property
    def span(self) -> tuple[date, date]:
        """The first and the last day on which anything booked (an invoice, a payment, a credit note) became known."""
        if self._reached.empty:
            raise RefusedError(f"the ledger at {self.store.uri} holds no facts: ingest a source first")
        known = self._reached["known_on"]
        first, last = pd.Timestamp(known.min()), pd.Timestamp(known.max())
        return first.date(), last.date()

    @cached_property
    def _last_seen(self) -> dict[str, date]:
        """For each source: how far it says it was watched, else the last sign among its booked facts."""
        last = {str(source): last_sign(days.to_numpy()) for source, days in self._reached.groupby("source")["happened_on"]}
        stated = {source: date.fromisoformat(max(days)) for source, days in self.meta.observed_until.items()}
        return {**last, **stated}

    @property
    def watched_to(self) -> date:
        """The last day that any source was watched, as far as is known today; what is dated far ahead of all else is no sign of it.

        Refused, as `span` is, where nothing is booked: that somebody watched tells nothing then.
        """
        _, _ = self.span
        return max(self._last_seen.values())

    @cached_property
    def today(self) -> date:
        """The day on which all is known: the last one watched, or a later one on which something booked became known."""
        return max(self.watched_to, last_sign(self._reached["known_on"].to_numpy()))

    def observed_until(self, as_of: date) -> dict[str, date]:
        """For each source with booked facts that had reached us by `as_of`, how far it was watched, seen from the end of that day.

        That is its last sign by then: a statement, or where it has stated nothing yet the greatest date among its facts; of invoices whose
        payments come of another source, no later than that one was watched. What came later changes nothing, not even that a source which
        had fallen silent was heard of again.
        """
        reached = self._reached[self._reached["known_on"] <= pd.Timestamp(as_of)]
        signs = {str(source): pd.Timestamp(day).date() for source, day in reached.groupby("source")["happened_on"].max().items()}
        stated: dict[str, date] = {}
        for source in signs:
            said = [day for day in map(date.fromisoformat, self.meta.observed_until.get(source, ())) if day <= as_of]
            stated |= {source: max(said)} if said else {}
        signs |= stated
        paid_by = {source: payer for source, payer in payers(self._paid, as_of).items() if source not in stated}
        return signs | {source: min(signs[source], signs[payer]) for source, payer in paid_by.items()}

    def refuse_stale(self, as_of: date) -> None:
        """Refuse a day before the first fact, or more than `staleness_days` past what any source was watched, as was known by then."""
        first, _ = self.span
        if as_of < first:
            raise RefusedError(f"as_of {as_of} is before the first fact of {self.store.uri} ({first}): choose a later day")
        last = max(self.observed_until(as_of).values())
        if as_of > last + timedelta(days=self.staleness_days):
            known, named = self.span[1], ", ".join(sorted(source for source, until in self.observed_until(as_of).items() if until == last))
            newer = (
                f"; the newest row reached us on {known}, but what moves the day until which we watched is a later date of an invoice, a "
                "payment or a credit note, or a later observed_until where the source file states one; where another source than that of "
                "the invoices brings the payments, its next ones"
            )
            raise RefusedError(
                f"as_of {as_of} is more than {self.staleness_days} days past the last day on which {self.store.uri} was watched ({last}): "
                f"ingest newer data, choose an as_of up to {last + timedelta(days=self.staleness_days)}, or raise staleness_days; "
                f"where nothing has happened since, say so: in a copy of the source file of {named}, its name kept, state "
                f"`observed_until: {as_of}` and ingest the same files with it (the ready ones, such as canonical, lie in configs/sources)"
                + (newer if known > last else "")
            )


class _Part(Ledger):
    """Some facts of a ledger, behind the same connection; how far its sources were watched is told by the whole."""

    def __init__(self, whole: Ledger) -> None:
        super().__init__(whole.store, staleness_days=whole.staleness_days, settled_within=whole.settled_within, connection=whole.connection)
        self.whole, self.share = whole, whole.share

    @cached_property
    def _reached(self) -> pd.DataFrame:
        return self.whole._reached

    @cached_property
    def _booked(self) -> pd.DataFrame:
        return self.whole._booked

    @cached_property
    def _behind(self) -> pd.DataFrame:
        return self.whole._behind

    @cached_property
    def _paid(self) -> pd.DataFrame:
        return self.whole._paid

    @cached_property
    def _last_seen(self) -> dict[str, date]:
        return self.whole._last_seen


class _Sample(_Part):
    """A ledger of some customers: those whose place, the first 32 bits of the hash of their id, is within a share of all places."""

    def __init__(self, whole: Ledger, share: float) -> None:
        super().__init__(whole)
        invoices = whole._stored("invoices")
        first = int(invoices.select(place=_place(invoices)).place.min().execute() or "0", 16)
        self.last = max(int(share * PLACES), first)
        self.share = self.last / PLACES

    def _stored(self, name: str) -> Any:
        stored = self.whole._stored(name)
        if "customer_id" not in stored.columns:
            return stored
        drawn = _place(stored) <= f"{self.last:08x}"
        if name != "invoices" and "invoice_id" in stored.columns:
            # An invoice's facts come with it, whoever they name: a parent may pay.
            drawn |= stored.invoice_id.isin(self._stored("invoices").invoice_id)
        return stored.filter(drawn)


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its days (`..._on`) as pandas keeps them."""
    days = [str(name) for name in frame if str(name).endswith("_on")]
    return frame.assign(**{name: pd.to_datetime(frame[name]).astype("datetime64[s]") for name in days})


def _place(rows: Any) -> Any:
    return rows.customer_id.hexdigest("sha256").left(8)
