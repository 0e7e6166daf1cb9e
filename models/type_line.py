"""What corrections teach about where the line lies: up to how many late days a customer counts as compliant.

That is a view of the house and not a fact in the ledger. `types.compliant_days` says what is usual; a house that never minds a week calls
compliant whom another calls late, and no rule can know which it is. A few dozen words of collectors show it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LINES: Floats = np.round(np.geomspace(1.0, 20.0, 80), 3)
WIDTH = 0.4
"""How far lines of houses differ (standard deviation of their logarithm)."""
BLUR = 0.1
"""How blurred a line is, as a share of it: late days of our own making are not told apart to the day."""
ASTRAY = 0.2
"""Share of the words that may have nothing to do with the line, so that no single word moves it."""
CLEAR, AGREED = 2.5, 0.8
"""The line stays where the settings draw it unless another is likelier by so much (log odds) and so many of the words agree with it."""


def line_of(late_days: Floats, compliant: npt.NDArray[np.bool_], usual: float, weights: Floats | None = None) -> float:
    """The most late days for each invoice due of a customer that counts as compliant, told by words on some customers.

    `late_days` (customers,) as `models.type_rules.fair_late_days` counts them, NaN where nothing fell due; `compliant` says what each was
    called; `usual` is what holds without clear words to the contrary; `weights` of the words, see `models.type_selection`.

    >>> days = np.array([0.2, 1.0, 2.0, 5.0, 6.0, 6.5, 7.0, 9.0, 12.0, 20.0])
    >>> line_of(days, days < 8, usual=4.0)
    7.462
    >>> line_of(days, days < 4, usual=4.0), line_of(days[:4], days[:4] < 8, usual=4.0)
    (4.0, 4.0)
    >>> line_of(days, days > 8, usual=4.0), line_of(days, days < 8, usual=4.0, weights=np.where(days < 4, 1.0, 0.1))
    (4.0, 4.0)
    """
    known = ~np.isnan(late_days)
    days, said = late_days[known], compliant[known]
    weight = np.ones(len(days)) if weights is None else weights[known]
    lines = np.append(LINES, usual)
    below = ASTRAY / 2 + (1 - ASTRAY) / (1 + np.exp(np.clip((days[:, None] - lines) / (BLUR * np.maximum(lines, 0.1)), -500, 500)))
    likely = weight @ np.where(said[:, None], np.log(below), np.log1p(-below))
    likely -= 0.5 * (np.log(np.maximum(lines, 0.1) / max(usual, 0.1)) / WIDTH) ** 2
    best = int(likely.argmax())
    clear = likely[best] - likely[-1] > CLEAR
    return float(lines[best]) if clear and weight @ ((days <= lines[best]) == said) >= AGREED * weight.sum() else usual
