"""A figure that is told with a reason, and when it bears the reason out.

Compared is what people read: values are rounded first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

LITTLE = 5
"""At most so many past invoices are little history."""
SOME = 3
"""From fewer than these no habit is read that speaks for a customer."""
SOME_DAYS = 3
"""Within a month fewer days are no difference."""
NOW_AND_THEN = 0.1
"""What happens more seldom is no habit that speaks against one."""


@dataclass(frozen=True)
class Figure:
    """A value, the usual value, their unit, and of how many it was counted (NaN: it was not)."""

    value: float
    usual: float = math.nan
    unit: str = "none"
    of: float = math.nan

    @property
    def shown(self) -> tuple[float, float]:
        """The value and the usual value, rounded as people read them.

        >>> Figure(12.4, 11.6, "delay").shown, Figure(0.5, 0.4967, "share", 6).shown, Figure(3.04, 3.0, "days").shown
        ((12.0, 12.0), (0.5, 0.5), (3.0, 3.0))
        """
        return as_shown(self.value, self.unit), as_shown(self.usual, self.unit)


def as_shown(value: float, unit: str) -> float:
    if not math.isfinite(value):
        return value
    places = {"share": 2, "money": 2, "delay": 0, "age": 0}.get(unit, 1 if abs(value) < 10 else 0)
    return float(round(value, places))


Rule = Callable[[Figure, bool], bool]


def compared(figure: Figure, raises: bool) -> bool:
    """More than usual where it raises, less where it lowers; zero is usual where nothing else is known.

    >>> compared(Figure(3, 2, "count"), True), compared(Figure(12.4, 11.6, "delay"), True), compared(Figure(math.nan), True)
    (True, False, False)
    """
    value, usual = figure.shown
    bar = 0.0 if math.isnan(usual) else usual
    return value > bar if raises else value < bar


def nothing_is_good(figure: Figure, raises: bool) -> bool:
    """As compared; zero speaks for a customer whatever is usual."""
    return compared(figure, raises) or (not raises and figure.value == 0)


def habit(figure: Figure, raises: bool) -> bool:
    """A counted share: above the usual where it raises, and more than now and then; below it where it lowers, and less than half.

    Where it never happens to anybody, that it did not happen here says nothing.

    >>> habit(Figure(1.0, 0.5, "share", 2), True), habit(Figure(0.01, 0.0, "share", 100), True)
    (True, False)
    >>> habit(Figure(0.0, 0.5, "share", 2), False), habit(Figure(0.0, 0.5, "share", 3), False), habit(Figure(0.0, 0.0, "share", 3), False)
    (False, True, False)
    """
    told = figure.value >= NOW_AND_THEN if raises else figure.of >= SOME and figure.value < 0.5
    return told and (raises or figure.usual != 0) and nothing_is_good(figure, raises)


def of_some(figure: Figure, raises: bool) -> bool:
    """As compared and by a tenth at least, where there are enough to tell.

    >>> of_some(Figure(8 / 15, 0.52, "share", 15), True), of_some(Figure(0.8, 0.52, "share", 15), True)
    (False, True)
    """
    return figure.of >= SOME and apart(figure, raises)


def apart(figure: Figure, raises: bool) -> bool:
    """As compared and by a tenth at least.

    >>> apart(Figure(0.97, 0.99, "share"), False), apart(Figure(0.4, 0.2, "share"), True)
    (False, True)
    """
    return abs(figure.value - figure.usual) >= NOW_AND_THEN and compared(figure, raises)


def by_some_days(figure: Figure, raises: bool) -> bool:
    """As compared and by three days at least.

    >>> by_some_days(Figure(13, 12, "days", 40), True), by_some_days(Figure(19, 12, "days", 40), True)
    (False, True)
    """
    return abs(figure.value - figure.usual) >= SOME_DAYS and compared(figure, raises)


def out_of_rhythm(figure: Figure, raises: bool) -> bool:
    """Never yet where it raises; else as compared with one's own rhythm, and by three days and a tenth of it at least.

    >>> [out_of_rhythm(Figure(value, usual, "days"), True) for value, usual in ((5, 3), (63, 60), (24, 14))]
    [False, False, True]
    >>> out_of_rhythm(Figure(math.inf), True), out_of_rhythm(Figure(24, math.nan, "days"), True)
    (True, False)
    """
    never = raises and math.isinf(figure.value)
    return never or (by_some_days(figure, raises) and by_a_tenth(figure, raises))


def by_a_tenth(figure: Figure, raises: bool) -> bool:
    """As compared, and by a tenth of what is usual at least.

    >>> by_a_tenth(Figure(3936, 3901, "money"), True), by_a_tenth(Figure(5000, 3901, "money"), True)
    (False, True)
    """
    return abs(figure.value - figure.usual) >= NOW_AND_THEN * abs(figure.usual) and compared(figure, raises)


def differs(figure: Figure, raises: bool) -> bool:
    """The model may read either side of the usual value as slower."""
    value, usual = figure.shown
    return value != usual


def little(figure: Figure, raises: bool) -> bool:
    """Few past invoices where it raises; more than usual by a tenth where it lowers.

    >>> little(Figure(51, 40, "count"), True), little(Figure(51, 40, "count"), False), little(Figure(2, 40, "count"), True)
    (False, True, True)
    >>> little(Figure(16, 15, "count"), False)
    False
    """
    return figure.value <= LITTLE if raises else figure.value > max((1 + NOW_AND_THEN) * figure.usual, LITTLE)


def stands(figure: Figure, raises: bool) -> bool:
    """What is there is told as slowing payment, whatever the figure."""
    return raises
