"""What a user may choose about debtor types."""

from __future__ import annotations

from pydantic import Field

from ledger.settings import Settings
from models.settings import BoosterSettings


class TypeSettings(Settings):
    """How debtor types are told, and when we say that we cannot.

    >>> TypeSettings(least_evidence=2)
    Traceback (most recent call last):
    ...
    pydantic_core._pydantic_core.ValidationError: 1 validation error for TypeSettings
    least_evidence
      Input should be less than or equal to 1 [type=less_than_equal, input_value=2, input_type=int]
        For further information visit https://errors.pydantic.dev/2.14/v/less_than_equal
    """

    least_evidence: float = Field(
        0.5,
        ge=0,
        le=1,
        description="with less evidence than this a customer is `undetermined`; a trained model asks for less, of some types for less "
        "than of others, where too few would be told (`most_undetermined`, `least_told`)",
    )
    least_invoices: int = Field(
        3,
        ge=1,
        description="why somebody is late is told of so many invoices at least, unless a rule saw what it looks for",
    )
    most_undetermined: float = Field(
        0.13, ge=0, le=1, description="share of customers above which a trained model asks for less evidence, down to a third of it"
    )
    least_told: float = Field(
        0.7, ge=0, le=1, description="share of each type's customers to tell at least: where fewer would be, less evidence is asked for"
    )
    compliant_days: float = Field(
        4.0, ge=0, description="up to this many late days for each invoice due are hardly any; clear words of collectors draw it elsewhere"
    )
    hindsight_days: int = Field(
        60, ge=0, le=3650, description="days after a training day that labelling rules may look at; features never do"
    )
    max_month_ends: int = Field(12, ge=1, description="most month-ends to learn from, the newest")
    warm_up_days: int = Field(
        180,
        ge=0,
        le=3650,
        description="days at the ledger's start that give history but no training data; half of them in a young ledger",
    )
    max_rows: int = Field(30_000, ge=100, description="most customers and month-ends to learn from; customers are sampled above it")
    min_customers: int = Field(100, ge=10, description="fewest customers to learn from; with less the rules serve")
    trust: float = Field(0.35, gt=0, le=1, description="how much a rule counts beside the others: they are not independent witnesses")
    points_share: float = Field(
        0.75,
        ge=0,
        le=1,
        description="how much the points of what was seen, taught by simulated worlds, count beside what the rules agree on here",
    )
    correction_days: int = Field(
        365,
        ge=1,
        description="how long a collector's word on a customer's type holds; it is kept with the champion, from its training on",
    )
    correction_caution: float = Field(
        20.0, gt=0, description="corrections move other customers' types as if this many had been seen that agree with the model"
    )
    negligent: bool = Field(False, description="tell the negligent (T2b): who pays only when pressed, every time")
    intentional_kinds: bool = Field(False, description="tell `late_by_choice` and `non_payer` among the intentional")
    booster: BoosterSettings = Field(
        default_factory=lambda: BoosterSettings(
            learning_rate=0.06, num_leaves=12, min_child_samples=40, feature_fraction=0.4, lambda_l2=5.0, max_rounds=200, patience=20
        ),
        description="the learner",
    )
