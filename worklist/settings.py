"""What a user may choose about the worklist; what to say and offer stands in the playbook."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from ledger.settings import Settings
from ledger.tables import code_of

# Ten years: beyond them days run out of the calendars.
MOST_DAYS = 3650


class WorklistSettings(Settings):
    """Bounds, waits and limits. Days are calendar days unless the name says business days.

    >>> WorklistSettings().late_from_dpd
    100
    >>> WorklistSettings(holdout_share=2)
    Traceback (most recent call last):
    ...
    pydantic_core._pydantic_core.ValidationError: 1 validation error for WorklistSettings
    holdout_share
      Input should be less than or equal to 1 [type=less_than_equal, input_value=2, input_type=int]
    ...
    """

    late_from_dpd: int = Field(100, ge=2, description="Days past due from which a customer is in the late stage.")
    wait_business_days: int = Field(5, ge=0, le=MOST_DAYS, description="Business days after due before a call or a letter (bank clearing).")
    reminder_lead_business_days: int = Field(3, ge=0, le=MOST_DAYS, description="Business days before due from which a reminder may go.")
    contact_window_business_days: int = Field(
        5, ge=1, le=MOST_DAYS, description="Business days within which a proposed contact should be made."
    )
    max_calls: int = Field(7, ge=1, description="Most calls to one customer within `calls_window_days`.")
    calls_window_days: int = Field(7, ge=1, le=MOST_DAYS, description="Length of the window that `max_calls` counts in.")
    quiet_days_after_conversation: int = Field(7, ge=0, le=MOST_DAYS, description="No contact for this many days after a conversation.")
    answer_business_days: int = Field(
        3, ge=0, le=MOST_DAYS, description="Business days that a message or a letter is given to be answered before the next contact."
    )
    conversation_outcomes: tuple[str, ...] = Field(
        ("reached", "promise", "promised", "refused", "dispute", "disputed", "paid", "conversation", "agreed"),
        description="Outcomes of a contact that mean we spoke; they start the quiet days.",
    )
    worked_outcomes: tuple[str, ...] = Field(
        ("reached", "promise", "promised", "paid", "conversation", "agreed", "answered", "replied"),
        description="Outcomes that show a channel works for this customer; it is then preferred.",
    )
    channel_memory_days: int = Field(365, ge=1, description="How far back contacts count for the preferred channel.")
    promise_grace_days: int = Field(3, ge=0, le=MOST_DAYS, description="Days after a promised day before we ask again.")
    holdout_share: float = Field(0.05, ge=0, le=1, description="Share of customers marked for the measured hold-out.")
    explained_customers: int = Field(2000, ge=1, description="Most customers whose reasons are worked out, those with most at risk first.")
    playbook: Path | None = Field(None, description="A playbook of your own, as `configs/playbook.yaml` is one; empty: that one.")
    texts: Path | None = Field(None, description="Texts of your own, as `configs/texts/en.yaml` has them; empty: those.")
    seed: int = Field(7, ge=-(2**63), le=2**63 - 1, description="Key of the hold-out draw.")

    @field_validator("conversation_outcomes", "worked_outcomes")
    @classmethod
    def _as_stored(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(code_of(word) for word in words)
