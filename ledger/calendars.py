"""Business days by country.

A day is a business day if it is neither a weekend day nor a public holiday of the country (the `holidays` library: MIT, monthly
releases, 250 countries). `GB-SCT` (ISO 3166-2) is a region, with the holidays of its own. An unknown or missing country has weekends only.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Days = npt.NDArray[np.datetime64]

FIRST_YEAR, LAST_YEAR = 1990, 2100
CODE_LETTERS = 3
REGIONS = {"AU": "NSW", "CA": "ON", "CH": "ZH", "ES": "MD", "GB": "ENG"}
"""Of these the national list leaves out what most of the country keeps, such as Easter Monday: whoever names no region has this one."""


@lru_cache(maxsize=256)
def _busday_calendar(country: str, first_year: int, last_year: int) -> np.busdaycalendar:
    off = _holidays(country, range(first_year, last_year + 1))
    if off is None:
        return np.busdaycalendar()
    weekend = off.weekend
    mask = [day not in weekend for day in range(7)]
    return np.busdaycalendar(weekmask=mask, holidays=np.array(sorted(off), dtype="datetime64[D]"))


def calendar_of(country: str | None, first: date, last: date) -> np.busdaycalendar:
    """The numpy business-day calendar of a country for the years between two days.

    >>> calendar_of("US", date(2019, 1, 1), date(2019, 12, 31)).holidays[0]
    np.datetime64('2019-01-01')
    >>> calendar_of("", date(2019, 1, 1), date(2019, 12, 31)).holidays.size
    0
    >>> easter_monday = np.datetime64("2019-04-22")
    >>> [easter_monday in calendar_of(name, date(2019, 1, 1), date(2019, 12, 31)).holidays for name in ("GB", "gb-sct")]
    [True, False]
    """
    if not country:
        return np.busdaycalendar()
    first_year = max(FIRST_YEAR, first.year)
    return _busday_calendar(country, first_year, min(LAST_YEAR, last.year + 1))


def unknown_countries(countries: pd.Series) -> pd.Series:
    """Where a country is named of which no holidays are known.

    >>> unknown_countries(pd.Series(["DE", "gb", "DE-BY", "England", "DE-XX", None])).tolist()
    [False, False, False, True, True, False]
    """
    return countries.isin([name for name in countries.dropna().unique() if name and _holidays(name) is None])


def _holidays(name: str, years: range | None = None) -> Any:
    """The holidays of a country or a region; None where they are not known. Codes are known in capitals, names as they are written."""
    import holidays

    country, _, region = name.partition("-")
    code = country.upper() if len(country) <= CODE_LETTERS else country
    try:
        region = region.upper() or REGIONS.get(holidays.country_holidays(code).country, "")
        return holidays.country_holidays(code, subdiv=region or None, years=years)
    except NotImplementedError:  # So the library says that it does not know the country, or its region.
        return None


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
