"""Names and texts as SQL writes them."""

from __future__ import annotations

from collections.abc import Iterable


def quoted(name: str) -> str:
    """A name of a table or column, whatever is in it.

    >>> quoted('net "amount"')
    '"net ""amount\"""'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A text, whatever is in it.

    >>> literal("O'Brien")
    "'O''Brien'"
    """
    return "'" + str(value).replace("'", "''") + "'"


def literals(values: Iterable[object]) -> str:
    """Several texts for a list in brackets.

    >>> literals(["a", "b"])
    "'a', 'b'"
    """
    return ", ".join(map(literal, values))
