"""`score` and `explain`: the nightly worklist, and why a customer is on it."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.options import AsOf, ConfigFile, LedgerUri, OutFolder, StoreUri, config_of
from desk.progress import shown


def score(
    context: typer.Context,
    ledger: LedgerUri,
    as_of: AsOf,
    out: OutFolder,
    store: StoreUri = None,
    config: ConfigFile = None,
) -> None:
    """Write the scores and the worklist of a day.

    \b
    Example:
      duewise score --ledger books --as-of 2025-12-31 --out scores
    """
    settings = config_of(context, config)
    from pipelines.score import run_score

    with shown() as progress:
        report = run_score(ledger, as_of, out, store, settings, progress)
    print(*report.lines(), sep="\n")


def explain(
    context: typer.Context,
    ledger: LedgerUri,
    as_of: AsOf,
    customer: Annotated[str, typer.Option("--customer", metavar="ID", help="The customer's id, leading zeros and all.")],
    store: StoreUri = None,
    config: ConfigFile = None,
) -> None:
    """Say why this customer, why this rank.

    \b
    Example:
      duewise explain --ledger demo/ledger --as-of 2025-12-31 --customer C864266
    """
    settings = config_of(context, config)
    from pipelines.explain import run_explain

    with shown() as progress:
        page = run_explain(ledger, as_of, customer, store, settings, progress)
    print(page)
