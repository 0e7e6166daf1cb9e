"""What a user can get wrong, told so that they can put it right.

    DuewiseError
    ├── UsageError      wrong call: unknown key, unknown name (exit 2)
    └── RefusedError    bad input or a gate that said no (exit 1)

A message names the file, the row, the column and the remedy, as far as they apply.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

SHOWN = 30


class DuewiseError(Exception):
    """Base of every error that is shown to the user without a traceback."""

    exit_code = 1


class UsageError(DuewiseError):
    """The call itself is wrong: an unknown verb, option, key or name."""

    exit_code = 2


class RefusedError(DuewiseError):
    """The input is bad, or a gate refused it; nothing was changed."""


def without_password(text: str) -> str:
    """Text in which the passwords of addresses are hidden, also of one that was taken for a path.

    >>> without_password("postgresql://me:secret@host/models and sqlite:///models.db")
    'postgresql://me:***@host/models and sqlite:///models.db'
    >>> without_password("postgresql:/me:s@cret@host/books: no such file")
    'postgresql:/me:***@host/books: no such file'
    """
    return re.sub(r"(:/{1,2}[^:/@\s]*):\S*@", r"\1:***@", text)


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """A hint that names the nearest known word; empty where none is near: `cutoff` from 0 (any) to 1 (the same).

    >>> did_you_mean("DueDat", ["DueDate", "InvoiceDate"]), did_you_mean("x", ["b", "a"])
    ("did you mean 'DueDate'?", '')
    """
    folded = {w.casefold().replace("_", "").replace(" ", ""): w for w in known}
    match = get_close_matches(word.casefold().replace("_", "").replace(" ", ""), folded, n=1, cutoff=cutoff)
    return f"did you mean '{folded[match[0]]}'?" if match else ""


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """A hint that names the nearest known word, or lists the known ones.

    >>> nearest("DueDat", ["DueDate", "InvoiceDate"])
    "did you mean 'DueDate'?"
    >>> nearest("x", ["b", "a"])
    'known: a, b'
    """
    words = list(known)
    more = f" and {len(words) - SHOWN:,} more" if len(words) > SHOWN else ""
    return did_you_mean(word, words, cutoff) or "known: " + ", ".join(sorted(words)[:SHOWN]) + more
