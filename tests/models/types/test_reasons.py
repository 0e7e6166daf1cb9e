"""Why one type and not another: the booster's SHAP values and the points of characteristics, each as it counts in the estimate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.behaviour import NAMES
from ledger.tables import DEBTOR_TYPES
from models.types import explain
from models.types.characteristics import CHARACTERISTICS, characteristics
from models.types.debtor_type import TypeModel, design
from models.types.explain import REASON_COLUMNS, _reasons
from models.types.label_model import LabelModel
from models.types.settings import TypeSettings
from models.types.training import learn
from models.types.training_data import UNSAID, TrainingData

N = 60


def customers() -> pd.DataFrame:
    """All late, some evenly and with everything, some of them here and there."""
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(dict.fromkeys(NAMES, 0.0) | {"due_count": 6.0, "slow_count": 4.0, "slow_share": 0.7}, index=range(N))
    evenly = np.arange(N) % 2 == 0
    return frame.assign(
        customer_id=[f"C{i:02}" for i in range(N)],
        as_of=pd.Timestamp("2025-06-30"),
        late_days_each=30.0,
        plain_share=1.0,
        plain_slow_share=np.where(evenly, 1.0, 0.4) - 0.05 * rng.random(N),
        delay_spread=np.where(evenly, 0.02, 0.6) + 0.05 * rng.random(N),
        in_order_share=rng.random(N),
    )


def points_alone(model: TypeModel) -> TypeModel:
    """Of the rules nothing but the steps of characteristics, and nothing stretched."""
    points = model.rules.points
    still = replace(points, start=0 * points.start, saw=0 * points.saw, saw_not=0 * points.saw_not)
    return replace(model, rules=replace(model.rules, points=still, share=1.0), stretch=1.0)


def all_reasons(model: TypeModel, frame: pd.DataFrame, at: int, first: str, second: str, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    monkeypatch.setattr(explain, "SHOWN", len(NAMES))
    monkeypatch.setattr(explain, "LEAST_REASON", 0.0)
    return _reasons(model, frame.loc[[at]], characteristics(frame, model.settings).loc[[at]], first, second)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_reasons_add_up_to_the_odds_of_one_cause_against_another(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = customers()
    learned = learn(TrainingData(frame, frame, np.full(N, UNSAID), np.full(N, np.nan)), TypeSettings(), seed=7, threads=1)
    model = points_alone(learned)
    first, second = "intentional", "disorganized"
    one, other = (DEBTOR_TYPES.index(name) for name in (first, second))
    told = all_reasons(model, frame, at, first, second, monkeypatch)
    assert set(told["feature"]) & {characteristic.name for characteristic in CHARACTERISTICS}
    # What the booster says of everybody is no reason.
    raw = np.asarray(model.boosters["type"].predict(design(frame.loc[[at]]), pred_contrib=True))
    everybody = raw.reshape(len(DEBTOR_TYPES), -1)[:, -1] / model.temperature
    p = model.probabilities(frame)[at]
    assert told["contribution"].sum() + 0.6 * (everybody[one] - everybody[other]) == pytest.approx(np.log(p[one] / p[other]), abs=1e-6)


def test_of_an_untrained_model_the_points_are_the_reasons_and_of_who_is_hardly_late_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = customers()
    model = points_alone(TypeModel.untrained(TypeSettings()))
    told = all_reasons(model, frame, 0, "intentional", "disorganized", monkeypatch)
    p = model.probabilities(frame)[0]
    assert told["contribution"].sum() == pytest.approx(np.log(p[3] / p[2]), abs=1e-9)
    assert told["contribution"].abs().is_monotonic_decreasing
    assert list(told) == list(REASON_COLUMNS)
    assert all_reasons(model, frame, 0, "intentional", "compliant", monkeypatch).empty
    without = replace(model, rules=LabelModel.assumed(TypeSettings(points_share=0)))
    assert all_reasons(without, frame, 0, "intentional", "disorganized", monkeypatch).empty


def test_what_hardly_counts_is_no_reason() -> None:
    frame = customers()
    model = TypeModel.untrained(TypeSettings())
    told = _reasons(model, frame.loc[[0]], characteristics(frame, model.settings).loc[[0]], "intentional", "disorganized")
    assert 0 < len(told) <= explain.SHOWN
    assert (told["contribution"].abs() > explain.LEAST_REASON).all()


def test_what_is_not_known_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = customers()
    model = learn(TrainingData(frame, frame, np.full(N, UNSAID), np.full(N, np.nan)), TypeSettings(), seed=7, threads=1)
    known = all_reasons(model, frame, 0, "intentional", "disorganized", monkeypatch)
    assert "delay_spread" in set(known["feature"])
    told = all_reasons(model, frame.assign(delay_spread=np.nan), 0, "intentional", "disorganized", monkeypatch)
    assert "delay_spread" not in set(told["feature"])
    assert told["value"].notna().all()


def test_who_has_paid_nothing_of_what_is_late_is_not_said_to_pay_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = customers()
    model = learn(TrainingData(frame, frame, np.full(N, UNSAID), np.full(N, np.nan)), TypeSettings(), seed=7, threads=1)
    some, nothing = (
        set(all_reasons(model, frame.assign(open_late_share=share), 0, "intentional", "disorganized", monkeypatch)["feature"])
        for share in (0.5, 1.0)
    )
    assert (some - nothing) == {"in_order_share"}
