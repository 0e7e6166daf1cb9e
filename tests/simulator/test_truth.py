"""The truth of a world: types follow from causes, responses from the same chance told twice, and the ledger tells neither."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from ledger.errors import UsageError
from ledger.tables import DEBTOR_TYPES
from simulator import Simulation, Truth, World, simulate, world_names, write_ledger, write_truth
from simulator.collectors import collect
from simulator.truth import _young

Simulated = Callable[..., Simulation]
Truths = Callable[..., Truth]
MANY = {"customers": 3000, "months": 14}


@pytest.mark.parametrize("world", world_names())
def test_each_type_is_at_least_eight_percent_of_the_customers(truth_of: Truths, world: str) -> None:
    types = truth_of(world, **MANY).types
    shares = types.groupby("as_of")["debtor_type"].value_counts(normalize=True).unstack()
    assert set(shares.columns) == set(DEBTOR_TYPES)
    assert shares.iloc[-1].min() >= 0.08
    assert shares.min().min() >= 0.07


def test_a_type_goes_with_its_cause(truth_of: Truths) -> None:
    mean = truth_of(**MANY).types.groupby("debtor_type")[["ability", "willingness", "organisation", "has_grievance"]].mean()
    assert mean["ability"].idxmin() == "fortuitous"
    assert mean["willingness"].idxmin() == "intentional"
    assert mean["organisation"].idxmin() == "disorganized"
    assert mean["has_grievance"].idxmax() == "circumstantial"


def test_who_awaits_approval_for_weeks_is_not_unwilling() -> None:
    raw = {
        "leanings": {"compliant": 1, "fortuitous": 0, "disorganized": 0, "intentional": 0, "circumstantial": 0},
        "customers": {"overlap": 0, "change": 0},
        "cash": {"shock": 0, "slump_months": 0, "able_level": 8, "season": 0},
        "habits": {"processing_days": 15, "before_due": 0.05, "forget": 0},
        "grievances": {"background": 0, "episode": 0, "pretext": 1},
    }
    simulation = simulate(World.model_validate(raw), customers=200, months=12, until=date(2025, 12, 31), seed=3)
    paid = simulation.tables["payments"].to_pandas().groupby("invoice_id")["paid_on"].max()
    due = simulation.tables["invoices"].to_pandas().set_index("invoice_id")["due_on"]
    assert (paid > due[paid.index]).mean() > 0.5
    truth = simulation.truth(1.0)
    assert (truth.types["debtor_type"] == "intentional").mean() < 0.02
    pressed = truth.responses[truth.responses["action"].isin(["plan", "formal"])]
    assert (pressed["cash_30"] == pressed["cash_30_if_none"]).mean() > 0.95
    assert simulation.tables["disputes"].num_rows < 0.02 * len(paid)


def test_types_change_and_the_fortuitous_recover(truth_of: Truths) -> None:
    types = truth_of(customers=3000, months=24).types
    first, last = (types[types["as_of"] == day].set_index("customer_id")["debtor_type"] for day in ("2024-12-31", "2025-12-31"))
    both = pd.concat([first, last], axis=1, keys=["then", "now"]).dropna()
    moved = pd.crosstab(both["then"], both["now"], normalize="index")
    assert moved.loc["fortuitous", "compliant"] > 0.15
    assert moved.loc["compliant", "fortuitous"] > 0.02
    assert moved.loc["intentional", "intentional"] > 0.6


def test_a_recession_makes_more_of_them_unable(truth_of: Truths) -> None:
    ordinary, slump = (truth_of(world, **MANY).types for world in ("default", "recession"))
    share = [(one.loc[one["as_of"] == "2025-12-31", "debtor_type"] == "fortuitous").mean() for one in (ordinary, slump)]
    assert share[1] > share[0] + 0.05


def test_each_action_works_on_its_cause_and_the_wrong_one_does_little_or_harm(truth_of: Truths) -> None:
    truth = truth_of(**MANY, share=1.0)
    told = truth.responses.merge(truth.types, on=["customer_id", "as_of"])
    cash = told.groupby(["debtor_type", "action"])[["cash_30", "cash_30_if_none"]].sum()
    gain = (cash["cash_30"] / cash["cash_30_if_none"] - 1).unstack()
    assert gain.loc["disorganized", "remind"] > 0.06
    assert gain.loc["fortuitous", "plan"] > 0.05
    assert gain.loc["intentional", "formal"] > 0.1
    assert gain.loc["circumstantial", "solve"] > 0.04
    assert gain.loc["intentional", "plan"] < 0
    assert gain.loc["fortuitous", "formal"] < 0
    assert gain.loc["circumstantial", "formal"] < 0
    for debtor_type, best in {"fortuitous": "plan", "intentional": "formal", "circumstantial": "solve"}.items():
        assert gain.loc[debtor_type].idxmax() == best
    assert gain.loc["compliant"].abs().max() < 0.05


def test_where_contacts_do_nothing_both_histories_are_one() -> None:
    world = World.model_validate({"collectors": {"effect": 0.0}})
    responses = simulate(world, customers=60, months=8, until=date(2025, 8, 31), seed=2).truth(1.0).responses
    assert len(responses) > 100
    assert (responses["cash_30"] == responses["cash_30_if_none"]).all()


def test_a_contact_that_works_a_little_moves_little() -> None:
    moved = []
    for effect in (0.001, 1.0):
        leanings = {"compliant": 0, "fortuitous": 1, "disorganized": 1, "intentional": 0, "circumstantial": 0}
        world = World.model_validate({"leanings": leanings, "collectors": {"effect": effect}})
        responses = simulate(world, customers=200, months=8, until=date(2025, 8, 31), seed=2).truth(1.0).responses
        other = responses["cash_30"] != responses["cash_30_if_none"]
        moved.append(other.groupby(responses["action"]).mean()[["call", "plan", "ask"]])
    assert (moved[1] > 0.05).all()
    assert (moved[0] < 0.05 * moved[1]).all()


def test_the_sampled_customers_live_as_they_do_among_all(simulated: Simulated) -> None:
    simulation = simulated(customers=300, months=12)
    sample = np.array([3, 77, 150, 299])
    alone = _young(simulation, sample)
    for day in range(simulation.clock.n_days):
        alone.step(day)
        collect(alone, day)
    assert alone.received.tolist() == simulation.life.received[sample].tolist()
    assert alone.received.min() > 0


def test_ids_and_row_order_tell_nothing_of_the_type(simulated: Simulated, truth_of: Truths) -> None:
    types = truth_of(**MANY).types
    last = types[types["as_of"] == "2025-12-31"]
    order = simulated(**MANY).tables["customers"]["customer_id"].to_pandas()
    assert order.is_monotonic_increasing
    rank = last["customer_id"].map(pd.Series(np.linspace(0, 1, len(order)), index=order))
    for name, theirs in rank.groupby(last["debtor_type"]):
        assert abs(theirs.mean() - 0.5) < 4 * 0.289 / np.sqrt(len(theirs)), name


def test_the_truth_lies_only_in_its_own_folder(tmp_path: Path) -> None:
    simulation = simulate(World(), customers=50, months=8, until=date(2025, 12, 31), seed=3)
    write_ledger(simulation, str(tmp_path / "ledger"))
    columns = {name for path in (tmp_path / "ledger").glob("*.parquet") for name in pq.read_schema(path).names}
    assert not columns & {"debtor_type", "ability", "willingness", "organisation", "has_grievance", "cash_30"}
    write_truth(simulation.truth(1.0), tmp_path / "truth")
    assert sorted(path.name for path in (tmp_path / "truth").iterdir()) == ["responses.parquet", "types.parquet"]
    types, responses = (pq.read_table(tmp_path / "truth" / f"{name}.parquet") for name in ("types", "responses"))
    assert types.column_names == ["customer_id", "as_of", "debtor_type", "ability", "willingness", "organisation", "has_grievance"]
    assert responses.column_names == ["customer_id", "as_of", "action", "cash_30", "cash_30_if_none"]
    assert {str(day) for day in types["as_of"].unique().to_pylist()} == {"2025-10-31", "2025-11-30", "2025-12-31"}
    assert responses.num_rows > 0


def test_a_short_simulation_is_judged_at_its_last_month_end() -> None:
    types = simulate(World(), customers=50, months=3, until=date(2025, 11, 15), seed=3).truth(0.0).types
    assert types["as_of"].astype(str).unique().tolist() == ["2025-10-31"]


def test_half_a_month_is_not_one_of_the_six_behind_a_month_end() -> None:
    types = simulate(World(), customers=50, months=7, until=date(2025, 12, 15), seed=3).truth(0.0).types
    assert types["as_of"].astype(str).unique().tolist() == ["2025-11-30"]


def test_an_impossible_share_is_wrong_usage() -> None:
    simulation = simulate(World(), customers=5, months=2, until=date(2025, 12, 31), seed=3)
    with pytest.raises(UsageError, match="between 0 and 1, not 5"):
        simulation.truth(5)
