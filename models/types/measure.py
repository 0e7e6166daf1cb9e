"""How well types are told, where the truth is known: in a simulation, and only there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from features.behaviour import NAMES
from ledger.tables import DEBTOR_TYPES
from models.arrays import Bools, Floats, Ints
from models.evaluate import ece
from models.types.debtor_type import evidence_of

N_TYPES = len(DEBTOR_TYPES)


def measure(truth: Ints, p: Floats, determined: Bools) -> dict[str, Any]:
    """`macro_f1` over the determined (a type without any counts 0), `coverage`, `ece` of the likeliest type over all customers, per type
    `precision`, `recall` (both over the determined) and `determined` (share), and the `confusion` counts (true types down).

    >>> p = np.array([[0.9, 0.1, 0, 0, 0], [0.1, 0.9, 0, 0, 0], [0.5, 0.5, 0, 0, 0]])
    >>> told = measure(np.array([0, 1, 1]), p, np.array([True, True, False]))
    >>> told["macro_f1"], round(told["coverage"], 3), told["per_type"]["fortuitous"]
    (0.4, 0.667, {'n': 2, 'precision': 1.0, 'recall': 1.0, 'determined': 0.5})
    """
    said = p.argmax(axis=1)
    confusion = np.bincount(truth[determined] * N_TYPES + said[determined], minlength=N_TYPES**2).reshape(N_TYPES, N_TYPES)
    right, told, true = np.diag(confusion), confusion.sum(axis=0), confusion.sum(axis=1)
    precision, recall = right / np.maximum(told, 1), right / np.maximum(true, 1)
    f1 = 2 * right / np.maximum(told + true, 1)
    per_type = {
        name: {
            "n": int((truth == t).sum()),
            "precision": float(precision[t]),
            "recall": float(recall[t]),
            "determined": float(determined[truth == t].mean()) if (truth == t).any() else 0.0,
        }
        for t, name in enumerate(DEBTOR_TYPES)
    }
    return {
        "n": len(truth),
        "macro_f1": float(f1.mean()),
        "coverage": float(determined.mean()),
        "ece": top_ece(truth, p),
        "per_type": per_type,
        "confusion": confusion.tolist(),
    }


def top_ece(truth: Ints, p: Floats) -> float:
    """Expected calibration error of the likeliest type: the gap between how sure and how often right, over equal-width bins."""
    return ece((p.argmax(axis=1) == truth).astype("float64"), p.max(axis=1))


def ece_floor(p: Floats, *, draws: int = 200, seed: int = 7) -> float:
    """The 95th percentile of the ECE that perfectly calibrated probabilities would show on as many customers."""
    rng = np.random.default_rng(seed)
    cumulative = p.cumsum(axis=1)
    cumulative[:, -1] = 1.0
    drawn = [(rng.random((len(p), 1)) > cumulative).sum(axis=1) for _ in range(draws)]
    return float(np.quantile([top_ece(truth, p) for truth in drawn], 0.95))


def interval(truth: Ints, p: Floats, determined: Bools, *, draws: int = 300, seed: int = 7) -> tuple[float, float]:
    """A 95 % interval of macro-F1 by a bootstrap over customers."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        pick = rng.integers(0, len(truth), len(truth))
        found.append(measure(truth[pick], p[pick], determined[pick])["macro_f1"])
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def most_evident(p: Floats, coverage: float) -> Bools:
    """That share of the customers, those with most evidence first: contenders are compared at equal coverage."""
    order = np.lexsort((-p.max(axis=1), -evidence_of(p)))
    chosen = np.zeros(len(p), dtype=np.bool_)
    chosen[order[: round(coverage * len(p))]] = True
    return chosen


def segments(frame: pd.DataFrame, truth: Ints, *, seed: int) -> Floats:
    """A k-means segmentation of behaviour, each segment named by the true type most common in it: the best that such naming can do.

    Ten segments, so that a type may have two shapes. Gives the share of each true type in the customer's segment.
    """
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    values = frame[list(NAMES)].astype("float64")
    scaled = StandardScaler().fit_transform(values.fillna(values.median()).fillna(0.0))
    segment = KMeans(min(10, len(frame)), n_init=3, random_state=seed).fit_predict(np.clip(scaled, -4, 4))
    counts = np.bincount(segment * N_TYPES + truth, minlength=(segment.max() + 1) * N_TYPES).reshape(-1, N_TYPES)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.asarray(shares[segment])
