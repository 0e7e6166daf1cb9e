"""Cash by week from open invoices: what to expect, and between which bounds.

Each invoice is taken to be paid on the day it is cleared, drawn from its own payment curve; invoices of one customer share part of their
luck (a Gaussian copula with one factor a customer), so that a large customer who slips moves the whole week. Beyond luck, weeks go wrong
together: a shock that all invoices share, as large as the forecasts of recent weeks were wrong by more than luck explains, and larger for
weeks further ahead where those were worse. The same recent weeks say whether more or less cash comes in than the curves think, overall and
by week ahead, and the forecast follows. What is not known of recent weeks is taken from the validation days of the training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models.arrays import Bools, Floats, Ints
from models.cash_errors import shares_of, shocks_of
from models.curve import PaymentCurve
from models.receipts import week_ends

FIT_WEEKS = 6
BANDS = (50, 80, 95)
CORRELATIONS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
LEAST_SHOCK = 0.02
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
        """The open invoices of `rows` with what their curves, one a row, say of so many weeks from each `as_of`."""
        ends = week_ends(rows["as_of"], weeks)
        cleared = np.stack([1 - curve.at(ends[:, week]) for week in range(weeks)], axis=1)
        return cls(rows[["as_of", "customer_id", "currency", "open_amount"]].reset_index(drop=True), cleared)

    @property
    def weekly(self) -> Floats:
        """Probability of being cleared in each week."""
        return np.diff(self.cleared, axis=1, prepend=0.0)

    def paced(self, shares: Floats) -> Book:
        """The book in which `shares` times as many of each week's invoices are cleared in it, and none more than once.

        >>> book = Book(pd.DataFrame({"open_amount": [500.0, 80.0]}), np.array([[0.5, 0.9], [0.9, 1.0]]))
        >>> book.paced(np.array([1.5, 0.5])).cleared.round(2).tolist()
        [[0.75, 0.95], [1.0, 1.0]]
        """
        return Book(self.rows, np.minimum(np.cumsum(shares * self.weekly, axis=1), 1.0))

    def where(self, kept: Bools) -> Book:
        """The invoices for which `kept`, shape (invoices,), is true."""
        return Book(self.rows[kept].reset_index(drop=True), self.cleared[kept])


@dataclass(frozen=True)
class CashModel:
    """What a champion knows about its own cash forecasts.

    `shares`: cash that comes for each unit expected to be cleared, by week ahead (credit notes lower it, part payments bring it forward).
    `customer`: correlation of the payment times of one customer's invoices. `shocks`: relative size of what all invoices of a week share,
    by week ahead. The defaults serve where nothing could be fitted.

    >>> CashModel.from_json(CashModel(shares=(1.0, 0.9), shocks=(0.1, 0.2)).to_json())
    CashModel(shares=(1.0, 0.9), customer=0.3, shocks=(0.1, 0.2))
    >>> CashModel(shares=(1.0, 0.9))
    Traceback (most recent call last):
    ...
    ValueError: 2 shares and 6 shocks: each week ahead that was learned has one of each
    """

    shares: tuple[float, ...] = (1.0,) * FIT_WEEKS
    customer: float = 0.3
    shocks: tuple[float, ...] = (0.15,) * FIT_WEEKS

    def __post_init__(self) -> None:
        if len(self.shares) != len(self.shocks):
            raise ValueError(f"{len(self.shares)} shares and {len(self.shocks)} shocks: each week ahead that was learned has one of each")

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, from which `from_json` makes it again."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> CashModel:
        """What `to_json` wrote; of nothing the defaults."""
        return cls(tuple(raw["shares"]), raw["customer"], tuple(raw["shocks"])) if raw else cls()

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
        shares = shares_of(came, due)
        spread = simulate(book.paced(shares), groups, customer, ROUGH_DRAWS, seed).std(axis=0)
        shocks = shocks_of(came, shares * due, spread)
        return cls(tuple(np.round(shares, 6).tolist()), customer, tuple(np.round(shocks, 6).tolist()))

    def ahead(self, weeks: int) -> CashModel:
        """The model for so many weeks; those further ahead than was learned have the mean share and the last shock."""
        beyond = max(weeks - len(self.shares), 0)
        shares = (*self.shares[:weeks], *(float(np.mean(self.shares)),) * beyond)
        return replace(self, shares=shares, shocks=(*self.shocks[:weeks], *self.shocks[-1:] * beyond))

    def updated(self, past: Book, cash: Floats, seed: int) -> CashModel:
        """The model after the experience of newer days: their shares, and the shocks that their errors ask for. One currency.

        Weeks further ahead than `FIT_WEEKS` teach nothing, so that a week's forecast is the same however many follow it.
        """
        old = self.ahead(min(FIT_WEEKS, past.cleared.shape[1]))
        past, cash = Book(past.rows, past.cleared[:, :FIT_WEEKS]), cash[:, :FIT_WEEKS]
        if not np.isfinite(cash).any():
            return old
        groups = _codes(past.rows[["as_of"]])
        came, due = _sums(groups, cash), np.array(old.shares) * _sums(groups, past.weekly * _amounts(past))
        change = shares_of(came, due)
        shares = np.array(old.shares) * change
        spread = simulate(past.paced(shares), groups, old.customer, ROUGH_DRAWS, seed).std(axis=0)
        shocks = shocks_of(came, change * due, spread, np.array(old.shocks))
        return replace(old, shares=tuple(shares.tolist()), shocks=tuple(shocks.tolist()))

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
        model = self.ahead(weeks)
        book, shocks = book.paced(np.array(model.shares)), np.maximum(model.shocks, LEAST_SHOCK)
        owed = _amounts(book).sum()
        expected = (book.weekly * _amounts(book)).sum(axis=0)
        draws = simulate(book, np.zeros(len(book.rows), dtype="int64"), self.customer, FINE_DRAWS, seed)[:, 0, :]
        # The mean is known without drawing; only the scatter around it is taken from the draws, and nothing stays nothing.
        drawn = draws.mean(axis=0)
        draws *= np.where(drawn > 0, expected / np.where(drawn > 0, drawn, 1.0), 1.0)
        draws *= np.exp(shocks * _shared_luck(len(draws), weeks, seed) - shocks**2 / 2)
        draws = _within(draws, owed)
        out: dict[str, Any] = {"week": np.arange(weeks), "expected": expected}
        for band in BANDS:
            tail = (1 - band / 100) / 2
            out[f"lo_{band}"], out[f"hi_{band}"] = np.quantile(draws, [tail, 1 - tail], axis=0)
        # In a week that most likely brings nothing, the mean may lie above all that 95 % of the draws bring.
        out["lo_95"], out["hi_95"] = np.minimum(out["lo_95"], expected), np.maximum(out["hi_95"], expected)
        return pd.DataFrame(out)


def _within(cash: Floats, owed: float) -> Floats:
    """Weekly cash, weeks last, in which the weeks up to each one bring no more than is owed; earlier weeks do not know of later ones."""
    return np.diff(np.minimum(np.cumsum(cash, axis=-1), owed), axis=-1, prepend=0.0)


def _shared_luck(draws: int, weeks: int, seed: int) -> Floats:
    """Normal numbers, shape (draws, weeks): those of the first weeks are the same however many follow."""
    near = np.random.default_rng([seed, 1]).standard_normal((draws, FIT_WEEKS))
    beyond = np.random.default_rng([seed, 2]).standard_normal((max(weeks - FIT_WEEKS, 0), draws)).T
    return np.hstack([near, beyond])[:, :weeks]


def simulate(book: Book, groups: Ints, customer: float, draws: int, seed: int) -> Floats:
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
    return out


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
    ratios = [
        off[known].sum() / max(simulate(book, owner, rho, ROUGH_DRAWS // 2, seed).var(axis=0, ddof=1)[known].sum(), 1e-12)
        for rho in CORRELATIONS
    ]
    # Scatter grows with the correlation, so the ratio falls; where it passes 1 the correlation explains what was seen.
    return float(np.round(np.interp(-1.0, -np.maximum.accumulate(ratios[::-1])[::-1], CORRELATIONS), 4))


def _codes(keys: pd.DataFrame) -> Ints:
    return np.asarray(keys.groupby(list(keys.columns), sort=True).ngroup(), dtype=np.int64)


def _sums(groups: Ints, values: Floats) -> Floats:
    """Sum of the rows of each group by week; NaN where a week of a group was not seen."""
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    return np.stack([np.bincount(groups, weights=values[:, week], minlength=n_groups) for week in range(values.shape[1])], axis=1)


def _amounts(book: Book) -> Floats:
    return book.rows["open_amount"].to_numpy(dtype="float64")[:, None]
