"""Which step of the playbook fits a customer: the one worth most among those that are open at this age."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ledger.errors import RefusedError, nearest
from worklist.facts import Facts
from worklist.playbook import Playbook, Step
from worklist.settings import WorklistSettings
from worklist.value import Flags, all_disputed, type_weights, value_of


def vulnerable(customers: pd.DataFrame, facts: Facts, playbook: Playbook, as_of: pd.Timestamp) -> Flags:
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


def choose(
    customers: pd.DataFrame, facts: Facts, playbook: Playbook, settings: WorklistSettings, as_of: pd.Timestamp
) -> tuple[pd.Series, pd.Series]:
    """Per customer the number of the step in `playbook.steps()`, and the value of taking it.

    The two special steps come before the ladders: a vulnerable person goes to a specialist, a dispute on everything is solved.
    """
    unknown = set(customers["debtor_type"].dropna()) - set(playbook.types)
    if unknown:
        word = sorted(unknown)[0]
        raise RefusedError(f"customers, column debtor_type: unknown type '{word}': {nearest(word, playbook.types)}")
    weights = type_weights(customers)
    n_steps = len(playbook.steps())
    special = np.zeros(len(customers), dtype=np.bool_)
    number = np.zeros(len(customers), dtype=np.int64)
    worth = np.full(len(customers), -np.inf)

    def offer(step: Step, index: int, where: Flags) -> None:
        value = value_of(step, customers, weights, playbook)
        take = where & (value >= worth)
        number[take], worth[take] = index, value[take]

    for mask, step, index in (
        (vulnerable(customers, facts, playbook, as_of), playbook.when_vulnerable.step, n_steps - 1),
        (all_disputed(customers), playbook.when_disputed, n_steps - 2),
    ):
        offer(step, index, mask & ~special)
        special |= mask

    days = customers["max_dpd"].astype("float64").fillna(-1.0).to_numpy()
    index = 0
    for name in playbook.types:
        of_type = np.asarray(customers["debtor_type"].fillna("undetermined") == name, dtype=np.bool_) & ~special
        for step, dpd in opened(name, playbook, settings):
            offer(step, index, of_type if dpd is None else of_type & (days >= dpd))
            index += 1
    return pd.Series(number, index=customers.index), pd.Series(worth, index=customers.index)
