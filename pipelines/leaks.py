"""Guards against leaks, run at every training: a feature must not know what only the future knows.

Three of them, each of which a leak has to defeat: the *replay* computes features again on a ledger that ends on the day asked about; the
*canary* asks of each single feature whether it knows too well who will be late, or on which day the money comes; and a *validation* that
is too good to be true is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.matrix import FEATURES, build_matrix
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from models.observations import late_if_not_due
from pipelines.config import Config
from pipelines.sampling import some_customers

Floats = npt.NDArray[np.float64]

LEAST_ROWS = 1000
CANARY_ROWS = 30_000
KNOWS_THE_DAY = 0.97
KEYS = ["as_of", "invoice_id"]


def refuse_replay(ledger: Ledger, matrix: pd.DataFrame, days: Sequence[date], config: Config) -> None:
    """Refuse features that differ, on the middle and the last of the days, where the ledger ends on that day."""
    for day in sorted({days[len(days) // 2], days[-1]}):
        blind = build_matrix(ledger.ending(day), [day], config.features)
        seen = matrix[matrix["as_of"] == pd.Timestamp(day)]
        both = seen.merge(blind, on=KEYS, suffixes=("", "_blind"), validate="one_to_one")
        leaking = [name for name in FEATURES if not np.allclose(both[name], both[f"{name}_blind"], rtol=1e-6, atol=1e-9, equal_nan=True)]
        if leaking:
            raise RefusedError(
                f"{_named(leaking)} looked past {day}: computed on a ledger that ends on that day it is another figure; "
                "build it from the snapshot of the day alone"
            )
        if len(both) < len(seen):
            raise RefusedError(f"{len(seen) - len(both)} rows of {day} are only asked about because of what came later: mend the cohort")


def refuse_canaries(observations: pd.DataFrame, suspicious: float, seed: int) -> None:
    """Refuse a feature that by itself tells too well who will be late, or the day of payment beyond what the due date tells.

    Not asked of fewer than 1,000 rows, where that may be chance.
    """
    rows = some_customers(observations, CANARY_ROWS, seed)
    late = late_if_not_due(rows)
    known = ~np.isnan(late)
    paid = rows[rows["is_paid"].to_numpy(dtype=bool)]
    for name in FEATURES:
        if suspicious < 1 and known.sum() >= LEAST_ROWS and 0 < late[known].mean() < 1:
            found = _auc(rows.loc[known, name].to_numpy(dtype="float64"), late[known])
            if found > suspicious:
                raise RefusedError(
                    f"{name} alone tells who will be late with an AUC of {found:.3f} (above models.suspicious_auc = {suspicious}): "
                    "no honest feature does; look for a column that knows the payment day"
                )
        if len(paid) >= LEAST_ROWS and name != "dpd":
            knows = _beyond_due(paid[name], paid["days_seen"], paid["dpd"])
            if knows > KNOWS_THE_DAY:
                raise RefusedError(
                    f"{name} knows the payment day: its ranks and those of the days to payment agree by {knows:.3f} beyond what the due "
                    "date tells; look for a mapped column, such as known_on, that is filled from the clearing day"
                )


def refuse_too_good(validation: Mapping[str, Any], suspicious: float) -> None:
    """Too good is refused, on rows enough for it not to be chance."""
    found = validation["formulations"]["joined"]["p_late"]
    if found["auc"] > suspicious and found["n"] >= LEAST_ROWS:
        raise RefusedError(
            f"a validation AUC of {found['auc']:.3f} is too good to be true for payment data (above models.suspicious_auc = {suspicious}): "
            "look for a column that knows the payment day, such as a mapped known_on that lies before the day the fact was really known; "
            "where these customers truly are that regular, raise models.suspicious_auc to 1"
        )


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _auc(values: Floats, outcome: Floats) -> float:
    """How well a feature tells the outcome, in either direction; what is missing stands at the low end."""
    from sklearn.metrics import roc_auc_score

    found = float(roc_auc_score(outcome, np.nan_to_num(values, nan=-1e300, posinf=1e300, neginf=-1e300)))
    return max(found, 1 - found)


def _beyond_due(values: pd.Series, days: pd.Series, dpd: pd.Series) -> float:
    """Rank correlation of a feature with the days to payment, the days past due taken out of both; 0 where nothing is left."""
    ranked = pd.DataFrame({"x": values, "y": days, "z": dpd}).dropna().rank()
    if len(ranked) < LEAST_ROWS or ranked[["x", "y"]].nunique().min() < 3:
        return 0.0
    r = ranked.corr().to_numpy()
    r = np.nan_to_num(r)
    left = (1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2)
    return float(abs(r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt(left)) if left > 1e-4 else 0.0
