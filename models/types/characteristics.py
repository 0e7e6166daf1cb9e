"""How much of a thing was seen, where a vote says only whether it was: characteristics in steps, as a scorecard has them.

None is a length of the delay: houses differ in how late their late ones are, and less in how these lie. One whose table is not in the
ledger, or for which there is nothing to look at, gives no step, as a rule abstains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.arrays import Floats
from models.types.needs import Sees, at_own_pace, disputes_told, often_slow, own_pace, paid_late, parts_told, several, slow
from models.types.rules import fair_late_days
from models.types.settings import TypeSettings


@dataclass(frozen=True)
class Characteristic:
    """A column of `features.behaviour`; a step begins above each bound of `above`, and one lies below them all. `needs` as of a rule."""

    name: str
    above: tuple[float, ...]
    needs: Sees


def parts_told_often(b: pd.DataFrame) -> pd.Series[bool]:
    return parts_told(b) & often_slow(b)


def often_slow_and_paid(b: pd.DataFrame) -> pd.Series[bool]:
    return often_slow(b) & paid_late(b)


CHARACTERISTICS = (
    Characteristic("plain_slow_share", (0.25, 0.5, 0.75, 0.9), at_own_pace),
    Characteristic("before_plain_slow_share", (0.1, 0.3, 0.6, 0.9), at_own_pace),
    Characteristic("plain_share", (0.2, 0.5, 0.8, 0.95), slow),
    Characteristic("in_order_share", (0.1, 0.4, 0.7, 0.95), often_slow_and_paid),
    Characteristic("delay_spread", (0.1, 0.2, 0.3, 0.5), own_pace),
    Characteristic("delay_amount", (-0.3, 0.0, 0.2, 0.5), several),
    Characteristic("short_share", (0.0, 0.2), parts_told_often),
    Characteristic("after_dispute_days", (-3.0, 0.0, 2.0, 9.0), disputes_told),
)


def characteristics(behaviour: pd.DataFrame, settings: TypeSettings) -> pd.DataFrame:
    """Those of the late customers of one day, a column each in the order of `CHARACTERISTICS`; NaN where there is nothing to look at."""
    late = fair_late_days(behaviour) > settings.compliant_days
    seen = {one.name: behaviour[one.name].where(one.needs(behaviour) & late) for one in CHARACTERISTICS}
    return pd.DataFrame(seen, index=behaviour.index)


def steps_of(seen: pd.DataFrame) -> Floats:
    """Shape (customers, steps of all characteristics): 1 in the step where one lies and in each below it, 0 where it was not seen.

    >>> nothing = dict.fromkeys((one.name for one in CHARACTERISTICS), np.nan)
    >>> steps = steps_of(pd.DataFrame([nothing, nothing | {"short_share": 0.0}, nothing | {"short_share": 0.2}]))
    >>> steps.shape, steps.sum(axis=1).tolist()
    ((3, 38), [0.0, 1.0, 2.0])
    """
    steps = [seen[one.name].to_numpy(dtype="float64")[:, None] > np.array([-np.inf, *one.above]) for one in CHARACTERISTICS]
    return np.hstack(steps).astype("float64")
