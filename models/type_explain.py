"""Why this type: which rules voted, what moved the booster, which ledger rows both rest on, and what to ask where it is not clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.behaviour import FEATURES, NAMES
from features.conduct import conduct
from features.portfolio import Portfolio
from ledger.errors import RefusedError
from ledger.tables import DEBTOR_TYPES
from models.debtor_type import PROBABILITIES, UNDETERMINED, TypeModel, behaviour_of, design
from models.type_rules import COMPLIANT, RULES, vote

SHOWN = 5
BY_NAME = {feature.name: feature for feature in FEATURES}
ROW_COLUMNS = "invoice_id due_on paid_on amount late_days waited n_payments disputed credited_share".split()
REASON_COLUMNS = ("feature", "code", "doc", "unit", "value", "contribution")
OPEN_QUESTION = "any"


@dataclass(frozen=True)
class TypeExplanation:
    """One customer's type and what it rests on.

    `likely`: the two likeliest types, the first one first; `votes`: the rules that voted (`rule, votes_for, says`); `reasons`: the
    booster's features that speak most for the first against the second (`feature, code, doc, unit, value, contribution` in log-odds,
    uncalibrated; empty for an untrained model); `rows`: the invoices with most late days of the half year; `question`: the code of what
    to ask, empty where the type is determined. Words for all of these are in `configs/texts/`.
    """

    customer_id: str
    debtor_type: str
    probabilities: dict[str, float]
    evidence: float
    likely: tuple[str, str]
    votes: pd.DataFrame
    reasons: pd.DataFrame
    rows: pd.DataFrame
    question: str


def explain_type(model: TypeModel, portfolio: Portfolio, customer_id: str) -> TypeExplanation:
    """Explain one customer of a portfolio of one day. Raises RefusedError where the customer is not asked about on it."""
    frame = behaviour_of(portfolio, model.settings.correction_days)
    types = model.told(frame)
    mine = types[types["customer_id"] == customer_id]
    if mine.empty:
        raise RefusedError(f"customer {customer_id} has no open invoice and none that fell due lately: choose another customer or day")
    row = mine.iloc[0]
    p = row[list(PROBABILITIES)].to_numpy(dtype="float64")
    likely = [DEBTOR_TYPES[at] for at in np.argsort(-p, kind="stable")]
    first, second = likely[:2]
    at = frame.index[frame["customer_id"] == customer_id]
    said = vote(frame, model.settings).loc[at].iloc[0]
    votes = [{"rule": one.name, "votes_for": one.votes, "says": one.says} for one in RULES if said[one.name] == 1]
    return TypeExplanation(
        customer_id,
        str(row["debtor_type"]),
        dict(zip(DEBTOR_TYPES, p.tolist(), strict=True)),
        float(row["type_evidence"]),
        (first, second),
        pd.DataFrame(votes, columns=["rule", "votes_for", "says"]),
        _reasons(model, frame.loc[at], first, second),
        _rows(portfolio, customer_id),
        question_for(likely) if row["debtor_type"] == UNDETERMINED else "",
    )


def question_for(likely: Sequence[str]) -> str:
    """The code of the question that would settle it between the two likeliest causes; `likely` has the types, the likeliest first.

    To pay on time is no cause of a delay: it is passed over, unless it is likeliest itself, and then the question is an open one.

    >>> question_for(["disorganized", "compliant", "fortuitous"]), question_for(["compliant", "fortuitous", "disorganized"])
    ('fortuitous_or_disorganized', 'any')
    >>> question_for(["friendly", "fortuitous"])
    Traceback (most recent call last):
    ...
    ValueError: 'friendly' is not in list
    """
    if likely[0] == COMPLIANT:
        return OPEN_QUESTION
    causes = [one for one in likely if one != COMPLIANT][:2]
    return "_or_".join(sorted(causes, key=list(DEBTOR_TYPES).index))


def _reasons(model: TypeModel, mine: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Exact SHAP values of the margin between two types; LightGBM gives them itself."""
    if not model.boosters:
        return pd.DataFrame(columns=list(REASON_COLUMNS))
    raw = np.asarray(model.boosters["type"].predict(design(mine), pred_contrib=True, num_threads=1))
    by_type = raw.reshape(len(DEBTOR_TYPES), len(NAMES) + 1)[:, :-1]
    gap = by_type[DEBTOR_TYPES.index(first)] - by_type[DEBTOR_TYPES.index(second)]
    order = np.argsort(-np.abs(gap), kind="stable")[:SHOWN]
    told: list[dict[str, Any]] = []
    for at in order:
        feature = BY_NAME[NAMES[at]]
        value = float(mine[feature.name].iloc[0])
        row = (feature.name, feature.reason, feature.doc, feature.unit, value, float(gap[at]))
        told.append(dict(zip(REASON_COLUMNS, row, strict=True)))
    return pd.DataFrame(told, columns=list(REASON_COLUMNS))


def _rows(portfolio: Portfolio, customer_id: str) -> pd.DataFrame:
    invoices = conduct(portfolio)
    mine: pd.DataFrame = invoices.filter(invoices.customer_id == customer_id).select(*ROW_COLUMNS).to_pandas()
    mine = mine[mine["late_days"] + mine["waited"] > 0]
    return mine.sort_values(["late_days", "invoice_id"], ascending=[False, True], ignore_index=True).head(SHOWN)
