"""The drift screen: features that tell the time rather than the customer do not reach the model.

A feature that by itself tells the newer days from the older ones (tenure, a running count, a level of the whole ledger) takes values in
the next quarter that were never seen. How well each one does so is its AUC of newer against older rows, and above `clock` it is left
out. Milder drift stays: dropping or ranking such features cost more than it saved wherever it was tried (`docs/decisions/0010`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.matrix import FEATURES
from models.evaluate import auc

# Where the question stands in time is its own business.
NEVER = ("dpd", "business_days_past_due")


def drifts(older: pd.DataFrame, newer: pd.DataFrame) -> pd.Series:
    """For each feature how well it tells newer rows from older ones: 0.5 not at all, 1 always; the worst first."""
    is_newer = np.repeat([0.0, 1.0], [len(older), len(newer)])
    both = pd.concat([older[list(FEATURES)], newer[list(FEATURES)]]).fillna(-1e300)
    found = {name: auc(is_newer, both[name].to_numpy()) for name in FEATURES}
    return pd.Series({name: max(one, 1 - one) for name, one in found.items()}).sort_values(ascending=False, kind="stable")


def clocks(found: pd.Series, clock: float) -> tuple[str, ...]:
    """The features to leave out.

    >>> clocks(pd.Series({"tenure": 0.98, "dpd": 0.96, "late_share": 0.6}), clock=0.9)
    ('tenure',)
    """
    return tuple(sorted(str(name) for name, one in found.items() if one > clock and name not in NEVER))


def without(rows: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """The rows with these features unknown."""
    return rows.assign(**dict.fromkeys(names, np.nan)) if names else rows
