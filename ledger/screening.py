"""Which rows may load: the guard's stages over all tables of one ingest, until no row depends on a bad one.

A source row loads into all its tables or into none: whatever fails in one table is bad in every table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.checks import Stage, known
from ledger.errors import RefusedError
from ledger.guard import Guard, values_frame
from ledger.mapping import Mapped
from ledger.near_ids import near_id
from ledger.progress import Progress
from ledger.reading import ROW, RawInput
from ledger.sources import Source
from ledger.store import Store
from ledger.tables import TABLES, Table
from ledger.versions import ADDED, POSITION, against, as_made_known, duplicates, first_of_each, two_units

Mask = npt.NDArray[np.bool_]

LONG_AGO = pd.Timestamp("1990-01-01").date()
FAILURE_COLUMNS = ["number", ROW, "table", "column", "rule", "value"]


class Screening:
    """The rows of one ingest on their way into a store. `failures` names every bad row; `added` is what the ledger gains.

    `kept_back` are the rows in quarantine of inputs that were loaded before, by input; what is not among them is in the ledger already.
    """

    def __init__(
        self,
        store: Store,
        source: Source,
        inputs: Sequence[RawInput],
        mapped: Sequence[Mapped],
        *,
        kept_back: Mapping[int, npt.NDArray[np.int64]] | None = None,
        progress: Progress,
    ) -> None:
        self.store, self.source, self.inputs, self.guard = store, source, inputs, Guard()
        self._kept_back = kept_back or {}
        self.mapped = {one.table.name: one for one in mapped}
        self.bad: dict[int, npt.NDArray[np.int64]] = {}
        self.failures = pd.DataFrame(columns=FAILURE_COLUMNS)
        self.added: dict[str, pa.Table] = {}
        self._states: dict[str, pa.Table] = {}
        for number, raw in enumerate(inputs):
            tables = [one.table.name for one in mapped if one.number == number]
            table = tables[0] if len(tables) == 1 else ""  # a row that cannot be cut might have gone to any of several
            rows = [(number, bad.source_row, table, "", bad.rule, bad.value) for bad in raw.malformed]
            self._record(pd.DataFrame(rows, columns=FAILURE_COLUMNS))
        progress("checking values")
        for one in self.mapped.values():
            self._examine(one, "values", values_frame(one), np.arange(one.rows.num_rows))
        if not self._first_seen(TABLES["customers"]):
            self._date_customers()
        progress("comparing ids with the ledger")
        for one in self.mapped.values():
            if not self._first_seen(one.table) and one.table.name != "disputes":
                self._check_identity(one)
        progress("checking references")
        while self._check_references():
            pass
        if "disputes" in self.mapped:
            self._check_identity(self._date_disputes(self.mapped["disputes"]))
            while self._check_references():
                pass
        self._gather()

    def _first_seen(self, table: Table) -> bool:
        """Customers that are named only in the rows of facts: what is seen first of each stands."""
        return table.name == "customers" and self.source.layout == "mapped" and len(self.mapped) > 1

    def _good(self, one: Mapped) -> Mask:
        bad = self.bad.get(one.number)
        mask = np.ones(one.rows.num_rows, dtype=bool)
        return mask if bad is None else ~np.isin(one.rows[ROW].to_numpy(), bad)

    def good_rows(self) -> Iterator[tuple[Table, pa.Table]]:
        """Of each table the rows of this ingest that are not bad, with their `source_row`."""
        for one in self.mapped.values():
            yield one.table, one.rows.filter(pa.array(self._good(one)))

    def _loaded_before(self, one: Mapped) -> Mask:
        """Rows that the ledger took from this input before: they are not judged twice, nor held against later corrections."""
        if one.number not in self._kept_back:
            return np.zeros(one.rows.num_rows, dtype=bool)
        return ~np.isin(one.rows[ROW].to_numpy(), self._kept_back[one.number])

    def _stored_form(self, one: Mapped) -> pa.Table:
        """The good rows as they would be stored, with their position."""
        positions = np.flatnonzero(self._good(one))
        rows = one.rows.take(pa.array(positions))
        schema = pa.schema([*(one.table.schema.field(name) for name in one.table.names), one.table.schema.field("known_on")])
        return rows.select(schema.names).cast(schema).append_column(POSITION, pa.array(positions, pa.int64()))

    def _examine(self, one: Mapped, stage: Stage, frame: pd.DataFrame, positions: npt.NDArray[np.int64]) -> int:
        """Run one stage on rows at `positions`; the number of rows that failed."""
        found = self.guard.examine(one.table, stage, frame)
        found["position"] = positions[found["position"].to_numpy(dtype=np.int64)]
        found = found[~self._loaded_before(one)[found["position"]]]
        if found.empty:
            return 0
        # One failure a column says enough, and a column that follows from a bad one is not at fault.
        found = found.drop_duplicates(["position", "column"])
        counted = {name for name, value in self._columns(one.table).items() if value}
        follows = found["column"].isin({"known_on", *counted}) & (found["rule"] == "missing")
        found = found[~(follows & found["position"].isin(found.loc[~follows, "position"]))]
        texts = pd.Series(index=found.index, dtype="str")
        for column, rows in found.groupby("column"):
            texts.loc[rows.index] = one.text[str(column)].take(pa.array(rows["position"])).to_pandas().to_numpy()
        self._record(
            pd.DataFrame(
                {
                    "number": one.number,
                    ROW: one.rows[ROW].to_numpy()[found["position"]],
                    "table": one.table.name,
                    "column": found["column"],
                    "rule": found["rule"],
                    "value": texts,
                }
            )
        )
        return int(found["position"].nunique())

    def _columns(self, table: Table) -> dict[str, str | None]:
        mapping = self.source.tables.get(table.name)
        return {name: value.counted_from for name, value in mapping.columns.items()} if mapping else {}

    def _record(self, failures: pd.DataFrame) -> None:
        if len(failures):
            so_far = [self.failures] if len(self.failures) else []
            self.failures = pd.concat([*so_far, failures], ignore_index=True)
            for number, rows in failures.groupby("number"):
                before = self.bad.get(int(str(number)), np.array([], dtype=np.int64))
                self.bad[int(str(number))] = np.union1d(before, rows[ROW].to_numpy(dtype=np.int64))

    def _earliest_facts(self, of: str) -> pa.Table:
        """The earliest day on which a good fact of this ingest was known, `of` each customer_id or each source_row: `known_on_min`."""
        facts = [pa.table({of: pa.array([], pa.int64() if of == ROW else pa.string()), "known_on": pa.array([], pa.date32())})]
        for one in self.mapped.values():
            if one.table.event_on and "customer_id" in one.table.names:
                facts.append(one.rows.select([of, "known_on"]).filter(pa.array(self._good(one))))
        return pa.concat_tables(facts).group_by(of).aggregate([("known_on", "min")])

    def _date_customers(self) -> None:
        """Customers without a stated day are known from their earliest fact on, or what a row of facts says of them from that fact on.

        Else as the ledger knows them, else from long ago.
        """
        one = self.mapped.get("customers")
        if one is None:
            return
        of = ROW if self._first_seen(one.table) else "customer_id"
        facts = self._earliest_facts(of)
        place = pc.index_in(one.rows[of], value_set=facts[of].combine_chunks(), skip_nulls=True)
        stored = self.store.read("customers", ["customer_id", "known_on"]).group_by("customer_id").aggregate([("known_on", "max")])
        there = pc.index_in(one.rows["customer_id"], value_set=stored["customer_id"].combine_chunks(), skip_nulls=True)
        days = (one.rows["known_on"], facts["known_on_min"].take(place), stored["known_on_max"].take(there))
        filled = pc.coalesce(*days, pa.scalar(LONG_AGO, pa.date32()))
        position = one.rows.column_names.index("known_on")
        self.mapped["customers"] = replace(one, rows=one.rows.set_column(position, "known_on", filled))

    def _date_disputes(self, one: Mapped) -> Mapped:
        """A dispute without a day is known from the day its invoice was settled on, by what the ledger has and gains: so it comes last."""
        known_on = one.rows["known_on"]
        if pc.any(pc.and_(known_on.is_null(), pa.array(self._good(one)))).as_py():
            from ledger.settling import settled_days

            facts = {}
            for name in ("invoices", "payments", "credit_notes"):
                columns = list(dict.fromkeys([TABLES[name].key[0], "invoice_id", "amount", "known_on"]))
                gained = [self._gained(self.mapped[name]).select(columns)] if name in self.mapped else []
                stored = self.store.read(name, columns)
                facts[name] = pa.concat_tables([stored, *(rows.cast(stored.schema) for rows in gained)])
            days = settled_days(**facts)
            place = pc.index_in(one.rows["invoice_id"], value_set=days["invoice_id"].combine_chunks(), skip_nulls=True)
            filled = pc.coalesce(known_on, days["settled_on"].take(place))
            one = replace(one, rows=one.rows.set_column(one.rows.column_names.index("known_on"), "known_on", filled))
            self.mapped["disputes"] = one
        return one

    def _check_identity(self, one: Mapped) -> None:
        rows = self._stored_form(one)
        if one.table.name == "invoices":
            self._refuse_two_units(one, rows)
        unique = ~np.isin(rows[POSITION].to_numpy(), duplicates(one.table, rows, dated=one.dated))
        states = self._judge(one, rows.filter(pa.array(unique)))
        fresh = np.ones(len(unique), dtype=bool)
        fresh[unique] = pc.not_equal(states["state"], "stale").to_numpy(zero_copy_only=False)
        flags = {"day is known": rows["known_on"].is_valid().to_numpy(), "id is unique": unique, "id is new or newer": fresh}
        self._examine(one, "identity", pd.DataFrame(flags), rows[POSITION].to_numpy())

    def _judge(self, one: Mapped, rows: pa.Table) -> pa.Table:
        stored = self.store.read(one.table.name)
        states = against(
            one.table, rows, stored, self.source.name, shared=self.source.shares_customers_with, first_seen=self._first_seen(one.table)
        )
        foreign = states.filter(pc.equal(states["state"], "foreign"))
        if foreign.num_rows:
            first = foreign.slice(0, 1).to_pylist()[0]
            key = one.table.key[0]
            unit = f", or from another business unit than '{first['business_unit']}'" if first.get("business_unit") else ""
            raise RefusedError(
                f"{self._place(one, first[POSITION])}: {one.table.name}.{key} '{first[key]}' is in the ledger already with other content"
                f" from source '{first['stored_source']}'{unit}, {foreign.num_rows} such rows in all;"
                " keep them apart with `id_prefix` in the source file"
            )
        self._states[one.table.name] = states
        return states

    def _place(self, one: Mapped, position: int) -> str:
        return f"{self.inputs[one.number].name}: row {one.rows[ROW][position]}"

    def _refuse_two_units(self, one: Mapped, rows: pa.Table) -> None:
        found = two_units(rows)
        if found:
            invoice, first, second, position = found
            raise RefusedError(
                f"{self._place(one, position)}: invoices.invoice_id '{invoice}' is used by business units"
                f" '{first}' and '{second}'; keep them apart with `id_prefix: {{column: ...}}` in the source file"
            )

    def _check_references(self) -> int:
        """One round over all tables; rows that name a bad or unknown one become bad. The number of newly bad rows."""
        newly_bad = 0
        ids = {name: self._known_ids(name) for name in ("customers", "invoices")}
        for one in self.mapped.values():
            good = np.flatnonzero(self._good(one))
            if not one.table.references or not len(good):
                continue
            flags = {}
            rows = one.rows.take(pa.array(good))
            for column, referenced in one.table.references:
                place = pc.index_in(rows[column], value_set=ids[referenced]["id"].combine_chunks())
                flags[known(column)] = pc.or_(place.is_valid(), rows[column].is_null()).to_numpy()
                if referenced == "invoices" and "currency" in one.table.names:
                    same = pc.equal(ids["invoices"]["currency"].take(place), rows["currency"])
                    flags["currency agrees"] = same.fill_null(True).to_numpy()
            newly_bad += self._examine(one, "references", pd.DataFrame(flags), good)
        return newly_bad

    def likely_meant(self, rule: str, value: str | None) -> str:
        """Which id was meant by one that nobody knows, or that its own row is in quarantine; empty where none is near."""
        if not rule.startswith("unknown ") or not value:
            return ""
        one = rule.removeprefix("unknown ")
        name = one + "s"
        if name in self.mapped and pc.any(pc.equal(self.mapped[name].rows[TABLES[name].key[0]], value)).as_py():
            return f"its {one} is in this input, and in quarantine: mend that row, and this one loads, too"
        near = near_id(value, self._known_ids(name)["id"])
        return f"did you mean '{near}'? ids are compared letter by letter" if near not in (None, value) else ""

    def _known_ids(self, name: str) -> pa.Table:
        """Ids of the good rows of this ingest, then of the ledger, newest first; with currency for invoices."""
        key = TABLES[name].key[0]
        columns = [key, *(["currency"] if name == "invoices" else [])]
        stored = self.store.read(name, [*columns, "known_on"]).sort_by([("known_on", "descending")]).select(columns)
        one = self.mapped.get(name)
        tables = [stored] if one is None else [one.rows.select(columns).filter(pa.array(self._good(one))), stored]
        return pa.concat_tables(tables).rename_columns(["id", *columns[1:]])

    def _gather(self) -> None:
        """What the ledger gains: new rows and versions of the good rows, one each."""
        if self._first_seen(TABLES["customers"]):
            self._date_customers()
        for one in self.mapped.values():
            if self._first_seen(one.table):
                rows = self._stored_form(one)
                self._judge(one, first_of_each(one.table, as_made_known(one.table, rows)))
            self.added[one.table.name] = self._gained(one)

    def _gained(self, one: Mapped) -> pa.Table:
        states = self._states[one.table.name]
        states = states.filter(pa.array(np.isin(states[POSITION].to_numpy(), np.flatnonzero(self._good(one)))))
        gained = states.filter(pc.is_in(states["state"], pa.array(ADDED)))
        rows = first_of_each(one.table, gained) if gained.num_rows else gained
        return rows.select([*one.table.names, "known_on"])
