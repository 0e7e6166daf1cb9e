"""How numbers are written down: which text is one, and in which way an unreadable one seems to be written.

Separators are looked at before they are taken out. A point that is stripped unseen turns 963.20 into 96320, which loads like any other
amount; so digits are grouped as people group them, by threes (1,234,567) or the Indian way (12,34,567), or not at all.
"""

from __future__ import annotations

import re

SEPARATORS = ".,' \u2019\u00a0\u202f"


def number_pattern(decimal: str, thousands: str = "") -> str:
    """A pattern, for Python and for DuckDB, that a whole text matches if it is a number written so; 1e+05 is one too.

    >>> [bool(re.fullmatch(number_pattern(".", ","), text)) for text in ("1,234.5", "12,34,567", "1234", "-.5", "1e+05")]
    [True, True, True, True, True]
    >>> [bool(re.fullmatch(number_pattern(",", "."), text)) for text in ("963.20", "2,545.35", "1.2345", "1.234.56", "")]
    [False, False, False, False, False]
    """
    point, groups = re.escape(decimal), r"\d+"
    if thousands:
        between = re.escape(thousands)
        groups = rf"(?:\d+|\d{{1,3}}(?:{between}\d{{3}})+|\d{{1,2}}(?:{between}\d{{2}})+{between}\d{{3}})"
    return rf"[+-]?(?:{groups}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?"


def likely_format(text: str) -> tuple[str, str] | None:
    """The decimal mark and the separator of thousands that a text seems to be written with; None if it is no number at all.

    The last separator is the decimal mark, unless exactly three digits follow it and nothing contradicts: then it groups thousands.

    >>> [likely_format(text) for text in ("1.234,56", "2,545.35", "10,00", "1,234", "1'234.50", "12,34,567", "12 EUR")]
    [(',', '.'), ('.', ','), (',', '.'), ('.', ','), ('.', "'"), ('.', ','), None]
    """
    found = re.findall(rf"[{SEPARATORS}]", text)
    if not found:
        return None
    last, others = found[-1], [mark for mark in found if mark != found[-1]]
    other = "," if last == "." else "."
    as_thousands = ("." if last != "." else ",", last)
    as_decimal = (last, others[-1] if others else other)
    for decimal, thousands in (as_thousands, as_decimal):
        if decimal in ".," and re.fullmatch(number_pattern(decimal, thousands), text.strip()):
            return decimal, thousands
    return None
