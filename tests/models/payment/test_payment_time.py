"""The payment-time model where who is late is no question: everybody is, nobody is, or all is due at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.champion import Champion
from models.evaluate import row_losses
from models.explain import contributions
from models.payment.lateness import days_past
from models.payment.observations import paid_outcome
from models.payment.payment_time import fit_payment_time
from models.settings import BoosterSettings, ModelSettings
from models.types.debtor_type import TypeModel
from models.types.settings import TypeSettings

SMALL = BoosterSettings(learning_rate=0.1, max_rounds=40, min_child_samples=50, feature_fraction=0.6)
SETTINGS = ModelSettings(late_head=SMALL, hazard_head=SMALL, late_fits=2, max_steps=40_000)


@pytest.fixture
def slow_rows(toy_rows: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """Invoices asked about `dpd` (days); half of the customers pay within a week of `after` days from then, the others weeks later."""

    def build(seed: int, dpd: int, after: int, first: str = "2024-01-01") -> pd.DataFrame:
        rows = toy_rows(1500, seed=seed, first=first)
        slow = rows["customer_id"] < "C20"
        wait = after + np.random.default_rng(seed).integers(1, 7, len(rows)) + 21 * slow
        return rows.assign(dpd=float(dpd), so_far_late_share=slow * 1.0, days_seen=wait, is_paid=True, window_days=90)

    return build


@pytest.mark.parametrize(
    ("dpd", "after", "p_late"),
    [
        pytest.param(-5, 5, (0.998, 1.0), id="everybody late"),
        pytest.param(-50, 0, (0.0, 0.004), id="nobody late"),
        pytest.param(3, 0, (1.0, 1.0), id="due at once"),
    ],
)
def test_when_people_pay_is_learned_where_nobody_differs_in_being_late(
    slow_rows: Callable[..., pd.DataFrame], dpd: int, after: int, p_late: tuple[float, float]
) -> None:
    older, newer = slow_rows(1, dpd, after), slow_rows(2, dpd, after, "2024-03-01")
    fitted = fit_payment_time(older, newer, pd.concat([older, newer], ignore_index=True), SETTINGS, seed=7, threads=1)
    model = fitted.model
    asked = slow_rows(3, dpd, after, "2024-05-01")
    curve = model.curve(asked)
    assert p_late[0] <= curve.at(-days_past(asked)).mean() <= p_late[1]
    loss = row_losses(paid_outcome(asked, 14), 1 - curve.at(np.full(len(asked), 14))).mean()
    assert loss < 0.1
    champion = Champion(date(2024, 6, 30), model, types=TypeModel.untrained(TypeSettings()).to_json(), usual={})
    again = Champion.from_parts(champion.to_json(), champion.boosters)
    assert (again.payment.curve(asked).unpaid == curve.unpaid).all()
    # Reasons come of the curve, since nobody is told from another by being late.
    values = contributions(champion, asked)["HABIT_LATE"]
    slow = asked["customer_id"] < "C20"
    assert values[slow].mean() > 0 > values[~slow].mean()
