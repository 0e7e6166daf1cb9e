"""The YAML that people write here: sources, worlds, playbooks, texts and settings. `NO` is Norway.

A key given twice is refused, and so is an alias (`*name`): what stands somewhere else is not what a reader sees here.
"""

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

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:  # a day that is in no calendar
            raise yaml.MarkedYAMLError(problem=f"{node.value}: {error}", problem_mark=node.start_mark) from None


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
    >>> read_yaml("a: &a [*a]", "a.yaml")
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: a.yaml, line 1: '*a' stands for what is written elsewhere: write it out here
    >>> read_yaml("seed: [", "a.yaml")
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: a.yaml, line 1, column 8: this is not YAML: expected the node content, but found '<stream end>'
    """
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise UsageError(f"{name}, line {line}: '*{event.anchor}' stands for what is written elsewhere: write it out here")
        root = yaml.compose(text, Loader=_Loader)
        values = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
        keys = _keys(root)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UsageError(f"{name}{where}: this is not YAML: {getattr(error, 'problem', error)}") from None
    except RecursionError:
        raise UsageError(f"{name}: keys or lists lie too deep within each other: none that is known here lies deeper than a few") from None
    places: Places = {}
    for key, line in keys:
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
