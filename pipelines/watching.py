"""The level watch of a run: what the champion said of past days is remembered, or asked again where it never said anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from features.matrix import build_matrix
from features.part import n_open, part_of
from ledger.ledger import Ledger
from models.champion import Champion
from models.payment.curve import pieces
from models.payment.lateness import by_convention, days_past
from models.payment.level import LAGS, said_of, watch_days
from models.payment.observations import with_outcomes
from models.payment.structural_breaks import Levels, observed_levels
from models.sampling import some_customers
from pipelines.config import Config
from pipelines.words import counted, listed

WATCHED_ROWS = 10_000
SPARE = 10
NO_LEVEL = Levels()
FAR = 2.0


class LevelWatch:
    """Tells the level of a day from what was said of the days before it, by what was known at the end of that day."""

    def __init__(self, ledger: Ledger, champion: Champion, config: Config) -> None:
        self.ledger, self.champion, self.config = ledger, champion, config
        self.said: dict[date, pd.DataFrame] = {}

    @cached_property
    def part(self) -> Ledger:
        """Enough customers to tell the level, drawn by what was open at the training: what came later must not choose them."""
        trained = max(self.champion.payments_known_on, self.ledger.span[0])
        return part_of(self.ledger, len(LAGS) * n_open(self.ledger, [trained], self.config.features), SPARE * WATCHED_ROWS)

    def needed(self, day: date) -> list[date]:
        """The days that tell the level of `day`; none where the watch is off."""
        if not self.config.models.level_drift:
            return []
        return [one for one in watch_days(day, self.champion.payments_known_on) if one >= self.ledger.span[0]]

    def remember(self, day: date, said: pd.DataFrame) -> None:
        """Keep what was said of a day, see `models.payment.level.said_of`; of a large ledger some speak for all, asked when needed."""
        if self.part is self.ledger:
            self.said[day] = some_customers(said, WATCHED_ROWS, self.config.seed)

    def ask(self, days: Sequence[date]) -> None:
        """Ask the champion about days of which it has said nothing yet."""
        missing = sorted(set(days) - set(self.said))
        if not missing:
            return
        matrix = by_convention(build_matrix(self.part, missing, self.config.features), self.champion.lateness)
        for day in missing:
            rows = some_customers(matrix[matrix["as_of"] == pd.Timestamp(day)], WATCHED_ROWS, self.config.seed)
            self.said[day] = scored(self.champion, rows, self.config.threads)[1]

    def level(self, day: date) -> Levels:
        """The level on `day`."""
        needed = self.needed(day)
        self.ask(needed)
        rows = pd.concat([self.said[one] for one in needed], ignore_index=True) if needed else pd.DataFrame()
        if rows.empty:
            return NO_LEVEL
        return observed_levels(with_outcomes(rows, self.ledger, day), self.config.models.level_drift)


def scored(champion: Champion, rows: pd.DataFrame, threads: int, level: Levels = NO_LEVEL) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The score columns of each row, and what the champion says of it without any level."""
    scores, said = [], []
    for part in pieces(rows):
        dpd, past = np.asarray(part["dpd"], dtype="int64"), days_past(part)
        curve = champion.payment.curve(part, threads=threads)
        said.append(said_of(curve, part))
        curve = level.applied(curve, part)
        # Late by the other definition too, whichever the champion learned.
        business = curve.at(-days_past(by_convention(part, "business")))
        scores.append(curve.scores(part["as_of"], dpd, past).assign(p_late_business=business))
    return pd.concat(scores), pd.concat(said)


def moved_lines(level: Levels, drift: float) -> list[str]:
    """A warning where what came true since the training lies far from what the champion says: of everybody, or of some customers.

    >>> from models.payment.level import Level, Move
    >>> moved_lines(NO_LEVEL, 0.2)
    []
    >>> moved_lines(Levels(Level(late=Move(0.5)), {"C7": Level(late=Move(3.0))}), 0.2)[0]
    'warning: what came true since the training has moved away from the champion: train again'
    >>> moved_lines(Levels(Level(late=Move(0.1)), {"C7": Level(late=Move(3.0))}), 0.2)
    ['warning: 1 customer pays otherwise than the champion has learned (C7); it follows them by what came true since: train again']
    """
    train = "train again"
    found = []
    if any(abs(shift) > FAR * drift for shift in level.everybody.shifts.values()):
        found.append(f"warning: what came true since the training has moved away from the champion: {train}")
    if level.own:
        some, named = f"{counted(len(level.own), 'customer')} {'pays' if len(level.own) == 1 else 'pay'}", listed(list(level.own))
        found.append(f"warning: {some} otherwise than the champion has learned ({named}); it follows them by what came true since: {train}")
    return found
