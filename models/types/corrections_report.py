"""What words of collectors did to the debtor types, so that who trains can see it: how many were heard, and where the line lies now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from models.types.debtor_type import TypeModel, codes_of
from models.types.settings import TypeSettings

ENOUGH, NEARLY_ALL = 5, 0.9
"""Of so many words it is told where nearly all contradict."""


def corrections_report(model: TypeModel, corrected: pd.DataFrame, moved: TypeSettings) -> dict[str, Any]:
    """What is kept in the card of a model: `words` (none where nobody spoke), with the customers spoken of, how many were told a type, of
    how many that was what `model` says, and the line of compliant in late days for each invoice due, before and after."""
    if corrected.empty:
        return {}
    told = codes_of(corrected["said_type"])
    agree = (model.probabilities(corrected).argmax(axis=1) == told) & (told >= 0)
    line = {"usual": model.settings.compliant_days, "line": moved.compliant_days}
    return {"words": {"customers": len(corrected), "typed": int((told >= 0).sum()), "agree": int(agree.sum()), **line}}


def words_line(card: Mapping[str, Any]) -> str:
    """The same in one line for people; empty where no words were heard.

    >>> words = {"customers": 10, "typed": 10, "agree": 0, "usual": 4.0, "line": 4.14}
    >>> print(words_line({"words": words}))
    debtor types heard what collectors said of 10 customers in the last quarter: up to 4.14 late days for each invoice due are compliant \
now, 4.00 without them; 10 of 10 words contradict the model, and words that confirm it where it is right would teach more
    >>> print(words_line({"words": words | {"customers": 1, "typed": 1, "line": 4.0}}))
    debtor types heard what collectors said of 1 customer in the last quarter: up to 4.00 late days for each invoice due are compliant, as \
without them
    >>> words_line({})
    ''
    """
    words = card.get("words")
    if not words:
        return ""
    n, typed, against = words["customers"], words["typed"], words["typed"] - words["agree"]
    line = f"up to {words['line']:.2f} late days for each invoice due are compliant"
    line += ", as without them" if words["line"] == words["usual"] else f" now, {words['usual']:.2f} without them"
    only = typed >= ENOUGH and against >= NEARLY_ALL * typed
    more = f"; {against} of {typed} words contradict the model, and words that confirm it where it is right would teach more"
    customers = "1 customer" if n == 1 else f"{n:,} customers"
    return f"debtor types heard what collectors said of {customers} in the last quarter: {line}{more if only else ''}"
