"""How the corrected customers were chosen: a collector speaks up where we are wrong, and rarely says that we are right.

Words on customers drawn at random tell how often we err. Words that only ever contradict us tell where we were wrong and nothing of how
often; taken for the former they would move what is right for many to please a few. Among late customers whose cause was named the share
that agrees with us, held against how sure we were, tells how much likelier a customer was spoken of because we were wrong. A
contradiction weighs less by as much.
"""

from __future__ import annotations

import numpy as np

from models.arrays import Floats, Ints

AT_RANDOM = 4.0
"""So many words are thought to be on customers drawn at random, whatever is said."""


def weights_of(p: Floats, told: Ints) -> Floats:
    """The weight of each word, shape (customers,): 1 where it agrees with us, at most 1 where it contradicts.

    `p` (customers, types) is what was thought of the corrected customers, `told` the code of the type that each was told (-1: none).

    >>> p = np.tile([0.1, 0.1, 0.1, 0.7, 0.0], (20, 1))
    >>> weights_of(p, np.repeat([3, 1], [16, 4])).round(2)[[0, -1]].tolist()
    [1.0, 1.0]
    >>> weights_of(p, np.repeat([3, 1], [8, 12])).round(2)[[0, -1]].tolist()
    [1.0, 0.25]
    >>> weights_of(p, np.ones(20, dtype="int64")).round(2)[0], weights_of(p[:0], np.empty(0, dtype="int64"))
    (np.float64(0.04), array([], dtype=float64))
    """
    likeliest = p.argmax(axis=1) if len(p) else np.empty(0, dtype="int64")
    agrees = likeliest == told
    caused = (told > 0) & (likeliest > 0)
    if not caused.any():
        return np.ones(len(p))
    sure = float((p[caused, 1:].max(axis=1) / p[caused, 1:].sum(axis=1)).mean())
    share = (agrees[caused].sum() + AT_RANDOM * sure) / (caused.sum() + AT_RANDOM)
    fewer = min(1.0, share / max(1.0 - share, 1e-9) * (1.0 - sure) / max(sure, 1e-9))
    return np.where(agrees, 1.0, fewer)
