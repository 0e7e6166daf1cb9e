"""The explanation of a type, in the words of a language."""

from __future__ import annotations

from typing import Any

import pandas as pd

from models.type_explain import TypeExplanation
from worklist.reasons import value_text
from worklist.texts import Texts


def type_lines(explanation: TypeExplanation, texts: Texts) -> list[str]:
    """Votes, what moved the estimate, the invoices behind both, and the question to ask where the type is not clear."""
    first, second = explanation.likely
    p = explanation.probabilities
    lines = [f"  {first} {p[first]:.0%}, {second} {p[second]:.0%}; evidence {explanation.evidence:.2f}"]
    if len(explanation.votes):
        lines.append("  What speaks for which type:")
    for debtor_type, votes in explanation.votes.groupby("votes_for", sort=False):
        lines.append(f"    {texts.types[str(debtor_type)].name} ({debtor_type})")
        lines += [f"      {texts.type_rules.get(one['rule'], one['says'])}" for one in votes.to_dict("records")]
    if len(explanation.reasons):
        lines.append(f"  What moved the estimate towards {first} (+) or {second} (-), in uncalibrated log-odds:")
    for one in explanation.reasons.to_dict("records"):
        said = texts.type_reasons[one["code"]].name
        lines.append(f"    {one['contribution']:+.2f} {said}: {one['doc']}: {figure(one['value'], one['unit'], texts)}")
    if len(explanation.rows):
        lines.append("  The invoices behind it:")
    lines += [f"    {_invoice(one, texts)}" for one in explanation.rows.itertuples()]
    return [*lines, f"  Ask: {texts.type_questions[explanation.question]}"] if explanation.question else lines


def figure(value: float, unit: str, texts: Texts) -> str:
    """A figure of a customer's behaviour as people read it.

    >>> from worklist.texts import load_texts
    >>> [figure(value, unit, load_texts()) for value, unit in ((0.25, "share"), (0.254, "ratio"), (float("nan"), "days"))]
    ['25 %', '0.25', 'not known']
    """
    if value != value:
        return "not known"
    return value_text(value, unit, None, texts) if unit in ("days", "share", "count") else f"{value:.2f}"


def _invoice(one: Any, texts: Texts) -> str:
    late = value_text(float(one.late_days), "days", None, texts)
    paid = "still open" if pd.isna(one.paid_on) else f"paid {one.paid_on:%Y-%m-%d}"
    beside = [f"waited {value_text(float(one.waited), 'days', None, texts)} for its payer's next pay run"] if one.waited > 0 else []
    beside += ["disputed"] if one.disputed else []
    beside += [f"{one.n_payments:.0f} payments"] if one.n_payments > 1 else []
    beside += ["credited in part"] if one.credited_share > 0 else []
    return f"{one.invoice_id}, due {one.due_on:%Y-%m-%d}, {paid}: {', '.join([f'late on {late} of the half year', *beside])}"
