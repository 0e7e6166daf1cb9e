"""Who lives in a world: traits with an honest overlap, and how they move from month to month."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.clock import ANY_BUSINESS_DAY, ANY_DAY, MONTHLY, N_HABITS, TWICE_A_MONTH, Clock, Ints
from simulator.noise import Floats, keys_of
from simulator.portfolio import Customers
from simulator.world import World

LEANINGS = ("compliant", "fortuitous", "disorganized", "intentional", "circumstantial")
SEGMENTS = ("construction", "hospitality", "logistics", "manufacturing", "public_sector", "retail", "services", "wholesale")
BUSINESS, SOLE_TRADER, CONSUMER = 0, 1, 2
Months = npt.NDArray[np.float32]


def populate(world: World, clock: Clock, n: int, seed: int) -> Customers:
    """`n` customers with their traits by month; without cash until they are invoiced."""
    rng = np.random.default_rng([seed, 1])
    who = world.customers
    weights = np.array(list(world.leanings.model_dump().values()), dtype=np.float64) + 1e-12
    leaning = rng.choice(len(LEANINGS), n, p=weights / weights.sum())
    country = _choose(rng, list(who.countries.values()), n)
    kind = np.where(rng.random(n) < who.consumer_share, CONSUMER, np.where(rng.random(n) < who.sole_trader_share, SOLE_TRADER, BUSINESS))
    segment = rng.integers(0, len(SEGMENTS), n).astype(np.int32)
    size = np.exp(who.size_spread * rng.standard_normal(n) - 0.7 * (kind != BUSINESS))
    rate = np.maximum(0.3, rng.gamma(3.0, 1 / 3.0, n) * size**0.35)
    zeros, no = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.bool_)
    return Customers(
        key=keys_of(seed, n, 1),
        country=country,
        kind=kind.astype(np.int32),
        segment=segment,
        run=country * N_HABITS + _habit(rng, world, kind),
        rate=rate * world.billing.invoices_per_month / rate.mean(),
        typical_amount=world.billing.mean_amount * size**0.65,
        recurring_day=np.where(rng.random(n) < world.billing.recurring_share, rng.integers(1, 29, n), 0).astype(np.int32),
        before_due=_beta(rng, np.full(n, world.habits.before_due), 4.0),
        preventive=rng.random(n) < world.collectors.preventive_share,
        non_payer=(leaning == 3) & (rng.random(n) < world.habits.non_payer_share),
        level=_levels(rng, world, clock, leaning == 1, segment),
        willing=_trait(rng, world, clock, leaning == 3),
        organised=_trait(rng, world, clock, leaning == 2),
        troubled=_trouble(rng, world, clock, leaning == 4),
        bill=np.zeros(n),
        cash=np.zeros(n),
        plan_until=zeros - 1,
        strain_until=zeros - 1,
        last_contact=zeros - 1000,
        said_hardship=no,
        overdue=np.zeros(n),
    )


def _choose(rng: np.random.Generator, weights: list[float], n: int) -> Ints:
    shares = np.array(weights, dtype=np.float64)
    return rng.choice(len(shares), n, p=shares / shares.sum()).astype(np.int32)


def _beta(rng: np.random.Generator, mean: Floats, tightness: float) -> Floats:
    mean = np.clip(mean, 0.02, 0.98)
    return rng.beta(mean * tightness, (1 - mean) * tightness)


def _habit(rng: np.random.Generator, world: World, kind: npt.NDArray[np.int64]) -> Ints:
    n = kind.size
    u, weekday = rng.random(n), rng.integers(2, 7, n)
    weekly, monthly = world.habits.weekly_run_share, world.habits.monthly_run_share
    habit = np.select(
        [u < weekly, u < weekly + monthly, u < weekly + monthly + 0.08],
        [weekday, np.full(n, MONTHLY), np.full(n, TWICE_A_MONTH)],
        ANY_BUSINESS_DAY,
    )
    consumer_habit = np.where(rng.random(n) < 0.3, ANY_DAY, ANY_BUSINESS_DAY)
    return np.where(kind == CONSUMER, consumer_habit, habit).astype(np.int32)


def _trait(rng: np.random.Generator, world: World, clock: Clock, weak: npt.NDArray[np.bool_]) -> Months:
    """Willingness or organisation: low for those who lean, mostly high for the rest, drawn anew now and then."""
    who, n = world.customers, weak.size
    middling = rng.random(n) < who.overlap
    strong_mean = np.where(middling, 0.76, 0.94)
    value = _beta(rng, np.where(weak, 1 - who.weakness, strong_mean), 9.0)
    months = np.empty((n, clock.n_months), dtype=np.float32)
    p_weak = weak.mean() if n else 0.0
    for month in range(clock.n_months):
        anew = rng.random(n) < who.change
        fresh = _beta(rng, np.where(rng.random(n) < p_weak, 1 - who.weakness, strong_mean), 9.0)
        value = np.where(anew, fresh, value)
        months[:, month] = value
    return months


def _levels(rng: np.random.Generator, world: World, clock: Clock, weak: npt.NDArray[np.bool_], segment: Ints) -> Months:
    """Income as a multiple of what is invoiced: own level, shocks that fade, the season and the slump of the segment."""
    cash, n = world.cash, weak.size
    base = np.where(weak, cash.weak_level, cash.able_level) * np.exp(cash.level_spread * rng.standard_normal(n))
    hazard = np.where(weak, cash.weak_shock, cash.shock)
    phase = rng.random(len(SEGMENTS)) * 2 * np.pi
    hit = np.where(rng.permutation(len(SEGMENTS)) < round(cash.slump_segments * len(SEGMENTS)), 1.0, 0.25)
    calendar_month = clock.days.astype("datetime64[M]").astype(int)
    first_month, until_month = int(calendar_month[0]), int(calendar_month[clock.n_days - 1])
    slump_from = until_month - cash.slump_starts_months_before_until - first_month
    loss = np.zeros(n)
    months = np.empty((n, clock.n_months), dtype=np.float32)
    for month in range(clock.n_months):
        struck = rng.random(n) < hazard
        depth = _beta(rng, np.full(n, cash.shock_depth), 8.0)
        over = rng.random(n) < 1 / cash.shock_months
        loss = np.where(struck, np.maximum(loss, depth), np.where(over, loss * 0.25, loss))
        season = 1 + cash.season * np.sin(2 * np.pi * (first_month + month) / 12 + phase[segment])
        in_slump = slump_from <= month < slump_from + cash.slump_months
        slump = 1 - cash.slump_depth * hit[segment] if in_slump else 1.0
        months[:, month] = base * (1 - loss) * season * slump
    return months


def _trouble(rng: np.random.Generator, world: World, clock: Clock, prone: npt.NDArray[np.bool_]) -> Months:
    quarrel, n = world.grievances, prone.size
    starts = np.where(prone, quarrel.episode, 0.004)
    in_trouble = rng.random(n) < np.where(prone, 0.6, 0.0)
    months = np.empty((n, clock.n_months), dtype=np.float32)
    for month in range(clock.n_months):
        ends = rng.random(n) < 1 / quarrel.episode_months
        in_trouble = np.where(in_trouble, ~ends, rng.random(n) < starts)
        months[:, month] = np.where(in_trouble, quarrel.in_episode, quarrel.background)
    return months
