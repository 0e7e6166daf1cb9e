"""Cash by week from open invoices: what to expect, and between which bounds.

Each invoice is taken to be paid on the day it is cleared, drawn from its own payment curve; invoices of one customer share part of their
luck (a Gaussian copula with one factor a customer), so that a large customer who slips moves the whole week. Beyond luck, weeks go wrong
together: a shock that all invoices share, as large as the forecasts of recent weeks were wrong by more than luck explains. The same
recent weeks say whether cash comes in slower than the curves think, and the level follows. What is not known of recent weeks
is taken from the validation days of the training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.curve import PaymentCurve
from models.receipts import week_ends

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FIT_WEEKS = 6
BANDS = (50, 80, 95)
CORRELATIONS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
PRIOR_CELLS = 8
"""What was known before weighs as much as so many weeks of newer experience."""
LEAST_SHOCK, GREATEST_SHOCK = 0.02, 2.0
ROUGH_DRAWS, FINE_DRAWS = 80, 2000


@dataclass(frozen=True)
class Book:
    """Open invoices of one or more days.

    `rows` has `as_of, customer_id, currency, open_amount`; `cleared` the probability that each is cleared by the end of each week to
    come, shape (rows, weeks).
    """

    rows: pd.DataFrame
    cleared: Floats

    @classmethod
    def of(cls, rows: pd.DataFrame, curve: PaymentCurve, weeks: int) -> Book:
        ends = week_ends(rows["as_of"], weeks)
        cleared = np.stack([1 - curve.at(ends[:, week]) for week in range(weeks)], axis=1)
        return cls(rows[["as_of", "customer_id", "currency", "open_amount"]].reset_index(drop=True), cleared)

    @property
    def weekly(self) -> Floats:
        """Probability of being cleared in each week."""
        return np.diff(self.cleared, axis=1, prepend=0.0)

    def where(self, kept: npt.NDArray[np.bool_]) -> Book:
        return Book(self.rows[kept].reset_index(drop=True), self.cleared[kept])


@dataclass(frozen=True)
class CashModel:
    """What a champion knows about its own cash forecasts.

    `shares`: cash that comes for each unit expected to be cleared, by week ahead (credit notes lower it, part payments bring it forward).
    `customer`: correlation of the payment times of one customer's invoices. `shock`: relative size of what all invoices of a week share.
    The defaults serve where nothing could be fitted.

    >>> CashModel.from_json(CashModel(shares=(1.0, 0.9)).to_json())
    CashModel(shares=(1.0, 0.9), customer=0.3, shock=0.15)
    """

    shares: tuple[float, ...] = (1.0,) * FIT_WEEKS
    customer: float = 0.3
    shock: float = 0.15

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> CashModel:
        return cls(**{**raw, "shares": tuple(raw["shares"])}) if raw else cls()

    @classmethod
    def fit(cls, book: Book, cash: Floats, seed: int) -> CashModel:
        """From days whose curves were made before their outcomes were known; `cash` has the book's shape, NaN for weeks not yet seen."""
        if np.isfinite(cash).sum() == 0:
            return cls()
        customer = customer_correlation(book, cash, seed)
        groups = _codes(book.rows[["as_of", "currency"]])
        unit = book.rows.groupby("currency")["open_amount"].transform("mean").to_numpy(dtype="float64")
        book = Book(book.rows.assign(open_amount=book.rows["open_amount"] / unit), book.cleared)
        came, due = _sums(groups, cash / unit[:, None]), _sums(groups, book.weekly * _amounts(book))
        level = _level(came, due)
        shares = np.array([level * _level(came[:, [week]], level * due[:, [week]]) for week in range(due.shape[1])])
        spread = simulate(book, groups, customer, shares, ROUGH_DRAWS, seed).std(axis=0)
        return cls(tuple(np.round(shares, 6).tolist()), customer, round(_shock(came, shares * due, spread), 6))

    def at(self, weeks: int) -> Floats:
        """The shares for so many weeks; those further ahead than was learned have their mean."""
        known = np.array(self.shares[:weeks], dtype="float64")
        return np.concatenate([known, np.full(max(weeks - len(known), 0), float(np.mean(self.shares)))])

    def updated(self, past: Book, cash: Floats, seed: int) -> CashModel:
        """The model after the experience of newer days: their level, and the shock that their errors ask for. One currency."""
        if not np.isfinite(cash).any():
            return self
        groups = _codes(past.rows[["as_of"]])
        shares = self.at(cash.shape[1])
        came, due = _sums(groups, cash), shares * _sums(groups, past.weekly * _amounts(past))
        level = _level(came, due)
        spread = level * simulate(past, groups, self.customer, shares, ROUGH_DRAWS, seed).std(axis=0)
        n = int(np.isfinite(came).sum())
        newer = _shock(came, level * due, spread)
        shock = np.sqrt((PRIOR_CELLS * self.shock**2 + n * newer**2) / (PRIOR_CELLS + n))
        return replace(self, shares=tuple(shares * level), shock=float(shock))

    def forecast(self, now: Book, past: Book, past_cash: Floats, seed: int) -> pd.DataFrame:
        """Expected cash and its bounds: `currency, week` (0 the first) and `expected, lo_50, hi_50, lo_80, hi_80, lo_95, hi_95`.

        `now` is the book of one day; `past` those of some days since the training, with the cash that is known to have come since.
        """
        frames = []
        for currency in sorted(now.rows["currency"].unique()):
            mine = (past.rows["currency"] == currency).to_numpy(dtype=bool)
            model = self.updated(past.where(mine), past_cash[mine], seed)
            frames.append(model.bounds(now.where((now.rows["currency"] == currency).to_numpy(dtype=bool)), seed).assign(currency=currency))
        names = ["currency", "week", "expected", *(f"{side}_{band}" for band in BANDS for side in ("lo", "hi"))]
        return pd.concat(frames, ignore_index=True)[names] if frames else pd.DataFrame(columns=names)

    def bounds(self, book: Book, seed: int) -> pd.DataFrame:
        """The forecast of a book of one day and currency."""
        weeks = book.cleared.shape[1]
        shares = self.at(weeks)
        owed = _amounts(book).sum()
        expected = np.minimum(shares * (book.weekly * _amounts(book)).sum(axis=0), owed)
        draws = simulate(book, np.zeros(len(book.rows), dtype="int64"), self.customer, shares, FINE_DRAWS, seed)[:, 0, :]
        # The mean is known without drawing; only the scatter around it is taken from the draws.
        draws = np.maximum(draws + (expected - draws.mean(axis=0)), 0.0)
        shock = max(self.shock, LEAST_SHOCK)
        draws *= np.exp(shock * np.random.default_rng([seed, 1]).standard_normal(draws.shape) - shock**2 / 2)
        draws = np.minimum(draws, owed)
        out: dict[str, Any] = {"week": np.arange(weeks), "expected": expected}
        for band in BANDS:
            tail = (1 - band / 100) / 2
            out[f"lo_{band}"], out[f"hi_{band}"] = np.quantile(draws, [tail, 1 - tail], axis=0)
        return pd.DataFrame(out)


def simulate(book: Book, groups: Ints, customer: float, shares: Floats, draws: int, seed: int) -> Floats:
    """Cash of each group of invoices by week, shape (draws, groups, weeks). Invoices of a customer and day share their factor."""
    from scipy.special import ndtri

    weeks = book.cleared.shape[1]
    n_groups = int(groups.max()) + 1 if len(groups) else 1
    limits = np.ascontiguousarray(ndtri(np.clip(book.cleared, 1e-12, 1 - 1e-12)).T)
    owner = _codes(book.rows[["as_of", "customer_id"]])
    n_owners = int(owner.max()) + 1 if len(owner) else 0
    amount = book.rows["open_amount"].to_numpy(dtype="float64")
    rng = np.random.default_rng([seed, 0])
    own, shared = np.sqrt(1 - customer), np.sqrt(customer)
    cell, n_cells = groups * (weeks + 1), n_groups * (weeks + 1)
    out = np.empty((draws, n_groups, weeks))
    for draw in range(draws):
        luck = own * rng.standard_normal(len(amount)) + shared * rng.standard_normal(n_owners)[owner]
        week = (luck > limits).sum(axis=0)
        paid = np.bincount(cell + week, weights=amount, minlength=n_cells)
        out[draw] = paid.reshape(n_groups, weeks + 1)[:, :weeks]
    return out * shares


def customer_correlation(book: Book, cash: Floats, seed: int) -> float:
    """The correlation at which the numbers of a customer's invoices that are paid in a week scatter as much as they did.

    Counted, not weighed, so that one large invoice does not decide; from customers with several open invoices on a day.
    """
    owner = _codes(book.rows[["as_of", "customer_id"]])
    several = np.bincount(owner)[owner] > 1
    most = cash[several] > 0.5 * _amounts(book)[several]
    book = book.where(several)
    if len(book.rows) < 50:
        return CashModel.customer
    book = Book(book.rows.assign(open_amount=1.0), book.cleared)
    owner = _codes(book.rows[["as_of", "customer_id"]])
    seen = np.isfinite(cash[several])
    off = (_sums(owner, most.astype("float64")) - _sums(owner, book.weekly)) ** 2
    known = _sums(owner, seen.astype("float64")) > 0
    one = np.ones(cash.shape[1])
    ratios = [
        off[known].sum() / max(simulate(book, owner, rho, one, ROUGH_DRAWS // 2, seed).var(axis=0, ddof=1)[known].sum(), 1e-12)
        for rho in CORRELATIONS
    ]
    # Scatter grows with the correlation, so the ratio falls; where it passes 1 the correlation explains what was seen.
    return float(np.round(np.interp(-1.0, -np.maximum.accumulate(ratios[::-1])[::-1], CORRELATIONS), 4))


def _level(came: Floats, expected: Floats) -> float:
    """Cash that came as a multiple of what was expected, drawn towards 1 as by some cells of experience."""
    seen = np.isfinite(came)
    if not seen.any() or expected[seen].sum() <= 0:
        return 1.0
    prior = PRIOR_CELLS * expected[seen].mean()
    return float((came[seen].sum() + prior) / (expected[seen].sum() + prior))


def _shock(came: Floats, expected: Floats, spread: Floats) -> float:
    """The relative shock that, beside luck, makes the errors as large as they were; 0 where luck alone does.

    Weeks count by what is expected of them: the few late stragglers of a far week are off by more, and carry little.
    """
    seen = np.isfinite(came)
    error, mean, luck = (came - expected)[seen], expected[seen], np.maximum(spread[seen], 1e-9)
    weight = mean / mean.sum() if mean.sum() > 0 else np.ones(len(mean))

    def excess(shock: float) -> float:
        return float(np.average(error**2 / (luck**2 + (shock * mean) ** 2), weights=weight)) - 1

    low, high = 0.0, GREATEST_SHOCK
    if not seen.any() or excess(low) <= 0:
        return low
    if excess(high) >= 0:
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high


def _codes(keys: pd.DataFrame) -> Ints:
    return np.asarray(keys.groupby(list(keys.columns), sort=True).ngroup(), dtype=np.int64)


def _sums(groups: Ints, values: Floats) -> Floats:
    """Sum of the rows of each group by week; NaN where a week of a group was not seen."""
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    return np.stack([np.bincount(groups, weights=values[:, week], minlength=n_groups) for week in range(values.shape[1])], axis=1)


def _amounts(book: Book) -> Floats:
    return book.rows["open_amount"].to_numpy(dtype="float64")[:, None]
