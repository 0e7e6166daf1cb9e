"""From text to facts: a source file compiled to one DuckDB SELECT for each canonical table.

How each value is read stands in `ledger.values`. The connection has no access to files or network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from ledger.checks import FIRST_DAY, LAST_DAY
from ledger.errors import RefusedError, UsageError, nearest
from ledger.reading import ROW, RawInput
from ledger.sources import Source, TableMapping
from ledger.sql import literal, quoted
from ledger.tables import TABLES, Column, Table
from ledger.values import MONEY, as_day, as_number, text_and_value


@dataclass(frozen=True)
class Mapped:
    """The rows that one input gives to one table.

    `rows` has `source_row`, the table's columns typed (money wider than stored, so that absurd amounts are seen) and `known_on`
    (null where it is yet to be found); `text` has what the file says for each of them, row by row. `dated` tells that the source
    states `known_on` itself.
    """

    table: Table
    number: int
    rows: pa.Table
    text: pa.Table
    dated: bool


@dataclass(frozen=True)
class Mapping:
    """All that one input gives: its tables, how many rows a `where` left out, and the numbers of those for which that cannot be told."""

    tables: tuple[Mapped, ...]
    skipped: int
    undecided: tuple[int, ...] = ()


def map_input(source: Source, raw: RawInput, number: int = 0, known_on: date | None = None) -> Mapping:
    """Map one input through its source. `number` tells inputs of one ingest apart; `known_on` is the earliest day for every row.

    A header that the source names and the file lacks is refused, with the nearest header.
    """
    import duckdb

    mappings = {TABLES[name]: mapping for name, mapping in source.tables.items()}
    _refuse_missing_headers(source, raw, mappings)
    with duckdb.connect(config={"enable_external_access": False, "threads": 2}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        _run(connection, f"create macro as_number(t) as {as_number('t', source)}", source, raw)
        _run(connection, f"create macro as_day(t) as {as_day('t', source.dates, source.timezone)}", source, raw)
        connection.register("source", raw.table)
        derived = "".join(f", ({expression}) as {quoted(column)}" for column, expression in source.derived.items())
        whole = f"from (select *{derived} from source)"
        keep = f" where coalesce(({source.where}), false)" if source.where else ""
        _run(connection, f"create temp table kept as select * {whole}{keep}", source, raw)
        unkept = (
            _run(connection, f"select {ROW} {whole} where {_no_answer(source.where, raw)}", source, raw).to_arrow_table()[ROW].to_pylist()
        )
        undecided = _leave_out_untaken(connection, source, raw)
        (kept,) = connection.execute("select count(*) from kept").fetchone() or (0,)
        tables = []
        for table, mapping in mappings.items():
            select = _select(source, table, mapping, known_on)
            result = _run(connection, select, source, raw).to_arrow_table()
            texts = [name for name in result.column_names if name.startswith(_TEXT)]
            tables.append(
                Mapped(
                    table,
                    number,
                    result.drop_columns(texts),
                    result.select(texts).rename_columns([name.removeprefix(_TEXT) for name in texts]),
                    "known_on" in mapping.columns and known_on is None,
                )
            )
    return Mapping(tuple(tables), raw.table.num_rows - kept - len(unkept), (*unkept, *undecided))


def _no_answer(where: str | None, raw: RawInput) -> str:
    """The rows of which a `where` tells nothing though all that it asks for is filled: an empty column answers no, as ever in SQL."""
    asked = [name for name in raw.headers if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", where or "", re.IGNORECASE)]
    return " and ".join([f"({where or 'true'}) is null", *(f"{quoted(name)} is not null" for name in asked)])


def _leave_out_untaken(connection: Any, source: Source, raw: RawInput) -> tuple[int, ...]:
    """Take the rows that no table wants out of `kept`, and give the numbers of those for which a `where` comes to no answer.

    Customers that are only named beside facts do not count: a row is there for its fact.
    """
    wheres = [one.where for name, one in source.tables.items() if name != "customers" or len(source.tables) == 1]
    if any(where is None for where in wheres):
        return ()
    taken = " or ".join(f"coalesce(({where}), false)" for where in wheres)
    no_answer = " or ".join(f"({where}) is null" for where in wheres)
    untaken = _run(connection, f"select {ROW}, ({no_answer}) as undecided from kept where not ({taken})", source, raw).to_arrow_table()
    connection.register("untaken", untaken)
    connection.execute(f"delete from kept where {ROW} in (select {ROW} from untaken where not undecided)")
    return tuple(untaken.filter(untaken["undecided"])[ROW].to_pylist())


_TEXT = "text of "


def _run(connection: Any, sql: str, source: Source, raw: RawInput) -> Any:
    """Run one statement; an error becomes one that speaks of the file or of the source."""
    import duckdb

    try:
        if sql.startswith("create"):
            return connection.execute(sql)
        connection.execute(f"create or replace temp table mapped as {sql}")
        return connection.table("mapped")
    except duckdb.Error as error:
        missing = re.search(r'Referenced column "(.+?)" not found', str(error))
        if missing:
            raise RefusedError(_no_column(raw, missing[1], "an expression of the source", source)) from None
        raise UsageError(f"source {source.name}: {str(error).splitlines()[0]}") from None


def _no_column(raw: RawInput, header: str, needed_for: str, source: Source) -> str:
    hint = nearest(header, raw.headers)
    remedy = f"mend the header, or the column's name in source {source.name}"
    return f"{raw.name}: no column '{header}' (needed for {needed_for}); {hint} ({remedy})"


def _refuse_missing_headers(source: Source, raw: RawInput, mappings: dict[Table, TableMapping]) -> None:
    known = {*raw.headers, *source.derived, ROW}
    for table, mapping in mappings.items():
        for column, value in mapping.columns.items():
            days = value.days if isinstance(value.days, str) else None
            for header in (value.column, days):
                if header is not None and header not in known:
                    raise RefusedError(_no_column(raw, header, f"{table.name}.{column}", source))
                if header in raw.doubled:
                    raise RefusedError(f"{raw.name}: column '{header}' stands there more than once; rename all but one")


def _select(source: Source, table: Table, mapping: TableMapping, known_on: date | None) -> str:
    """One SELECT over the kept rows: each column's value and, for the guard, its text."""
    columns = {**{column.name: column for column in table.columns}, "known_on": Column("known_on", "date")}
    pairs: dict[str, tuple[str, str]] = {}

    def resolve(name: str, trail: tuple[str, ...] = ()) -> tuple[str, str]:
        if name in trail:
            raise UsageError(f"source {source.name}: {table.name}.{name} is counted from itself")
        value = mapping.columns.get(name)
        if value is None:
            kind = {"money": MONEY, "rate": "double", "date": "date", "bool": "boolean", "text": "varchar"}[columns[name].kind]
            return "cast(null as varchar)", f"cast(null as {kind})"
        if value.counted_from is None:
            return text_and_value(columns[name], value, source)
        _, start = resolve(value.counted_from, (*trail, name))
        sign = "-" if value.days_before else "+"
        if not isinstance(value.days, str):
            moved = f"({start} {sign} {value.days})"
            return f"cast({moved} as varchar)", moved
        written = f"cast({quoted(value.days)} as varchar)"
        days = as_number(written, source)
        # The file says a number of days, and that is what is shown of a bad row; half a day or one beyond all calendars is no date.
        moved = f"case when {days} = trunc({days}) then try({start} {sign} cast({days} as integer)) end"
        return f"case when {start} is not null then {written} end", moved

    for name in columns:
        pairs[name] = resolve(name)
    if "issued_on_assumed" in pairs:
        issued = mapping.columns.get("issued_on")
        counted = "true" if issued and issued.counted_from else "false"
        text, stated = pairs["issued_on_assumed"]
        pairs["issued_on_assumed"] = (text, f"case when {text} is null then {counted} else {stated} end")
    for name in id_columns(table, source):
        text, read = pairs[name]
        prefix = f"cast({quoted(source.id_prefix.column)} as varchar)" if source.id_prefix and source.id_prefix.column else None
        if source.id_prefix and prefix is None:
            prefix = literal(source.id_prefix.const) if source.id_prefix.const is not None else f"cast(({source.id_prefix.sql}) as varchar)"
        if prefix:
            pairs[name] = (text, f"({prefix} || {read})")
    pairs["known_on"] = (pairs["known_on"][0], _known_on(table, pairs, known_on))
    select = ", ".join(f"{value} as {quoted(name)}, {text} as {quoted(_TEXT + name)}" for name, (text, value) in pairs.items())
    where = f" where coalesce(({mapping.where}), false)" if mapping.where else ""
    return f"select {ROW}, {select} from kept{where} order by {ROW}"


def id_columns(table: Table, source: Source) -> list[str]:
    """The columns that `id_prefix` goes before: every id; customers stay as they are where they meet another source's,
    or where the prefix differs from row to row."""
    if source.id_prefix is None or table.name == "rates":
        return []
    ids = [*table.key, *(column for column, _ in table.references)]
    if table.name == "customers":
        ids.append("parent_id")
    keep_customers = source.shares_customers_with or source.id_prefix.const is None
    return [name for name in dict.fromkeys(ids) if not (keep_customers and name in ("customer_id", "parent_id"))]


def _known_on(table: Table, pairs: dict[str, tuple[str, str]], known_on: date | None) -> str:
    text, stated = pairs["known_on"]
    own = pairs[table.event_on][1] if table.event_on else "cast(null as date)"
    if known_on is not None:
        return f"greatest(date {literal(known_on.isoformat())}, {own})"
    found = f"coalesce({stated}, {own})"
    if table.name == "invoices":
        # An assumed date is no evidence against the stated day of knowledge, nor against its row where it lies outside of all years.
        assumed = f"least(greatest({stated}, {own}, date '{FIRST_DAY:%Y-%m-%d}'), date '{LAST_DAY:%Y-%m-%d}')"
        found = f"case when {pairs['issued_on_assumed'][1]} then {assumed} else {found} end"
    return f"case when {text} is null or {stated} is not null then {found} end"
