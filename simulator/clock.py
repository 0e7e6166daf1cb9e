"""The days of a simulation as numbers: day 0 is its first day; pay days and holidays are looked up by country and habit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ledger.calendars import calendar_of

Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

BEYOND = 31
"""Days lived beyond `until`, so that what happens next is known to the truth."""
MARGIN = 200
ANY_DAY, ANY_BUSINESS_DAY, TWICE_A_MONTH, MONTHLY = 0, 1, 7, 8
N_HABITS = 9
"""Pay habits: any day, any business day, one weekday (2 to 6), twice a month, monthly."""


@dataclass(frozen=True)
class Clock:
    """From `months` before `until` to `until`, and the countries whose holidays count.

    >>> clock = Clock.ending(date(2025, 12, 31), 24, ("DE", "US"))
    >>> clock.first, clock.n_days, clock.n_months
    (datetime.date(2024, 1, 1), 731, 25)
    >>> [str(clock.date_of(day)) for day in clock.month_ends[:2]]
    ['2024-01-31', '2024-02-29']
    """

    first: date
    until: date
    countries: tuple[str, ...]

    @classmethod
    def ending(cls, until: date, months: int, countries: tuple[str, ...]) -> Clock:
        after = until + timedelta(days=1)
        back = after.year * 12 + after.month - 1 - months
        return cls(date(back // 12, back % 12 + 1, min(after.day, 28)), until, countries)

    @property
    def n_days(self) -> int:
        """Days up to and including `until`."""
        return (self.until - self.first).days + 1

    @property
    def n_lived(self) -> int:
        return self.n_days + BEYOND

    def date_of(self, day: int) -> date:
        return self.first + timedelta(days=day)

    @cached_property
    def days(self) -> npt.NDArray[np.datetime64]:
        return np.datetime64(self.first, "D") + np.arange(self.n_lived + MARGIN)

    @cached_property
    def month(self) -> Ints:
        """The month of each day, counted from the first day's month; days past the lived ones count to the last month."""
        calendar_month = self.days.astype("datetime64[M]").astype(np.int32)
        month: Ints = np.minimum(calendar_month - calendar_month[0], self.n_months - 1)
        return month

    @cached_property
    def n_months(self) -> int:
        last = self.date_of(self.n_lived - 1)
        return (last.year - self.first.year) * 12 + last.month - self.first.month + 1

    @cached_property
    def month_ends(self) -> tuple[int, ...]:
        """The last day of each month up to `until`."""
        calendar_month = self.days.astype("datetime64[M]")
        ends = np.flatnonzero(calendar_month[:-1] != calendar_month[1:])
        return tuple(int(day) for day in ends if day < self.n_days)

    @cached_property
    def business(self) -> Bools:
        """Whether a day is a business day, by country."""
        return np.stack([np.is_busday(self.days, busdaycal=self._calendar(country)) for country in self.countries])

    @cached_property
    def next_business(self) -> Ints:
        """The day itself or the next business day, by country."""
        return np.stack([_next_true(row) for row in self.business])

    @cached_property
    def pays(self) -> Bools:
        """Whether somebody pays on a day, by `country * N_HABITS + habit`."""
        return np.concatenate([self._habits(row) for row in self.business])

    @cached_property
    def last_run(self) -> Ints:
        """The day itself or the last pay day before it; 0 where there was none."""
        index = np.arange(self.pays.shape[1], dtype=np.int32)
        return np.maximum.accumulate(np.where(self.pays, index, np.int32(0)), axis=1)

    def _calendar(self, country: str) -> np.busdaycalendar:
        return calendar_of(country, self.first, self.first + timedelta(days=self.n_lived + MARGIN))

    def _habits(self, business: Bools) -> Bools:
        weekday = (self.days.astype(np.int64) + 3) % 7
        day_of_month = (self.days - self.days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
        runs = [np.ones_like(business), business]
        runs += [_rolled(weekday == one, business) for one in range(5)]
        runs += [_rolled((day_of_month == 1) | (day_of_month == 15), business), _rolled(day_of_month == 25, business)]
        return np.stack(runs)


def _next_true(row: Bools) -> Ints:
    index = np.where(row, np.arange(row.size, dtype=np.int32), np.int32(row.size - 1))
    return np.minimum.accumulate(index[::-1])[::-1]


def _rolled(wanted: Bools, business: Bools) -> Bools:
    """A wanted day that is no business day moves to the next one."""
    rolled = np.zeros_like(business)
    rolled[_next_true(business)[wanted]] = True
    return rolled & business
