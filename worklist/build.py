"""From scores to a worklist: who, in which order, what to do, when, why, and with what on offer."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from ledger.errors import RefusedError
from ledger.tables import DEBTOR_TYPES, UNDETERMINED
from models.types.questions import WHAT_IS_LEFT, WHAT_IS_WRONG
from worklist.choice import choose
from worklist.facts import Facts
from worklist.holdout import in_holdout, row_ids
from worklist.money import round_to_unit
from worklist.offers import offers_of
from worklist.playbook import AUTOMATED, Playbook, Step
from worklist.policy import answer_days, contact_days, holds_of, preferred_channel, still_waiting
from worklist.ranking import ranked
from worklist.reasons import reasons_of
from worklist.settings import WorklistSettings
from worklist.texts import HOLDS, Texts, fill
from worklist.value import reachable

MONEY = ("exposure", "overdue_amount", "value_of_contact", "disputed_amount", "unapplied_amount", "expected_late_amount")
DATES = ("contact_from", "contact_until", "hold_until", "next_due_on", "as_of")
RATES = ("type_confidence", "p_late", "p_paid_14", "p_paid_30", "type_evidence")
CONTRACT = tuple(
    "run_id row_id rank customer_id currency debtor_type type_confidence stage action channel tone contact_from contact_until exposure "
    "overdue_amount max_dpd p_late value_of_contact value_basis reason_1 reason_1_code reason_2 reason_2_code reason_3 reason_3_code "
    "offers holds in_holdout".split()
)
EXTRA = tuple(
    "name other_amounts as_of kind country type_in_words action_in_words question needs_confirmation holds_in_words hold_until "
    "disputed_amount unapplied_amount expected_late_amount p_paid_14 p_paid_30 type_evidence is_recurring n_open next_due_on "
    "reason_1_invoices reason_2_invoices reason_3_invoices".split()
)
COLUMNS = (*CONTRACT, *EXTRA)
HOLD_DAYS = {
    "promise_pending": {"promised": "promised_for", "grace": "promise_until"},
    "recent_conversation": {"spoke": "spoke_on", "until": "quiet_until"},
    "call_limit": {"until": "calls_until"},
}
NEEDED = frozenset(
    "customer_id name kind country currency exposure overdue_amount disputed_amount overdue_disputed unapplied_amount max_dpd chased_dpd "
    "next_due_on p_late p_paid_14 p_paid_30 expected_late_amount late_disputed debtor_type type_evidence type_question is_recurring stage "
    "n_open other_amounts cost_rate dispute_settled".split()
) | {f"p_{name}" for name in DEBTOR_TYPES}


def build_worklist(
    customers: pd.DataFrame,
    reasons: pd.DataFrame,
    facts: Facts,
    *,
    playbook: Playbook,
    texts: Texts,
    settings: WorklistSettings,
    as_of: date,
    run_id: str,
) -> pd.DataFrame:
    """The worklist of a day: one row a customer with something open, in rank order, the columns of `COLUMNS`.

    `customers`: one row a customer, the columns of `NEEDED`; money float64 in the row's `currency`, days `datetime64`.
    `cost_rate`: what one unit of the playbook's costs is worth in the row's currency, missing where that is not known.
    `reasons`: customer_id, position (1 to 3), code, contribution (signed), value, usual, unit, of, invoices.
    The value of a contact is that of the best step open to us, under the playbook's assumed effects. Deterministic; the
    input is left as it was. Raises RefusedError for a missing column, a customer listed twice, a type or code without a text.
    """
    missing = sorted(NEEDED - set(customers.columns))
    if missing:
        raise RefusedError(f"customers: the column {missing[0]} is missing; a worklist needs {', '.join(missing)}")
    if customers["customer_id"].duplicated().any():
        twice = customers.loc[customers["customer_id"].duplicated(), "customer_id"].iloc[0]
        raise RefusedError(f"customers: {twice} is listed twice; a worklist has one row a customer")
    today = pd.Timestamp(as_of)
    rows = customers[customers["exposure"] > 0].reset_index(drop=True)

    number, value = choose(rows, facts, playbook, settings, today)
    all_steps = playbook.steps()
    steps = [all_steps[n] for n in number]
    rows["action"] = _texts_of([step.action for step in steps], rows)
    rows["tone"] = _texts_of([None if step.action == "none" else step.tone for step in steps], rows)
    rows["channel"] = _channels(steps, preferred_channel(rows, facts, settings, today), still_waiting(rows, settings, today))
    rows["needs_confirmation"] = pd.Series([step.needs_confirmation for step in steps], index=rows.index, dtype="bool")

    holds = holds_of(rows, facts, settings, today, rows["action"])
    rows["holds"], rows["holds_in_words"] = _holds(holds, texts)
    rows["hold_until"] = holds["hold_until"]
    answered = answer_days(rows, facts, settings)
    days = contact_days(rows, rows["action"], rows["channel"], rows["hold_until"], answered, settings, today)
    # A hold without an end has no day on which contact is free again.
    endless = holds["disputed"] | holds["cash_to_apply"]
    for name in ("contact_from", "contact_until"):
        rows[name] = days[name].mask(endless)

    rows["value_of_contact"] = value
    rows["value_basis"] = _texts_of(["assumed"] * len(rows), rows)
    # What an offer speaks of has come due: the amount of what is only expected to be late is nobody's yet.
    amount = pd.Series(reachable(rows, "call"), index=rows.index)
    for name in MONEY:
        rows[name] = round_to_unit(rows[name].fillna(0.0), rows["currency"])
    rows["offers"] = offers_of(rows, steps, amount, playbook, texts)
    rows = pd.concat([rows, reasons_of(rows, reasons, texts)], axis=1)

    rows["debtor_type"] = rows["debtor_type"].fillna(UNDETERMINED).astype("str")
    rows["type_confidence"] = _confidence(rows)
    rows["type_in_words"] = rows["debtor_type"].map({code: named.name for code, named in texts.types.items()}).astype("str")
    rows["action_in_words"] = rows["action"].map({code: named.name for code, named in texts.actions.items()}).astype("str")
    looked_for = (rows["action"] == "solve") & ~(rows["disputed_amount"] > 0)
    question = rows["type_question"].map(texts.type_questions).where(rows["action"] == "ask")
    question = question.mask(looked_for, texts.type_questions[WHAT_IS_WRONG])
    question = question.mask(looked_for & rows["dispute_settled"].fillna(False), texts.type_questions[WHAT_IS_LEFT])
    rows["question"] = question.fillna("").astype("str")
    rows["run_id"] = _texts_of([run_id] * len(rows), rows)
    rows["row_id"] = row_ids(run_id, rows["customer_id"])
    rows["in_holdout"] = in_holdout(rows["customer_id"], share=settings.holdout_share, seed=settings.seed)
    rows["as_of"] = pd.Series(today, index=rows.index, dtype="datetime64[s]")
    rows["max_dpd"] = rows["max_dpd"].astype("Int64")
    rows["n_open"] = rows["n_open"].astype("Int64")
    rows["is_recurring"] = rows["is_recurring"].fillna(False).astype("bool")
    for name in DATES:
        rows[name] = rows[name].astype("datetime64[s]")
    for name in ("customer_id", "currency", "stage", "name", "other_amounts", "kind", "country"):
        rows[name] = rows[name].astype("str")
    for name in ("p_late", "p_paid_14", "p_paid_30", "type_evidence"):
        rows[name] = rows[name].astype("float64")
    return ranked(rows)[list(COLUMNS)]


def _texts_of(values: list[str] | list[str | None], rows: pd.DataFrame) -> pd.Series:
    return pd.Series(values, index=rows.index, dtype="str")


def _channels(steps: list[Step], preferred: pd.Series, waiting: pd.Series) -> pd.Series:
    """The step's first channel, or the one that has worked if the step allows it; a problem is solved in writing while we wait."""
    chosen: list[str | None] = []
    for step, liked, waits in zip(steps, preferred, waiting, strict=True):
        allowed = [c for c in step.channels if c in AUTOMATED] if step.action == "solve" and waits else []
        allowed = allowed or list(step.channels)
        chosen.append(liked if liked in allowed else next(iter(allowed), None))
    return pd.Series(chosen, index=preferred.index, dtype="str")


def _holds(holds: pd.DataFrame, texts: Texts) -> tuple[pd.Series, pd.Series]:
    """The codes of the holds and the sentences about them, each joined; empty where there is none."""
    codes, words = np.full(len(holds), "", dtype=object), np.full(len(holds), "", dtype=object)
    for code in HOLDS:
        days = {field: holds[name].dt.strftime("%Y-%m-%d").fillna("") for field, name in HOLD_DAYS.get(code, {}).items()}
        for at in np.flatnonzero(holds[code].to_numpy()):
            codes[at] += ("; " if codes[at] else "") + code
            words[at] += (" " if words[at] else "") + fill(texts.holds[code], {field: day.iloc[at] for field, day in days.items()})
    return pd.Series(codes, index=holds.index, dtype="str"), pd.Series(words, index=holds.index, dtype="str")


def _confidence(rows: pd.DataFrame) -> pd.Series:
    """The probability of the type that is shown; of the likeliest one where it is undetermined."""
    shown = rows[[f"p_{name}" for name in DEBTOR_TYPES]].max(axis=1).astype("float64")
    for name in DEBTOR_TYPES:
        shown = shown.where(rows["debtor_type"] != name, rows[f"p_{name}"])
    return shown
