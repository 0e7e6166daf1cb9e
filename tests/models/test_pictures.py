"""Pictures that have nothing to show are drawn all the same; a warning on the way is an error here."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.pictures import lift_picture


def test_a_lift_picture_without_a_known_outcome_is_drawn_without_a_legend(tmp_path: Path) -> None:
    unknown = np.full(3, np.nan)
    path = lift_picture({"p_late": (unknown, {"champion": np.array([0.1, 0.2, 0.3])})}, tmp_path / "lift.png")
    assert path.stat().st_size > 1000
