"""The model card: what was learned from what, how well it does on newer days, and where it should not be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ledger.tables import DEBTOR_TYPES
from models.champion import Champion
from models.evaluate import metrics
from models.payment.observations import late_if_not_due, paid_outcome
from models.pictures import calibration_picture
from models.types.corrections_report import words_line
from models.types.rules import VOTES_FOR

CONVENTIONS = {"calendar": "the calendar", "business": "the business day to which a due date rolls"}
FEW, NEAR_CHANCE = 50, 0.65
BY_THE_CALENDAR = 0.05
"""So much more AUC than among invoices whose due dates roll equally far is worth a word."""
READING = (
    "AUC: how often, of a row that came true and one that did not, the first was told the likelier (.5 is guessing). Log loss and Brier:",
    "how far off the probabilities are (0 is perfect). ECE: by how much what is told and what comes differ, on average over fifteen bins.",
    "`stacked` is what is scored with; the rows above it are its parts.",
)


def write_card(folder: Path, text: str, valid: pd.DataFrame, valid_scores: pd.DataFrame) -> dict[str, Path]:
    """Write a card as `model_card.md` and, where there were validation days, `calibration.png` into a folder; files by artifact folder."""
    files = {"": folder / "model_card.md"}
    files[""].write_text(text, encoding="utf-8")
    if len(valid):
        late = late_if_not_due(valid)
        pairs = {
            "late (not yet due)": (late, valid_scores["p_late"].to_numpy(dtype="float64")),
            "paid within 14 days": (paid_outcome(valid, 14), valid_scores["p_paid_14"].to_numpy(dtype="float64")),
        }
        files["pictures"] = calibration_picture(pairs, folder / "calibration.png", valid["as_of"])
    return files


def card(
    champion: Champion,
    observations: pd.DataFrame,
    valid: pd.DataFrame,
    valid_scores: pd.DataFrame,
    validation: dict[str, Any],
    warnings: Sequence[str] = (),
) -> str:
    """The card as Markdown; of figures that nothing was checked on there is no table.

    `warnings`: what the training warned of, such as why a baseline serves.
    """
    customers = observations["customer_id"].nunique() if len(observations) else 0
    checked = (
        f"- Checked on {len(valid):,} rows of newer days: no tree of the checked fit saw them, but its rounds were chosen on "
        "them; its parts are joined as the rows of other customers would have it."
    )
    lines = [
        f"# Model card: {champion.payment.kind}, as of {champion.as_of}",
        "",
        f"- Fingerprint {champion.fingerprint}.",
        f"- Learned from {len(observations):,} rows (an open invoice on a day) of {customers:,} customers.",
        checked if len(valid) else "- Nothing was checked on newer days.",
        f"- Late is counted by {CONVENTIONS[champion.lateness]}.",
        "- Open invoices are censored, never counted as unpaid; features use only what was known on their day.",
        "- Reasons explain the uncalibrated margins of the heads.",
        *(f"- Warning: {warning}." for warning in warnings),
    ]
    if validation.get("formulations"):
        lines += ["", "| formulation | target | rows | AUC | log loss | Brier | ECE |", "|---|---|---|---|---|---|---|"]
    for name, targets in validation.get("formulations", {}).items():
        for target, m in targets.items():
            figures = " | ".join(f"{m[key]:.3f}" for key in ("auc", "log_loss", "brier", "ece"))
            lines.append(f"| {name} | {target} | {int(m['n']):,} | {figures} |")
    if validation.get("formulations"):
        lines += ["", *READING, *alike_lines(validation["formulations"]["stacked"]["p_late"])]
    if "drift" in validation:
        told = ", ".join(f"{name} {auc:.2f}" for name, auc in validation["drift"].items())
        left_out = ", ".join(validation["left_out"]) or "none"
        lines += ["", f"Drift, as the AUC of newer against older days: {told}. Left out as clocks: {left_out}."]
    if validation.get("by_month"):
        lines += ["", "Many customers pay in one part of the month: a business day stands for the weekend or holidays before it, too."]
    lines += ["", *limits(valid, valid_scores)] if len(valid) else []
    lines += labelling(champion.types["card"])
    lines += [
        "",
        "Not to be trusted for: countries or terms that never occurred, and decisions about natural persons without a person looking at",
        "them. Customers without history get the habits of those that resemble them (country, segment, terms, size).",
        "",
    ]
    return "\n".join(lines)


def alike_lines(late: dict[str, float]) -> list[str]:
    """What is left of the AUC of being late where the calendar tells much of it.

    >>> alike_lines({"auc": 0.9708, "auc_alike": 0.6938})[0]
    'Where who is due on a weekend or holiday is late for that alone, the calendar tells much: among invoices whose due dates'
    >>> alike_lines({"auc": 0.85, "auc_alike": 0.84})
    []
    """
    if not late["auc"] - late["auc_alike"] > BY_THE_CALENDAR:
        return []
    return [
        "Where who is due on a weekend or holiday is late for that alone, the calendar tells much: among invoices whose due dates",
        f"roll equally far to a business day the AUC of `p_late` is {late['auc_alike']:.3f}.",
    ]


def labelling(told: dict[str, Any]) -> list[str]:
    """How the debtor types were labelled without a truth: which way of weighing votes was kept and why, and how the rules voted.

    >>> told = {"labels": "majority", "foretold": {"majority": 0.9, "dawid_skene": 0.8}, "rows": 5, "corrections": 0,
    ...         "rules": {"refuses": {"coverage": 0.5, "overlap": 0.4, "conflict": 0.1}}}
    >>> labelling(told)[-3], labelling({})
    ('| `refuses` | intentional | 50.0% | 40.0% | 10.0% |', [])
    """
    words = words_line(told)
    if "labels" not in told:
        return ["", "## Debtor types", "", f"By rules alone; {words}."] if words else []
    which = "on the day of the training, without hindsight" if told.get("young") else "at a month-end"
    names = {"majority": "majority vote", "dawid_skene": "Dawid-Skene"}
    scores = ", ".join(f"{names[name]} {score:.3f}" for name, score in told["foretold"].items())
    kept = f"kept: {names[told['labels']]}, whose opinion of the other rules foretells the one left out better (mean AUC: {scores})"
    lines = [
        "",
        "## Debtor types",
        "",
        f"Labelled {told['rows']:,} rows (a customer {which}), {told['corrections']:,} of them by collectors. Of two ways to weigh "
        f"votes was {kept}.",
        *(["", f"What words did: {words}."] if words else []),
        "",
        "| rule | votes for | coverage | overlap | conflict |",
        "|---|---|---|---|---|",
    ]
    for name, one in told["rules"].items():
        shares = " | ".join(f"{one.get(key, 0.0):.1%}" for key in ("coverage", "overlap", "conflict"))
        lines.append(f"| `{name}` | {DEBTOR_TYPES[VOTES_FOR[name]]} | {shares} |")
    return [
        *lines,
        "",
        "Coverage: share of the rows on which it votes; overlap: another rule votes, too; conflict: another votes for another type.",
    ]


def limits(valid: pd.DataFrame, valid_scores: pd.DataFrame) -> list[str]:
    """Where it should be trusted less: the same figures on parts of the validation rows not yet due, and in words what they forbid."""
    customers, weight = valid["customer_id"], valid["history_weight"].fillna(0).to_numpy(dtype="float64")
    largest = (customers == customers.value_counts().sort_index().idxmax()).to_numpy()
    late, very_late = late_if_not_due(valid), late_if_not_due(valid, 30)
    p, p_30 = (valid_scores[name].to_numpy(dtype="float64") for name in ("p_late", "p_late_30"))
    parts = {
        "the largest customer alone": (np.where(largest, late, np.nan), p),
        "customers without history": (np.where(weight == 0, late, np.nan), p),
        "customers with thin history": (np.where((weight > 0) & (weight < 0.5), late, np.nan), p),
        "more than 30 days late": (very_late, p_30),
    }
    lines = ["| part of the rows not yet due | rows | came true | AUC | log loss | what to mind |", "|---|---|---|---|---|---|"]
    for about, (outcome, said) in parts.items():
        m = metrics(outcome, said)
        n_true = int(np.nansum(outcome))
        lines.append(
            f"| {about} | {m['n']:,} | {n_true:,} | {m['auc']:.3f} | {m['log_loss']:.3f} | {_forbidden(m['auc'], n_true, m['n'])} |"
        )
    return lines


def _forbidden(auc: float, n_true: int, n: float) -> str:
    if min(n_true, n - n_true) < FEW:
        return "too rare here for any claim"
    return "near chance: rank within it by amount, not by probability" if auc < NEAR_CHANCE else ""
