"""The options that several verbs share, and how their text becomes a value."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipelines.config import Config


def parse_day(text: str) -> date:
    """A calendar day in ISO form.

    >>> parse_day("2025-12-31")
    datetime.date(2025, 12, 31)
    >>> parse_day("31.12.2025")
    Traceback (most recent call last):
    ...
    typer._click.exceptions.BadParameter: '31.12.2025' is not a day of the calendar; write it like 2025-12-31
    """
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise typer.BadParameter(f"'{text}' is not a day of the calendar; write it like 2025-12-31")


def parse_every(text: str) -> int:
    """Days between two as-of dates.

    >>> parse_every("7d")
    7
    >>> parse_every("weekly")
    Traceback (most recent call last):
    ...
    typer._click.exceptions.BadParameter: 'weekly' is not a number of days; write it like 7d or 1d
    """
    match = re.fullmatch(r"([1-9]\d{0,3})d", text)
    if not match:
        raise typer.BadParameter(f"'{text}' is not a number of days; write it like 7d or 1d")
    return int(match[1])


def folder(path: Path | None) -> Path | None:
    """A folder that is there or can be made: no file stands in its way.

    >>> folder(Path(__file__, "scores"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    typer._click.exceptions.BadParameter: ...options.py is a file, and no folder can be made in it; name another
    """
    for part in (path, *path.parents) if path else ():
        if part.is_file():
            raise typer.BadParameter(f"{part} is a file, and no folder can be made in it; name another")
    return path


def config_of(context: typer.Context, named: Path | None) -> Config:
    """The settings of this call; `--config` counts after the verb as well as before it."""
    from pipelines.config import load_config

    return load_config(named or context.obj)


def day_option(name: str, text: str) -> typer.models.OptionInfo:
    """An option that takes a day, `2025-12-31`; anything else is refused with the form that is wanted."""
    option: typer.models.OptionInfo = typer.Option(name, parser=parse_day, metavar="DATE", help=text)
    return option


CONFIG_HELP = "YAML file laid over the default settings."
ConfigFile = Annotated[Path | None, typer.Option("--config", metavar="FILE", help=CONFIG_HELP)]
LedgerUri = Annotated[
    str,
    typer.Option("--ledger", metavar="LEDGER", help="Parquet folder or duckdb:///FILE (duckdb:////abs/FILE)."),
]
StoreUri = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URI",
        help="Where models are kept, such as sqlite:///models.db; else $MLFLOW_TRACKING_URI, else mlflow.db in the ledger's folder.",
    ),
]
AsOf = Annotated[date, day_option("--as-of", "The day we stand on; its end, inclusive.")]
OutFolder = Annotated[Path, typer.Option("--out", metavar="DIR", callback=folder, help="Folder to write into.")]
