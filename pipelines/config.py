"""Every choice a user may make, in one frozen object.

Three layers, each over the one before it: `configs/default.yaml` (ships with the package), the `--config` file, and `DUEWISE_*`
variables, where `__` steps into a section: `DUEWISE_WORKLIST__HOLDOUT_SHARE=0.1`. Each room owns the settings model of its section.
A section's setting that has the name of one at the top (`seed`, `staleness_days`) follows the top, unless the section sets its own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeGuard

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from features.settings import FeatureSettings
from ledger.errors import UsageError, nearest
from ledger.keys import UNKNOWN, keys_at
from ledger.plain_yaml import read_yaml
from ledger.settings import Settings
from models.settings import ModelSettings
from models.types.settings import TypeSettings
from worklist.settings import WorklistSettings

PREFIX = "DUEWISE_"
NOT_SETTINGS = ("DUEWISE_DATA", "DUEWISE_DEBUG", "DUEWISE_LEDGER", "DUEWISE_AS_OF")


class Config(Settings):
    """The settings of every room; the defaults are those of `configs/default.yaml`."""

    seed: int = Field(7, ge=0, le=2**31 - 1, description="Start of every random choice; the same seed gives the same files.")
    threads: int = Field(
        1, ge=1, description="Threads that a model may use; two on a busy machine of two cores are many times slower than one."
    )
    staleness_days: int = Field(7, ge=0, le=36_500, description="How many days past `observed_until` of its source a score is still given.")
    settled_within: float = Field(
        0.0,
        ge=0,
        le=0.2,
        description="An invoice counts as settled once no more than this share of its amount is open (0: nothing): for discounts, bank "
        "fees or withholding tax that nobody posts as a credit note.",
    )
    max_bad_share: float = Field(0.2, ge=0, le=1, description="Share of bad rows above which a whole ingest is refused.")
    reporting_currency: str | None = Field(
        None,
        pattern="^[A-Z]{3}$",
        description="Currency of customer and worklist rows, by the ledger's `rates`; empty: the customer's own.",
    )
    features: FeatureSettings = FeatureSettings()
    models: ModelSettings = ModelSettings()
    types: TypeSettings = TypeSettings()
    worklist: WorklistSettings = WorklistSettings()

    @property
    def recorded(self) -> dict[str, Any]:
        """What a run is known by: every setting but the threads, and the places of files that are known by their content."""
        return self.model_dump(mode="json", exclude={"threads": True, "worklist": {"playbook", "texts"}})

    @model_validator(mode="before")
    @classmethod
    def _sections_follow_the_top(cls, values: Any) -> Any:
        followed = dict(values)
        for name, field in cls.model_fields.items():
            section = followed.get(name)
            section = {} if section is None else section
            if _is_section(field.annotation) and isinstance(section, Mapping):
                followed[name] = {key: followed[key] for key in field.annotation.model_fields if key in followed} | dict(section)
        return followed


def _is_section(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


@dataclass(frozen=True)
class _Layer:
    """Settings from one place, and the words that lead a reader back to it."""

    values: dict[str, Any]
    places: Mapping[tuple[str, ...], str]


def load_config(path: Path | None = None, env: Mapping[str, str] | None = None) -> Config:
    """The packaged defaults, overlaid by a YAML file and by `DUEWISE_*` variables.

    Raises UsageError for a file that cannot be read, an unknown key (it names the nearest one) or a value out of range.

    >>> load_config(env={"DUEWISE_STALENESS_DAYS": "30"}).staleness_days
    30
    >>> load_config(env={"DUEWISE_STALENES_DAYS": "30"})
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: variable DUEWISE_STALENES_DAYS: unknown setting 'stalenes_days': did you mean 'staleness_days'?
    """
    layers = [_from_yaml("configs/default.yaml", files("configs").joinpath("default.yaml").read_text("utf-8"))]
    if path is not None:
        layers.append(_from_file(path))
    layers.append(_from_environment(os.environ if env is None else env))
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = overlay(merged, layer.values)
    try:
        return Config.model_validate(merged)
    except ValidationError as error:
        found = error.errors(include_url=False)
        told = [_explain(one, layers) for one in [one for one in found if not _follows(one, layers)] or found]
        raise UsageError(told[0] if len(told) == 1 else "\n  ".join(["the settings are wrong:", *told])) from None


def _from_file(path: Path) -> _Layer:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path}: this config file cannot be read: {reason}") from None
    return _from_yaml(str(path), text)


def _from_yaml(name: str, text: str) -> _Layer:
    values, places = read_yaml(text, name)
    values = values or {}
    if not isinstance(values, dict):
        raise UsageError(f"{name}: a config file is a list of `key: value` lines, such as `seed: 7`")
    return _Layer(values, {key: f"{name}, line {line}" for key, line in places.items()})


def _from_environment(env: Mapping[str, str]) -> _Layer:
    values: dict[str, Any] = {}
    places = {}
    for name in sorted(env):
        if not name.startswith(PREFIX) or name in NOT_SETTINGS:
            continue
        keys = tuple(name.removeprefix(PREFIX).lower().split("__"))
        nested: Any = _parsed(name, env[name])
        for key in reversed(keys):
            nested = {key: nested}
        values = overlay(values, nested)
        places[keys] = f"variable {name}"
    return _Layer(values, places)


def _parsed(name: str, text: str) -> Any:
    """Lists and mappings are written as YAML; anything else stays text, so that the country NO is not the word no."""
    if text.strip().startswith(("[", "{")):
        return _from_yaml(f"variable {name}", f"value: {text}").values["value"]
    return None if text.strip() in ("", "null") else text


def overlay(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """One mapping laid over another, section by section.

    >>> overlay({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}})
    {'a': {'b': 3, 'c': 2}}
    """
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = overlay(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def _follows(error: ErrorDetails, layers: list[_Layer]) -> bool:
    """Whether the value came to a section from the top, where it is told already."""
    keys = tuple(str(part) for part in error["loc"])
    named = {known for layer in layers for known in layer.places}
    return len(keys) > 1 and keys[-1:] in named and keys not in named


def _explain(error: ErrorDetails, layers: list[_Layer]) -> str:
    keys = tuple(str(part) for part in error["loc"])
    place = _place_of(keys, layers)
    if error["type"] in UNKNOWN:
        return f"{place}: unknown setting '{'.'.join(keys)}': {nearest(keys[-1], keys_at(Config, keys[:-1]))}"
    message = error["msg"].replace("a valid tuple", "a list: [one, other]")
    return f"{place}: {'.'.join(keys)} = {error['input']!r}: {message[0].lower()}{message[1:]}"


def _place_of(keys: tuple[str, ...], layers: list[_Layer]) -> str:
    """Where the topmost layer speaks of this key, of something in it, or of what it is in."""
    for part in (keys[:length] for length in range(len(keys), 0, -1)):
        for layer in reversed(layers):
            for known, place in layer.places.items():
                if known[: len(part)] == part:
                    return place
    return "config"
