"""What corrections teach about everybody else: a prior shift, by which the odds of the four causes of lateness move.

Fifty corrections among thousands of labels made by rules do not move a booster, and making them heavy fits those fifty customers at the
cost of the others. What fifty can show is that a type is said too often where another is meant. So they set one number a cause, drawn
towards zero: few corrections, or corrections that contradict each other, teach little. Whether a customer is late at all is left alone,
because collectors speak of late ones.
"""

from __future__ import annotations

import numpy as np

from ledger.tables import DEBTOR_TYPES
from models.arrays import Floats, Ints
from models.odds import softmax

LATE = slice(1, len(DEBTOR_TYPES))
LEAST, STEPS = 1e-3, 25


def prior_shift_of(p: Floats, told: Ints, caution: float, weights: Floats | None = None) -> Floats:
    """What is added to the log-odds of each type, shape (types,), zero for the compliant.

    `p` (customers, types) is what was thought of the corrected customers, `told` the code of the type that each was told (-1: none).
    The ridge `caution` counts as that many corrections that agree with `p`; `weights` of the words, see `models.types.selection`.

    >>> p = np.tile([0.0, 0.1, 0.5, 0.4, 0.0], (30, 1))
    >>> prior_shift_of(p, np.full(30, 3), caution=20)[2:4].round(1).tolist()
    [-0.4, 0.6]
    >>> prior_shift_of(p, np.full(30, -1), caution=20).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """
    late = told > 0
    logs = np.log(np.maximum(p[late, LATE], LEAST))
    said = np.eye(len(DEBTOR_TYPES))[told[late], LATE]
    weight = np.ones(late.sum()) if weights is None else weights[late]
    prior_shift = np.zeros(logs.shape[1])
    for _ in range(STEPS):  # Newton's: the loss is convex, and steep in every direction by the ridge.
        q = softmax(logs + prior_shift)
        slope = weight @ (q - said) + caution * prior_shift
        prior_shift = prior_shift - np.linalg.solve(np.diag(weight @ q + caution) - (q.T * weight) @ q, slope)
    return np.concatenate([[0.0], prior_shift])


def prior_shifted(p: Floats, prior_shift: Floats) -> Floats:
    """The probabilities with the causes' odds moved, and the chance to be late at all as it was.

    >>> prior_shifted(np.array([[0.5, 0.1, 0.2, 0.2, 0.0]]), np.array([0, 0, 0, np.log(2), 0])).round(2).tolist()
    [[0.5, 0.07, 0.14, 0.29, 0.0]]
    """
    if not prior_shift.any():
        return p
    causes = softmax(np.log(np.maximum(p[:, LATE], 1e-12)) + prior_shift[LATE])
    return np.asarray(np.hstack([p[:, :1], causes * p[:, LATE].sum(axis=1, keepdims=True)]))
