"""Live a world for some months, and write what a ledger may know; the truth goes apart, or nowhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ledger.errors import UsageError
from ledger.progress import Progress, silent

YEARS = (1990, 2097)
"""What a ledger takes, with room for what happens after its end."""


@dataclass(frozen=True)
class SimulateReport:
    """Where a simulated ledger lies and how large it is."""

    uri: str
    truth: Path | None
    n_rows: dict[str, int]

    def lines(self) -> list[str]:
        """A summary for people.

        >>> SimulateReport("demo/ledger", None, {"customers": 400, "invoices": 21000}).lines()
        ['simulated 400 customers and 21,000 invoices into demo/ledger']
        """
        told = f"simulated {self.n_rows['customers']:,} customers and {self.n_rows['invoices']:,} invoices into {self.uri}"
        return [told] if self.truth is None else [told, f"the truth behind it is in {self.truth}"]


def run_simulate(
    out: str,
    truth: Path | None,
    *,
    customers: int,
    months: int,
    until: date,
    seed: int,
    world: str = "default",
    progress: Progress = silent,
) -> SimulateReport:
    """Write the ledger at `out` and, where a folder is named, the truth into it.

    `world` is a ready name or a YAML file. Raises UsageError for an unknown world or key, or a history outside of `YEARS`, RefusedError
    where another ledger or the truth behind another one lies already, with both places as they were.
    """
    from simulator.simulation import batch_to_be, is_written, simulate, write_ledger
    from simulator.truth import truth_of, write_truth
    from simulator.world import load_world

    first_year = (until.year * 12 + until.month - 1 - months) // 12
    if first_year < YEARS[0] or until.year > YEARS[1]:
        told = f"a history of {months} months until {until} does not lie between {YEARS[0]} and {YEARS[1]}"
        raise UsageError(f"{told}: choose another --until or --months")
    lived_in = load_world(world)
    is_written(batch_to_be(lived_in, customers=customers, months=months, until=until, seed=seed), out)
    progress(f"simulating {customers:,} customers over {months} months")
    simulation = simulate(lived_in, customers=customers, months=months, until=until, seed=seed)
    if truth is not None:
        progress("writing the truth")
        write_truth(truth_of(simulation), truth)
    progress("writing the ledger")
    write_ledger(simulation, out)
    return SimulateReport(out, truth, {name: table.num_rows for name, table in simulation.tables.items()})


def world_schema_text() -> str:
    """The keys of a world file, as JSON schema."""
    from simulator.world import World

    return json.dumps(World.model_json_schema(), indent=1)
