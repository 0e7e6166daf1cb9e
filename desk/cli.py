"""The command line: verbs, and how an error reaches a person.

Only what `--help` needs is imported here; a verb imports its pipeline when it runs.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from desk import demo, forecast, ingest, score, train, types
from desk.options import CONFIG_HELP
from ledger.errors import DuewiseError, without_password

# Two libraries would report their use to their makers; both read this before they are imported.
NO_TELEMETRY = {"MLFLOW_DISABLE_TELEMETRY": "true", "GX_ANALYTICS_ENABLED": "false"}
# A query is built of many small objects: with the usual (700, 10, 10) looking for cycles among them is a tenth of a small ledger's time.
OBJECTS_TO_SWEEP = (50_000, 10, 10)

app = typer.Typer(
    name="duewise",
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        print(f"duewise {version('duewise')}")
        raise typer.Exit


@app.callback()
def duewise(
    context: typer.Context,
    told: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Tell the version and stop.")] = False,
    config: Annotated[Path | None, typer.Option("--config", metavar="FILE", help=CONFIG_HELP + " It may also follow the verb.")] = None,
) -> None:
    """Who pays late, why, and whom to call first.

    \b
    Start with:
      duewise demo
    """
    context.obj = config


for verb in (
    demo.demo,
    demo.simulate,
    ingest.ingest,
    ingest.ledger,
    train.train,
    score.score,
    train.backtest,
    score.explain,
    forecast.forecast,
):
    app.command()(verb)
app.add_typer(types.types)


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out one call and return its exit code: 0 done, 1 refused, 2 wrong usage.

    A traceback is shown only with DUEWISE_DEBUG=1.
    """
    os.environ.update(NO_TELEMETRY)
    gc.set_threshold(*OBJECTS_TO_SWEEP)
    try:
        app(args=arguments, prog_name="duewise")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except Exception as error:
        if os.environ.get("DUEWISE_DEBUG", "0") not in ("", "0"):
            raise
        if isinstance(error, DuewiseError):
            print(f"duewise: {without_password(str(error))}", file=sys.stderr)
            return error.exit_code
        if isinstance(error, OSError) and error.filename:
            print(
                f"duewise: {error.filename}: {(error.strerror or 'cannot be used').lower()}; name another place, or mend this one",
                file=sys.stderr,
            )
            return 1
        print(
            f"duewise: unexpected {type(error).__name__}: {without_password(str(error))}\nDUEWISE_DEBUG=1 shows where it happened.",
            file=sys.stderr,
        )
        return 1
    return 0


def main() -> None:
    sys.exit(run())
