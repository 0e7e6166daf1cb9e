"""The threshold of each type: the least evidence before it is said. No type may vanish behind the word `undetermined`.

One for all would do if all types were as easy to tell. Those who forget resemble both the prompt and the unwilling, so most of what
stays undetermined is theirs. The threshold of a type is lowered until enough of its customers would be told, by their probabilities.
"""

from __future__ import annotations

import numpy as np

from models.arrays import Bools, Floats
from models.types.debtor_type import evidence_of
from models.types.settings import TypeSettings


def thresholds_for(p: Floats, untold: Bools, settings: TypeSettings) -> Floats:
    """The least evidence for each type, shape (types,), from the probabilities of the training data, shape (rows, types).

    Who is `untold` (rows,) stays undetermined whatever is asked for, and counts among those that do.

    `least_evidence`, or less where more than `most_undetermined` of the customers would stay undetermined, down to a third of it; then less
    for a type of which fewer than `least_told` would be told, down to a fifth: who is as likely one thing as another stays undetermined.

    >>> p = np.repeat([[0.9, 0.1, 0, 0, 0], [0.0, 0.4, 0.6, 0, 0], [0.0, 0.48, 0.52, 0, 0]], [10, 2, 2], axis=0)
    >>> nobody = np.zeros(14, dtype=bool)
    >>> thresholds_for(p, nobody, TypeSettings(least_told=0)).round(2).tolist()
    [0.17, 0.17, 0.17, 0.17, 0.17]
    >>> thresholds_for(p, nobody, TypeSettings(least_told=0.65)).round(2).tolist()
    [0.17, 0.17, 0.1, 0.17, 0.17]
    >>> half = TypeSettings(least_told=0, most_undetermined=0.3)
    >>> thresholds_for(p, nobody, half).round(2).tolist()
    [0.5, 0.5, 0.5, 0.5, 0.5]
    >>> thresholds_for(p, np.arange(14) < 2, half).round(2).tolist()  # two of those who might be told are not
    [0.18, 0.18, 0.18, 0.18, 0.18]
    """
    evidence, likeliest = np.where(untold, 0.0, evidence_of(p)), p.argmax(axis=1)
    usual = float(np.quantile(evidence, settings.most_undetermined))
    least = np.full(p.shape[1], max(min(settings.least_evidence, usual), settings.least_evidence / 3))
    total = p.sum(axis=0)
    told = p[evidence >= least[likeliest]].sum(axis=0)
    for code in np.argsort(told / np.maximum(total, 1e-9), kind="stable"):
        is_told = evidence >= least[likeliest]
        missing = settings.least_told * total[code] - p[is_told, code].sum()
        rest = np.flatnonzero(~is_told & (likeliest == code))
        if missing <= 0 or not len(rest):
            continue
        rest = rest[np.argsort(-evidence[rest], kind="stable")]
        enough = min(int(np.searchsorted(p[rest, code].cumsum(), missing)), len(rest) - 1)
        least[code] = max(evidence[rest[enough]], settings.least_evidence / 5)
    return least
