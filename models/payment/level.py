"""The level watch: how far the portfolio has moved since the training, told by what has come true since.

A model knows customers; it cannot know that everyone has begun to pay a little later since it was trained. So the days one and two
fortnights before `as_of` are asked again with what was known then, and compared with what is known now. The log odds are shifted, and
stretched about their centre, by as much as the outcomes make likely; both are drawn towards nothing: rows of one customer share their
fate and count by how much they do, and a level is taken to stray rarely farther than `drift`, a stretch than half of that.
What is past due has a level of its own, and half of its move (of the logarithm of its pace) carries on after the fortnight: where money
stopped coming, it does not come all at once on the fifteenth day. Days that the model was trained on say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from models.arrays import Floats, Ints
from models.odds import expit, logit
from models.payment.curve import PaymentCurve
from models.payment.lateness import days_past
from models.payment.observations import FORTNIGHT, late_if_not_due, paid_outcome

LAGS = (FORTNIGHT, 2 * FORTNIGHT)
LEAST_ROWS = 30
STEPS = 25
LEAST = 1e-5


@dataclass(frozen=True)
class Move:
    """How log odds are moved: by `shift`, and away from `centre` by `stretch` of their distance.

    >>> Move(0.5, 0.1, 1.0).of(np.array([1.0, 3.0])).round(2).tolist()
    [1.5, 3.7]
    """

    shift: float = 0.0
    stretch: float = 0.0
    centre: float = 0.0

    def of(self, margin: Floats) -> Floats:
        return np.asarray(margin + self.shift + self.stretch * (margin - self.centre))


@dataclass(frozen=True)
class Level:
    """How the log odds move of being late, and of being unpaid after a fortnight while not yet due and when past due.

    >>> curve = PaymentCurve(np.array([[0.8, 0.5, 0.4]]))
    >>> Level(late=Move(1.0), not_due=Move(1.0)).applied(curve, np.array([-2])).unpaid.round(2).tolist()
    [[0.89, 0.73, 0.64]]
    >>> overdue = PaymentCurve(np.array([[*[0.5] * 14, 0.1]]))
    >>> Level(past_due=Move(5.0)).applied(overdue, np.array([3])).unpaid[:, 13:].round(2).tolist()
    [[0.99, 0.85]]
    """

    late: Move = Move()
    not_due: Move = Move()
    past_due: Move = Move()

    @property
    def shifts(self) -> dict[str, float]:
        """By how much each is moved, in log odds; six digits."""
        return {name: round(one.shift, 6) for name, one in vars(self).items()}

    def applied(self, curve: PaymentCurve, past: Ints) -> PaymentCurve:
        """The curve bent through the moved points; `past`: days past due by the convention."""
        if self == Level():
            return curve
        fortnight = np.full(len(past), FORTNIGHT)
        unpaid = logit(curve.at(fortnight))
        moved = np.where(past < 0, self.not_due.of(unpaid), self.past_due.of(unpaid))
        at_due = curve.anchored(-past, expit(self.late.of(logit(curve.at(-past)))))
        bent = at_due.anchored(fortnight, expit(moved), np.maximum(-past, 0))
        return bent.paced(FORTNIGHT, np.where(past < 0, 1.0, _pace(at_due.at(fortnight), bent.at(fortnight))))


def _pace(unpaid: Floats, moved: Floats) -> Floats:
    """How much faster than told what is past due is paid after the fortnight: the root of how much faster in it."""
    before, after = (-np.log(np.clip(one, LEAST, 1 - LEAST)) for one in (unpaid, moved))
    return np.sqrt(after / before)


def watch_days(as_of: date, trained: date) -> list[date]:
    """The days before `as_of` that tell the level, oldest first: none that the training saw.

    >>> watch_days(date(2025, 3, 31), date(2025, 3, 10))
    [datetime.date(2025, 3, 17)]
    """
    return [as_of - timedelta(days=lag) for lag in reversed(LAGS) if as_of - timedelta(days=lag) > trained]


def said_of(curve: PaymentCurve, rows: pd.DataFrame) -> pd.DataFrame:
    """What the model says of rows of the watch days, with what is needed to hold it against what came true."""
    past = days_past(rows)
    kept = rows[["as_of", "invoice_id", "customer_id", "due_on", "dpd"]]
    return kept.assign(grace_days=rows["dpd"] - past, said_late=curve.at(-past), said_unpaid=curve.at(np.full(len(rows), FORTNIGHT)))


def heads_of(rows: pd.DataFrame) -> dict[str, tuple[Floats, Floats]]:
    """Of each move of a `Level` what was said, as log odds, and what came true (NaN: not known, or nothing that it moves)."""
    past = days_past(rows)
    said, unpaid = logit(rows["said_unpaid"].to_numpy(dtype="float64")), 1 - paid_outcome(rows, FORTNIGHT)
    return {
        "late": (logit(rows["said_late"].to_numpy(dtype="float64")), late_if_not_due(rows)),
        "not_due": (said, np.where(past < 0, unpaid, np.nan)),
        "past_due": (said, np.where(past < 0, np.nan, unpaid)),
    }


def observed_level(rows: pd.DataFrame, drift: float) -> Level:
    """The level told by what was said of rows of the watch days (see `said_of`), with outcomes as known today.

    `drift` is how far, in log odds, a level is expected to stray (one standard deviation); 0 asks for no watch.
    """
    if not drift or not len(rows):
        return Level()
    customer = pd.factorize(rows["customer_id"])[0]
    heads = heads_of(rows)
    return Level(**{name: move(*head, overdispersion(*head, customer), drift) for name, head in heads.items()})


def overdispersion(margin: Floats, outcome: Floats, fate: Ints) -> float:
    """How much more the residuals of rows with one fate vary together than they would apart, at least 1; NaN outcomes are not known."""
    known = ~np.isnan(outcome)
    if not known.any():
        return 1.0
    p = expit(margin[known])
    together = np.bincount(fate[known], weights=outcome[known] - p)
    return max(1.0, float((together**2).sum() / (p * (1 - p)).sum()))


def move(margin: Floats, outcome: Floats, weaker: float, drift: float, *, least: int = LEAST_ROWS) -> Move:
    """The likeliest move of `margin` given the outcomes (NaN: not known), with normal priors of width `drift` and `drift / 2`; of fewer
    outcomes than `least` none.

    The likelihood is weakened by as much as rows go wrong together, see `overdispersion`.

    >>> margin, outcome = np.zeros(400), np.repeat([1.0, 0.0], [280, 120])
    >>> apart, together = (overdispersion(margin, outcome, fate) for fate in (np.arange(400), np.repeat(np.arange(4), 100)))
    >>> round(move(margin, outcome, apart, 0.5).shift, 2), round(move(margin, outcome, together, 0.5).shift, 2)
    (0.81, 0.18)
    >>> move(margin[:5], outcome[:5], apart, 0.5)
    Move(shift=0.0, stretch=0.0, centre=0.0)
    """
    known = ~np.isnan(outcome)
    m, y = margin[known], outcome[known]
    if len(y) < least:
        return Move()
    centre = float(m.mean())
    design = np.column_stack([np.ones(len(m)), m - centre])
    prior = np.diag([1 / drift**2, 4 / drift**2])
    found = np.zeros(2)
    for _ in range(STEPS):
        p = expit(m + design @ found)
        slope = design.T @ (y - p) / weaker - prior @ found
        found = found + np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design / weaker + prior, slope)
    return Move(float(found[0]), float(found[1]), centre)
