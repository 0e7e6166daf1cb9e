"""What a contact is worth: more money within 30 days because of it, less what it costs.

    value = uplift x (1 - p_paid_30) x reachable - cost

`uplift` is the playbook's assumed effect of the action, averaged over the probabilities of the debtor types. It is not learned
from past contacts: those went to customers who were late already. `reachable` is the overdue amount, of what is not in dispute and less
cash that is waiting to be applied. A reminder may go before the day, an answer to why tells of later invoices as well: both reach what is
expected to be late if that is more; solving a dispute reaches the disputed part too.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ledger.tables import DEBTOR_TYPES
from models.arrays import Bools, Floats
from worklist.money import elsewhere
from worklist.playbook import Action, Playbook, Step

CENT = 0.005
AHEAD = ("none", "remind", "ask", "solve")
"""The actions that serve what is still to come, too: a call, a plan or a letter is about what is overdue."""


def all_disputed(customers: pd.DataFrame) -> Bools:
    """Where everything that is open is in dispute, in other currencies too.

    >>> rows = pd.DataFrame({"exposure": [10.0, 10.0, 10.0], "disputed_amount": [10.0, 9.0, 10.0],
    ...     "other_amounts": [None, None, '{"USD": {"exposure": 30.0, "undisputed_amount": 30.0}}']})
    >>> all_disputed(rows).tolist()
    [True, False, False]
    """
    here = customers["disputed_amount"].fillna(0.0) >= customers["exposure"] - CENT
    return np.asarray(here & ~elsewhere(customers["other_amounts"], "undisputed_amount"), dtype=np.bool_)


def reachable(customers: pd.DataFrame, action: Action) -> Floats:
    """The amount an action can bring in, per customer, in the row's currency.

    >>> row = {"overdue_amount": [60.0], "overdue_disputed": [15.0], "expected_late_amount": [50.0], "late_disputed": [10.0]}
    >>> frame = pd.DataFrame(row | {"unapplied_amount": [5.0]})
    >>> reachable(frame, "call").tolist(), reachable(frame, "remind").tolist(), reachable(frame, "solve").tolist()
    ([40.0], [40.0], [55.0])
    >>> frame = frame.assign(overdue_disputed=60.0)
    >>> reachable(frame, "call").tolist(), reachable(frame, "remind").tolist(), reachable(frame, "solve").tolist()
    ([0.0], [35.0], [55.0])
    """
    overdue, overdue_disputed, late, late_disputed, unapplied = (
        customers[name].fillna(0.0).to_numpy(dtype=np.float64)
        for name in ("overdue_amount", "overdue_disputed", "expected_late_amount", "late_disputed", "unapplied_amount")
    )
    if action != "solve":
        overdue, late = overdue - overdue_disputed, late - late_disputed
    wanted = np.maximum(overdue, late) if action in AHEAD else overdue
    return np.asarray(np.maximum(wanted - unapplied, 0.0), dtype=np.float64)


def type_weights(customers: pd.DataFrame) -> Floats:
    """Probabilities of the five types, one row a customer; a dispute on everything counts as circumstantial for certain.

    Rows without probabilities are spread evenly.
    """
    weights = customers[[f"p_{name}" for name in DEBTOR_TYPES]].to_numpy(dtype=np.float64, copy=True)
    weights[np.isnan(weights).any(axis=1)] = 1 / len(DEBTOR_TYPES)
    weights[all_disputed(customers)] = [float(name == "circumstantial") for name in DEBTOR_TYPES]
    return weights


def cost_of(step: Step, cost_rate: pd.Series, preferred: pd.Series, playbook: Playbook) -> Floats:
    """What a step costs for every customer, through the channel that worked for them if the step has it, else its first one.

    `cost_rate`: one unit of the costs in the currency of the row; where it is not known, nothing can be taken off.
    A problem solved in writing while we wait for the bank costs like the call after it: no debt is worth less by growing older.

    >>> from worklist.playbook import load_playbook
    >>> plan = Step(action="plan", channels=("phone", "email"), offers=("pause", "pay_day"))
    >>> cost_of(plan, pd.Series([1.0, 1.0, 160.0, None]), pd.Series(["email", "sms", None, None]), load_playbook()).tolist()
    [2.05, 8.0, 1280.0, 0.0]
    """
    if step.action == "none":
        return np.zeros(len(preferred))
    channel = preferred.where(preferred.isin(step.channels), step.channels[0])
    cost = channel.map(playbook.costs.channel).astype("float64") + playbook.costs.handling.get(step.action, 0.0)
    return np.asarray(cost * cost_rate.fillna(0.0), dtype=np.float64)


def parts_of(step: Step, customers: pd.DataFrame, weights: Floats, preferred: pd.Series, playbook: Playbook) -> dict[str, Floats]:
    """The parts of a step's value and the value itself, for every customer: uplift, p_unpaid, reachable, cost, value.

    `preferred` is the channel that has worked for each of them.
    """
    uplift = weights @ np.array([playbook.effects[name].get(step.action, 0.0) for name in DEBTOR_TYPES])
    unpaid = 1.0 - customers["p_paid_30"].fillna(0.0).to_numpy(dtype=np.float64)
    amount = reachable(customers, step.action)
    cost = cost_of(step, customers["cost_rate"], preferred, playbook)
    return {"uplift": uplift, "p_unpaid": unpaid, "reachable": amount, "cost": cost, "value": uplift * unpaid * amount - cost}


def value_of(step: Step, customers: pd.DataFrame, weights: Floats, preferred: pd.Series, playbook: Playbook) -> Floats:
    """V(contact) - V(no contact) of one step, for every customer; 0 for leaving alone."""
    return parts_of(step, customers, weights, preferred, playbook)["value"]
