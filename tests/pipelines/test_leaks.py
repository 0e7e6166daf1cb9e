"""Attempts to smuggle the future into a training, each of which is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from features import matrix, terms
from features.behaviour import behaviour
from features.portfolio import Portfolio
from ledger.ending import ending
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.progress import silent
from models.types import training_data
from pipelines.leaks import refuse_canaries, refuse_replay, refuse_too_good, refuse_type_replay
from pipelines.learning import learn

AS_OF = date(2025, 11, 30)


def days_to_payment(portfolio: Portfolio, noise_days: float) -> Any:
    """The terms view, in which `sent_late_days` is read past the snapshot: the true day of payment, more or less."""
    paid = portfolio.snapshot.ledger.history("payments")
    last = paid.group_by("invoice_id").agg(paid_on=paid.paid_on.max())
    honest = terms.terms(portfolio)
    t = honest.left_join(last, "invoice_id").select(honest, "paid_on")
    noise = (t.invoice_id.hash() % 1000).cast("float64") / 1000 * noise_days
    return t.mutate(sent_late_days=t.paid_on.delta(t.as_of, unit="day").cast("float64").fill_null(400.0) + noise).drop("paid_on")


@pytest.mark.parametrize("noise_days", [0.0, 60.0])
def test_a_view_that_reads_past_its_snapshot_is_named(trained: Any, monkeypatch: pytest.MonkeyPatch, noise_days: float) -> None:
    leaky = replace(terms.VIEW, build=lambda portfolio: days_to_payment(portfolio, noise_days))
    monkeypatch.setattr(matrix, "VIEWS", tuple(leaky if view is terms.VIEW else view for view in matrix.VIEWS))
    with pytest.raises(RefusedError, match="sent_late_days looked past 2025-"):
        learn(Ledger.open(trained.ledger), AS_OF, trained.config, silent, payment_only=True)


def without_some(rows: pd.DataFrame, n: int) -> pd.DataFrame:
    """As if those had been left out who will pay soon, of customers with other invoices too."""
    several = rows[rows.duplicated("customer_id")]
    return rows.drop(index=several.index[:n])


def test_a_cohort_that_knows_who_pays_is_refused(trained: Any) -> None:
    ledger = Ledger.open(trained.ledger)
    days = [date(2025, 9, 30)]
    honest = matrix.build_matrix(ledger, days, trained.config.features)
    refuse_replay(ledger, honest, days, trained.config)
    smuggled = pd.concat([honest, honest.head(2).assign(invoice_id=["from", "later"])], ignore_index=True)
    with pytest.raises(RefusedError, match="2 rows of 2025-09-30 are only asked about"):
        refuse_replay(ledger, smuggled, days, trained.config)
    with pytest.raises(RefusedError, match="3 rows of 2025-09-30 are not asked about"):
        refuse_replay(ledger, without_some(honest, 3), days, trained.config)
    some = honest[honest["customer_id"].isin(honest["customer_id"].unique()[:20])]
    refuse_replay(ledger, some, days, trained.config)


@pytest.mark.parametrize(
    ("column", "leak"),
    [
        ("due_on", lambda rows: rows["due_on"] + pd.to_timedelta((rows.index % 5 == 0) * 1, unit="D")),
        ("country", lambda rows: rows["country"].mask(rows.index % 5 == 0, "XX")),
        ("open_amount", lambda rows: rows["open_amount"] * np.where(rows.index % 5 == 0, 1.01, 1)),
    ],
)
def test_a_column_of_the_cohort_that_is_another_one_later_is_named(trained: Any, column: str, leak: Callable[[pd.DataFrame], Any]) -> None:
    ledger, days = Ledger.open(trained.ledger), [date(2025, 9, 30)]
    seen = matrix.build_matrix(ledger, days, trained.config.features)
    with pytest.raises(RefusedError, match=f"{column} looked past 2025-09-30"):
        refuse_replay(ledger, seen.assign(**{column: leak(seen)}), days, trained.config)


def _leaky(remembered: dict[str, pd.DataFrame] | None) -> Callable[[Portfolio], Any]:
    """The terms view, in which `sent_late_days` comes from the stored payments; read anew each time, or remembered from the first."""

    def build(portfolio: Portfolio) -> Any:
        def read() -> pd.DataFrame:
            paid = portfolio.snapshot.ledger.store.read("payments", ["invoice_id", "paid_on"]).to_pandas()
            return paid.groupby("invoice_id", as_index=False)["paid_on"].max()

        last = read() if remembered is None else remembered.setdefault("paid", read())
        honest = terms.terms(portfolio)
        t = honest.left_join(ibis.memtable(last, schema={"invoice_id": "string", "paid_on": "date"}), "invoice_id").select(
            honest, "paid_on"
        )
        return t.mutate(sent_late_days=t.paid_on.delta(t.as_of, unit="day").cast("float64").fill_null(400.0)).drop("paid_on")

    return build


@pytest.mark.parametrize("way", ["stored", "remembered"])
def test_what_is_read_past_the_snapshot_or_remembered_is_named(trained: Any, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    leaky = replace(terms.VIEW, build=_leaky({} if way == "remembered" else None))
    monkeypatch.setattr(matrix, "VIEWS", tuple(leaky if view is terms.VIEW else view for view in matrix.VIEWS))
    ledger, days = Ledger.open(trained.ledger), [date(2025, 9, 30)]
    seen = matrix.build_matrix(ledger, days, trained.config.features)
    with pytest.raises(RefusedError, match="sent_late_days looked past 2025-09-30"):
        refuse_replay(ledger, seen, days, trained.config)


def test_what_was_remembered_of_a_ledger_that_ended_tells_nothing_of_this_one(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    leaky = replace(terms.VIEW, build=_leaky({}))
    monkeypatch.setattr(matrix, "VIEWS", tuple(leaky if view is terms.VIEW else view for view in matrix.VIEWS))
    ledger, days = Ledger.open(trained.ledger), [date(2025, 9, 30)]
    with ending(ledger, days[0]) as cut:
        matrix.build_matrix(cut, days, trained.config.features)
    assert set(matrix.build_matrix(ledger, days, trained.config.features)["sent_late_days"]) == {400.0}


def test_behaviour_that_knows_the_future_is_named(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def leaky(portfolio: Portfolio, ahead_days: int = 0) -> Any:
        honest, paid = behaviour(portfolio, ahead_days), portfolio.snapshot.ledger.history("payments")
        last = paid.group_by("customer_id").agg(future=paid.paid_on.max())
        t = honest.left_join(last, "customer_id").select(honest, "future")
        return t.mutate(rhythm=t.future.delta(t.as_of, unit="day").cast("float64").fill_null(0.0)).drop("future")

    ledger = Ledger.open(trained.ledger)
    refuse_type_replay(ledger, AS_OF, trained.config)
    monkeypatch.setattr(training_data, "behaviour", leaky)
    with pytest.raises(RefusedError, match="rhythm looked past 2025-"):
        refuse_type_replay(ledger, AS_OF, trained.config)
    with pytest.raises(RefusedError, match="rhythm looked past 2025-"):
        learn(ledger, AS_OF, trained.config, silent)


@pytest.mark.parametrize("disguise", ["plain", "turned", "bent", "shaken"])
def test_a_column_that_knows_the_payment_day_is_named(toy_rows: Callable[..., pd.DataFrame], disguise: str) -> None:
    rows = toy_rows(3000, seed=4)
    days = rows["days_seen"].astype("float64")
    shaken = days + np.random.default_rng(1).normal(0, 0.5, len(rows))
    worn = {"plain": days, "turned": 1000 - days, "bent": np.log1p(days), "shaken": shaken}[disguise]
    refuse_canaries(rows, 0.97, seed=7)
    with pytest.raises(RefusedError, match=r"(open_load knows the payment day|open_load alone tells).* raise models.suspicious_auc to 1"):
        refuse_canaries(rows.assign(open_load=worn), 0.97, seed=7)
    refuse_canaries(rows.assign(open_load=worn), 1.0, seed=7)


def test_a_column_that_knows_who_is_late_is_named(toy_rows: Callable[..., pd.DataFrame]) -> None:
    rows = toy_rows(3000, seed=4)
    is_late = (rows["dpd"] + rows["days_seen"] > 0).astype("float64")
    with pytest.raises(RefusedError, match=r"same_due_count alone tells who will be late, among .* with an AUC of 1\.000"):
        refuse_canaries(rows.assign(same_due_count=is_late), 0.97, seed=7)
    refuse_canaries(rows.assign(same_due_count=is_late), 1.0, seed=7)


def test_a_column_that_knows_who_of_the_overdue_pays_within_a_fortnight_is_named(toy_rows: Callable[..., pd.DataFrame]) -> None:
    rows = toy_rows(6000, seed=4)
    refuse_canaries(rows, 0.97, seed=7)
    flag = ((rows["days_seen"] <= 14) & (rows["dpd"] >= 0)).astype("float64")
    with pytest.raises(RefusedError, match=r"same_due_count alone tells who will pay within a fortnight, among .* with an AUC of 1\.000"):
        refuse_canaries(rows.assign(same_due_count=flag), 0.97, seed=7)


def test_a_habit_of_regular_payers_is_no_leak(toy_rows: Callable[..., pd.DataFrame]) -> None:
    rows = toy_rows(20_000, seed=4)
    late = (rows["dpd"] + rows["days_seen"] > 0).to_numpy()
    by_customer = pd.Series(late & (rows["dpd"] < 0)).groupby(rows["customer_id"]).transform("mean").to_numpy()
    regular = np.where(np.random.default_rng(1).random(len(rows)) < 0.98, by_customer > 0.5, late)
    rows = rows.assign(days_seen=np.where(regular, 5, 0) - np.minimum(rows["dpd"], 0), is_paid=True, so_far_late_share=by_customer)
    rows = rows[rows["dpd"] < 0].assign(so_far_days_left=lambda r: -r["dpd"])
    refuse_canaries(rows, 0.97, seed=7)
    with pytest.raises(RefusedError, match="same_due_count alone tells who will be late"):
        refuse_canaries(rows.assign(same_due_count=(rows["dpd"] + rows["days_seen"] > 0) * 1.0), 0.97, seed=7)


@pytest.mark.parametrize(("n_late", "is_refused"), [(29, False), (30, True)])
def test_what_a_few_late_rows_have_in_common_is_chance(toy_rows: Callable[..., pd.DataFrame], n_late: int, is_refused: bool) -> None:
    rows = toy_rows(3000, seed=4).query("dpd < 0").reset_index(drop=True)
    late = rows.index < n_late
    rows = rows.assign(days_seen=np.where(late, 5, 0) - rows["dpd"], window_days=90, is_paid=True)
    rows = rows.assign(same_due_count=late * 1.0, so_far_days_left=-rows["dpd"])
    if is_refused:
        with pytest.raises(RefusedError, match="same_due_count alone tells who will be late"):
            refuse_canaries(rows, 0.97, seed=7)
    else:
        refuse_canaries(rows, 0.97, seed=7)


def test_customers_who_all_pay_on_the_due_day_are_no_leak(toy_rows: Callable[..., pd.DataFrame]) -> None:
    rows = toy_rows(3000, seed=4).query("dpd < 0")
    punctual = rows.assign(days_seen=-rows["dpd"], business_days_past_due=(rows["dpd"] * 5 / 7).round(), so_far_days_left=-rows["dpd"])
    refuse_canaries(punctual, 0.97, seed=7)


def test_a_validation_too_good_to_be_true_is_refused() -> None:
    fortnight = {"auc": 0.9, "n": 1000, "of_either": 300, "auc_alike": 0.8, "auc_rolled": 0.8, "pairs_alike": 10**5, "auc_within": 0.7}

    def refuse(n: int, of_either: int, suspicious: float = 0.97, within: float = 0.95) -> None:
        late = {"auc_alike": 0.985, "auc_rolled": 0.985, "pairs_alike": 10**5, "n": n, "of_either": of_either, "auc_within": within}
        refuse_too_good({"formulations": {"stacked": {"p_late": late, "p_paid_14": fortnight}}}, suspicious)

    with pytest.raises(RefusedError, match="too good to be true"):
        refuse(1000, 30)
    with pytest.raises(RefusedError, match="too good to be true"):
        refuse(1000, 30, within=float("nan"))
    # Every customer has a habit of its own, and its invoices are as hard to tell apart as elsewhere.
    refuse(1000, 30, within=0.8)
    refuse(1000, 30, 1.0)
    refuse(999, 30)
    refuse(1000, 29)


@pytest.mark.parametrize(
    ("auc", "alike", "rolled", "pairs", "is_refused"),
    [(0.96, 0.85, 0.85, 10**5, False), (0.99, 0.99, 0.99, 10**5, True), (0.99, 0.99, 0.99, 100, False), (0.99, 0.99, 0.6, 10**5, False)],
)
def test_within_a_fortnight_too_good_is_measured_among_invoices_that_the_due_date_does_not_tell_apart(
    auc: float, alike: float, rolled: float, pairs: int, is_refused: bool
) -> None:
    late = {"auc_alike": 0.85, "auc_rolled": 0.85, "pairs_alike": 10**6, "n": 5000, "of_either": 900, "auc_within": 0.7}
    told = {"auc_alike": alike, "auc_rolled": rolled, "pairs_alike": pairs, "auc_within": 0.95}
    found = {"formulations": {"stacked": {"p_late": late, "p_paid_14": {"auc": auc, "n": 5000, "of_either": 900, **told}}}}
    if is_refused:
        with pytest.raises(RefusedError, match=r"within a fortnight, among invoices equally many days past due, of 0\.990"):
            refuse_too_good(found, 0.97)
    else:
        refuse_too_good(found, 0.97)
