"""From a cell's text to its value: SQL that reads numbers, days, yes and no as a source writes them.

Values are read with TRY_CAST and try_strptime, so that what cannot be read becomes a null beside its text and is found by the
guard; nothing is thrown at the first bad row.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.numbers import number_pattern
from ledger.sources import Source, Value, Zone
from ledger.sql import literal, literals, quoted
from ledger.tables import NO_WORD, Column

MONEY = "decimal(38, 4)"
YES, NO = ("true", "t", "1", "yes", "y"), ("false", "f", "0", "no", "n")


def as_number(text: str, source: Source) -> str:
    """SQL that reads a number as the source writes it, scientific notation included; any other text is null.

    `text` is SQL, too: a column, or what a macro is given.
    """
    trimmed, decimal, thousands = f"trim({text})", source.format.decimal, source.format.thousands
    plain = f"replace({trimmed}, {literal(thousands)}, '')" if thousands else trimmed
    plain = f"replace({plain}, ',', '.')" if decimal == "," else plain
    return f"try_cast(case when regexp_full_match({trimmed}, {literal(number_pattern(decimal, thousands))}) then {plain} end as {MONEY})"


def as_day(text: str, formats: Iterable[str], zone: Zone | None) -> str:
    """SQL that reads a local day. A time stamp is moved from the source's zone to the local one; a bare day is not.

    >>> as_day("t", ["%Y%m%d"], None)
    "cast(coalesce(try_strptime(trim(t), '%Y%m%d')) as date)"
    """
    trimmed = f"trim({text})"
    readings = []
    for pattern in formats:
        stamp = f"try_strptime({trimmed}, {literal(pattern)})"
        has_time = any(mark in pattern for mark in ("%H", "%I", "%c", "%X"))
        if "%z" in pattern.lower():
            readings.append(f"{stamp} at time zone {literal(zone.to)}" if zone else _as_written(stamp, trimmed, pattern))
        else:
            readings.append(_local(stamp, zone) if has_time and zone else stamp)
    if not any(pattern.startswith("%Y") for pattern in formats):
        readings.append(_iso(trimmed, zone))
    return f"cast(coalesce({', '.join(readings)}) as date)"


def _as_written(stamp: str, text: str, pattern: str) -> str:
    """A stamp that ends with its own offset, as the clock showed it."""
    zone = "[A-Za-z][A-Za-z0-9_/+-]*" if pattern.endswith("Z") else "Z|[+-]\\d\\d(:?\\d\\d)?"
    clock = f"regexp_replace({text}, '\\s*({zone})$', '')"
    return f"case when {stamp} is not null then try_strptime({clock}, {literal(pattern[:-2].rstrip())}) end"


def _local(stamp: str, zone: Zone) -> str:
    return f"({stamp} at time zone {literal(zone.from_)} at time zone {literal(zone.to)})"


def _iso(text: str, zone: Zone | None) -> str:
    stamp = f"try_cast({text} as timestamp)"
    if zone:
        offset = f"regexp_matches({text}, ':\\d\\d(\\.\\d+)?\\s*(Z|[+-]\\d\\d(:?\\d\\d)?)$')"
        moved = f"try_cast({text} as timestamptz) at time zone {literal(zone.to)}"
        stamp = f"case when length({text}) <= 10 then {stamp} when {offset} then {moved} else {_local(stamp, zone)} end"
    return f"case when regexp_matches({text}, '^\\d{{4,5}}-\\d') then {stamp} end"


def _as_bool(text: str) -> str:
    yes, no = (literals(words) for words in (YES, NO))
    return f"case when lower(trim({text})) in ({yes}) then true when lower(trim({text})) in ({no}) then false end"


def text_and_value(column: Column, value: Value, source: Source) -> tuple[str, str]:
    """SQL of a column's text and of its value."""
    from_header = value.column is not None
    if from_header:
        text = f"cast({quoted(value.column or '')} as varchar)"
    elif value.const is not None:
        text = literal(str(value.const).lower() if isinstance(value.const, bool) else value.const)
    else:
        text = f"cast(({value.sql}) as varchar)"
    if column.kind == "date":
        formats = value.format or (source.dates if from_header else ())
        return text, as_day(text, formats, source.timezone if from_header and not value.local else None)
    if column.kind == "money":
        return text, as_number(text, source) if from_header else f"try_cast({text} as {MONEY})"
    if column.kind == "rate":
        number = as_number(text, source).replace(MONEY, "double") if from_header else f"try_cast({text} as double)"
        return text, f"case when isfinite({number}) then {number} end"
    if column.kind == "bool":
        return text, _as_bool(text)
    read = f"regexp_replace(lower(trim({text})), {literal(NO_WORD)}, '_', 'g')" if column.code else text
    return text, f"case when trim({text}) <> '' then {read} end"
