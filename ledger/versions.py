"""Same id, same fact? Rows of an input against each other, and against what the ledger holds.

All of it is SQL over Arrow tables; rows are told apart by `position`, content by a hash of all columns but `known_on`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ledger.sql import literal, literals, quoted
from ledger.tables import Table

Positions = npt.NDArray[np.int64]

POSITION = "position"
ADDED = ("new", "version", "earlier")


@contextmanager
def _over(**tables: pa.Table) -> Iterator[Any]:
    import duckdb

    with duckdb.connect(config={"enable_external_access": False, "threads": 2}) as connection:
        for name, table in tables.items():
            connection.register(name, table)
        yield connection


def _listed(names: Sequence[str], prefix: str = "") -> str:
    return ", ".join(prefix + quoted(name) for name in names)


def _content(table: Table, prefix: str = "") -> str:
    return f"hash({_listed(table.names, prefix)})"


def duplicates(table: Table, rows: pa.Table, *, dated: bool) -> Positions:
    """Positions of rows that repeat an earlier row's id with other content. With `dated` rows another `known_on` is another version.

    >>> from ledger.tables import TABLES
    >>> rates = pa.table({"position": [0, 1, 2], "currency": ["EUR"] * 3, "rate_on": ["2024-02-29"] * 3, "rate": [1.1, 1.1, 1.2]})
    >>> duplicates(TABLES["rates"], rates.append_column("known_on", rates["rate_on"]), dated=True)
    array([2])
    """
    same = [*table.key, "known_on"] if dated else list(table.key)
    with _over(incoming=rows) as connection:
        found = connection.sql(
            f"select {POSITION} from (select {POSITION}, {_content(table)} as content,"
            f" first_value(content) over (partition by {_listed(same)} order by {POSITION}) as first_content from incoming)"
            f" where content <> first_content order by {POSITION}"
        ).to_arrow_table()
    return np.asarray(found[POSITION].to_numpy(), dtype=np.int64)


def two_units(rows: pa.Table) -> tuple[str, str, str, int] | None:
    """The first invoice id that one input uses for two business units: id, both units, position of the second."""
    with _over(incoming=rows) as connection:
        found = connection.sql(
            "select invoice_id, first_unit, business_unit, position from (select *,"
            " first_value(business_unit ignore nulls) over (partition by invoice_id order by position) as first_unit from incoming)"
            " where business_unit <> first_unit order by position limit 1"
        ).fetchall()
    return (found[0][0], found[0][1], found[0][2], int(found[0][3])) if found else None


def as_made_known(table: Table, rows: pa.Table) -> pa.Table:
    """Keys as their rows made them known, a row for each day: what was said first stands, and a blank is filled from the day that fills it.

    >>> from ledger.tables import TABLES
    >>> said = {"customer_id": ["C1"] * 3, "name": ["Acme Ltd", None, "Acme"], "country": ["GB", None, None], "position": [0, 1, 2]}
    >>> said |= {"known_on": ["2024-03-01", "2024-01-01", "2024-02-01"]} | dict.fromkeys(("kind", "segment", "parent_id"), [None] * 3)
    >>> as_made_known(TABLES["customers"], pa.table(said)).select(["name", "country", "known_on"]).to_pylist()[1:]
    [{'name': None, 'country': None, 'known_on': '2024-01-01'}, {'name': 'Acme', 'country': None, 'known_on': '2024-02-01'}]
    """
    key = _listed(table.key)
    said = ", ".join(
        f'"{name}"' if name in table.key else f'first_value("{name}" ignore nulls) over so_far as "{name}"' for name in table.names
    )
    with _over(incoming=rows) as connection:
        known: pa.Table = connection.sql(
            f"select {said}, known_on, {POSITION} from incoming"
            f" window so_far as (partition by {key} order by known_on, {POSITION} rows between unbounded preceding and current row)"
            f" qualify row_number() over (partition by {key}, known_on order by {POSITION} desc) = 1 order by {POSITION}"
        ).to_arrow_table()
    return known.cast(rows.select(known.column_names).schema)


def first_of_each(table: Table, rows: pa.Table) -> pa.Table:
    """One row for each version: repeats of the same content are dropped, the first row stays."""
    with _over(incoming=rows) as connection:
        kept: pa.Table = connection.sql(
            f"select * exclude (content, previous) from (select *, {_content(table)} as content,"
            f" lag(content) over (partition by {_listed(table.key)} order by known_on, {POSITION}) as previous from incoming)"
            f" where content is distinct from previous order by {POSITION}"
        ).to_arrow_table()
    return kept


def against(
    table: Table, rows: pa.Table, stored: pa.Table, source: str, *, shared: Sequence[str] = (), first_seen: bool = False
) -> pa.Table:
    """What each row is to the ledger: `rows` with `state` and, for messages, `stored_source`.

    Each is held against what stood on its day, be it stored or told by another row that is taken: what is corrected may be corrected back.
    `state` is `new` (an id the ledger lacks), `same` (nothing to add), `version` (other content, known later), `earlier` (a customer
    known before the ledger knew it), `stale` (other content, not known later) or `foreign` (other content under an id of another
    source or business unit). Customers that meet those of a `shared` source, or are only `first_seen` in the rows of other tables,
    are completed from the stored row and never conflict.
    """
    if not stored.num_rows:
        nothing = pa.nulls(rows.num_rows, pa.string())
        return rows.append_column("state", nothing.fill_null("new")).append_column("stored_source", nothing)
    is_customer = table.name == "customers"
    using = _listed(table.key)
    names = literals(shared) or "null"
    friend = f"({str(is_customer).lower()} and coalesce(s.source in ({names}), false))"
    mergeable = f"({friend} or {str(first_seen).lower()})"
    merged = ", ".join(f'coalesce(i."{name}", s."{name}") as "{name}"' for name in table.names)
    final = ", ".join(f"case when j.state = 'version' and j.mergeable then c.{name} else j.{name} end as {name}" for name in table.names)
    foreign_unit = "coalesce(i.business_unit <> s.business_unit, false)" if table.name == "invoices" else "false"
    own = f"(s.source = {literal(source)} or {friend})"
    with _over(incoming=rows, stored=stored) as connection:
        result: pa.Table = connection.sql(
            f"""
            with newest as (
                select *, {_content(table)} as content, min(known_on) over (partition by {using}) as first_on from stored
                qualify row_number() over (partition by {using} order by known_on desc) = 1
            ),
            fresh as (select *, {_content(table)} as content, {str(is_customer).lower()} as is_customer from incoming),
            completed as (
                select i.{POSITION}, {merged} from fresh i join newest s using ({using})
            ),
            later as (
                select i.{POSITION}, {_listed(table.key, "i.")}, i.known_on,
                    case when {mergeable} then {_content(table, "c.")} else i.content end as content
                from fresh i join newest s using ({using}) join completed c using ({POSITION})
                where i.known_on > s.known_on and {own} and not {foreign_unit}
            ),
            told as (
                select {using}, known_on, {_content(table)} as content, null as {POSITION}, null as said from stored
                union all select {using}, known_on, content, {POSITION}, content from later
                union all select {using}, known_on, null, {POSITION}, content from fresh
                where {POSITION} not in (select {POSITION} from later)
            ),
            before as (
                select {POSITION}, said, lag(content ignore nulls) over (
                    partition by {using} order by known_on, {POSITION} nulls first
                ) as stood from told qualify {POSITION} is not null
            ),
            judged as (
                select i.*, s.source as stored_source, {mergeable} as mergeable,
                    case
                        when s.source is null then 'new'
                        when is_customer and i.known_on < s.first_on and (i.content = s.content or {own}) then 'earlier'
                        when b.said = b.stood or (i.content = s.content and i.known_on <= s.known_on) then 'same'
                        when not {own} or {foreign_unit} then 'foreign'
                        when {mergeable} and i.known_on <= s.known_on and {_content(table, "c.")} = s.content then 'same'
                        when i.known_on > s.known_on then 'version'
                        when {mergeable} then 'same'
                        else 'stale'
                    end as state
                from fresh i
                left join newest s using ({using})
                left join completed c using ({POSITION})
                left join before b using ({POSITION})
            )
            select j.* exclude (content, is_customer, mergeable, {_listed(table.names)}),
                {final}
            from judged j left join completed c using ({POSITION})
            order by {POSITION}
            """
        ).to_arrow_table()
    return result
