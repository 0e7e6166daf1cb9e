"""What corrections teach about where the line lies: up to how many late days a customer counts as compliant.

That is a view of the house and not a fact in the ledger. `types.compliant_days` says what is usual; a house that never minds a week calls
compliant whom another calls late, and no rule can know which it is. A few dozen words of collectors show it.
"""

from __future__ import annotations

import numpy as np

from models.arrays import Bools, Floats

AS_USUAL = 0.8
"""Share of the houses that draw the line where the settings do."""
WIDTH = 0.4
"""How far the lines of the other houses differ (standard deviation of their logarithm)."""
BLUR = 0.12
"""How blurred a line is, as a share of it: late days of our own making are not told apart to the day."""
ASTRAY: Floats = np.array([0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0])
"""Share of the words that may have nothing to do with the line, each as likely as the next; the words themselves tell which."""
NOTHING = 0.02
"""A move of less, as a share of the line, is none."""
STEPS: Floats = np.exp(WIDTH * np.linspace(-4.0, 4.0, 81))


def line_of(late_days: Floats, compliant: Bools, usual: float, weights: Floats | None = None) -> float:
    """The most late days for each invoice due of a customer that counts as compliant, told by words on some customers.

    `late_days` (customers,) as `models.types.rules.fair_late_days` counts them, NaN where nothing fell due; `compliant` says what each was
    called; `usual` is what the settings say; `weights` of the words, see `models.types.selection`. The mean of the logarithm over all
    lines, each as likely as the words and what is known of houses make it: few words, or words that agree on no line, move it little.

    >>> days = np.array([0.2, 1.0, 2.0, 5.0, 6.0, 6.5, 7.0, 9.0, 12.0, 20.0])
    >>> line_of(days, days < 8, usual=4.0), line_of(days[:4], days[:4] < 8, usual=4.0)
    (6.409, 4.217)
    >>> line_of(days, days < 4, usual=4.0), line_of(days, days > 8, usual=4.0)
    (3.913, 4.0)
    >>> line_of(days, days < 8, usual=4.0, weights=np.where(days < 4, 1.0, 0.1)), line_of(days[:0], days[:0] < 8, usual=4.0)
    (4.11, 4.0)
    """
    known = ~np.isnan(late_days)
    days, said = late_days[known], compliant[known]
    if not len(days):
        return usual
    weight = np.ones(len(days)) if weights is None else weights[known]
    lines = max(usual, 0.1) * np.append(STEPS, 1.0)
    elsewhere = np.exp(-0.5 * (np.log(STEPS) / WIDTH) ** 2)
    prior = np.log(np.append((1 - AS_USUAL) * elsewhere / elsewhere.sum(), AS_USUAL))
    below = 1 / (1 + np.exp(np.clip((days[:, None] - lines) / (BLUR * lines), -500, 500)))
    by_chance = (weight @ said + 1) / (weight.sum() + 2)
    p = ASTRAY[:, None, None] * by_chance + (1 - ASTRAY[:, None, None]) * below
    likely = np.einsum("n,anl->al", weight, np.where(said[:, None], np.log(p), np.log1p(-p))) + prior
    share = np.exp(likely - likely.max()).sum(axis=0)
    moved = float(share @ np.log(lines / lines[-1]) / share.sum())
    return round(usual * float(np.exp(moved)), 3) if abs(moved) > NOTHING else usual
