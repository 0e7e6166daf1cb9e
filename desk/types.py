"""`types`: debtor types measured against a truth that only a simulation has."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from desk.options import AsOf, ConfigFile, LedgerUri, config_of, day_option
from desk.progress import shown

HELP = """Debtor types, measured.

\b
Example:
  duewise types evaluate --ledger demo/ledger --truth demo/truth --as-of 2025-12-31
"""

types = typer.Typer(name="types", no_args_is_help=True, rich_markup_mode=None, help=HELP)


@types.command()
def evaluate(
    context: typer.Context,
    ledger: LedgerUri,
    truth: Annotated[Path, typer.Option("--truth", metavar="DIR", help="Folder that `duewise simulate --truth` wrote.")],
    as_of: AsOf,
    train_as_of: Annotated[
        date | None, day_option("--train-as-of", "Learn from what was known on this day; else six months before.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")] = False,
    config: ConfigFile = None,
) -> None:
    """Compare told types with the truth of a simulation.

    \b
    Example:
      duewise types evaluate --ledger demo/ledger --truth demo/truth --as-of 2025-12-31
    """
    settings = config_of(context, config)
    from pipelines.types import run_types_evaluate

    with shown() as progress:
        report = run_types_evaluate(ledger, truth, as_of, settings, train_as_of=train_as_of, progress=progress)
    print(json.dumps(report.to_json(), indent=1) if as_json else "\n".join(report.lines()))


@types.callback()
def _group() -> None:
    """Debtor types, measured."""
