"""Why this type: which rules voted, what moved the booster, which ledger rows both rest on, and what to ask where it is not clear."""

from __future__ import annotations

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
from models.type_rules import RULES, vote

SHOWN = 5
DOCS = {feature.name: feature.doc for feature in FEATURES}
ROW_COLUMNS = "invoice_id due_on paid_on amount late_days n_payments disputed credited_share n_contacts quarrel in_need plain".split()

QUESTIONS = {
    frozenset({"fortuitous", "disorganized"}): "Was the money there on the due day, and the invoice at hand?",
    frozenset({"fortuitous", "intentional"}): "What would have to come in for you to pay today, and when does it come in?",
    frozenset({"fortuitous", "circumstantial"}): "You paid a part: is something wrong with the rest, or was that what you had?",
    frozenset({"disorganized", "intentional"}): "Who approves our invoices, on which day, and did this one reach them before it was due?",
    frozenset({"disorganized", "circumstantial"}): "Is anything wrong with this invoice or what we delivered, or was it overlooked?",
    frozenset({"intentional", "circumstantial"}): "What exactly is wrong, since when, and what would settle it?",
}
OPEN_QUESTION = "What kept you from paying this invoice on its day?"


@dataclass(frozen=True)
class TypeExplanation:
    """One customer's type and what it rests on.

    `votes`: the rules that voted (`rule, votes_for, says`); `reasons`: the booster's features that speak most for the likeliest type
    against the next (`feature, doc, value, contribution` in log-odds, uncalibrated; empty for an untrained model); `rows`: the invoices
    with most late days of the half year; `question`: what to ask, empty where the type is determined.
    """

    customer_id: str
    debtor_type: str
    probabilities: dict[str, float]
    evidence: float
    votes: pd.DataFrame
    reasons: pd.DataFrame
    rows: pd.DataFrame
    question: str

    def lines(self) -> list[str]:
        """A summary for people."""
        likely = sorted(self.probabilities, key=lambda name: -self.probabilities[name])[:2]
        told = ", ".join(f"{name} {self.probabilities[name]:.0%}" for name in likely)
        lines = [f"{self.customer_id}: {self.debtor_type} ({told}; evidence {self.evidence:.2f})"]
        lines += [f"  votes for {one.votes_for}: {one.says}" for one in self.votes.itertuples()]
        lines += [f"  {one.contribution:+.2f} {one.doc}: {one.value:.2f}" for one in self.reasons.itertuples()]
        lines += [
            f"  invoice {one.invoice_id}, due {one.due_on:%Y-%m-%d}: {one.late_days} late days in the half year"
            for one in self.rows.itertuples()
        ]
        return [*lines, f"  ask: {self.question}"] if self.question else lines


def explain_type(model: TypeModel, portfolio: Portfolio, customer_id: str) -> TypeExplanation:
    """Explain one customer of a portfolio of one day. Raises RefusedError where the customer is not asked about on it."""
    frame = behaviour_of(portfolio, model.settings.correction_days)
    types = model.told(frame)
    mine = types[types["customer_id"] == customer_id]
    if mine.empty:
        raise RefusedError(f"customer {customer_id} has no open invoice and none that fell due lately: choose another customer or day")
    row = mine.iloc[0]
    p = row[list(PROBABILITIES)].to_numpy(dtype="float64")
    first, second = (DEBTOR_TYPES[at] for at in np.argsort(-p, kind="stable")[:2])
    at = frame.index[frame["customer_id"] == customer_id]
    said = vote(frame, model.settings).loc[at].iloc[0]
    votes = [{"rule": one.name, "votes_for": one.votes, "says": one.says} for one in RULES if said[one.name] == 1]
    return TypeExplanation(
        customer_id,
        str(row["debtor_type"]),
        dict(zip(DEBTOR_TYPES, p.tolist(), strict=True)),
        float(row["type_evidence"]),
        pd.DataFrame(votes, columns=["rule", "votes_for", "says"]),
        _reasons(model, frame.loc[at], first, second),
        _rows(portfolio, customer_id),
        question_for(first, second) if row["debtor_type"] == UNDETERMINED else "",
    )


def question_for(first: str, second: str) -> str:
    """What would settle it between two types.

    >>> question_for("fortuitous", "disorganized")
    'Was the money there on the due day, and the invoice at hand?'
    >>> question_for("compliant", "disorganized")
    'What kept you from paying this invoice on its day?'
    """
    return QUESTIONS.get(frozenset({first, second}), OPEN_QUESTION)


def _reasons(model: TypeModel, mine: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Exact SHAP values of the margin between two types; LightGBM gives them itself."""
    columns = ["feature", "doc", "value", "contribution"]
    if not model.boosters:
        return pd.DataFrame(columns=columns)
    raw = np.asarray(model.boosters["type"].predict(design(mine), pred_contrib=True, num_threads=1))
    by_type = raw.reshape(len(DEBTOR_TYPES), len(NAMES) + 1)[:, :-1]
    gap = by_type[DEBTOR_TYPES.index(first)] - by_type[DEBTOR_TYPES.index(second)]
    order = np.argsort(-np.abs(gap), kind="stable")[:SHOWN]
    told: list[dict[str, Any]] = [
        {"feature": NAMES[at], "doc": DOCS[NAMES[at]], "value": float(mine[NAMES[at]].iloc[0]), "contribution": float(gap[at])}
        for at in order
    ]
    return pd.DataFrame(told, columns=columns)


def _rows(portfolio: Portfolio, customer_id: str) -> pd.DataFrame:
    invoices = conduct(portfolio)
    mine: pd.DataFrame = invoices.filter(invoices.customer_id == customer_id).select(*ROW_COLUMNS).to_pandas()
    return mine[mine["late_days"] > 0].sort_values(["late_days", "invoice_id"], ascending=[False, True], ignore_index=True).head(SHOWN)
