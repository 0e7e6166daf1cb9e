"""The order: held last, then value, exposure, customer; and more overdue never ranks lower, all else equal."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from worklist.facts import Facts
from worklist.settings import WorklistSettings

Build = Callable[..., pd.DataFrame]


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None, derandomize=True)
def test_more_overdue_never_ranks_lower(samples: ModuleType, build: Build, seed: int) -> None:
    """Beside each overdue customer stands a twin that is older, owes more of it overdue, or both; all else is equal."""
    rng = np.random.default_rng(seed)
    customers, _, facts = samples.portfolio(150, seed)
    customers = customers[customers["overdue_amount"] > 0.01].reset_index(drop=True)
    n = len(customers)
    customers["max_dpd"] = rng.integers(-20, 200, n)
    customers["unapplied_amount"] = customers["exposure"] * rng.choice([0.0, 0.0, 0.2, 0.9], n)
    customers["exposure"] *= rng.choice([0.001, 0.02, 1.0], n)
    customers["overdue_amount"] = customers["exposure"] * rng.uniform(0.01, 1.0, n)
    twins = customers.assign(
        max_dpd=customers["max_dpd"] + rng.integers(0, 150, n),
        overdue_amount=customers["overdue_amount"] + (customers["exposure"] - customers["overdue_amount"]) * rng.choice([0.0, 0.3, 1.0], n),
        # Between equals the customer number decides: the twin is given the better one, and nothing else.
        customer_id="A" + customers["customer_id"],
    )
    both = pd.concat([customers, twins], ignore_index=True)
    both["max_dpd"] = both["max_dpd"].astype("Int64")
    both["chased_dpd"] = both["max_dpd"]
    both["stage"] = samples.stage_of(both["chased_dpd"], WorklistSettings())
    known = Facts(*(pd.concat([log, log.assign(customer_id="A" + log["customer_id"])]) for log in (facts.contacts, facts.promises)))
    rank = build(both, facts=known).set_index("customer_id")["rank"]
    lower = customers["customer_id"][rank[twins["customer_id"]].to_numpy() > rank[customers["customer_id"]].to_numpy()]
    assert lower.tolist() == []


def test_the_file_is_in_the_documented_order(listed: pd.DataFrame) -> None:
    keys = [(row.holds != "", -row.value_of_contact, -row.exposure, row.customer_id) for row in listed.itertuples()]
    assert keys == sorted(keys)
    assert listed["rank"].tolist() == list(range(1, len(listed) + 1))
    assert (listed["holds"] != "").any()


def test_equal_values_are_ordered_by_exposure_and_then_by_customer(samples: ModuleType, build: Build) -> None:
    same = samples.customer(customer_id=["B", "A", "C"], exposure=[1500.0, 1500.0, 1600.0])
    assert build(same)["customer_id"].tolist() == ["C", "A", "B"]


def test_the_order_of_the_input_does_not_matter(samples: ModuleType, build: Build, listed: pd.DataFrame) -> None:
    customers, reasons, facts = samples.portfolio(300)
    shuffled = build(customers.sample(frac=1, random_state=3), reasons.sample(frac=1, random_state=4), facts)
    pd.testing.assert_frame_equal(shuffled, listed)


def test_past_contacts_do_not_change_the_value_of_the_next(samples: ModuleType, build: Build) -> None:
    """What the log says about who was contacted must not teach the ranking that contact causes delay."""
    many = samples.contacts(*[("C1", f"2025-0{month}-03", "phone", "no_answer", None) for month in range(1, 9)])
    quiet, pressed = build(samples.customer()).iloc[0], build(samples.customer(), facts=Facts(contacts=many)).iloc[0]
    assert quiet["value_of_contact"] == pressed["value_of_contact"]
    assert quiet["value_basis"] == "assumed"
