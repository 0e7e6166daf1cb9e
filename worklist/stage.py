"""The stage of a customer, from the age of the oldest undisputed open invoice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from worklist.settings import WorklistSettings

STAGES = ("preventive", "early", "late")


def stage_of(chased_dpd: pd.Series, settings: WorklistSettings) -> pd.Series:
    """Stage per customer: `preventive` up to the due day (or nothing due), `early` after it, `late` from `late_from_dpd` on.

    >>> stage_of(pd.Series([-3, 0, 1, 99, 100, None]), WorklistSettings()).tolist()
    ['preventive', 'preventive', 'early', 'early', 'late', 'preventive']
    """
    days = chased_dpd.astype("float64").fillna(-1.0)
    stage = np.select([days <= 0, days < settings.late_from_dpd], STAGES[:2], default=STAGES[2])
    return pd.Series(stage, index=chased_dpd.index, name="stage", dtype="str")
