"""What a user may choose about models."""

from __future__ import annotations

from pydantic import Field

from ledger.settings import Settings
from models.payment.lateness import Lateness


class BoosterSettings(Settings):
    """One LightGBM head. Small, heavily column-sampled trees; the number of rounds is chosen by time validation up to `max_rounds`."""

    learning_rate: float = Field(0.08, gt=0, le=1, description="step of each tree")
    num_leaves: int = Field(15, ge=2, description="leaves of a tree")
    min_child_samples: int = Field(100, ge=1, description="fewest rows in a leaf")
    feature_fraction: float = Field(0.25, gt=0, le=1, description="share of the columns each tree may look at")
    bagging_fraction: float = Field(0.7, gt=0, le=1, description="share of the rows each tree may look at")
    lambda_l2: float = Field(10.0, ge=0, description="pull of leaf values towards zero")
    max_rounds: int = Field(300, ge=1, description="most trees")
    patience: int = Field(30, ge=1, description="stop after this many trees without gain on the validation days")

    def params(self, seed: int, threads: int) -> dict[str, object]:
        """The LightGBM parameters; the same trees on any number of threads, run after run."""
        chosen = self.model_dump(exclude={"max_rounds", "patience"})
        fixed = {"objective": "binary", "bagging_freq": 1, "deterministic": True, "force_row_wise": True, "verbose": -1}
        return {**chosen, **fixed, "seed": seed, "num_threads": threads}


class ModelSettings(Settings):
    """How the payment-time model is trained and chosen.

    >>> ModelSettings(every_days=0)
    Traceback (most recent call last):
    ...
    pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelSettings
    every_days
      Input should be greater than or equal to 1 [type=greater_than_equal, input_value=0, input_type=int]
        For further information visit https://errors.pydantic.dev/2.14/v/greater_than_equal
    """

    every_days: int = Field(
        5, ge=1, description="days between the as-of days to learn from; not a multiple of 7, so that all weekdays occur"
    )
    max_as_ofs: int = Field(84, ge=4, description="most as-of days to learn from, the newest; so many that every season is among them")
    warm_up_days: int = Field(45, ge=0, le=3650, description="days at the ledger's start that give history but no training rows")
    max_rows: int = Field(120_000, ge=100, description="most training rows; customers are sampled above it")
    max_steps: int = Field(
        400_000, ge=1000, description="most invoice-days the hazard head learns from; days without payment are sampled above it"
    )
    validation_share: float = Field(0.25, gt=0, lt=1, description="newest share of the as-of days on which choices are made")
    min_of_either: int = Field(
        30,
        ge=1,
        description="fewest training rows that came out either way, late or not or paid within 14 days or not; with less of both questions "
        "the baseline serves",
    )
    min_customers: int = Field(5, ge=2, description="fewest customers to learn from; with less the baseline serves")
    late_head: BoosterSettings = Field(
        default_factory=BoosterSettings, description="the head that says late or not, for invoices not yet due"
    )
    late_fits: int = Field(5, ge=1, le=50, description="fits of the late head, each with other dice, whose log odds are averaged")
    hazard_head: BoosterSettings = Field(
        default_factory=lambda: BoosterSettings(num_leaves=31, min_child_samples=200, patience=45),
        description="the head that gives the chance of payment on each day to come",
    )
    hazard_fits: int = Field(
        1,
        ge=1,
        le=50,
        description="fits of the hazard head, likewise; each takes a fifth of a training's time, and as much of a score as the first",
    )
    lateness: Lateness = Field(
        "calendar",
        description="what counts as late: paid after the due date (`calendar`), or after the business day it rolls to (`business`); stored "
        "with the champion",
    )
    clock_auc: float = Field(
        0.9, gt=0.5, le=1, description="a feature that tells newer days from older ones with an AUC above this is left out (1: none is)"
    )
    level_drift: float = Field(
        0.2,
        ge=0,
        le=1,
        description="how far the portfolio's level may be expected to stray after the training, in log odds; what has come true since then "
        "moves the predictions by about so much at most (0: never)",
    )
    suspicious_auc: float = Field(
        0.97,
        gt=0.5,
        le=1,
        description="an AUC above this, of a validation or of one feature, among invoices that the due date alone does not tell apart, is "
        "refused as a leak; 1: they are that regular, and what is written on payment is as it should be",
    )
