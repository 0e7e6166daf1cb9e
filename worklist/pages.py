"""A page of the configuration: a YAML file checked against its model, and known by what it says."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ledger.errors import UsageError, nearest
from ledger.keys import UNKNOWN, keys_at
from ledger.plain_yaml import read_yaml

PageT = TypeVar("PageT", bound=BaseModel)


def read_page(model: type[PageT], path: Path | None, packaged: tuple[str, ...], what: str) -> PageT:
    """A YAML file checked against a model; every complaint names the file, the key and the nearest known one."""
    name = str(path) if path else "/".join(packaged)
    if path is not None and not path.is_file():
        raise UsageError(f"{name}: there is no such {what} file")
    try:
        text = path.read_text(encoding="utf-8") if path else files("configs").joinpath(*packaged).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: byte {error.start} is not UTF-8: save the file in that encoding") from None
    data, _ = read_yaml(text, name)
    if not isinstance(data, dict):
        raise UsageError(f"{name}: a {what} is a mapping of keys; this file holds none")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise UsageError(f"{name}: " + "; ".join(_complaint(item, model) for item in error.errors()[:5])) from None


def content_hash(page: BaseModel) -> str:
    """16 hex digits of what a page says, whatever its comments and spacing."""
    return hashlib.sha256(page.model_dump_json().encode()).hexdigest()[:16]


def _complaint(item: Any, model: type[BaseModel]) -> str:
    where = ".".join(str(part) for part in item["loc"])
    if item["type"] in UNKNOWN:
        return f"unknown key '{where}': {nearest(str(item['loc'][-1]), keys_at(model, item['loc'][:-1]))}"
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
