"""The keys that a settings model allows at a place: what is offered beside an unknown one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

UNKNOWN = ("extra_forbidden", "invalid_key")
"""What pydantic calls a key that no model knows; the other is no text, as the 1 of `1: 3`."""


def keys_at(model: type[BaseModel], path: Sequence[int | str]) -> list[str]:
    """The keys that are known where a path of keys leads, found by walking the JSON schema.

    >>> from ledger.sources import Source
    >>> keys_at(Source, ("timezone",)), "tables" in keys_at(Source, ())
    (['from', 'to'], True)
    """
    schema = model.model_json_schema()
    here: dict[str, Any] = schema
    for part in path:
        here = _resolved(here, schema)
        inner = here.get("properties", {}).get(part) or here.get("additionalProperties") or here.get("items") or here
        here = inner if isinstance(inner, dict) else here
    return sorted(_resolved(here, schema).get("properties", {}))


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for option in (node, *node.get("anyOf", ())):
        if "$ref" in option:
            return dict(schema["$defs"][option["$ref"].rsplit("/", 1)[-1]])
    return node
