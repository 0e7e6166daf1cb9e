"""What the customers are invoiced, and what each invoice would meet if nobody called: the four days of its way to payment."""

from __future__ import annotations

import numpy as np

from simulator.clock import Bools, Clock, Ints
from simulator.noise import Floats, keys_of
from simulator.portfolio import NEVER, Cents, Customers, Invoices
from simulator.world import World


def invoice(world: World, clock: Clock, customers: Customers, seed: int) -> Invoices:
    """Every invoice up to a month past `until`, in order of issue; sets what the customers are billed a day, and their first cash."""
    rng = np.random.default_rng([seed, 2])
    customer, issued = _issue(rng, world, clock, customers)
    n = customer.size
    amount = _amounts(rng, world, customers, customer)
    billed = np.bincount(customer, amount, customers.n) / clock.n_lived
    customers.bill = np.maximum(billed, customers.rate * customers.typical_amount * 100 / 60)
    customers.cash = customers.bill * 30 * customers.level[:, 0] * rng.random(customers.n)

    terms = rng.choice(np.array(list(world.billing.terms)), customers.n, p=_shares(list(world.billing.terms.values()))).astype(np.int32)
    due = issued + terms[customer]
    late_sent = rng.random(n) < world.billing.sent_late_share
    delay = np.where(late_sent, 1 + rng.gamma(2.0, world.billing.sent_late_days / 2, n), 0).astype(np.int32)
    arrives, fair_due = issued + delay, due + delay

    wanted, stretched = _wanted(rng, world, clock, customers, customer, np.minimum(fair_due, clock.days.size - 1))
    remembered = _remembered(rng, world, clock, customers, customer, issued, fair_due)
    released, voiced, withheld, credit = _grievance(rng, world, clock, customers, customer, (issued, arrives, due), amount)
    return Invoices(
        key=keys_of(seed, n, 2),
        customer=customer,
        issued=issued,
        due=due,
        arrives=arrives,
        fair_due=fair_due,
        amount=amount,
        wanted=wanted,
        stretched=stretched,
        remembered=remembered,
        released=released,
        voiced=voiced,
        withheld=withheld,
        credit=credit,
        open=amount.copy(),
        short=np.zeros(n, dtype=np.bool_),
    )


def _shares(weights: list[float]) -> Floats:
    given = np.array(weights, dtype=np.float64)
    shares: Floats = given / given.sum()
    return shares


def _issue(rng: np.random.Generator, world: World, clock: Clock, customers: Customers) -> tuple[Ints, Ints]:
    """Customer and day of each invoice: a fixed day of the month for the recurring, else scattered with more at the month's end."""
    calendar_month = clock.days[: clock.n_lived].astype("datetime64[M]")
    usual = np.maximum(customers.level.mean(axis=1), 1e-6)
    owners, days = [], []
    for month in range(clock.n_months):
        in_month = np.flatnonzero(calendar_month == calendar_month[0] + month)
        first, length = int(in_month[0]), in_month.size
        appetite = np.clip(customers.level[:, month] / usual, 0.05, 1.5) ** world.billing.order_elasticity
        expected = customers.rate * appetite * length / 30.4
        steady = customers.recurring_day > 0
        count = np.where(steady, np.floor(expected + rng.random(customers.n)), rng.poisson(expected)).astype(np.int64)
        owner = np.repeat(np.arange(customers.n, dtype=np.int32), count)
        anywhere = np.where(rng.random(owner.size) < 0.25, length - 1 - rng.integers(0, 4, owner.size), rng.integers(0, length, owner.size))
        fixed = customers.recurring_day[owner] - 1 + rng.integers(0, 2, owner.size)
        spread = np.where(steady[owner] & (rng.random(owner.size) < 0.9), fixed, anywhere)
        owners.append(owner)
        days.append(first + np.clip(spread, 0, length - 1))
    customer = np.concatenate(owners)
    issued = clock.next_business[customers.country[customer], np.concatenate(days)]
    kept = np.flatnonzero(issued < clock.n_lived)
    order = kept[np.lexsort((rng.random(kept.size), issued[kept]))]
    return customer[order], issued[order].astype(np.int32)


def _amounts(rng: np.random.Generator, world: World, customers: Customers, customer: Ints) -> Cents:
    spread = np.where(customers.recurring_day[customer] > 0, 0.12, world.billing.amount_spread)
    amount = customers.typical_amount[customer] * np.exp(spread * rng.standard_normal(customer.size))
    return np.maximum(np.rint(amount * 100), 500).astype(np.int64)


def _wanted(rng: np.random.Generator, world: World, clock: Clock, customers: Customers, customer: Ints, due: Ints) -> tuple[Ints, Bools]:
    """The day on which payment is wanted, and whether it is stretched: a pay run around the due day, after it the days of approval; the
    unwilling take their stretch instead."""
    habits, n = world.habits, customer.size
    before = rng.random(n) < customers.before_due[customer]
    approval = rng.geometric(1 / (1 + habits.processing_days), n) - 1
    run = np.where(before, clock.last_run[customers.run[customer], due], due + approval)
    unwilling = 1 - customers.willing[customer, clock.month[due]].astype(np.float64)
    usual_stretch = habits.stretch_days * unwilling**2
    stretch = usual_stretch * np.exp(habits.stretch_spread * rng.standard_normal(n))
    stretch = np.where(customers.non_payer[customer], stretch * 6 + 60, stretch)
    # A reluctance of a few days drowns in the pay runs; who stretches on purpose counts from the due day.
    stretched = stretch > 3
    wanted = np.where(stretched, due + np.floor(stretch), run)
    return np.minimum(wanted, NEVER).astype(np.int32), stretched


def _remembered(
    rng: np.random.Generator, world: World, clock: Clock, customers: Customers, customer: Ints, issued: Ints, due: Ints
) -> Ints:
    habits, n = world.habits, customer.size
    muddle = 1 - customers.organised[customer, clock.month[issued]].astype(np.float64)
    forgotten = rng.random(n) < habits.forget * muddle**1.4
    delay = rng.exponential(1.0, n) * habits.forget_days * (0.35 + 0.65 * muddle)
    return np.where(forgotten, due + 1 + np.floor(delay), issued).astype(np.int32)


def _grievance(
    rng: np.random.Generator,
    world: World,
    clock: Clock,
    customers: Customers,
    customer: Ints,
    dates: tuple[Ints, Ints, Ints],
    amount: Cents,
) -> tuple[Ints, Ints, Cents, Cents]:
    """Release day (0: content), the day the dispute reaches us, what is withheld and what a credit note will take off."""
    quarrel, n = world.grievances, customer.size
    issued, arrives, due = dates
    aggrieved = rng.random(n) < customers.troubled[customer, clock.month[issued]]
    said_after = arrives + 2 + np.floor(rng.random(n) * (due - issued + 12)).astype(np.int32)
    speaks = rng.random(n) < quarrel.voiced
    lasts = quarrel.resolve_days * np.exp(0.5 * rng.standard_normal(n))
    silent_until = np.maximum(said_after, due) + lasts
    released = np.where(aggrieved, np.where(speaks, said_after + lasts, silent_until), 0).astype(np.int32)
    voiced = np.where(aggrieved & speaks, said_after, NEVER).astype(np.int32)
    part = np.where(rng.random(n) < quarrel.part_withheld, 0.1 + 0.5 * rng.random(n), 1.0)
    withheld = np.where(aggrieved, np.rint(amount * part), 0).astype(np.int64)
    gives = (rng.random(n) < quarrel.credit_share) if "credit_notes" in world.tables else np.zeros(n, dtype=np.bool_)
    credit = np.where(aggrieved & gives, np.rint(withheld * (0.1 + 0.5 * rng.random(n))), 0).astype(np.int64)
    return released, voiced, withheld, credit
