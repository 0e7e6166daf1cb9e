"""How counts and lists are said in what the commands print."""

from __future__ import annotations

from collections.abc import Sequence


def counted(n: int, one: str) -> str:
    """A count and its noun.

    >>> counted(1, "invoice"), counted(1200, "invoice")
    ('1 invoice', '1,200 invoices')
    """
    return f"{n:,} {one}" if n == 1 else f"{n:,} {one}s"


def listed(words: Sequence[str], most: int = 5) -> str:
    """Words in a row; the rest is counted.

    >>> listed(["May", "June"]), listed(["a", "b", "c", "d"], 3), listed([])
    ('May and June', 'a, b, c and 1 more', '')
    """
    shown = [*words[:most], *([f"{len(words) - most} more"] if len(words) > most else [])]
    return shown[0] if len(shown) == 1 else " and ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)
