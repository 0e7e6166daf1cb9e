"""What only the world knows: each customer's type at month ends, and what an action would have brought beside doing nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ledger.errors import RefusedError, UsageError
from ledger.tables import ACTIONS, DEBTOR_TYPES
from simulator.collectors import collect, contact
from simulator.life import N_CAUSES, NO_CAUSE, Life
from simulator.population import populate

if TYPE_CHECKING:
    from simulator.simulation import Simulation

WINDOW_MONTHS = 6
WINDOW_DAYS = 30
ACTIONS_TRIED = ("remind", "call", "plan", "formal", "solve", "ask")
LEAST_CUSTOMERS = 200
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Truth:
    """`types`: one row a customer and month end with an invoice due in the six months before; `responses`: one row a sampled customer
    with something open, month end and action. `as_of` is a timestamp at midnight, cash is in the customer's currency."""

    types: pd.DataFrame
    responses: pd.DataFrame


def truth_of(simulation: Simulation, share: float = 0.05) -> Truth:
    """The truth of a simulation, with responses for that share of the customers, but for no fewer than 200 if there are as many."""
    if not 0 <= share <= 1:
        raise UsageError(f"the share of customers whose responses are told lies between 0 and 1, not {share}")
    return Truth(types_of(simulation), responses_of(simulation, share))


def write_truth(truth: Truth, folder: str | Path) -> None:
    """Write `types.parquet` and `responses.parquet` into a folder of their own. Raises `RefusedError` where another truth lies already."""
    import pyarrow.parquet as pq

    folder = Path(folder)
    types, responses = _table(truth.types), _table(truth.responses)
    if (folder / "types.parquet").exists() and not _holds(folder / "types.parquet", types):
        raise RefusedError(f"{folder} holds the truth of another simulation: choose another --truth, or remove that one first")
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (("types", types), ("responses", responses)):
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _table(frame: pd.DataFrame) -> pa.Table:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    at = table.schema.get_field_index("as_of")
    table = table.set_column(at, "as_of", table.column("as_of").cast(pa.timestamp("s")).cast(pa.date32()))
    return table.replace_schema_metadata(None)


def _holds(file: Path, table: pa.Table) -> bool:
    """Whether a file holds just that table; one that cannot be read holds something else."""
    import pyarrow.parquet as pq

    try:
        return bool(pq.read_table(file, partitioning=None).equals(table))
    except (OSError, pa.ArrowException):
        return False


def judged_ends(simulation: Simulation) -> list[int]:
    """The month ends that have six whole months behind them; of a shorter simulation, the last one."""
    clock = simulation.clock
    first_whole = 0 if clock.first.day == 1 else 1
    full = [day for day in clock.month_ends if clock.month[day] >= first_whole + WINDOW_MONTHS - 1]
    return full or list(clock.month_ends[-1:])


def types_of(simulation: Simulation) -> pd.DataFrame:
    """The cause behind most late days of the last six months; compliant where there were hardly any."""
    life, clock = simulation.life, simulation.clock
    who, inv = life.customers, life.invoices
    ids = _customer_ids(simulation)
    due_month = clock.month[np.minimum(inv.due, clock.days.size - 1)]
    frames = []
    for day in judged_ends(simulation):
        month = int(clock.month[day])
        window = slice(max(0, month - WINDOW_MONTHS + 1), month + 1)
        n_due = np.bincount(inv.customer[(due_month >= window.start) & (inv.due <= day)], minlength=who.n)
        days = life.late_days[window].sum(axis=0).reshape(-1, N_CAUSES)
        days[:, NO_CAUSE] = 0
        hardly_any = days.sum(axis=1) <= simulation.world.compliant_days * n_due
        code = np.where(hardly_any, NO_CAUSE, days.argmax(axis=1))
        frame = pd.DataFrame(
            {
                "customer_id": ids,
                "as_of": pd.Timestamp(clock.date_of(day)),
                "debtor_type": np.array(DEBTOR_TYPES, dtype=object)[code],
                "ability": _share_covered(who.level[:, month]),
                "willingness": who.willing[:, month].astype(np.float64),
                "organisation": who.organised[:, month].astype(np.float64),
                "has_grievance": _aggrieved(life, day),
            }
        )
        frames.append(frame[n_due > 0])
    return _sorted(frames, ["as_of", "customer_id"])


def responses_of(simulation: Simulation, share: float) -> pd.DataFrame:
    """Cash in the thirty days after each month end, had the customer been contacted once with that action, and had nobody contacted them.

    Both histories share every chance; what was done before the month end is as it was.
    """
    n = simulation.n_customers
    if share == 0:
        return _NO_RESPONSES.copy()
    size = min(n, max(round(share * n), LEAST_CUSTOMERS))
    sample = np.sort(np.random.default_rng([simulation.seed, 30]).choice(n, size, replace=False))
    ids = _customer_ids(simulation)[sample]
    life = _young(simulation, sample)
    ends = set(judged_ends(simulation))
    frames = [_NO_RESPONSES]
    for day in range(simulation.clock.n_days):
        life.step(day)
        collect(life, day)
        if day in ends:
            frames.append(_respond(life, day, ids))
    return _sorted(frames, ["as_of", "customer_id", "action"])


_NO_RESPONSES = pd.DataFrame(
    {
        "customer_id": pd.Series(dtype="str"),
        "as_of": pd.Series(dtype="datetime64[s]"),
        "action": pd.Series(dtype="str"),
        "cash_30": pd.Series(dtype="float64"),
        "cash_30_if_none": pd.Series(dtype="float64"),
    }
)


def _respond(life: Life, day: int, ids: npt.NDArray[np.object_]) -> pd.DataFrame:
    """Fork the evening of a day into one history for each action and one without, thirty days on."""
    n, arms = life.customers.n, len(ACTIONS_TRIED) + 1
    has_open = np.unique(life.invoices.customer[life.opened]).astype(np.int64)
    fork = _fork(life, day, arms)
    for arm, action in enumerate(ACTIONS_TRIED, start=1):
        contact(fork, day, has_open + arm * n, np.full(has_open.size, ACTIONS.index(action)))
    fork.received[:] = 0
    for later in range(day + 1, day + 1 + WINDOW_DAYS):
        fork.step(later)
    cash = fork.received.reshape(arms, n)[:, has_open] / 100
    return pd.DataFrame(
        {
            "customer_id": np.tile(ids[has_open], arms - 1),
            "as_of": pd.Timestamp(life.clock.date_of(day)),
            "action": np.repeat(ACTIONS_TRIED, has_open.size),
            "cash_30": cash[1:].ravel(),
            "cash_30_if_none": np.tile(cash[0], arms - 1),
        }
    )


def _fork(life: Life, day: int, arms: int) -> Life:
    """The same evening `arms` times side by side: customer `i` of copy `k` stands at `k * n + i`."""
    n, inv = life.customers.n, life.invoices
    soon = np.flatnonzero((inv.issued > day) & (inv.issued <= day + WINDOW_DAYS))
    rows = np.sort(np.concatenate([life.opened, soon]))
    at = np.repeat(rows, arms)
    copies = inv.take(at)
    copies.customer = (copies.customer + np.tile(np.arange(arms), rows.size) * n).astype(np.int32)
    fork = Life(life.world, life.clock, life.customers.take(np.tile(np.arange(n), arms)), copies)
    fork.issue(day)
    return fork


def _young(simulation: Simulation, sample: Rows) -> Life:
    """The sampled customers at the first day, with the invoices they will get."""
    from simulator.billing import invoice

    world, clock, seed = simulation.world, simulation.clock, simulation.seed
    people = populate(world, clock, simulation.n_customers, seed)
    invoices = invoice(world, clock, people, seed)
    position = np.full(people.n, -1, dtype=np.int32)
    position[sample] = np.arange(sample.size)
    theirs = invoices.take(np.flatnonzero(position[invoices.customer] >= 0))
    theirs.customer = position[theirs.customer]
    return Life(world, clock, people.take(sample), theirs)


def _customer_ids(simulation: Simulation) -> npt.NDArray[np.object_]:
    from simulator.writer import customer_ids

    return np.array(customer_ids(simulation).to_pylist(), dtype=object)


def _share_covered(level: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Ability between 0 and 1: a half where income just equals what is owed."""
    return (level / (1.0 + level)).astype(np.float64)


def _aggrieved(life: Life, day: int) -> npt.NDArray[np.bool_]:
    """Who has an unsettled grievance at the end of a day."""
    inv = life.invoices
    open_quarrel = (inv.issued <= day) & (inv.released > day)
    return np.bincount(inv.customer[open_quarrel], minlength=life.customers.n) > 0


def _sorted(frames: list[pd.DataFrame], by: list[str]) -> pd.DataFrame:
    whole = pd.concat([frame for frame in frames if len(frame)] or frames, ignore_index=True).sort_values(by, ignore_index=True)
    text: dict[str, Any] = {c: "str" for c in ("customer_id", "debtor_type", "action") if c in whole}
    return whole.astype(text | {"as_of": "datetime64[s]"})
