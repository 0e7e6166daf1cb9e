"""Pictures that have nothing to show are drawn all the same; a warning on the way is an error here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from models.pictures import calibration_picture, lift_picture


def test_a_lift_picture_without_a_known_outcome_is_drawn_without_a_legend(tmp_path: Path) -> None:
    unknown = np.full(3, np.nan)
    path = lift_picture({"p_late": (unknown, {"champion": np.array([0.1, 0.2, 0.3])})}, tmp_path / "lift.png")
    assert path.stat().st_size > 1000


def test_a_calibration_picture_is_the_same_in_every_byte_and_tells_its_days(tmp_path: Path) -> None:
    p = np.linspace(0.01, 0.99, 60)
    pairs = {"late": ((p > 0.5).astype("float64"), p), "unknown": (np.full(60, np.nan), p)}
    days = pd.Series(pd.date_range("2025-01-31", periods=60))
    told = (days, days, days + pd.Timedelta(days=9))
    pictures = [calibration_picture(pairs, tmp_path / f"{n}.png", one).read_bytes() for n, one in enumerate(told)]
    assert pictures[0] == pictures[1]
    assert pictures[0] != pictures[2]
