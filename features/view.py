"""What a feature view is: named columns from one snapshot, each with what it means and why a person would care."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from features.portfolio import Portfolio

Unit = Literal["days", "share", "count", "money", "ratio", "code", "none"]


@dataclass(frozen=True)
class Feature:
    """One column of a view.

    `reason` is the code of the reason it speaks for (empty: it shapes the prediction and is never told to people).
    """

    name: str
    doc: str
    unit: Unit = "none"
    reason: str = ""


@dataclass(frozen=True)
class FeatureView:
    """Columns computed together, from one portfolio. `key` is what a row stands for: a customer or an open invoice, on each `as_of`."""

    name: str
    key: Literal["customer_id", "invoice_id"]
    features: tuple[Feature, ...]
    build: Callable[[Portfolio], Any]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)
