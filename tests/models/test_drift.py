"""A feature that tells the time is left out, whatever it says of lateness; a model without it does better in the next quarter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from models.drift import clocks, drifts
from models.evaluate import metrics
from models.payment.observations import late_if_not_due
from models.payment.payment_time import Fitted, fit_payment_time
from models.settings import BoosterSettings, ModelSettings

LIGHT = BoosterSettings(max_rounds=60, learning_rate=0.1, min_child_samples=20, feature_fraction=0.6)
SETTINGS = ModelSettings(late_head=LIGHT, hazard_head=LIGHT, max_steps=20_000)


def quarter(toy_rows: Callable[..., pd.DataFrame], n: int, **clock: float) -> pd.DataFrame:
    """Rows in which `open_load` counts up from the start of the ledger."""
    rows = toy_rows(n, seed=int(clock["seed"]))
    return rows.assign(open_load=clock["start"] + np.arange(n) / n)


def fitted(toy_rows: Callable[..., pd.DataFrame], clock_auc: float) -> Fitted:
    older, newer = quarter(toy_rows, 1500, seed=1, start=0.0), quarter(toy_rows, 900, seed=2, start=1.0)
    whole = pd.concat([older, newer], ignore_index=True)
    return fit_payment_time(older, newer, whole, SETTINGS.model_copy(update={"clock_auc": clock_auc}), seed=7, threads=1)


def test_a_running_count_is_left_out_and_told(toy_rows: Callable[..., pd.DataFrame]) -> None:
    screened = fitted(toy_rows, 0.9)
    assert screened.model.left_out == screened.validation["left_out"] == ("open_load",)
    assert next(iter(screened.validation["drift"])) == "open_load"
    for member in screened.model.late.members:
        used = dict(zip(member.feature_name(), member.feature_importance(), strict=True))
        assert used["open_load"] == 0
        assert used["so_far_late_share"] > 0
    assert fitted(toy_rows, 1.0).model.left_out == ()


def test_what_it_says_in_the_next_quarter_changes_nothing(toy_rows: Callable[..., pd.DataFrame]) -> None:
    model = fitted(toy_rows, 0.9).model
    later = quarter(toy_rows, 600, seed=3, start=2.0)
    said = model.curve(later).at(-later["dpd"].to_numpy(dtype="int64"))
    again = model.curve(later.assign(open_load=-5.0)).at(-later["dpd"].to_numpy(dtype="int64"))
    assert (said == again).all()
    assert metrics(late_if_not_due(later), said)["auc"] > 0.75


def test_the_voice_of_the_customers_own_curve_is_no_feature_of_a_booster(toy_rows: Callable[..., pd.DataFrame]) -> None:
    """A share that moved with time is left out of the boosters; the curve it belongs to still has its say, and the model its figures."""
    older, newer = toy_rows(1500, seed=1), toy_rows(900, seed=2)
    older, newer = older.assign(so_far_paid_14_share=0.2), newer.assign(so_far_paid_14_share=0.6)
    done = fit_payment_time(older, newer, pd.concat([older, newer], ignore_index=True), SETTINGS, seed=7, threads=1)
    assert done.model.left_out == ("so_far_paid_14_share",)
    voiced = replace(done.model, stacking=replace(done.model.stacking, own_curve_weight=0.5))
    slow, quick = (voiced.curve(newer.assign(so_far_paid_14_share=share)).at(np.full(900, 14)) for share in (0.1, 0.9))
    assert (slow > quick).mean() > 0.9


def test_features_that_stand_still_stay(toy_rows: Callable[..., pd.DataFrame]) -> None:
    found = drifts(toy_rows(1500, seed=1), toy_rows(900, seed=2))
    assert found.max() < 0.6
    assert clocks(found, 0.9) == ()
