"""The way in: read, map, guard, quarantine, add. One commit, or nothing.

An input is known by its batch: a hash of the file's bytes, the source's definition and `--known-on`. The same batch twice changes nothing,
but that rows in quarantine are judged again: the invoice that a payment waited for may have come.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.canonical import canonical_files, canonical_source, left_out
from ledger.checks import UNDECIDED, remedy
from ledger.errors import RefusedError
from ledger.mapping import map_input
from ledger.meta import QUARANTINE_SCHEMA, Input, LedgerMeta
from ledger.progress import Progress, silent
from ledger.reading import ROW, RawInput, read_input
from ledger.screening import Screening
from ledger.sources import Source, load_source
from ledger.store import Store, new_meta
from ledger.strays import Stray, strays
from ledger.tables import TABLES

SHOWN = 5


@dataclass(frozen=True)
class IngestReport:
    """What became of an ingest: its inputs, whether all were loaded before, and the pages of the guard.

    `left_out` are the columns of each canonical file that its table does not have; `strays` facts dated long after all others;
    `quarantined` lines about the rules that most rows of each file broke, with an example and what would help; `outcomes` how many good
    rows of contacts have each.
    """

    inputs: tuple[Input, ...]
    already_loaded: bool
    data_docs: Path | None = None
    left_out: dict[str, list[str]] = field(default_factory=dict)
    strays: tuple[Stray, ...] = ()
    quarantined: dict[str, list[str]] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)


def ingest(
    store: Store,
    source: str,
    path: str | Path,
    *,
    known_on: date | None = None,
    max_bad_share: float = 0.2,
    progress: Progress = silent,
) -> IngestReport:
    """Load a file, a DuckDB table or a folder of canonical tables into a store.

    `source` is the name of a ready source or the path of a source file; `known_on` the day on which the rows reached us, where that is
    later than the facts themselves. Raises `RefusedError`, with the store as it was, if the input cannot be read, if an id means
    something else in another source, if more than `max_bad_share` of an input's rows are bad, or if another process writes to the store
    for longer than we wait.
    """
    definition = load_source(source)
    files = canonical_files(Path(path), store) if definition.layout == "canonical" else {"": path}
    inputs: list[RawInput] = []
    for file in files.values():
        progress(f"reading {Path(file).name}")
        inputs.append(read_input(file, definition.format))
    if not any(raw.source_rows for raw in inputs):
        raise RefusedError(f"{path}: no rows under the header; export it again with its rows")
    with store.alone(progress):
        return _loaded(store, definition, files, inputs, known_on, max_bad_share, progress)


def _loaded(
    store: Store,
    definition: Source,
    files: dict[str, str | Path],
    inputs: list[RawInput],
    known_on: date | None,
    max_bad_share: float,
    progress: Progress,
) -> IngestReport:
    """What becomes of inputs that were read: one commit, or nothing."""
    meta = new_meta(store)
    batches = [_batch(raw, definition, known_on) for raw in inputs]
    loaded = {one.batch: one for one in meta.inputs}
    if all(batch in loaded and not loaded[batch].quarantined for batch in batches):
        return IngestReport(tuple(loaded[batch] for batch in batches), already_loaded=True, data_docs=_data_docs(store))

    progress("mapping columns")
    mappings = []
    for number, (table, raw) in enumerate(zip(files, inputs, strict=True)):
        mapped_by = canonical_source(definition, table, raw) if table else definition
        mappings.append(map_input(mapped_by, raw, number, known_on))
        inputs[number] = raw.without(mappings[-1].undecided, UNDECIDED)
    quarantine = store.read("quarantine")
    kept_back = {number: _kept_back(quarantine, loaded[batch]) for number, batch in enumerate(batches) if batch in loaded}
    screening = Screening(
        store, definition, inputs, [one for mapping in mappings for one in mapping.tables], kept_back=kept_back, progress=progress
    )

    recorded = []
    for number, (raw, mapping, batch) in enumerate(zip(inputs, mappings, batches, strict=True)):
        bad = len(screening.bad.get(number, ()))
        good = raw.source_rows - mapping.skipped - bad
        recorded.append(Input(batch, definition.name, raw.name, raw.sha256, raw.source_rows, good, bad, mapping.skipped))
        if batch not in loaded and bad > max_bad_share * (raw.source_rows - mapping.skipped):
            raise RefusedError(_too_many(recorded[-1], number, screening, max_bad_share))
    changed = [one for one in recorded if loaded.get(one.batch) != one]
    if not changed:
        return IngestReport(tuple(recorded), already_loaded=True, data_docs=_data_docs(store))

    progress("writing the ledger")
    again = {one.batch: one for one in recorded}
    inputs_now = (
        *(again.get(one.batch) or _as_of_now(one, changed) for one in meta.inputs),
        *(one for one in changed if one.batch not in loaded),
    )
    failed = screening.failures[screening.failures["number"].isin([recorded.index(one) for one in changed])]
    _commit(store, replace(meta, inputs=inputs_now), definition, screening, recorded, _still_out(quarantine, changed), failed)
    try:
        screening.guard.write_pages(store.data_docs)
    except OSError as error:  # the rows are in the ledger by now
        progress(f"loaded, but the pages about it cannot be written ({error})")
    columns = {raw.name: left_out(table, raw) for table, raw in zip(files, inputs, strict=True) if table}
    ahead = () if definition.observed_until else tuple(strays(screening.good_rows()))
    worst = {one.file: _worst(failed[failed["number"] == number], screening) for number, one in enumerate(recorded)}
    outcomes = Counter(
        word for table, rows in screening.good_rows() if table.name == "contacts" for word in rows["outcome"].to_pylist() if word
    )
    return IngestReport(tuple(recorded), False, _data_docs(store), columns, ahead, worst, outcomes)


def _batch(raw: RawInput, source: Source, known_on: date | None) -> str:
    parts = (raw.sha256, raw.name if source.layout == "canonical" else "", source.definition, str(known_on or ""))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _kept_back(quarantine: pa.Table, one: Input) -> npt.NDArray[np.int64]:
    """The rows of an input that were not taken when it was loaded: they may be taken now, if what they waited for has come."""
    return np.unique(quarantine.filter(_of(quarantine, one))[ROW].to_numpy())


def _as_of_now(one: Input, changed: list[Input]) -> Input:
    """An earlier input, after its file was loaded again with another day of knowledge: what was in quarantine may have been taken."""
    twins = [twin.quarantined for twin in changed if (twin.source, twin.input_sha256) == (one.source, one.input_sha256)]
    out = min([one.quarantined, *twins])
    return replace(one, loaded=one.loaded + one.quarantined - out, quarantined=out)


def _still_out(quarantine: pa.Table, judged_again: list[Input]) -> pa.Table:
    """The quarantine without the rows of the inputs that were judged again."""
    for one in judged_again:
        quarantine = quarantine.filter(pc.invert(_of(quarantine, one)))
    return quarantine


def _of(quarantine: pa.Table, one: Input) -> pa.ChunkedArray:
    return pc.and_(pc.equal(quarantine["source"], one.source), pc.equal(quarantine["input_sha256"], one.input_sha256))


def _commit(
    store: Store,
    meta: LedgerMeta,
    source: Source,
    screening: Screening,
    recorded: list[Input],
    quarantine: pa.Table,
    failures: pd.DataFrame,
) -> None:
    appended = {}
    for name, rows in screening.added.items():
        batch = recorded[screening.mapped[name].number].batch
        whole = rows.append_column("loaded_batch", pa.array([batch]).take(pa.array(np.zeros(rows.num_rows, dtype=np.int64))))
        whole = whole.append_column("source", pa.array([source.name]).take(pa.array(np.zeros(rows.num_rows, dtype=np.int64))))
        appended[name] = whole.select(TABLES[name].schema.names).cast(TABLES[name].schema)
    newly_out = pa.table(
        {
            "source": pa.array([source.name] * len(failures), pa.string()),
            "input_sha256": pa.array([recorded[number].input_sha256 for number in failures["number"]], pa.string()),
            **{name: pa.array(failures[name], from_pandas=True) for name in (ROW, "table", "column", "rule", "value")},
        }
    ).cast(QUARANTINE_SCHEMA)
    quarantine = pa.concat_tables([quarantine, newly_out])
    if source.observed_until:
        meta = meta.stating(source.name, source.observed_until)
    store.commit(appended, meta, quarantine)


def _data_docs(store: Store) -> Path | None:
    pages = store.data_docs / "index.html"
    return pages if pages.exists() else None


def _too_many(one: Input, number: int, screening: Screening, limit: float) -> str:
    """The refusal, with the worst rules, an example of each and what would help; rows of other files may be why these are bad."""
    checked, failures = one.source_rows - one.skipped, screening.failures
    lines = [f"{one.file}: {one.quarantined} of {checked} rows are bad, more than {limit:.0%}; nothing was loaded"]
    lines += _worst(failures[failures["number"] == number], screening)
    for other, file in enumerate(raw.name for raw in screening.inputs):
        theirs = failures[failures["number"] == other]
        if other == number or theirs.empty:
            continue
        if theirs["rule"].str.startswith("unknown ").all():
            lines.append(f"rows of {file} wait for what is refused: {theirs[ROW].nunique():,}")
        else:
            lines += [f"{file} has bad rows, too, for which rows of {one.file} may wait:", *_worst(theirs, screening)]
    return "\n".join(lines)


def _worst(failures: pd.DataFrame, screening: Screening) -> list[str]:
    """The rules that most rows of a file broke, a line each."""
    alike = failures.sort_values(ROW).groupby(["table", "column", "rule"], as_index=False)
    worst = alike.agg(count=(ROW, "nunique"), row=(ROW, "first"), value=("value", lambda values: values.iloc[0]))
    lines = []
    for one_rule in worst.sort_values(["count", "row"], ascending=[False, True]).head(SHOWN).to_dict("records"):
        table, column, rule, value = (one_rule[name] for name in ("table", "column", "rule", "value"))
        where = f"{table}.{column}: " if column else ""
        said = value if isinstance(value, str) else None
        shown = "" if said is None else f" ('{said}')"
        advice = screening.likely_meant(rule, said) or remedy(table, column, rule, said)
        rows = "1 row" if one_rule["count"] == 1 else f"{one_rule['count']:,} rows"
        first = f", first in row {one_rule['row']}" if one_rule["count"] > 1 else f", row {one_rule['row']}"
        lines.append(f"  {where}{rule} in {rows}{first}{shown}" + (advice and f"; {advice}"))
    return [*lines, f"  and {len(worst) - SHOWN} more rules"] if len(worst) > SHOWN else lines
