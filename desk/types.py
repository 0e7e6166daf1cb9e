"""`types`: debtor types measured against a truth that only a simulation has, and who moved between them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from desk.options import AsOf, ConfigFile, LedgerUri, StoreUri, config_of, day_option, folder
from desk.progress import shown

HELP = """Debtor types: how well they are told, and who moved.

\b
Example:
  duewise types movement --ledger demo/ledger --as-of 2025-12-31
"""

AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")]

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
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", callback=folder, help="Folder for a picture: true types against told ones.")
    ] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Compare told types with the truth of a simulation.

    `duewise simulate --out books --truth truth` writes both; no other verb reads a truth. Figures are of customers with an invoice due
    in the six months before the day.

    \b
    Example:
      duewise types evaluate --ledger books --truth truth --as-of 2025-12-31 --out figures
    """
    settings = config_of(context, config)
    from pipelines.types import run_types_evaluate

    with shown() as progress:
        report = run_types_evaluate(ledger, truth, as_of, settings, train_as_of=train_as_of, progress=progress)
        picture = report.draw(out) if out else None
    print(json.dumps(report.to_json(), indent=1) if as_json else "\n".join(report.lines()))
    if picture and not as_json:
        print(f"picture: {picture}")


@types.command("movement")
def types_movement(
    context: typer.Context,
    ledger: LedgerUri,
    as_of: AsOf,
    months: Annotated[int, typer.Option("--months", metavar="N", min=1, max=60, help="How many month-ends before the day.")] = 6,
    as_json: AsJson = False,
    store: StoreUri = None,
    config: ConfigFile = None,
) -> None:
    """Count who moved from which type to which, month by month.

    All days are told by the champion that `score` would use, each from what was known on it: a change is the customer's, not the
    model's. `--json` names the customers who changed.

    \b
    Example:
      duewise types movement --ledger demo/ledger --as-of 2025-12-31 --months 6
    """
    settings = config_of(context, config)
    from pipelines.movement import run_types_movement

    with shown() as progress:
        report = run_types_movement(ledger, as_of, settings, months=months, store=store, progress=progress)
    print(json.dumps(report.to_json(), indent=1) if as_json else "\n".join(report.lines()))
