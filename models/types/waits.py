"""Late under cover of a pay run: who pays with the next run may have waited for it, or forgotten or put off paying until then.

The wait is excused (`features.fair`), and what is excused looks like no delay at all. Of customers of the simulated worlds that are seen
with hardly any late days about as large a share is late by their own doing as the wait is of six weeks (`benchmarks/type_waits.py`).
"""

from __future__ import annotations

import numpy as np

from models.arrays import Floats

HIDING_DAYS = 45.0


def doubted(p: Floats, waited: Floats) -> Floats:
    """Probabilities, shape (customers, types), in which the compliant are no surer than their wait allows; the causes share the rest.

    `waited`: mean days that each invoice waited for a pay run (NaN: none did).

    >>> p = np.array([[0.98, 0.01, 0.0, 0.01, 0.0]] * 3)
    >>> doubted(p, np.array([0.0, 9.0, np.nan])).round(2).tolist()
    [[0.98, 0.01, 0.0, 0.01, 0.0], [0.8, 0.1, 0.0, 0.1, 0.0], [0.98, 0.01, 0.0, 0.01, 0.0]]
    """
    compliant = np.minimum(p[:, 0], 1.0 - np.clip(np.nan_to_num(waited), 0.0, HIDING_DAYS) / HIDING_DAYS)
    rest = (1.0 - compliant) / np.maximum(1.0 - p[:, 0], 1e-9)
    return np.column_stack([compliant, p[:, 1:] * rest[:, None]])
