"""The explanation of a type, in the words of a language."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from features.late_profile import FORCED_DAYS
from models.types.explain import TypeExplanation, Word
from models.types.questions import WHOSE_MONEY
from models.types.thin import FEW, NEVER_PAID, NEW, PLEADS, REFUSES, REMINDED
from worklist.money import money_text
from worklist.reasons import value_text
from worklist.texts import Texts, fill

TOO_LITTLE = {
    FEW: "Too little to tell why: {due} of the half year to go by, and no rule speaks for the likeliest cause.",
    NEW: "Their first invoices all came late, without a word of why: who forgets and who will not begin alike.",
    NEVER_PAID: "Nothing that fell due was paid, nothing fell due before, and there is no word of why: that may mean anything.",
    REMINDED: "Late nearly always, and nearly always paid within days of our first contact: only they know whether they forget.",
    PLEADS: "Told of hardship more than once, and never refused: only their books would say whether they cannot or would not.",
    REFUSES: "Refused more than once, and pays as who is short of money: only they know whether it is what they can or want to pay.",
}
"""Why too little is known, by the code of `models.types.thin`."""


def type_lines(explanation: TypeExplanation, texts: Texts) -> list[str]:
    """A collector's word, votes, what moved the estimate, what they said, the invoices behind it, and what to ask where it is not clear."""
    first, second = explanation.likely
    p = explanation.probabilities
    word = explanation.word
    lines = _said(word, texts) if word else []
    bar = f", {explanation.threshold:.2f} asked for" if explanation.question else ""
    lines.append(f"  {first} {p[first]:.0%}, {second} {p[second]:.0%}; evidence {explanation.evidence:.2f}{bar}")
    if explanation.question == WHOSE_MONEY:
        lines.append(
            "  Money of theirs that is set against no invoice would pay half of what is overdue, or more: who is late is not known before."
        )
    due = "nothing" if not explanation.n_due else "1 invoice" if explanation.n_due == 1 else f"{explanation.n_due} invoices"
    if explanation.too_little and explanation.question and explanation.question != WHOSE_MONEY:
        lines.append(f"  {TOO_LITTLE[explanation.too_little].format(due=due)}")
    if len(explanation.votes):
        lines.append("  What speaks for which type:")
    else:
        lines.append(f"  No rule saw what it looks for: {due} to go by fell due in the half year.")
    for debtor_type, votes in explanation.votes.groupby("votes_for", sort=False):
        lines.append(f"    {texts.types[str(debtor_type)].name} ({debtor_type})")
        lines += [f"      {texts.type_rules.get(one['rule'], one['says'])}" for one in votes.to_dict("records")]
    if explanation.silent:
        lines.append(f"  Looked for and not seen, which speaks for {first} against {second}:")
    lines += [f"      {texts.type_rules[rule]}" for rule in explanation.silent]
    if len(explanation.reasons):
        lines.append(f"  What moved the estimate towards {first} (+) or {second} (-), in log-odds:")
    for one in explanation.reasons.to_dict("records"):
        lines.append(f"    {one['contribution']:+.2f} {texts.type_reasons[one['code']].name}: {sentence(one, texts)}")
    if len(explanation.talks):
        lines.append("  What they said:")
    for one in explanation.talks.to_dict("records"):
        lines.append(f"    {talk(one)}")
    if any(explanation.promises):
        kept, broken, late = explanation.promises
        but = f", of these {late} kept within a fortnight after" if late else ""
        lines.append(f"  Promises of the half year: {kept} kept, {broken} broken{but}")
    if len(explanation.rows):
        lines.append("  The invoices behind it:")
    lines += [f"    {_invoice(one, texts)}" for one in explanation.rows.itertuples()]
    return [*lines, f"  Ask: {texts.type_questions[explanation.question]}"] if explanation.question else lines


def _said(word: Word, texts: Texts) -> list[str]:
    name = texts.types[word.debtor_type].name if word.debtor_type in texts.types else word.debtor_type
    who = f"{word.by or 'A collector'} said" if word.is_agreed else "Collectors contradicted each other"
    sure = f", {word.sure:.0%} sure" if word.is_agreed and word.sure is not None else ""
    return [f"  {who} on {word.on}: {name} ({word.debtor_type}{sure}); it stands until {word.until}", "  From behaviour alone:"]


def talk(one: Mapping[Hashable, Any]) -> str:
    """A contact in words: what was done, what came of it, and the reason that was noted.

    >>> from datetime import date
    >>> talk({"contacted_on": date(2025, 7, 16), "action": "ask", "outcome": "dispute", "reason_code": "wrong_price"})
    '2025-07-16, ask: dispute; reason noted: wrong price'
    >>> talk({"contacted_on": date(2025, 7, 16), "action": None, "outcome": "refused", "reason_code": None})
    '2025-07-16: refused'
    """
    action, outcome, reason = (
        str(one[name]).replace("_", " ") if isinstance(one[name], str) else "" for name in ("action", "outcome", "reason_code")
    )
    done = f"{one['contacted_on']:%Y-%m-%d}" + (f", {action}" if action else "")
    return "; ".join([f"{done}: {outcome}" if outcome else done, *([f"reason noted: {reason}"] if reason else [])])


def sentence(one: Mapping[Hashable, Any], texts: Texts) -> str:
    """A figure that moved the estimate as a collector would say it; where the texts have no sentence for it, what it is and its value.

    >>> from worklist.texts import load_texts
    >>> one = {"feature": "open_late_share", "doc": "share of the late invoices that are still open", "unit": "share", "value": 0.25}
    >>> sentence(one, load_texts()), sentence(one | {"feature": "new"}, load_texts())
    ('25 % of the late invoices are still open.', 'share of the late invoices that are still open: 25 %')
    """
    value = figure(one["value"], one["unit"], texts)
    template = texts.figure(one["feature"], one["value"])
    return fill(template, {"value": value}) if template else f"{one['doc']}: {value}"


def figure(value: float, unit: str, texts: Texts) -> str:
    """A figure of a customer's behaviour as people read it.

    >>> from worklist.texts import load_texts
    >>> [figure(value, unit, load_texts()) for value, unit in ((0.25, "share"), (0.254, "ratio"), (float("nan"), "days"), (-1, "days"))]
    ['25 %', '0.25', 'not known', '1 day early']
    """
    if value != value:
        return "not known"
    if unit == "days" and round(value) < 0:
        unit = "delay"
    return value_text(value, unit, None, texts) if unit in ("days", "delay", "share", "count") else f"{value:.2f}"


def _invoice(one: Any, texts: Texts) -> str:
    late = value_text(float(one.late_days), "days", None, texts)
    paid = "still open" if pd.isna(one.paid_on) else f"paid {one.paid_on:%Y-%m-%d}"
    if pd.isna(one.paid_on) and one.settled_amount > 0:
        paid = f"open but for {money_text(float(one.settled_amount), one.currency)} of {money_text(float(one.amount), one.currency)}"
    if one.credited_share >= 1 and not pd.isna(one.paid_on):
        paid = f"credited in full {one.paid_on:%Y-%m-%d}"
    beside = [f"left us {value_text(float(one.sent_late), 'days', None, texts)} late, which is not counted"] if one.sent_late > 0 else []
    beside += [f"waited {value_text(float(one.waited), 'days', None, texts)} for its payer's next pay run"] if one.waited > 0 else []
    beside += ["disputed"] if one.disputed else []
    beside += [f"{one.n_payments:.0f} payments"] if one.n_payments > 1 else []
    if pd.notna(one.after_formal) and one.after_formal <= FORCED_DAYS:
        beside += [f"paid {value_text(float(one.after_formal), 'days', None, texts)} after a formal step"]
    beside += ["credited in part"] if 0 < one.credited_share < 1 else []
    return f"{one.invoice_id}, due {one.due_on:%Y-%m-%d}, {paid}: {', '.join([f'late on {late} of the half year', *beside])}"
