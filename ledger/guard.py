"""The guard of the ledger: every check run by Great Expectations, and the rows that fail.

Each check becomes an expectation whose `meta` names the rule and the column; the positions that it reports are the quarantine.
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
from typing import Any

import pandas as pd

from ledger.checks import UNREADABLE, Stage, checks, readable
from ledger.mapping import Mapped
from ledger.tables import TABLES, Table


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
        results = batch.validate(_suite(table.name, stage), result_format={"result_format": "COMPLETE"}).results
    order = [(check.rule, check.column) for check in checks(table)]
    return sorted(
        results, key=lambda result: order.index((result.expectation_config.meta["rule"], result.expectation_config.meta["column"]))
    )


def _without_values(result: Any) -> Any:
    """The result with its counts and without the rows' values, which can be personal."""
    bare = copy.copy(result)
    personal = ("list", "counts", "query")
    bare.result = {name: value for name, value in result.result.items() if not any(word in name for word in personal)}
    return bare
