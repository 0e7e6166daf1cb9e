"""The guard of the ledger: expectations made from the table definitions, and the rows that fail them.

Each check is a Great Expectations expectation whose `meta` names the rule and the column; the positions it reports are the
quarantine. What one table cannot see by itself (is the invoice known? is the id new?) reaches the guard as a boolean column.
Three stages: `values` looks at a row alone, `identity` at rows with the same id, `references` at other tables.
"""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from ledger.mapping import Mapped
from ledger.tables import TABLES, Table

Stage = Literal["values", "identity", "references"]

FIRST_DAY, LAST_DAY = pd.Timestamp("1990-01-01"), pd.Timestamp("2099-12-31")
LONGEST_TERM_DAYS = 3653
ABSURD_AMOUNT = 1e11
ORDERED = {"disputes": (("closed_on", "opened_on", "closed before it was opened"),)}
UNREADABLE = {"date": "not a date", "money": "not a number", "rate": "not a number", "bool": "not yes or no"}

DUPLICATE = "duplicate id with other content"
STALE = "other content than the ledger, and not known later"

REMEDIES = {
    "missing": "fill the column, or map it from another one",
    "not a date": 'state the way dates are written, for example `dates: "%d.%m.%Y"`, in the source file',
    "not a number": 'state `format: {decimal: ",", thousands: "."}` in the source file if numbers are written so',
    "not positive": "an invoice is positive; map credits to credit_notes",
    "negative": "amounts are not negative; map a reversal to credit_notes or leave it out with `where`",
    "unknown customer": "ingest the customers first, or map them from the same file",
    "unknown invoice": "ingest the invoices first; leave invoice_id empty for unapplied cash",
    DUPLICATE: "make the id unique, for example with `id_prefix: {column: ...}`",
    STALE: "say when the correction reached you with `--known-on DATE`, later than the stored version's",
}


@dataclass(frozen=True)
class Check:
    """One rule on one column, and the kind of expectation that tests it."""

    stage: Stage
    rule: str
    column: str
    kind: str
    arguments: tuple[tuple[str, Any], ...] = ()


def readable(column: str) -> str:
    return f"{column} is readable"


def known(column: str) -> str:
    return f"{column} is known"


def _is_true(stage: Stage, rule: str, column: str, flag: str) -> Check:
    return Check(stage, rule, column, "ExpectColumnValuesToBeInSet", (("column", flag), ("value_set", [True])))


def _between(rule: str, column: str, on: str | None = None, **bounds: Any) -> Check:
    return Check("values", rule, column, "ExpectColumnValuesToBeBetween", (("column", on or column), *bounds.items()))


def _not_before(rule: str, column: str, other: str) -> Check:
    pair = (("column_A", column), ("column_B", other), ("or_equal", True), ("ignore_row_if", "either_value_is_missing"))
    return Check("values", rule, column, "ExpectColumnPairValuesAToBeGreaterThanB", pair)


def checks(table: Table) -> Iterator[Check]:
    """All checks on a table, in the order in which a column's first failure is reported.

    >>> [check.rule for check in checks(TABLES["rates"]) if check.column == "rate"]
    ['not a number', 'missing', 'not positive']
    """
    for column in table.columns:
        name = column.name
        on = "stated issued_on" if (table.name, name) == ("invoices", "issued_on") else name
        if column.kind in UNREADABLE:
            yield _is_true("values", UNREADABLE[column.kind], name, readable(name))
        if column.required:
            yield Check("values", "missing", name, "ExpectColumnValuesToNotBeNull", (("column", name),))
        if column.values:
            arguments = (("column", name), ("value_set", list(column.values)))
            yield Check("values", "not one of " + ", ".join(column.values), name, "ExpectColumnValuesToBeInSet", arguments)
        if name == "currency":
            pattern = (("column", name), ("regex", "^[A-Z]{3}$"))
            yield Check("values", "not a currency code of three capitals", name, "ExpectColumnValuesToMatchRegex", pattern)
        if column.positive:
            yield _between("not positive", name, min_value=0, strict_min=True)
        elif column.kind == "money":
            yield _between("negative", name, min_value=0)
        if column.kind == "money":
            yield _between("absurdly large", name, max_value=ABSURD_AMOUNT, strict_max=True)
        if column.kind == "date":
            yield _between("not between 1990 and 2099", name, on, min_value=FIRST_DAY, max_value=LAST_DAY)
    if table.name == "invoices":
        yield _not_before("due before it was issued", "due_on", "stated issued_on")
        yield _between("due more than ten years after it was issued", "due_on", "days until due", max_value=LONGEST_TERM_DAYS)
    for later, earlier, rule in ORDERED.get(table.name, ()):
        yield _not_before(rule, later, earlier)
    yield _is_true("values", "not a date", "known_on", readable("known_on"))
    yield _between("not between 1990 and 2099", "known_on", min_value=FIRST_DAY, max_value=LAST_DAY)
    if table.event_on:
        yield Check("values", "missing", "known_on", "ExpectColumnValuesToNotBeNull", (("column", "known_on"),))
        if table.name != "invoices":
            yield _not_before("known before it happened", "known_on", table.event_on)
        else:
            yield _not_before("known before it happened", "known_on", "stated issued_on")
    yield _is_true("identity", DUPLICATE, table.key[0], "id is unique")
    yield _is_true("identity", STALE, table.key[0], "id is new or newer")
    for column_name, referenced in table.references:
        yield _is_true("references", f"unknown {referenced.removesuffix('s')}", column_name, known(column_name))
    if table.name in ("payments", "credit_notes"):
        yield _is_true("references", "currency differs from its invoice's", "currency", "currency agrees")


def values_frame(mapped: Mapped) -> pd.DataFrame:
    """The rows as the `values` stage looks at them: typed columns, whether each could be read, and what follows from two of them."""
    columns: dict[str, Any] = {}
    for column in (*mapped.table.columns, None):
        name, kind = (column.name, column.kind) if column else ("known_on", "date")
        values = mapped.rows[name]
        if kind in UNREADABLE:
            columns[readable(name)] = (mapped.text[name].is_null().to_numpy()) | (values.is_valid().to_numpy())
        if kind == "money":
            columns[name] = values.cast("float64").to_pandas()
        elif kind == "text":
            columns[name] = values.to_pandas().astype("str")
        elif kind == "bool":
            columns[name] = values.to_pandas().astype("boolean")
        else:
            columns[name] = values.to_pandas(date_as_object=False)
    if mapped.table.name == "invoices":
        assumed = columns["issued_on_assumed"].fillna(False).astype(bool)
        columns["stated issued_on"] = columns["issued_on"].mask(assumed)
        columns["days until due"] = (columns["due_on"] - columns["stated issued_on"]).dt.days
    return pd.DataFrame(columns)


@dataclass
class Guard:
    """Runs the checks of a stage and remembers what it saw, for the pages."""

    _seen: dict[str, dict[tuple[Stage, str, str], Any]] = field(default_factory=dict)

    def examine(self, table: Table, stage: Stage, frame: pd.DataFrame) -> pd.DataFrame:
        """The failures of a stage: `position` in the frame (0 = first), `column`, `rule`, in the order of `checks`."""
        failures = [pd.DataFrame({"position": pd.Series(dtype="int64"), "column": pd.Series(dtype="str"), "rule": pd.Series(dtype="str")})]
        if len(frame):
            for result in _validate(table, stage, frame.reset_index(drop=True)):
                meta = result.expectation_config.meta
                if result.exception_info.get("raised_exception"):
                    raise RuntimeError(f"{table.name}.{meta['column']}: {meta['rule']}: {result.exception_info}")
                positions = result.result.get("unexpected_index_list") or []
                seen = self._seen.setdefault(table.name, {})
                if positions or (stage, meta["rule"], meta["column"]) not in seen:
                    seen[stage, meta["rule"], meta["column"]] = result
                if positions:
                    failures.append(pd.DataFrame({"position": positions, "column": meta["column"], "rule": meta["rule"]}))
        return pd.concat(failures, ignore_index=True)

    def write_pages(self, folder: Path) -> Path:
        """Write the Data Docs of this load, one page a table, in place of the last ones; no value of any row is on them."""
        from great_expectations.core import ExpectationSuiteValidationResult
        from great_expectations.render import renderer as page_renderer
        from great_expectations.render import view as page_view

        # Its types leave these two names out.
        renderer: Any = page_renderer
        view: Any = page_view

        folder.mkdir(parents=True, exist_ok=True)
        links = []
        for name in TABLES:
            page = folder / f"{name}.html"
            page.unlink(missing_ok=True)
            if name not in self._seen:
                continue
            results = [_without_values(result) for result in self._seen[name].values()]
            failed = sum(not result.success for result in results)
            statistics = {
                "evaluated_expectations": len(results),
                "successful_expectations": len(results) - failed,
                "unsuccessful_expectations": failed,
                "success_percent": 100 * (len(results) - failed) / len(results),
            }
            meta: dict[str, Any] = {"active_batch_definition": {}, "run_id": None}
            whole = ExpectationSuiteValidationResult(success=not failed, results=results, suite_name=name, statistics=statistics, meta=meta)
            with _quiet():
                document = renderer.ValidationResultsPageRenderer().render(whole)
                page.write_text(view.DefaultJinjaPageView().render(document), encoding="utf-8")
            links.append(f'<li><a href="{name}.html">{name}</a>: {len(results)} checks, {failed} with bad rows</li>')
        index = folder / "index.html"
        title = "What the guard saw in the last load"
        index.write_text(f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1><ul>{''.join(links)}</ul>\n")
        return index


@contextmanager
def _quiet() -> Iterator[None]:
    """Great Expectations' own warnings (deprecated modules) are not the user's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@lru_cache(maxsize=1)
def _batches() -> Any:
    """Where frames are handed to Great Expectations; its import takes seconds and happens at the first load."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context.data_sources.add_pandas("ledger").add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")


@lru_cache(maxsize=64)
def _suite(table: str, stage: Stage) -> Any:
    import great_expectations as gx

    expectations = [
        getattr(gx.expectations, check.kind)(**dict(check.arguments), meta={"rule": check.rule, "column": check.column})
        for check in checks(TABLES[table])
        if check.stage == stage
    ]
    return gx.ExpectationSuite(name=f"{table} {stage}", expectations=expectations)


def _validate(table: Table, stage: Stage, frame: pd.DataFrame) -> list[Any]:
    if not any(check.stage == stage for check in checks(table)):
        return []
    with _quiet():
        batch = _batches().get_batch({"dataframe": frame})
        return list(batch.validate(_suite(table.name, stage), result_format={"result_format": "COMPLETE"}).results)


def _without_values(result: Any) -> Any:
    """The result with its counts and without the rows' values, which can be personal."""
    bare = copy.copy(result)
    personal = ("list", "counts", "query")
    bare.result = {name: value for name, value in result.result.items() if not any(word in name for word in personal)}
    return bare
