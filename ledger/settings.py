"""What all that people set in numbers has in common: settings, worlds and playbooks."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

NUMBERS = (int, float, int | None, float | None)


class Settings(BaseModel):
    """Frozen, with known keys only. A number is one that can be counted with: neither yes or no, nor infinite.

    >>> class Waits(Settings):
    ...     days: int = 7
    >>> Waits(days="3")
    Waits(days=3)
    >>> Waits(days=True)
    Traceback (most recent call last):
    ...
    pydantic_core._pydantic_core.ValidationError: 1 validation error for Waits
    days
      Input should be a number, not yes or no [type=number_type, input_value=True, input_type=bool]
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _yes_is_no_number(cls, value: Any, field: ValidationInfo) -> Any:
        if isinstance(value, bool) and cls.model_fields[field.field_name or ""].annotation in NUMBERS:
            raise PydanticCustomError("number_type", "Input should be a number, not yes or no")
        return value
