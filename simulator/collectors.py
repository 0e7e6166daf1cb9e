"""The people who chase. They call those who are late already, by habit more than by insight; a contact acts on the cause, if at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ledger.tables import ACTIONS, CHANNELS, REASON_CODES
from simulator.clock import Ints
from simulator.life import AGGRIEVED, N_CAUSES, NO_CAUSE, UNWANTED, Life, oldest_of_each
from simulator.noise import Floats, Stream, uniform
from simulator.portfolio import NEVER

REMIND, CALL, PLAN, FORMAL, SOLVE, ASK = (ACTIONS.index(name) for name in ("remind", "call", "plan", "formal", "solve", "ask"))
EMAIL, SMS, PHONE, LETTER = (CHANNELS.index(name) for name in ("email", "sms", "phone", "letter"))
OUTCOMES = ("sent", "no_answer", "reached", "promise", "dispute", "refused")
SENT, NO_ANSWER, REACHED, PROMISE, DISPUTE, REFUSED = range(len(OUTCOMES))
HARDSHIP, CASH_MANAGEMENT, FORGOT, OVER_DISPUTE, SILENT, UNWILLING, OTHER = range(len(REASON_CODES))
NOT_ASKED = -1
Rows = npt.NDArray[np.int64]

# Actions in their order: none, remind, call, plan, formal, solve, ask, specialist.
RECALLS = np.array([0, 0.65, 0.8, 0.5, 0.45, 0.35, 0.6, 0.5])
"""Chance that a forgotten invoice is found again."""
GIVES_IN = np.array([0, 0.03, 0.1, 0.03, 0.65, 0.02, 0.05, 0.08])
"""Chance that an unwilling customer now pays."""
STAGES = np.cumsum(
    [[0, 0.62, 0.28, 0.02, 0.0, 0.0, 0.08, 0], [0, 0.22, 0.46, 0.12, 0.05, 0.0, 0.15, 0], [0, 0.1, 0.3, 0.12, 0.38, 0.0, 0.1, 0]], axis=1
)
"""What is done up to 20, up to 50 and beyond 50 days past due."""
REASONS = np.cumsum(
    [
        [0.05, 0.15, 0.2, 0.05, 0.1, 0.0, 0.45],
        [0.7, 0.2, 0.02, 0.02, 0.03, 0.0, 0.03],
        [0.04, 0.24, 0.62, 0.02, 0.05, 0.0, 0.03],
        [0.24, 0.12, 0.06, 0.06, 0.2, 0.27, 0.05],
        [0.02, 0.02, 0.01, 0.88, 0.03, 0.02, 0.02],
    ],
    axis=1,
)
"""What each cause says when asked, in the order of the reason codes; the unwilling do not say so."""
PROMISES = np.array([0.5, 0.6, 0.62, 0.4, 0.12])
MEANT = np.array([1.0, 1.0, 0.9, 0.15, 0.0])
"""Chance that a promise changes anything, by cause; the illiquid then keep it as cash allows."""
ANSWERS = np.array([1.1, 1.0, 0.9, 0.62, 1.05])


def collect(life: Life, day: int) -> None:
    """One day's work: reminders before the due date for those enrolled, contacts with those who are late."""
    business = life.clock.business[:, day][life.customers.country]
    late = _late(life, day, business)
    early = _soon_due(life, day, business)
    early = early[~np.isin(early, late)]
    if late.size:
        contact(life, day, late, _actions(life, day, late))
    if early.size:
        contact(life, day, early, np.full(early.size, REMIND))


def _late(life: Life, day: int, business: npt.NDArray[np.bool_]) -> Rows:
    policy, who = life.world.collectors, life.customers
    inv = life.invoices
    behind = np.zeros(who.n, dtype=np.bool_)
    # On the due day itself nobody is late yet, however little the house waits.
    behind[inv.customer[_sent(life, day, overdue_for=max(policy.wait_days, 1))]] = True
    size = np.clip(np.sqrt(who.overdue / 200_000), 0.5, 2.5)
    due_for_one = behind & business & (day - who.last_contact >= policy.gap_days)
    chance = np.minimum(policy.intensity * size, 1.0)
    met: Rows = np.flatnonzero(due_for_one & (uniform(Stream.CONTACTED, day, who.key) < chance))
    return met


def _sent(life: Life, day: int, *, overdue_for: float) -> Rows:
    """Open invoices that have left the house and are overdue for that many days."""
    inv, rows = life.invoices, life.opened
    sent: Rows = rows[(day - inv.due[rows] >= overdue_for) & (inv.arrives[rows] <= day)]
    return sent


def _soon_due(life: Life, day: int, business: npt.NDArray[np.bool_]) -> Rows:
    inv, who = life.invoices, life.customers
    soon = life.opened[(inv.due[life.opened] - day == 3) & (inv.arrives[life.opened] <= day)]
    owner = np.unique(inv.customer[soon])
    reminded: Rows = owner[who.preventive[owner] & business[owner] & (day - who.last_contact[owner] >= 2)].astype(np.int64)
    return reminded


def _actions(life: Life, day: int, rows: Rows) -> Ints:
    """By the age of the oldest invoice, a dispute on record, hardship once admitted; or by whim."""
    inv, who = life.invoices, life.customers
    key = who.key[rows]
    overdue = _sent(life, day, overdue_for=1)
    theirs = overdue[np.isin(inv.customer[overdue], rows)]
    oldest = oldest_of_each(inv, theirs)
    age = day - inv.due[oldest]
    stage = np.digitize(age, [21, 51])
    u = uniform(Stream.ACTION, day, key)
    action = (STAGES[stage] <= u[:, None]).sum(axis=1)
    disputed = np.zeros(who.n, dtype=np.bool_)
    disputed[inv.customer[theirs[(inv.voiced[theirs] <= day) & (inv.released[theirs] > day)]]] = True
    action = np.where(who.said_hardship[rows] & (u < 0.45), PLAN, action)
    action = np.where(disputed[rows] & (u < 0.6), SOLVE, action)
    whim, share = uniform(Stream.WHIM, day, key), life.world.collectors.whim
    at_random = REMIND + np.minimum((whim / max(share, 1e-9) * 6).astype(np.int64), 5)
    chosen: Ints = np.where(whim < share, at_random, action).astype(np.int32)
    return chosen


def contact(life: Life, day: int, rows: Rows, action: npt.NDArray[np.integer]) -> None:
    """Contact these customers (ascending positions), each with its action, and let it work on the cause of each open invoice."""
    inv, who, policy = life.invoices, life.customers, life.world.collectors
    key = who.key[rows]
    sent = life.opened[inv.arrives[life.opened] <= day]
    theirs = sent[np.isin(inv.customer[sent], rows)]
    causes = life.causes(theirs, day)
    oldest = np.full(who.n, -1)
    first = oldest_of_each(inv, theirs[inv.due[theirs] < day])
    oldest[inv.customer[first]] = first
    main = _main_cause(life, rows, theirs, causes)

    written = (action == REMIND) | (action == FORMAL)
    sms = (action == REMIND) & (uniform(Stream.CHANNEL, day, key) < 0.25)
    channel = np.select([action == FORMAL, sms, action == REMIND], [LETTER, SMS, EMAIL], PHONE)
    answered = uniform(Stream.ANSWERED, day, key) < policy.reached * ANSWERS[main]
    delivered = written | answered
    talked = ~written & answered

    of = np.searchsorted(rows, inv.customer[theirs])
    acts = np.where(delivered, action, 0)[of]
    _work(life, day, theirs, acts)
    who.plan_until[rows[delivered & (action == PLAN)]] = day + 60
    who.strain_until[rows[delivered & (action == FORMAL)]] = day + 30
    who.last_contact[rows] = day

    reason = _reason(life, day, rows, main, talked, action)
    who.said_hardship[rows] |= reason == HARDSHIP
    promised = _promise(life, day, rows, main, talked & (oldest[rows] >= 0), oldest[rows])
    disputes = talked & (main == AGGRIEVED)
    refuses = talked & (main == UNWANTED) & ~promised & (reason == UNWILLING)
    outcome = np.select([written, ~answered, promised, disputes, refuses], [SENT, NO_ANSWER, PROMISE, DISPUTE, REFUSED], REACHED)
    columns = (rows, np.full(rows.size, day), action, channel, outcome, reason)
    life.records.contacts.append(tuple(np.asarray(column, dtype=np.int32) for column in columns))


def _main_cause(life: Life, rows: Rows, theirs: Rows, causes: Ints) -> Ints:
    """The cause with most open invoices of each customer; none only where there is no other."""
    at = np.searchsorted(rows, life.invoices.customer[theirs])
    counts = np.bincount(at * N_CAUSES + causes, minlength=rows.size * N_CAUSES).reshape(-1, N_CAUSES)
    counts[:, NO_CAUSE] = 0
    main: Ints = counts.argmax(axis=1).astype(np.int32)
    return main


def _work(life: Life, day: int, rows: Rows, action: npt.NDArray[np.integer]) -> None:
    """What an action does to an invoice. The wrong one does little, or harm: pressure hardens a quarrel, a plan wins the unwilling time."""
    inv, effect = life.invoices, life.world.collectors.effect
    key = inv.key[rows]

    # A word about an invoice due weeks ahead is half forgotten again by then.
    sticks = np.where(inv.due[rows] > day + 7, 0.5, 1.0)
    found = (inv.remembered[rows] > day) & (uniform(Stream.RECALLED, day, key) < RECALLS[action] * sticks * effect)
    soon = day + 1 + (uniform(Stream.RECALL_DAYS, day, key) * 5).astype(np.int32)
    inv.remembered[rows[found]] = np.minimum(inv.remembered[rows[found]], soon[found])

    from_day = np.maximum(inv.due[rows], day)
    waiting = inv.stretched[rows] & (inv.wanted[rows] > from_day + 3)
    u = uniform(Stream.GAVE_IN, day, key)
    gives_in = waiting & (u < GIVES_IN[action] * effect)
    within = from_day + 2 + (uniform(Stream.GAVE_IN_DAYS, day, key) * 8).astype(np.int32)
    inv.wanted[rows[gives_in]] = np.minimum(inv.wanted[rows[gives_in]], within[gives_in])
    exploits = waiting & ~gives_in & (action == PLAN) & (u < 0.7 * effect)
    inv.wanted[rows[exploits]] = np.minimum(inv.wanted[rows[exploits]] + 14, NEVER)

    quarrel = inv.released[rows] > day
    v = uniform(Stream.SOLVED, day, key)
    solved = quarrel & (action == SOLVE) & (v < 0.75 * effect)
    quickly = day + 2 + (uniform(Stream.SOLVED_DAYS, day, key) * 9).astype(np.int32)
    inv.released[rows[solved]] = np.minimum(inv.released[rows[solved]], quickly[solved])
    hardens = quarrel & (((action == FORMAL) & (v < 0.7 * effect)) | ((action == REMIND) & (v < 0.3 * effect)))
    inv.released[rows[hardens]] += np.where(action[hardens] == FORMAL, 12, 4).astype(np.int32)
    spoken = np.isin(action, (CALL, ASK, SOLVE, PLAN)) & (uniform(Stream.SPOKE_UP, day, key) < 0.7)
    logged = rows[quarrel & spoken]
    inv.voiced[logged] = np.minimum(inv.voiced[logged], day)


def _reason(life: Life, day: int, rows: Rows, main: Ints, talked: npt.NDArray[np.bool_], action: npt.NDArray[np.integer]) -> Ints:
    """The reason code as recorded: asked sometimes, told with a mask on, and noted with slips."""
    policy, key = life.world.collectors, life.customers.key[rows]
    told = (REASONS[main] <= uniform(Stream.REASON, day, key)[:, None]).sum(axis=1)
    slip = uniform(Stream.WRONG_REASON, day, key) / max(1 - policy.reason_accuracy, 1e-9)
    noted = np.where(slip < 1, np.minimum((slip * len(REASON_CODES)).astype(np.int64), len(REASON_CODES) - 1), told)
    asked = talked & ((action == ASK) | (uniform(Stream.ASKED, day, key) < policy.asked))
    code: Ints = np.where(asked, np.minimum(noted, OTHER), NOT_ASKED).astype(np.int32)
    return code


def _promise(life: Life, day: int, rows: Rows, main: Ints, talked: npt.NDArray[np.bool_], oldest: Rows) -> npt.NDArray[np.bool_]:
    """Who promises to pay the oldest invoice and by when. The forgetful mean it, the unwilling seldom, the illiquid as cash allows."""
    inv, who = life.invoices, life.customers
    key = who.key[rows]
    promises = talked & (uniform(Stream.PROMISED, day, key) < PROMISES[main])
    at, invoice = rows[promises], oldest[promises]
    days = day + 3 + (uniform(Stream.PROMISE_DAYS, day, key[promises]) * 12).astype(np.int64)
    due = life.clock.next_business[who.country[at], days]
    meant: Floats = uniform(Stream.PROMISE_MEANT, day, key[promises])
    keeps = meant < MEANT[main[promises]] * life.world.collectors.effect
    kept, by = invoice[keeps], np.maximum(due[keeps] - 4, day + 1)
    inv.remembered[kept] = np.minimum(inv.remembered[kept], by)
    inv.wanted[kept] = np.minimum(inv.wanted[kept], by)
    if invoice.size:
        amount = inv.open[invoice]
        life.records.promises.append((invoice, np.full(invoice.size, day), due.astype(np.int64), amount))
    return promises
