"""`forecast`: the cash to expect by week."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.options import AsOf, ConfigFile, LedgerUri, OutFolder, StoreUri, config_of
from desk.progress import shown

Weeks = Annotated[int, typer.Option("--weeks", metavar="N", min=1, max=52, help="How many calendar weeks, the current one included.")]


def forecast(
    context: typer.Context,
    ledger: LedgerUri,
    as_of: AsOf,
    out: OutFolder,
    weeks: Weeks = 6,
    store: StoreUri = None,
    config: ConfigFile = None,
) -> None:
    """Say what cash to expect by week and currency from the invoices open on a day, with 50, 80 and 95 % intervals.

    Weeks begin on Monday (`week_from`); the first one holds only its days after the day we stand on. Each invoice is taken to be
    paid as a whole on the day it is cleared; level and spread follow what came in the ten weeks before.

    \b
    Example:
      duewise forecast --ledger books --as-of 2025-12-31 --out scores
    """
    settings = config_of(context, config)
    from pipelines.forecast import run_forecast

    with shown() as progress:
        report = run_forecast(ledger, as_of, out, weeks, store, settings, progress)
    print(*report.lines(), sep="\n")
