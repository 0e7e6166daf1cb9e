"""Which days to learn from, and where the newer ones begin on which choices are made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from models.settings import ModelSettings


def training_days(first_known: date, as_of: date, settings: ModelSettings) -> list[date]:
    """As-of days before `as_of`, every `every_days`, the newest `max_as_ofs` of them, after the warm-up.

    >>> training_days(date(2024, 1, 1), date(2024, 2, 25), ModelSettings(warm_up_days=45))
    [datetime.date(2024, 2, 15), datetime.date(2024, 2, 20)]
    """
    start = first_known + timedelta(days=settings.warm_up_days)
    days: list[date] = []
    day = as_of - timedelta(days=settings.every_days)
    while day >= start and len(days) < settings.max_as_ofs:
        days.append(day)
        day -= timedelta(days=settings.every_days)
    return sorted(days)


def fewer_days(days: Sequence[date], times: float) -> list[date]:
    """That many times fewer of the days, the newest and others evenly before it; four are left at least.

    For ledgers of a few giants, of whom none can be left out.

    >>> fewer_days([date(2024, 1, d) for d in range(1, 11)], 2.6)
    [datetime.date(2024, 1, 1), datetime.date(2024, 1, 4), datetime.date(2024, 1, 7), datetime.date(2024, 1, 10)]
    """
    step = max(1, min(round(times), (len(days) - 1) // 3))
    return sorted(days)[::-step][::-1]


def fold_cut(days: Sequence[date], share: float) -> date:
    """The last day whose knowledge the fold may be fitted on; the days after it are for choosing.

    The gap is the label window itself: rows up to the cut carry only what was known on the cut.

    >>> fold_cut([date(2024, 1, d) for d in (1, 6, 11, 16)], 0.25)
    datetime.date(2024, 1, 11)
    >>> fold_cut([date(2024, 1, d) for d in (1, 6, 11, 16)], 0.99)  # something is left to fit on
    datetime.date(2024, 1, 1)
    """
    n_valid = min(max(1, round(len(days) * share)), len(days) - 1)
    return sorted(days)[-n_valid - 1]
