"""Business days by country.

A day is a business day if it is neither a weekend day nor a public holiday of the country (the `holidays` library: MIT, monthly
releases, 250 countries). An unknown or missing country has weekends only.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

Days = npt.NDArray[np.datetime64]

FIRST_YEAR, LAST_YEAR = 1990, 2100
CODE_LETTERS = 3


@lru_cache(maxsize=256)
def _busday_calendar(country: str, first_year: int, last_year: int) -> np.busdaycalendar:
    import holidays

    if not _is_known(country):
        return np.busdaycalendar()
    off = holidays.country_holidays(country, years=range(first_year, last_year + 1))
    weekend = off.weekend
    mask = [day not in weekend for day in range(7)]
    return np.busdaycalendar(weekmask=mask, holidays=np.array(sorted(off), dtype="datetime64[D]"))


def calendar_of(country: str | None, first: date, last: date) -> np.busdaycalendar:
    """The numpy business-day calendar of a country for the years between two days.

    >>> calendar_of("US", date(2019, 1, 1), date(2019, 12, 31)).holidays[0]
    np.datetime64('2019-01-01')
    >>> calendar_of("", date(2019, 1, 1), date(2019, 12, 31)).holidays.size
    0
    """
    if not country:
        return np.busdaycalendar()
    first_year = max(FIRST_YEAR, first.year)
    return _busday_calendar(_code(country), first_year, min(LAST_YEAR, last.year + 1))


def unknown_countries(countries: pd.Series) -> pd.Series:
    """Where a country is named of which no holidays are known.

    >>> unknown_countries(pd.Series(["DE", "gb", "JP", "England", None])).tolist()
    [False, False, False, True, False]
    """
    return countries.isin([name for name in countries.dropna().unique() if name and not _is_known(name)])


def _is_known(country: str) -> bool:
    import holidays

    try:
        holidays.country_holidays(_code(country))
    except NotImplementedError:  # So the library says that it does not know the country.
        return False
    return True


def _code(country: str) -> str:
    """Codes are known in capitals; names are known as they are written."""
    return country.upper() if len(country) <= CODE_LETTERS else country


def day_table(countries: list[str], first: date, last: date) -> pd.DataFrame:
    """Every calendar day of each country between two days, both inclusive.

    Columns: `country, day, is_business, roll_on` (the business day a due date on `day` rolls to: itself, or the next one)
    and `business_index` (business days since the first day, so that a difference counts business days).

    >>> table = day_table(["US"], date(2019, 7, 3), date(2019, 7, 8))
    >>> table[["day", "is_business", "business_index"]].astype(str).values.tolist()[1]
    ['2019-07-04', 'False', '1']
    >>> str(table["roll_on"][1])[:10]
    '2019-07-05'
    """
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    frames = []
    for country in countries:
        calendar = calendar_of(country, first, last)
        is_business = np.is_busday(days, busdaycal=calendar)
        frames.append(
            pd.DataFrame(
                {
                    "country": country,
                    "day": days,
                    "is_business": is_business,
                    "roll_on": np.busday_offset(days, 0, roll="forward", busdaycal=calendar),
                    "business_index": np.cumsum(is_business),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
