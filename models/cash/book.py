"""A book of open invoices: what is open on one or more days, and how likely each invoice is cleared by the end of each week to come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from models.arrays import Bools, Floats, Ints
from models.cash.receipts import week_ends
from models.payment.curve import PaymentCurve

FIT_WEEKS = 6
"""Weeks ahead that teach something; what lies beyond is forecast from them."""
GREATEST_SHARE = 50.0
"""What is all but ruled out in a week does not become certain because others cannot bring more."""


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

    @property
    def hazard(self) -> Floats:
        """Probability of being cleared in each week if it is open until then.

        >>> Book(pd.DataFrame({"open_amount": [500.0, 80.0]}), np.array([[0.5, 0.75], [1.0, 1.0]])).hazard.tolist()
        [[0.5, 0.5], [1.0, 0.0]]
        """
        still_open = 1 - self.cleared + self.weekly
        return np.divide(self.weekly, still_open, out=np.zeros_like(self.cleared), where=still_open > 0)

    @cached_property
    def amounts(self) -> Floats:
        """Open amounts, shape (rows, 1)."""
        return self.rows["open_amount"].to_numpy(dtype="float64")[:, None]

    def expected(self, groups: Ints) -> Floats:
        """Cash to expect of each group of invoices in each week, shape (groups, weeks); `groups`: the number of each row's group."""
        return sums(groups, self.weekly * self.amounts)

    def paced(self, shares: Floats) -> Book:
        """The book in which `shares` times as many of each week's invoices are cleared in it, and none more than once.

        >>> book = Book(pd.DataFrame({"open_amount": [500.0, 80.0]}), np.array([[0.5, 0.9], [0.9, 1.0]]))
        >>> book.paced(np.array([1.5, 0.5])).cleared.round(2).tolist()
        [[0.75, 0.95], [1.0, 1.0]]
        """
        return Book(self.rows, np.minimum(np.cumsum(shares * self.weekly, axis=1), 1.0))

    def filled(self, shares: Floats, groups: Ints) -> Book:
        """The book that brings `shares` times as much in each week: what an invoice that is sure cannot bring, others of its group do.

        So it is where customers pay in parts: cash comes from invoices that are cleared much later. All together bring no more than is
        open.

        >>> book = Book(pd.DataFrame({"open_amount": [100.0, 100.0]}), np.array([[0.8], [0.1]]))
        >>> book.filled(np.array([1.5]), np.array([0, 0])).cleared.round(2).tolist()
        [[1.0], [0.35]]
        """
        weekly, wanted = self.weekly, shares * self.expected(groups)
        done, cleared = np.zeros(len(weekly)), np.empty_like(weekly)
        for week, share in enumerate(shares):
            chance, room = weekly[:, week], 1 - done
            step = np.minimum(share * chance, room)
            if (share * chance > room).any():
                step = np.minimum(self._times(chance, room, groups, wanted[:, week])[groups] * chance, room)
            done = np.minimum(done + step, 1.0)
            cleared[:, week] = done
        return Book(self.rows, cleared)

    def _times(self, chance: Floats, room: Floats, groups: Ints, wanted: Floats) -> Floats:
        """By group the multiple of each `chance`, of which no more than `room` counts, at which what is `wanted` comes."""
        low, high = np.zeros(len(wanted)), np.full(len(wanted), GREATEST_SHARE)
        for _ in range(50):
            middle = (low + high) / 2
            comes = sums(groups, np.minimum(middle[groups] * chance, room)[:, None] * self.amounts)[:, 0]
            low, high = np.where(comes < wanted, middle, low), np.where(comes < wanted, high, middle)
        return high

    def where(self, kept: Bools) -> Book:
        """The invoices for which `kept`, shape (invoices,), is true."""
        return Book(self.rows[kept].reset_index(drop=True), self.cleared[kept])


def groups_of(keys: pd.DataFrame) -> Ints:
    """The number of each row's group: rows with the same values are of one, numbered in the order of their values.

    >>> groups_of(pd.DataFrame({"currency": ["EUR", "CAD", "EUR"]})).tolist()
    [1, 0, 1]
    """
    return np.asarray(keys.groupby(list(keys.columns), sort=True).ngroup(), dtype=np.int64)


def sums(groups: Ints, values: Floats) -> Floats:
    """Sum of the rows of each group by week; NaN where a week of a group was not seen.

    >>> sums(np.array([1, 0, 1]), np.array([[1.0, 2.0], [5.0, np.nan], [3.0, 4.0]])).tolist()
    [[5.0, nan], [4.0, 6.0]]
    """
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    return np.stack([np.bincount(groups, weights=values[:, week], minlength=n_groups) for week in range(values.shape[1])], axis=1)
