"""Nobody is called on a day that most of a country keeps, whatever its national list leaves out."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from ledger.calendars import calendar_of


@pytest.mark.parametrize(
    ("country", "day", "is_off"),
    [
        ("GB", "2025-04-21", True),
        ("UK", "2025-08-25", True),
        ("GB-SCT", "2025-08-25", False),
        ("GB-SCT", "2025-08-04", True),
        ("CH", "2025-04-18", True),
        ("CA", "2025-10-13", True),
        ("AU", "2025-06-09", True),
        ("ES", "2025-04-17", True),
        ("DE", "2025-06-19", False),
        ("de-by", "2025-06-19", True),
        ("DE-XX", "2025-12-25", False),
    ],
)
def test_a_country_keeps_what_most_of_it_keeps_and_a_region_its_own(country: str, day: str, is_off: bool) -> None:
    calendar = calendar_of(country, date(2025, 1, 1), date(2025, 12, 31))
    assert np.is_busday(np.datetime64(day), busdaycal=calendar) != is_off
