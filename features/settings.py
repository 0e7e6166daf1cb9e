"""What a user may choose about features."""

from __future__ import annotations

from pydantic import Field

from ledger.settings import Settings


class FeatureSettings(Settings):
    """Windows and strengths of the feature views.

    >>> FeatureSettings().half_life_days
    120
    """

    history_days: int = Field(730, gt=0, le=36_500, description="invoices settled longer ago than this are forgotten")
    half_life_days: int = Field(120, gt=0, description="a payment this old counts half as much as one of today")
    recent_days: int = Field(90, gt=0, description="what 'lately' means")
    shrinkage: float = Field(4.0, gt=0, description="a customer's own history weighs as much as the group's at this many invoices")
    staleness_days: int = Field(7, ge=0, le=36_500, description="open rows of a source not watched for longer than this leave the cohort")
