"""All views side by side: one row an open invoice and `as_of`, as pandas, at the model's door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pandas as pd

from features import (
    business_units,
    calendar,
    dealings,
    disputes,
    due_day,
    exposure,
    habits,
    month_days,
    pay_gaps,
    siblings,
    survival,
    terms,
)
from features.cohort import left_out
from features.portfolio import DAYS_AT_ONCE, Portfolio, side_by_side
from features.settings import FeatureSettings
from features.view import Feature, FeatureView
from ledger.ledger import Ledger
from ledger.progress import Progress, silent

VIEWS: tuple[FeatureView, ...] = (
    terms.VIEW,
    calendar.VIEW,
    habits.VIEW,
    survival.VIEW,
    due_day.VIEW,
    business_units.VIEW,
    month_days.VIEW,
    pay_gaps.VIEW,
    siblings.VIEW,
    exposure.VIEW,
    dealings.VIEW,
    disputes.VIEW,
)
FEATURES: dict[str, Feature] = {feature.name: feature for view in VIEWS for feature in view.features}

INVOICE_COLUMNS = (
    "as_of",
    "invoice_id",
    "customer_id",
    "business_unit",
    "country",
    "kind",
    "segment",
    "currency",
    "source",
    "observed_until",
    "issued_on",
    "due_on",
    "amount",
    "open_amount",
)
DIGITS = 9
"""What is left of a difference of equals hangs on the order of their rows, and a booster would learn from that."""


def feature_matrix(portfolio: Portfolio, views: Sequence[FeatureView] | None = None) -> pd.DataFrame:
    """The cohort's own columns (`INVOICE_COLUMNS`), then every feature as float64, to nine decimals; what a view does not know is NaN.

    Rows are ordered by `as_of, invoice_id`. Of some `views` alone only their features are computed.
    """
    cohort = portfolio.cohort
    t = cohort.select(*INVOICE_COLUMNS)
    views = VIEWS if views is None else views
    for view in views:
        built = view.build(portfolio).cache()
        t = t.left_join(built, ["as_of", view.key]).select(t, *view.names)
    frame: pd.DataFrame = t.order_by(["as_of", "invoice_id"]).to_pandas()
    names = [name for view in views for name in view.names]
    frame[names] = frame[names].astype("float64").round(DIGITS)
    return frame


def build_matrix(
    ledger: Ledger,
    days: Sequence[date],
    settings: FeatureSettings,
    *,
    chunk: int = DAYS_AT_ONCE,
    progress: Progress = silent,
    passed_over: Counter[str] | None = None,
) -> pd.DataFrame:
    """The feature matrix of several days, computed some days at a time to bound memory: `chunk` at most, fewer of a large ledger.

    To `passed_over` is added how many open invoices were left out on these days, and why, see `features.cohort.left_out`.
    """
    frames, n_done = [], 0
    days = sorted(set(days))
    for portfolio in side_by_side(ledger, settings, days, chunk):
        frames.append(feature_matrix(portfolio))
        n_done += len(portfolio.snapshot.days)
        if passed_over is not None:
            passed_over.update(left_out(portfolio.snapshot, settings))
        progress(f"features: {n_done} of {len(days)} days")
    return pd.concat(frames, ignore_index=True)
