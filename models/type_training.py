"""Learning debtor types without their truth: rules label past month-ends, and what they agree on is learned from."""

from __future__ import annotations

from datetime import date
from typing import Any

from features.behaviour import behaviour
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from models.debtor_type import TypeModel
from models.type_rules import vote
from models.type_settings import TypeSettings


def fit_types(
    ledger: Ledger, as_of: date, features: FeatureSettings, settings: TypeSettings, *, seed: int, threads: int, progress: Any = None
) -> TypeModel:
    """The rules with error rates fitted to this ledger as known on `as_of`; the rules as assumed where there are too few customers."""
    portfolio = Portfolio(ledger.as_of(as_of, history_days=features.history_days), features)
    frame = behaviour(portfolio).to_pandas()
    untrained = TypeModel.untrained(settings)
    if len(frame) < settings.min_customers:
        return untrained
    return TypeModel(settings, untrained.rules.fitted(vote(frame, settings)))
