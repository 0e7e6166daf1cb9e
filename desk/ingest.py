"""`ingest` and `ledger`: what goes into the ledger, and what is in it."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import typer

from desk.options import ConfigFile, LedgerUri, config_of, day_option
from desk.progress import shown


def ingest(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Option(
            "--source", metavar="NAME", help="A ready source (canonical, highradius-closed, ibm-ar, ...), or a YAML file of your own."
        ),
    ],
    path: Annotated[
        str, typer.Option("--input", metavar="PATH", help="CSV, .csv.gz, Parquet, duckdb:///file#table; a folder for canonical.")
    ],
    ledger: LedgerUri,
    known_on: Annotated[
        date | None, day_option("--known-on", "The day these rows reached you, whatever they say; needed for corrections.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Map, check and load a file; quarantine its bad rows.

    \b
    Example:
      duewise ingest --source canonical --input extracts/ --ledger books
    """
    settings = config_of(context, config)
    from pipelines.ingest import run_ingest

    with shown() as progress:
        report = run_ingest(source, path, ledger, known_on, settings, progress)
    print(*report.lines(), sep="\n")


def ledger(
    context: typer.Context,
    ledger: LedgerUri,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")] = False,
    config: ConfigFile = None,
) -> None:
    """Tell what a ledger holds and where it came from.

    \b
    Example:
      duewise ledger --ledger books
    """
    config_of(context, config)
    from pipelines.describe import as_lines, describe_ledger

    described = describe_ledger(ledger)
    if as_json:
        print(json.dumps(described, indent=1))
    else:
        print(*as_lines(described), sep="\n")
