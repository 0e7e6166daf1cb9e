"""Reasons are exact: what the codes add up to is the margin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info

from features.matrix import FEATURES, feature_matrix
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from features.view import Feature
from ledger.ledger import Ledger
from models import explain
from models.champion import Champion
from models.explain import OF_PEERS, STEP_CODES, STEPS_TO_COME, bag_values, contributions, explained_rows, late_values, shap_values
from models.odds import logit
from models.payment import late, steps
from models.payment.payment_time import PaymentTimeModel
from models.told import TOLD

NOTHING = Feature("", "", "")


@pytest.fixture(scope="module")
def rows(toy_rows: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return toy_rows(60, seed=21)


@pytest.fixture(scope="module")
def payment(champion: Champion) -> PaymentTimeModel:
    assert isinstance(champion.payment, PaymentTimeModel)
    return champion.payment


def test_the_values_add_up_to_the_margin(payment: PaymentTimeModel, rows: pd.DataFrame) -> None:
    assert len(rows) > 0
    step = np.tile(np.array(STEPS_TO_COME), len(rows))
    designs = (
        (payment.late.members[0], late.design(rows)),
        (payment.hazard.members[0], steps.design(rows, np.repeat(np.arange(len(rows)), len(STEPS_TO_COME)), step)),
    )
    for booster, design in designs:
        values = shap_values(booster, design)
        expected = booster.predict(design, pred_contrib=True, num_threads=1)[:, -1]
        margin = booster.predict(design, raw_score=True, num_threads=1)
        assert values.shape == design.shape
        assert np.allclose(values.sum(axis=1) + expected, margin, atol=1e-9)


def test_no_more_threads_are_used_than_are_allowed(payment: PaymentTimeModel, rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    booster, design, allowed = payment.late.members[0], late.design(rows), []
    predict = type(booster).predict

    def watched(self: Any, *given: Any, **named: Any) -> Any:
        allowed.append({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"})
        return predict(self, *given, **named)

    monkeypatch.setattr(type(booster), "predict", watched)
    one, three = shap_values(booster, design), shap_values(booster, design, threads=3)
    assert allowed == [{1}, {3}]
    assert one.tobytes() == three.tobytes()


def test_the_values_of_a_bag_add_up_to_its_log_odds(payment: PaymentTimeModel, rows: pd.DataFrame) -> None:
    design = late.design(rows)
    expected = np.mean([one.predict(design, pred_contrib=True, num_threads=1)[:, -1] for one in payment.late.members], axis=0)
    assert len({one.model_to_string() for one in payment.late.members}) == len(payment.late.members) == 5
    assert np.allclose(bag_values(payment.late, design).sum(axis=1) + expected, logit(payment.late.predict(design)), atol=1e-9)


def test_the_values_of_late_and_linear_head_add_up_as_they_are_weighed(payment: PaymentTimeModel, rows: pd.DataFrame) -> None:
    design = late.design(rows)
    heard = replace(payment, stacking=replace(payment.stacking, late_head_weight=0.2, linear_late_weight=0.6))
    moves = late_values(heard, design).sum(axis=1)
    margin = 0.25 * logit(payment.late.predict(design)) + 0.75 * payment.linear_late.margin(design)
    assert np.allclose(moves - moves[0], margin - margin[0], atol=1e-9)
    unheard = replace(payment, stacking=replace(payment.stacking, late_head_weight=0.0, linear_late_weight=0.0))
    assert (late_values(unheard, design) == bag_values(payment.late, design)).all()


def test_what_speaks_for_an_overdue_invoice_is_the_mean_of_the_hazard_fits(
    champion: Champion, payment: PaymentTimeModel, rows: pd.DataFrame
) -> None:
    overdue = rows[rows["dpd"] >= 0]
    n, untold = len(overdue), [name for name in steps.COLUMNS if not (STEP_CODES.get(name) or FEATURES.get(name, NOTHING).reason)]
    design = steps.design(overdue, np.repeat(np.arange(n), len(STEPS_TO_COME)), np.tile(np.array(STEPS_TO_COME), n))
    assert len(payment.hazard.members) == 2
    values = np.mean([shap_values(one, design) for one in payment.hazard.members], axis=0)
    told = np.delete(values, [steps.COLUMNS.index(name) for name in untold], axis=1).sum(axis=1)
    assert np.allclose(contributions(champion, overdue).sum(axis=1), -told.reshape(n, -1).mean(axis=1), atol=1e-9)


def test_each_code_is_the_sum_of_its_features(champion: Champion, payment: PaymentTimeModel, rows: pd.DataFrame) -> None:
    told = contributions(champion, rows)
    not_due = (rows["dpd"] < 0).to_numpy()
    values = late_values(payment, late.design(rows[not_due]))
    untold = [name for name in late.COLUMNS if not FEATURES[name].reason]
    silent = values[:, [late.COLUMNS.index(name) for name in untold]].sum(axis=1)
    assert np.allclose(told[not_due].sum(axis=1) + silent, values.sum(axis=1), atol=1e-9)
    by_name = dict(zip(late.COLUMNS, values.T, strict=True))
    habit = sum(by_name[name] for name in late.COLUMNS if FEATURES[name].reason == "HABIT_LATE")
    assert np.allclose(told.loc[not_due, "HABIT_LATE"], habit, atol=1e-9)


def test_the_habits_of_a_customer_without_history_are_told_as_those_of_its_peers(champion: Champion, rows: pd.DataFrame) -> None:
    known = contributions(champion, rows.assign(history_weight=0.5))
    unknown = contributions(champion, rows.assign(history_weight=0.0))
    assert (known["SEGMENT"] == 0).all()
    assert (unknown[OF_PEERS] == 0).all().all()
    assert unknown["SEGMENT"].abs().max() > 0.1
    assert known["HABIT_LATE"].abs().max() > 0.1
    # Also where the drift screen took the measure of that history from the boosters.
    screened = replace(champion, payment=replace(champion.payment, left_out=("history_weight",)))
    assert (contributions(screened, rows.assign(history_weight=0.5))["SEGMENT"] == 0).all()
    assert (contributions(screened, rows.assign(history_weight=0.0))[OF_PEERS] == 0).all().all()


def test_more_always_means_later(champion: Champion, rows: pd.DataFrame) -> None:
    told = contributions(champion, rows)
    not_due = rows["dpd"] < 0
    # In the toy nothing but the share of late invoices speaks for lateness.
    agreement = np.corrcoef(told.loc[not_due, "HABIT_LATE"], rows.loc[not_due, "so_far_late_share"])[0, 1]
    assert agreement > 0.9
    assert told.loc[not_due].abs().mean().idxmax() == "HABIT_LATE"


def test_every_code_has_a_figure_to_tell() -> None:
    codes = {feature.reason for feature in FEATURES.values() if feature.reason} | set(STEP_CODES.values())
    assert codes | {"SEGMENT"} == set(TOLD)


def test_overdue_invoices_speak_for_a_customer_and_the_largest_ten_at_most() -> None:
    rows = pd.DataFrame(
        {
            "customer_id": ["ada"] * 3 + ["bo"] * 12,
            "invoice_id": [f"I{i:02}" for i in range(15)],
            "currency": "EUR",
            "dpd": [-5, 0, 3] + [-1] * 12,
            "open_amount": [500.0, 10.0, 20.0, *range(1, 13)],
        }
    )
    chosen = explained_rows(rows)
    assert chosen["invoice_id"].tolist() == ["I02", "I01", *[f"I{i:02}" for i in range(14, 4, -1)]]


def test_ten_invoices_in_yen_do_not_shout_down_one_in_euros() -> None:
    yen = {"customer_id": "ada", "invoice_id": [f"J{i:02}" for i in range(12)], "currency": "JPY", "dpd": 3, "open_amount": 20_000.0}
    euros = pd.DataFrame([{"customer_id": "ada", "invoice_id": "E1", "currency": "EUR", "dpd": 3, "open_amount": 15_000.0}])
    chosen = explained_rows(pd.concat([pd.DataFrame(yen), euros], ignore_index=True))
    assert "E1" in set(chosen["invoice_id"])
    assert chosen["counts"].nunique() == 1


def test_the_invoice_that_is_cited_speaks_as_the_reason_does(
    champion: Champion, ledger_of: Callable[..., Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old invoice speaks louder, and the other way: what both come to is said of the younger one."""
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        old        ada         2023-01-01 2023-02-01 50
        young      ada         2025-01-01 2025-01-31 100
        """
    )
    portfolio = Portfolio(ledger.as_of(date(2025, 2, 5)), FeatureSettings(staleness_days=900))
    rows = feature_matrix(portfolio)
    assert rows["invoice_id"].tolist() == ["old", "young"]
    said = pd.DataFrame({"AGE": [0.6, -0.9]})
    monkeypatch.setattr(explain, "contributions", lambda champion, rows, *, threads: said)
    found = explain.reasons(champion, rows, portfolio)
    assert found["contribution"].tolist() == [pytest.approx(0.1)]
    assert found["value"].tolist() == [5.0], "days past due of the younger one"
