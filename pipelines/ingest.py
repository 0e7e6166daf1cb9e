"""Load a file into the ledger, and say what became of its rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from features.outcomes import KNOWN
from ledger.checks import FIRST_DAY, LAST_DAY
from ledger.errors import UsageError
from ledger.ingest import IngestReport, ingest
from ledger.progress import Progress, silent
from ledger.store import open_store
from pipelines.config import Config

SHOWN = 5


@dataclass(frozen=True)
class IngestSummary:
    """What an ingest did to a ledger; `known_outcomes` are those of contacts that mean something to us."""

    uri: str
    report: IngestReport
    known_outcomes: frozenset[str]

    def lines(self) -> list[str]:
        """A line for each input, then the rules that sent rows to quarantine and the columns that no table has."""
        if self.report.already_loaded:
            waiting = {one.file: f"; still {one.quarantined:,} rows in quarantine" for one in self.report.inputs if one.quarantined}
            return [f"{one.file}: already loaded, {self.uri} is as it was{waiting.get(one.file, '')}" for one in self.report.inputs]
        lines = [
            f"{one.file}: {one.source_rows:,} rows = {one.loaded:,} loaded + {one.quarantined:,} in quarantine + {one.skipped:,} skipped"
            for one in self.report.inputs
        ]
        for file, worst in self.report.quarantined.items():
            lines += [f"  quarantine of {file}:", *(f"  {line}" for line in worst)] if worst else []
        lines += [f"  left out of {file}: {', '.join(columns)}" for file, columns in self.report.left_out.items() if columns]
        lines += [f"  look again: {stray}" for stray in self.report.strays]
        lines += outcome_lines(self.report.outcomes, self.known_outcomes)
        return lines if self.report.data_docs is None else [*lines, f"what was checked: {self.report.data_docs}"]


def outcome_lines(outcomes: Mapping[str, int], known: Collection[str]) -> list[str]:
    """A warning about outcomes of contacts that nothing listens to.

    >>> print(outcome_lines({"reached": 4, "gesprochen": 12}, {"reached", "no_answer"})[0].partition("; ")[0])
    warning: contacts whose outcome says nothing to us: 12 ('gesprochen' 12)
    """
    unknown = {word: n for word, n in sorted(outcomes.items(), key=lambda one: (-one[1], one[0])) if word not in known}
    if not unknown:
        return []
    named = ", ".join(f"'{word}' {n:,}" for word, n in list(unknown.items())[:SHOWN]) + (" ..." if len(unknown) > SHOWN else "")
    return [
        f"warning: contacts whose outcome says nothing to us: {sum(unknown.values()):,} ({named}); they count as no talk, no answer and no "
        f"promise: write one of {', '.join(sorted(known))}, or name yours in worklist.conversation_outcomes"
    ]


def run_ingest(
    source: str, path: str, ledger_uri: str, known_on: date | None, config: Config, progress: Progress = silent
) -> IngestSummary:
    """Map, guard, quarantine and load `path` by `source` into the ledger, in one commit or not at all.

    Raises UsageError for an unknown source or a `known_on` of no year that a ledger takes, RefusedError for an input that cannot be read or
    is too bad.
    """
    if known_on is not None and not FIRST_DAY.date() <= known_on <= LAST_DAY.date():
        raise UsageError(f"the day of knowledge {known_on} is not between {FIRST_DAY.year} and {LAST_DAY.year}")
    store = open_store(ledger_uri)
    report = ingest(store, source, path, known_on=known_on, max_bad_share=config.max_bad_share, progress=progress)
    listening = {*KNOWN, *config.worklist.conversation_outcomes, *config.worklist.worked_outcomes}
    return IngestSummary(ledger_uri, report, frozenset(listening))
