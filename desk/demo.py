"""`demo` and `simulate`: a ledger to look at before any data is at hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from desk.options import ConfigFile, config_of, day_option, folder
from desk.progress import shown


def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", callback=folder, help="Folder to write into.")] = Path("demo"),
    config: ConfigFile = None,
) -> None:
    """Simulate, train, score: a first worklist to look at.

    \b
    Example:
      duewise demo --out demo
    """
    settings = config_of(context, config)
    from pipelines.demo import run_demo

    with shown() as progress:
        report = run_demo(out, settings, progress)
    print(*report.lines(), sep="\n")


def simulate(
    context: typer.Context,
    out: Annotated[str | None, typer.Option("--out", metavar="LEDGER", help="The ledger to write: a folder or duckdb:///path.")] = None,
    truth: Annotated[
        Path | None, typer.Option("--truth", metavar="DIR", callback=folder, help="Folder for the truth; it is written nowhere else.")
    ] = None,
    customers: Annotated[int, typer.Option("--customers", min=1, metavar="N", help="How many customers.")] = 400,
    months: Annotated[int, typer.Option("--months", min=1, metavar="M", help="How many months of history.")] = 24,
    until: Annotated[date | None, day_option("--until", "Last day of the history; 2025-12-31 unless said.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, metavar="S", help="Start of chance; the setting `seed` unless said.")] = None,
    world: Annotated[str, typer.Option("--world", metavar="NAME", help="A ready world or a YAML file.")] = "default",
    world_schema: Annotated[bool, typer.Option("--world-schema", help="Print the keys of a world file as JSON schema and stop.")] = False,
    config: ConfigFile = None,
) -> None:
    """Write a simulated ledger, and apart from it the truth.

    \b
    Example:
      duewise simulate --out demo/ledger --truth demo/truth --customers 1000
    """
    settings = config_of(context, config)
    if world_schema:
        from pipelines.simulate import world_schema_text

        print(world_schema_text())
        return
    if out is None:
        raise typer.BadParameter("say where the ledger goes, such as --out demo/ledger", param_hint="--out")
    from pipelines.simulate import run_simulate

    with shown() as progress:
        report = run_simulate(
            out,
            truth,
            customers=customers,
            months=months,
            until=until or date(2025, 12, 31),
            seed=settings.seed if seed is None else seed,
            world=world,
            progress=progress,
        )
    print(*report.lines(), sep="\n")
