"""A champion that was fitted in a moment, on rows whose law is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from models.champion import Champion
from models.payment.payment_time import Fitted, fit_payment_time
from models.settings import BoosterSettings, ModelSettings
from models.types.debtor_type import TypeModel
from models.types.settings import TypeSettings

SMALL = BoosterSettings(learning_rate=0.1, max_rounds=40, min_child_samples=50, feature_fraction=0.6)
SETTINGS = ModelSettings(late_head=SMALL, hazard_head=SMALL, hazard_fits=2, max_steps=12_000)


@pytest.fixture(scope="session")
def fitted(toy_rows: Callable[..., pd.DataFrame]) -> Fitted:
    older, newer = toy_rows(1500, seed=1), toy_rows(800, seed=2, first="2024-03-01")
    return fit_payment_time(older, newer, pd.concat([older, newer], ignore_index=True), SETTINGS, seed=7, threads=1)


@pytest.fixture(scope="session")
def champion(fitted: Fitted) -> Champion:
    return Champion(
        date(2024, 6, 30), fitted.model, types=TypeModel.untrained(TypeSettings()).to_json(), usual={"so_far_late_share": 0.5, "dpd": -3.0}
    )
