"""The YAML that people write here: sources, worlds, playbooks, texts and settings. A key given twice is refused; `NO` is Norway."""

from __future__ import annotations

from typing import Any

import yaml

from ledger.errors import UsageError

Places = dict[tuple[str, ...], int]


class _Loader(yaml.SafeLoader):
    """Only true and false are yes and no: `No` may head a column, and `NO` is a country."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the parent's, less one
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_yaml(text: str, name: str) -> tuple[Any, Places]:
    """What a YAML text says, and the line (from 1) of each of its keys. `name` is told in errors.

    >>> read_yaml("countries: {NO: 1}", "north.yaml")
    ({'countries': {'NO': 1}}, {('countries',): 1, ('countries', 'NO'): 1})
    >>> read_yaml("seed: 7", "a.yaml") == read_yaml("seed: 7 # as ever", "a.yaml")
    True
    >>> read_yaml("seed: 7\\nseed: 8", "a.yaml")
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: a.yaml, line 2: 'seed' stands there twice, first in line 1: keep one
    >>> read_yaml("seed: [", "a.yaml")
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: a.yaml, line 1, column 8: this is not YAML: expected the node content, but found '<stream end>'
    """
    try:
        root = yaml.compose(text, Loader=_Loader)
        values = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UsageError(f"{name}{where}: this is not YAML: {getattr(error, 'problem', error)}") from None
    places: Places = {}
    for key, line in _keys(root):
        if key in places:
            raise UsageError(f"{name}, line {line}: '{'.'.join(key)}' stands there twice, first in line {places[key]}: keep one")
        places[key] = line
    return values, places


def _keys(node: yaml.Node | None, above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], int]]:
    if isinstance(node, yaml.SequenceNode):
        return [one for at, item in enumerate(node.value) for one in _keys(item, (*above, str(at)))]
    if not isinstance(node, yaml.MappingNode):
        return []
    found = []
    for key, value in node.value:
        here = (*above, str(key.value))
        found += [(here, key.start_mark.line + 1), *_keys(value, here)]
    return found
