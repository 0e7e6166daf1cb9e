"""Which step of the playbook fits a customer: the one worth most among those that are open at this age."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from ledger.errors import RefusedError, nearest
from ledger.tables import UNDETERMINED
from models.arrays import Bools
from worklist.facts import Facts
from worklist.playbook import Playbook, Step
from worklist.policy import preferred_channel
from worklist.settings import WorklistSettings
from worklist.value import all_disputed, parts_of, type_weights, value_of


def vulnerable(customers: pd.DataFrame, facts: Facts, playbook: Playbook, as_of: pd.Timestamp) -> Bools:
    """Persons whose last stated reason, within the playbook's days, is one of its reason codes."""
    rule = playbook.when_vulnerable
    said = facts.contacts[facts.contacts["reason_code"].notna()].sort_values("contacted_on", kind="stable")
    last = said.drop_duplicates("customer_id", keep="last")
    recent = last["contacted_on"] > as_of - pd.Timedelta(days=rule.within_days)
    named = last.loc[recent & last["reason_code"].isin(rule.reason_codes), "customer_id"]
    return np.asarray(customers["customer_id"].isin(named) & customers["kind"].isin(rule.kinds), dtype=np.bool_)


def opened(ladder_of: str, playbook: Playbook, settings: WorklistSettings) -> Iterator[tuple[Step, int | None]]:
    """The steps of a type from the bottom up, each with the days past due that open it (None: open from the start).

    >>> from worklist.playbook import load_playbook
    >>> [(step.action, dpd) for step, dpd in opened("intentional", load_playbook(), WorklistSettings())]
    [('none', None), ('remind', None), ('call', 1), ('call', 31), ('formal', 100)]
    """
    ladder = playbook.types[ladder_of]
    yield from ((step, None) for step in ladder.preventive)
    yield from ((step, max(1, step.from_dpd)) for step in ladder.early)
    yield from ((step, max(settings.late_from_dpd, step.from_dpd)) for step in ladder.late)


def candidates(
    customers: pd.DataFrame, facts: Facts, playbook: Playbook, settings: WorklistSettings, as_of: pd.Timestamp
) -> Iterator[tuple[int, Step, Bools]]:
    """Every step with its number in `playbook.steps()` and the customers it is open to, from the bottom of the ladders up.

    The two special steps shut the ladders: a dispute on everything is solved, and a vulnerable person is left alone until something
    undisputed is overdue, then goes to a specialist. A problem that is not on record is looked for once something undisputed is overdue.
    """
    special = len(playbook.steps()) - 2
    disputed = all_disputed(customers)
    person = vulnerable(customers, facts, playbook, as_of) & ~disputed
    days = customers["chased_dpd"].astype("float64").fillna(-1.0).to_numpy()
    yield special, playbook.when_disputed, disputed
    yield special + 1, playbook.when_vulnerable.step, person & (days >= 1)
    on_record = (customers["disputed_amount"].fillna(0.0) > 0).to_numpy() | (days >= 1)
    known = customers["debtor_type"].fillna(UNDETERMINED)
    number = 0
    for name in playbook.types:
        of_type = np.asarray(known == name, dtype=np.bool_) & ~disputed
        for step, dpd in opened(name, playbook, settings):
            open_to = of_type if step.action == "none" else of_type & ~person
            at_this_age = open_to if dpd is None else open_to & (days >= dpd)
            yield number, step, at_this_age & on_record if step.action == "solve" else at_this_age
            number += 1


def choose(
    customers: pd.DataFrame, facts: Facts, playbook: Playbook, settings: WorklistSettings, as_of: pd.Timestamp
) -> tuple[pd.Series, pd.Series]:
    """Per customer the number of the step in `playbook.steps()` that is worth most (the later of equals), and its value."""
    unknown = set(customers["debtor_type"].dropna()) - set(playbook.types)
    if unknown:
        word = sorted(unknown)[0]
        raise RefusedError(f"customers, column debtor_type: unknown type '{word}': {nearest(word, playbook.types)}")
    weights, preferred = type_weights(customers), preferred_channel(customers, facts, settings, as_of)
    chosen = np.zeros(len(customers), dtype=np.int64)
    worth = np.full(len(customers), -np.inf)
    for number, step, where in candidates(customers, facts, playbook, settings, as_of):
        value = value_of(step, customers, weights, preferred, playbook)
        take = where & (value >= worth)
        chosen[take], worth[take] = number, value[take]
    return pd.Series(chosen, index=customers.index), pd.Series(worth, index=customers.index)


def account_of(customer: pd.DataFrame, facts: Facts, playbook: Playbook, settings: WorklistSettings, as_of: date) -> pd.DataFrame:
    """Why this step and this value, for one customer (a frame of one row): every open step with the parts of its value.

    Columns: action, tone, uplift, p_unpaid (not paid within 30 days), reachable, cost, value, chosen. value = uplift x p_unpaid x
    reachable - cost, in the row's currency; the last of the largest values is the chosen one.
    """
    today = pd.Timestamp(as_of)
    weights, preferred = type_weights(customer), preferred_channel(customer, facts, settings, today)
    rows = [
        {"action": step.action, "tone": None if step.action == "none" else step.tone}
        | {name: float(part[0]) for name, part in parts_of(step, customer, weights, preferred, playbook).items()}
        for _, step, where in candidates(customer, facts, playbook, settings, today)
        if where[0]
    ]
    table = pd.DataFrame(rows)
    best = table.index[table["value"] == table["value"].max()].max()
    return table.assign(chosen=table.index == best)
