"""`train` and `backtest`: learn from what was known on a day, and be judged by what came after."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from desk.options import AsOf, ConfigFile, LedgerUri, OutFolder, StoreUri, config_of, day_option, parse_every
from desk.progress import shown


def train(
    context: typer.Context,
    ledger: LedgerUri,
    as_of: AsOf,
    store: StoreUri = None,
    config: ConfigFile = None,
) -> None:
    """Learn from what was known on a day; promote a winner.

    \b
    Example:
      duewise train --ledger books --as-of 2025-09-30
    """
    settings = config_of(context, config)
    from pipelines.train import run_train

    with shown() as progress:
        report = run_train(ledger, as_of, store, settings, progress)
    print(*report.lines(), sep="\n")


def backtest(
    context: typer.Context,
    ledger: LedgerUri,
    train_until: Annotated[date, day_option("--train-until", "Train once, on what was known on this day.")],
    first: Annotated[date, day_option("--first", "First day to score.")],
    last: Annotated[date, day_option("--last", "Last day to score.")],
    out: OutFolder,
    every: Annotated[int, typer.Option("--every", parser=parse_every, metavar="DAYS", help="Days between two scores: 7d, 1d.")] = "7d",  # type: ignore[assignment]
    config: ConfigFile = None,
) -> None:
    """Compare past predictions with what happened.

    \b
    Example:
      duewise backtest --ledger books --train-until 2019-09-30 --first 2019-10-07 \\
        --last 2019-12-09 --every 7d --out backtest
    """
    settings = config_of(context, config)
    if not train_until <= first <= last:
        raise typer.BadParameter("the days must follow each other: --train-until, --first, --last", param_hint="--first")
    from pipelines.backtest import run_backtest

    with shown() as progress:
        report = run_backtest(ledger, train_until, first, last, every, out, settings, progress)
    print(*report.lines(), sep="\n")
