"""Why this type: which rules voted, which figures moved it, which ledger rows both rest on, and what to ask where it is not clear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from features.behaviour import FEATURES, NAMES
from features.conduct import WINDOW_DAYS, conduct
from features.outcomes import COMPLAINED, PROMISED, REFUSED
from features.portfolio import Portfolio
from ledger.errors import RefusedError
from ledger.tables import DEBTOR_TYPES
from models.explain import shap_values
from models.types.characteristics import characteristics
from models.types.debtor_type import RULES_SHARE, TypeModel, behaviour_of, design, evidence_of
from models.types.needs import paid_late
from models.types.rules import COMPLIANT, RULES, vote

SHOWN, SILENT = 5, 3
WORTH_SAYING, LEAST_REASON = 0.2, 0.05
BY_NAME = {feature.name: feature for feature in FEATURES}
ROW_COLUMNS = [
    *"invoice_id due_on paid_on amount settled_amount currency late_days sent_late waited".split(),
    *"n_payments disputed credited_share after_formal".split(),
]
REASON_COLUMNS = ("feature", "code", "doc", "unit", "value", "contribution")
TALK_COLUMNS = ["contacted_on", "action", "outcome", "reason_code"]
SAYS_MORE = (*PROMISED, REFUSED, *COMPLAINED)


@dataclass(frozen=True)
class Word:
    """What a collector said of the customer, and how long it stands; who and how sure, where that is on record.

    Not `is_agreed`: words of one day contradict each other.
    """

    debtor_type: str
    by: str | None
    on: date
    sure: float | None
    until: date
    is_agreed: bool


@dataclass(frozen=True)
class TypeExplanation:
    """One customer's type and what it rests on.

    `word` is that of a collector, which outranks the rest; all that follows is behaviour alone. `likely`: the two likeliest types, the
    first one first; `evidence` (0 where money of theirs is still to be set against invoices, or too little is known) and what was
    `threshold`; `n_due`: invoices due in the half year; `too_little`: why too little is known to tell a cause (a code of
    `models.types.thin`), empty where enough is; `promises` of the half year, kept, broken, and of these kept late; `votes`: the rules
    that voted (`rule, votes_for, says`); `silent`: rules that looked and did not see, where that speaks for the first type; `reasons`:
    the features that speak most for the first against the second, to the booster and by their points (`feature, code, doc, unit, value,
    contribution` in log-odds, before the model is stretched and corrected), what is not known left out;
    `talks`: what they said (`contacted_on, action, outcome, reason_code`); `rows`: the invoices with most late days of the half year;
    `question`: the code of what to ask, empty where the type is determined. Words for all of these are in `configs/texts/`.
    """

    customer_id: str
    debtor_type: str
    word: Word | None
    probabilities: dict[str, float]
    evidence: float
    threshold: float
    likely: tuple[str, str]
    n_due: int
    too_little: str
    promises: tuple[int, int, int]
    votes: pd.DataFrame
    silent: tuple[str, ...]
    reasons: pd.DataFrame
    talks: pd.DataFrame
    rows: pd.DataFrame
    question: str


def explain_type(model: TypeModel, portfolio: Portfolio, customer_id: str, people: pd.DataFrame | None = None) -> TypeExplanation:
    """Explain one customer of a portfolio of one day; `people` is what `behaviour_of` told of it, where that was asked before.

    Raises RefusedError where the customer is not asked about on the day.
    """
    frame = behaviour_of(portfolio, model.settings.correction_days) if people is None else people
    mine = frame[frame["customer_id"] == customer_id]
    if mine.empty:
        raise RefusedError(f"customer {customer_id} has no open invoice and none that fell due lately: choose another customer or day")
    one, at = mine.iloc[0], mine.index[0]
    # What a ledger tells at all is asked of all its customers, so all of them are told.
    of_all = model.probabilities(frame)
    p, told, said = of_all[[at]], model.told(frame).loc[at], vote(frame, model.settings).loc[at]
    seen = characteristics(frame, model.settings).loc[[at]]
    first, second = (DEBTOR_TYPES[code] for code in np.argsort(-p[0], kind="stable")[:2])
    saw = [{"rule": rule.name, "votes_for": rule.votes, "says": rule.says} for rule in RULES if said[rule.name] == 1]
    n_due, *promises = (int(np.nan_to_num(one[name])) for name in ("due_count", "kept_count", "broken_count", "kept_late_count"))
    too_little = str(model.too_little_known(frame, of_all)[at])
    return TypeExplanation(
        customer_id,
        str(told["debtor_type"]),
        _word(one, model.settings.correction_days),
        dict(zip(DEBTOR_TYPES, p[0].tolist(), strict=True)),
        0.0 if one["cash_to_apply"] or too_little else float(evidence_of(p)[0]),
        float(model.threshold_of(p)[0]),
        (first, second),
        n_due,
        too_little,
        (promises[0], promises[1], promises[2]),
        pd.DataFrame(saw, columns=["rule", "votes_for", "says"]),
        _silent(model, said, first, second),
        _reasons(model, mine if n_due or one["slow_count"] > 0 else mine[:0], seen, first, second),
        _talks(portfolio, customer_id),
        _rows(portfolio, customer_id),
        str(told["type_question"]),
    )


def _word(one: pd.Series, valid_days: int) -> Word | None:
    if not isinstance(one["said_type"], str):
        return None
    sure = None if pd.isna(one["confidence"]) else float(one["confidence"])
    by = one["labelled_by"] if isinstance(one["labelled_by"], str) else None
    on = pd.Timestamp(one["labelled_on"]).date()
    return Word(one["said_type"], by, on, sure, on + timedelta(days=valid_days), bool(one["is_agreed"]))


def _silent(model: TypeModel, said: pd.Series[float], first: str, second: str) -> tuple[str, ...]:
    """The rules whose silence speaks most for the first cause against the second; points tell two causes apart, and nothing else."""
    if COMPLIANT in (first, second) or not model.rules.share:
        return ()
    of = {name: at for at, name in enumerate(DEBTOR_TYPES[1:])}
    points = model.rules.points
    unseen, seen = (one[:, of[first]] - one[:, of[second]] for one in (points.saw_not, points.saw))
    # Where it would speak for the first when seen, too, its silence says only that there was something to look at; and of a third cause
    # nobody asked.
    gap = {
        rule.name: min(unseen[at], unseen[at] - seen[at]) for at, rule in enumerate(RULES) if rule.votes == second and said[rule.name] == 0
    }
    most = sorted((name for name in gap if gap[name] >= WORTH_SAYING), key=lambda name: -gap[name])
    return tuple(most[:SILENT])


def _reasons(model: TypeModel, mine: pd.DataFrame, seen: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """What speaks most for one type against another: the booster's SHAP values, and points.

    Each counts as in `TypeModel.probabilities`; points tell two causes apart, and nothing else.
    """
    gap = dict.fromkeys(NAMES, 0.0)
    rules_share = RULES_SHARE if model.boosters else 1.0
    if model.boosters and len(mine):
        by_type = shap_values(model.boosters["type"], design(mine))[0] / model.temperature
        values = by_type[:, DEBTOR_TYPES.index(first)] - by_type[:, DEBTOR_TYPES.index(second)]
        gap = dict(zip(NAMES, ((1 - rules_share) * values).tolist(), strict=True))
    if len(mine) and COMPLIANT not in (first, second):
        one, other = (DEBTOR_TYPES.index(name) - 1 for name in (first, second))
        for name, points in model.rules.points.of_each(seen).items():
            gap[name] += rules_share * model.rules.share * float(points[0, one] - points[0, other])
    # What is not known moves the booster, too, but is nothing that could be told; and who paid nothing of what is late kept no order.
    known = mine.assign(in_order_share=mine["in_order_share"].where(paid_late(mine)))
    told_of = [name for name in NAMES if abs(gap[name]) > LEAST_REASON and known[name].notna().all()]
    most = sorted(told_of, key=lambda name: -abs(gap[name]))[:SHOWN]
    told: list[dict[str, Any]] = []
    for feature in (BY_NAME[name] for name in most):
        row = (feature.name, feature.reason, feature.doc, feature.unit, float(mine[feature.name].iloc[0]), gap[feature.name])
        told.append(dict(zip(REASON_COLUMNS, row, strict=True)))
    return pd.DataFrame(told, columns=list(REASON_COLUMNS))


def _talks(portfolio: Portfolio, customer_id: str) -> pd.DataFrame:
    """The newest contacts of the half year in which they said something that rules listen to."""
    c = portfolio.snapshot.known("contacts")
    c = c.filter((c.customer_id == customer_id) & (c.as_of.delta(c.contacted_on, unit="day") <= WINDOW_DAYS))
    c = c.filter(c.reason_code.notnull() | c.outcome.isin(SAYS_MORE))
    found: pd.DataFrame = c.select("contact_id", *TALK_COLUMNS).to_pandas()
    return found.sort_values(["contacted_on", "contact_id"], ascending=[False, True], ignore_index=True).head(SHOWN)[TALK_COLUMNS]


def _rows(portfolio: Portfolio, customer_id: str) -> pd.DataFrame:
    invoices = conduct(portfolio)
    mine: pd.DataFrame = invoices.filter(invoices.customer_id == customer_id).select(*ROW_COLUMNS).to_pandas()
    mine = mine[mine["late_days"] + mine["sent_late"] + mine["waited"] > 0]
    return mine.sort_values(["late_days", "invoice_id"], ascending=[False, True], ignore_index=True).head(SHOWN)
