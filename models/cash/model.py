"""Cash by week from open invoices: what to expect, and between which bounds.

Each invoice is taken to be paid in the week it is cleared, drawn from its own payment curve. What is open of one customer shares part of
each week's luck (a Gaussian copula of the weekly hazards, one factor a customer and week), so that a large customer whose pay run comes a
week later moves both weeks. Beyond luck, weeks go wrong together: a shock that all invoices share, as large as forecasts of recent weeks
were wrong by more than luck explains, and larger for weeks further ahead where those were worse. The same recent weeks say whether more or
less cash comes in than the curves think, overall and by week ahead, and the forecast follows; where many pay in parts, cash comes of
invoices that are cleared much later. They also say how often a week brings nothing, which no factor can. What is not known of recent weeks
is taken from the validation days of the training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models.arrays import Floats, Ints
from models.cash.book import FIT_WEEKS, Book, groups_of, sums
from models.cash.empty_weeks import NEVER, empty_shares, may_be_empty
from models.cash.errors import shares_of, shocks_of
from models.cash.luck import ROUGH_DRAWS, USUAL_CORRELATION, customer_correlation, shared_luck, simulate

BANDS = (50, 80, 95)
LEAST_SHOCK = 0.02
IN_FULL = 0.9
PARTS = 0.1
"""Where less of the cash comes in parts, what those who are sure to pay cannot bring is not to be expected of the others."""
FINE_DRAWS = 2000


@dataclass(frozen=True)
class CashModel:
    """What a champion knows about its own cash forecasts.

    `shares`: cash that comes for each unit expected to be cleared, by week ahead (credit notes lower it, part payments bring it forward).
    `customer`: correlation of the luck of one customer's invoices in a week. `shocks`: relative size of what all invoices of a week share,
    by week ahead. `empty`: share of weeks empty beyond luck, by how much was expected of them (`models.cash.empty_weeks.SIZES`).
    `in_parts`: share of the cash that came on invoices which stayed open. The defaults serve where nothing could be fitted.

    >>> CashModel.from_json(CashModel(shares=(1.0, 0.9), shocks=(0.1, 0.2)).to_json())
    CashModel(shares=(1.0, 0.9), customer=0.3, shocks=(0.1, 0.2), empty=(0.0, 0.0, 0.0, 0.0, 0.0), in_parts=0.0)
    >>> CashModel(shares=(1.0, 0.9))
    Traceback (most recent call last):
    ...
    ValueError: 2 shares and 6 shocks: each week ahead that was learned has one of each
    """

    shares: tuple[float, ...] = (1.0,) * FIT_WEEKS
    customer: float = USUAL_CORRELATION
    shocks: tuple[float, ...] = (0.15,) * FIT_WEEKS
    empty: tuple[float, ...] = NEVER
    in_parts: float = 0.0

    def __post_init__(self) -> None:
        if len(self.shares) != len(self.shocks):
            raise ValueError(f"{len(self.shares)} shares and {len(self.shocks)} shocks: each week ahead that was learned has one of each")

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, from which `from_json` makes it again."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> CashModel:
        """What `to_json` wrote; of nothing the defaults."""
        if not raw:
            return cls()
        numbers: dict[str, Any] = {name: tuple(value) if isinstance(value, list | tuple) else value for name, value in raw.items()}
        return cls(**numbers)

    @classmethod
    def fit(cls, book: Book, cash: Floats, seed: int) -> CashModel:
        """From days whose curves were made before their outcomes were known; `cash` has the book's shape, NaN for weeks not yet seen."""
        if np.isfinite(cash).sum() == 0:
            return cls()
        customer = customer_correlation(book, cash, seed)
        groups = groups_of(book.rows[["as_of", "currency"]])
        unit = book.rows.groupby("currency")["open_amount"].transform("mean").to_numpy(dtype="float64")
        book = Book(book.rows.assign(open_amount=book.rows["open_amount"] / unit), book.cleared)
        came, due = sums(groups, cash / unit[:, None]), book.expected(groups)
        shares, in_parts = shares_of(came, due), in_parts_of(book, cash / unit[:, None])
        paced = cls(in_parts=in_parts).paced(book, shares, groups)
        draws = simulate(paced, groups, customer, ROUGH_DRAWS, seed)
        shocks = shocks_of(came, shares * due, draws.std(axis=0))
        empty = empty_shares(came, paced.expected(groups), draws, sums(groups, paced.amounts)[:, 0], np.array(NEVER))
        shares, shocks, empty = (np.round(one, 6) for one in (shares, shocks, empty))
        return cls(tuple(shares.tolist()), customer, tuple(shocks.tolist()), tuple(empty.tolist()), in_parts)

    def paced(self, book: Book, shares: Floats, groups: Ints) -> Book:
        """The book that brings `shares` times as much by week: as far as each invoice can, or, where many pay in parts, all of them."""
        return book.filled(shares, groups) if self.in_parts >= PARTS else book.paced(shares)

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
        groups = groups_of(past.rows[["as_of"]])
        came, due = sums(groups, cash), np.array(old.shares) * past.expected(groups)
        change = shares_of(came, due)
        shares = np.array(old.shares) * change
        paced = old.paced(past, shares, groups)
        draws = simulate(paced, groups, old.customer, ROUGH_DRAWS, seed)
        shocks = shocks_of(came, change * due, draws.std(axis=0), np.array(old.shocks))
        empty = empty_shares(came, paced.expected(groups), draws, sums(groups, paced.amounts)[:, 0], np.array(old.empty))
        return replace(old, shares=tuple(shares.tolist()), shocks=tuple(shocks.tolist()), empty=tuple(empty.tolist()))

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
        everything = np.zeros(len(book.rows), dtype="int64")
        book, shocks = model.paced(book, np.array(model.shares), everything), np.maximum(model.shocks, LEAST_SHOCK)
        owed = book.amounts.sum()
        expected = (book.weekly * book.amounts).sum(axis=0)
        draws = simulate(book, everything, self.customer, FINE_DRAWS, seed)[:, 0, :]
        # The mean is known without drawing; only the scatter around it is taken from the draws, and nothing stays nothing.
        drawn = draws.mean(axis=0)
        draws *= np.where(drawn > 0, expected / np.where(drawn > 0, drawn, 1.0), 1.0)
        draws *= np.exp(shocks * shared_luck(len(draws), weeks, seed) - shocks**2 / 2)
        draws = _within(draws, owed)
        out: dict[str, Any] = {"week": np.arange(weeks), "expected": expected}
        for band in BANDS:
            tail = (1 - band / 100) / 2
            low, out[f"hi_{band}"] = np.quantile(draws, [tail, 1 - tail], axis=0)
            out[f"lo_{band}"] = np.where(may_be_empty(np.array(model.empty), expected, owed, tail), 0.0, low)
        # In a week that most likely brings nothing, the mean may lie above all that 95 % of the draws bring.
        out["lo_95"], out["hi_95"] = np.minimum(out["lo_95"], expected), np.maximum(out["hi_95"], expected)
        return pd.DataFrame(out)


def _within(cash: Floats, owed: float) -> Floats:
    """Weekly cash, weeks last, in which the weeks up to each one bring no more than is owed; earlier weeks do not know of later ones."""
    return np.diff(np.minimum(np.cumsum(cash, axis=-1), owed), axis=-1, prepend=0.0)


def in_parts_of(book: Book, cash: Floats) -> float:
    """The share of the cash that came on invoices of which a part stayed open over all weeks seen; what is short by little is paid.

    >>> book = Book(pd.DataFrame({"open_amount": [100.0, 100.0, 100.0]}), np.zeros((3, 2)))
    >>> in_parts_of(book, np.array([[25.0, 25.0], [0.0, 97.0], [0.0, np.nan]]))
    0.3401
    """
    came = np.nansum(cash, axis=1)
    parts = came < IN_FULL * book.amounts[:, 0]
    return float(np.round(came[parts].sum() / came.sum(), 4)) if came.sum() > 0 else 0.0
