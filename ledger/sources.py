"""A source file: how one kind of input is read, in the user's own YAML.

    name: acme
    format: {separator: ";", decimal: ","}
    dates: "%d.%m.%Y"
    observed_until: 2024-06-30
    tables:
      invoices:
        columns:
          invoice_id: Number                       # a header
          due_on: {column: Due, format: "%Y%m%d"}  # a header with its own date format
          issued_on: {days_before: due_on, days: 15}   # assumed, and marked so
          currency: {const: EUR}
          amount: {sql: "as_number(Net) + as_number(Tax)"}

An unknown key is an error that names the nearest one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ledger.errors import UsageError, nearest
from ledger.keys import UNKNOWN, keys_at
from ledger.plain_yaml import read_yaml
from ledger.reading import Format
from ledger.tables import TABLES


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Value(_Strict):
    """Where a column comes from: one of `column`, `const`, `sql`, `days_before` or `days_after`.

    `sql` is an expression over the headers and the derived columns, in which `as_number(x)` and `as_day(x)` read text the way the
    source is written. `local: true` takes a time stamp as it stands, without the source's time zone.

    >>> Value.model_validate("DueDate")
    Value(column='DueDate', const=None, sql=None, days_before=None, days_after=None, days=None, format=(), local=False)
    """

    column: str | None = None
    const: str | int | float | bool | date | None = None
    sql: str | None = None
    days_before: str | None = None
    days_after: str | None = None
    days: int | str | None = None
    format: tuple[str, ...] = ()
    local: bool = False

    @model_validator(mode="before")
    @classmethod
    def _header(cls, raw: Any) -> Any:
        return {"column": str(raw)} if isinstance(raw, str | int) and not isinstance(raw, bool) else raw

    @field_validator("format", mode="before")
    @classmethod
    def _one_or_more(cls, raw: Any) -> Any:
        return (raw,) if isinstance(raw, str) else raw

    @model_validator(mode="after")
    def _one_origin(self) -> Value:
        origins = [self.column, self.const, self.sql, self.days_before, self.days_after]
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError("give exactly one of column, const, sql, days_before, days_after")
        if (self.days is not None) != (self.counted_from is not None):
            raise ValueError("days_before and days_after go with days: a number or a header")
        return self

    @property
    def counted_from(self) -> str | None:
        """The canonical column that this date is counted from."""
        return self.days_before or self.days_after


class TableMapping(_Strict):
    """One canonical table: which rows it takes (`where`) and where its columns come from."""

    where: str | None = None
    columns: dict[str, Value]


class Zone(_Strict):
    """Time stamps are written in the zone `from` and belong to the local day in the zone `to`.

    One that says its own offset, or stands in a typed column with a zone, is moved from there. Where no zones are stated, the day is the
    one that is written: in a typed column that of its zone's clocks (a DuckDB table has none and is read as UTC).
    """

    from_: str = Field(alias="from")
    to: str

    @field_validator("from_", "to")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"unknown time zone '{name}'; use a name such as UTC or Africa/Lagos") from None
        return name


class Source(_Strict):
    """A source file, checked. `layout: canonical` is a folder of canonical tables and maps nothing."""

    name: str
    description: str = ""
    layout: Literal["mapped", "canonical"] = "mapped"
    format: Format = Format()
    dates: tuple[str, ...] = ()
    timezone: Zone | None = None
    where: str | None = None
    observed_until: date | None = None
    id_prefix: Value | None = None
    shares_customers_with: tuple[str, ...] = ()
    derived: dict[str, str] = {}
    tables: dict[str, TableMapping] = {}

    @field_validator("dates", mode="before")
    @classmethod
    def _one_or_more(cls, raw: Any) -> Any:
        return (raw,) if isinstance(raw, str) else raw

    @field_validator("id_prefix", mode="before")
    @classmethod
    def _text(cls, raw: Any) -> Any:
        return {"const": raw} if isinstance(raw, str) else raw

    @model_validator(mode="after")
    def _names(self) -> Source:
        if self.layout == "canonical" and self.tables:
            raise ValueError("layout: canonical takes the canonical columns as they are; leave tables out, or leave layout out")
        if self.layout == "mapped" and not self.tables:
            raise ValueError("tables is missing: say which canonical tables the file fills")
        within = [pattern for pattern in self._formats() if re.search("%[zZ].", pattern)]
        if within and self.timezone is None:
            raise ValueError(f"'{within[0]}': an offset within a stamp needs a `timezone`, in which the day is told")
        for name, mapping in self.tables.items():
            if name not in TABLES:
                raise ValueError(f"unknown table '{name}': {nearest(name, TABLES)}")
            known = (*TABLES[name].names, "known_on")
            dates = {"known_on", *(column.name for column in TABLES[name].columns if column.kind == "date")}
            for column, value in mapping.columns.items():
                if column not in known:
                    raise ValueError(f"unknown column '{name}.{column}': {nearest(column, known)}")
                if value.counted_from and value.counted_from not in mapping.columns:
                    raise ValueError(f"{name}.{column} is counted from '{value.counted_from}', which is not mapped there")
                if value.counted_from and not {column, value.counted_from} <= dates:
                    raise ValueError(f"{name}.{column}: days are counted from a date to a date; '{value.counted_from}' or this is none")
            missing = [column.name for column in TABLES[name].columns if column.required and column.name not in mapping.columns]
            if missing:
                raise ValueError(f"{name}.{missing[0]} is required and not mapped")
        return self

    def _formats(self) -> tuple[str, ...]:
        own = (value.format for mapping in self.tables.values() for value in mapping.columns.values())
        return (*self.dates, *(pattern for patterns in own for pattern in patterns))

    @property
    def definition(self) -> str:
        """A hash of what this source does to a file; comments and the description do not matter."""
        return hashlib.sha256(self.model_dump_json(exclude_defaults=True, exclude={"description"}).encode()).hexdigest()


def _shipped() -> Traversable:
    return resources.files("configs").joinpath("sources")


def ready_sources() -> list[str]:
    """The names of the sources that ship with the package.

    >>> "canonical" in ready_sources()
    True
    """
    return sorted(entry.name.removesuffix(".yaml") for entry in _shipped().iterdir() if entry.name.endswith(".yaml"))


def load_source(name_or_path: str | Path) -> Source:
    """The ready source of that name, or the one in a YAML file (whose `name` is the file's stem unless stated).

    >>> load_source("canonical").layout
    'canonical'
    >>> load_source("canonicle")
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: no source 'canonicle': did you mean 'canonical'?
    """
    text = str(name_or_path)
    file = Path(text)
    if text in ready_sources():
        content = _shipped().joinpath(f"{text}.yaml").read_text(encoding="utf-8")
    elif file.suffix in (".yaml", ".yml") or file.is_file():
        try:
            content = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{text}: the source file cannot be read ({error})") from None
    else:
        raise UsageError(f"no source '{text}': {nearest(text, ready_sources())}")
    return parse_source(content, origin=text)


def parse_source(content: str, *, origin: str) -> Source:
    """The source written in a YAML text. `origin` is named in errors.

    >>> parse_source("{name: acme, tabels: {}}", origin="acme.yaml")
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: acme.yaml: unknown key 'tabels': did you mean 'tables'?
    """
    raw, _ = read_yaml(content, origin)
    if not isinstance(raw, dict):
        raise UsageError(f"{origin}: a source file is a mapping with `name` and `tables`")
    try:
        return Source.model_validate({"name": Path(origin).stem, **raw})
    except ValidationError as error:
        raise UsageError(f"{origin}: " + "; ".join(_explained(error))) from None


def _explained(error: ValidationError) -> Iterable[str]:
    for one in error.errors():
        path = [str(part) for part in one["loc"]]
        if one["type"] in UNKNOWN:
            yield f"unknown key '{'.'.join(path)}': {nearest(path[-1], keys_at(Source, one['loc'][:-1]))}"
        else:
            yield (f"{'.'.join(path)}: " if path else "") + one["msg"].removeprefix("Value error, ")
