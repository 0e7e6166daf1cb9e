"""Waiting for the payer's own pay run is not being late; being late by habit is."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import pandas as pd
import pytest

from features.conduct import conduct
from features.pay_runs import wait
from features.portfolio import Portfolio
from ledger.ledger import Ledger

# The same due dates for all; 2025-01-25 and 2025-05-25 are no business days.
DUE = ("2025-01-08", "2025-02-14", "2025-03-03", "2025-03-21", "2025-04-11", "2025-05-06")
PAID = {
    # Always with the run on the 25th.
    "mona": ("2025-01-27", "2025-02-25", "2025-03-25", "2025-03-25", "2025-04-25", "2025-05-26"),
    # On the 25th too, but three bills lay about for a month.
    "mist": ("2025-01-27", "2025-03-25", "2025-03-25", "2025-04-25", "2025-05-26", "2025-05-26"),
    # On Thursdays; on the first and the fifteenth.
    "thea": ("2025-01-09", "2025-02-20", "2025-03-06", "2025-03-27", "2025-04-17", "2025-05-08"),
    "tim": ("2025-01-15", "2025-02-17", "2025-03-17", "2025-04-01", "2025-04-15", "2025-05-15"),
    # Whenever it suits.
    "ada": ("2025-01-20", "2025-02-15", "2025-03-28", "2025-04-02", "2025-04-30", "2025-05-07"),
}


@pytest.fixture
def ledger(ledger_of: Callable[..., Ledger]) -> Ledger:
    """Beside the three above Stan, who is billed on the first of the month and pays twenty days late, every time."""
    bills = [(f"{name}{at}", name, day, paid[at]) for name, paid in PAID.items() for at, day in enumerate(DUE)]
    bills += [(f"stan{month}", "stan", f"2025-0{month}-01", f"2025-0{month}-21") for month in range(1, 7)]
    invoices = "\n".join(f"{key} {name} 2024-12-02 {due} 100" for key, name, due, _ in bills)
    payments = "\n".join(f"{key} {paid} 100" for key, _, _, paid in bills)
    return ledger_of(
        invoices=f"invoice_id customer_id issued_on due_on amount\n{invoices}", payments=f"invoice_id paid_on amount\n{payments}"
    )


def test_who_pays_on_one_day_of_the_month_is_found_and_who_is_billed_on_one_day_is_not(
    ledger: Ledger, portfolio_of: Callable[..., Portfolio]
) -> None:
    runs = portfolio_of(ledger, "2025-06-30").pay_runs.to_pandas().set_index("customer_id")
    assert runs["run_period"].round(1).to_dict() == {"mist": 30.4, "mona": 30.4, "thea": 7.0, "tim": 15.2}
    assert (runs.loc[["mist", "mona"], "run_at"] % (365.25 / 12)).between(24, 26).all(), "days from the first of the month"


def test_an_invoice_is_late_only_from_the_next_run_on(ledger: Ledger, portfolio_of: Callable[..., Portfolio]) -> None:
    seen: pd.DataFrame = conduct(portfolio_of(ledger, "2025-06-30")).to_pandas().set_index("invoice_id")
    prompt = seen[seen["customer_id"].isin(["mona", "thea", "tim"])]
    assert prompt["delay"].max() <= 2, "a run that moved to the next business day"
    # By the calendar 87, 24 and 44 days; runs that moved to the next business day shift where the month's runs are thought to lie.
    assert prompt.groupby("customer_id")["waited"].sum().to_dict() == {"mona": 89, "thea": 24, "tim": 45}
    assert seen.loc[["mist1", "mist3", "mist4"], "delay"].between(27, 32).all()
    assert (seen["delay"] + seen["waited"] == (seen["paid_on"] - seen["due_on"]).dt.days).all()
    assert (seen.loc[seen["customer_id"].isin(["ada", "stan"]), "waited"] == 0).all()


def test_a_run_that_shows_only_later_excuses_nothing_before(ledger: Ledger, portfolio_of: Callable[..., Portfolio]) -> None:
    assert not len(portfolio_of(ledger, "2025-03-31").pay_runs.to_pandas()), "three days of payment are too few"


def test_an_invoice_due_on_the_day_of_the_run_does_not_wait_for_the_next_one() -> None:
    due = ibis.literal("2025-05-08").cast("date")  # a Thursday
    for run_at in (3.0, 3.0 - 1e-12, 3.0 + 1e-12):
        assert int(ibis.duckdb.connect().execute(wait(due, ibis.literal(7.0), ibis.literal(run_at)))) == 0
