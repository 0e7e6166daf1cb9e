"""Probabilities and their log odds."""

from __future__ import annotations

import numpy as np

from models.arrays import Floats


def logit(p: Floats) -> Floats:
    """Log odds, with certainty kept finite.

    >>> logit(np.array([0.5, 0.9])).round(2).tolist()
    [0.0, 2.2]
    """
    q = np.clip(p, 1e-5, 1 - 1e-5)
    return np.asarray(np.log(q / (1 - q)))


def expit(margin: Floats) -> Floats:
    """The probability with these log odds."""
    return np.asarray(1 / (1 + np.exp(-margin)))


def softmax(logs: Floats) -> Floats:
    """The probabilities of several outcomes with these logs, up to a constant of each row.

    >>> softmax(np.log([[1.0, 3.0]])).round(2).tolist()
    [[0.25, 0.75]]
    """
    odds = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
