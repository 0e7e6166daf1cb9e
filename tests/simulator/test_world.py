"""A world file: every key has a default and a sentence, and what is wrong is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import annotated_types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ledger.errors import UsageError
from simulator import World, load_world, simulate, world_names
from simulator.world import parse_world


def test_the_ready_worlds_are_there() -> None:
    assert {"default", "payments_only", "noisy", "recession", "shifted", "clean_office", "concentrated"} <= set(world_names())


@pytest.mark.parametrize("name", world_names())
def test_a_ready_world_loads_and_says_what_it_is_for(name: str) -> None:
    assert load_world(name).title


def test_an_own_file_overlays_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("cash: {slump_months: 9}\n")
    assert load_world(str(file)) == World(cash=World().cash.model_copy(update={"slump_months": 9}))
    file.write_text("")
    assert load_world(str(file)) == World()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"leaning": {}}, "unknown key 'leaning': did you mean 'leanings'?"),
        ({"collectors": {"intensty": 1}}, "unknown key 'collectors.intensty': did you mean 'intensity'?"),
        ({"collectors": {"intensity": 7}}, "'collectors.intensity' is 7: Input should be less than or equal to 1"),
        ({"tables": ["diputes"]}, "'tables.0' is 'diputes'"),
        ({"billing": {"terms": {}}}, "'billing.terms' is {}"),
        ({1: 2}, "unknown key '1': known: billing"),
        ({"unapplied_share": True}, "'unapplied_share' is True: Input should be a number, not yes or no"),
        ([1], "'the file' is [1]"),
    ],
)
def test_a_wrong_key_or_value_is_named(raw: Any, message: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_world(raw, "mine.yaml")
    assert str(error.value).startswith("mine.yaml: ")
    assert message in str(error.value)


def test_unreadable_yaml_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("cash: [")
    with pytest.raises(UsageError, match="this is not YAML"):
        load_world(str(file))


def test_a_world_may_lie_in_norway_and_says_nothing_twice(tmp_path: Path) -> None:
    file = tmp_path / "north.yaml"
    file.write_text("customers: {countries: {NO: 2, SE: 1}}\n")
    assert load_world(str(file)).customers.countries == {"NO": 2, "SE": 1}
    file.write_text("compliant_days: 3\ncash: {season: 0}\ncompliant_days: 4\n")
    with pytest.raises(UsageError, match="line 3: 'compliant_days' stands there twice, first in line 1"):
        load_world(str(file))


def leaves(model: type[BaseModel], above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], FieldInfo]]:
    found: list[tuple[tuple[str, ...], FieldInfo]] = []
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += leaves(kind, (*above, name))
        else:
            found.append(((*above, name), info))
    return found


def test_every_key_has_a_default_and_a_sentence() -> None:
    for path, info in leaves(World):
        assert not info.is_required(), path
        assert info.description, path
        assert info.description.endswith("."), path


def bounds(info: FieldInfo) -> tuple[float, float]:
    low, high = 0.0, 1.0
    for limit in info.metadata:
        low = limit.ge if isinstance(limit, annotated_types.Ge) else low
        low = limit.gt + 0.01 if isinstance(limit, annotated_types.Gt) else low
        high = limit.le if isinstance(limit, annotated_types.Le) else high
    return low, high


NUMBERS = [(path, info) for path, info in leaves(World) if info.annotation in (float, int)]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    raw: dict[str, Any] = {"tables": draw(st.lists(st.sampled_from(["contacts", "disputes", "promises", "credit_notes"]), unique=True))}
    for path, info in draw(st.lists(st.sampled_from(NUMBERS), max_size=12)):
        low, high = bounds(info)
        value = draw(st.integers(int(low), int(high)) if info.annotation is int else st.floats(low, high))
        group = raw if len(path) == 1 else raw.setdefault(path[0], {})
        group[path[-1]] = min(value, 20.0) if path[-1] == "invoices_per_month" else value
    return parse_world(raw)


@settings(max_examples=25)
@given(world=worlds(), until=st.dates(date(2019, 1, 1), date(2026, 12, 31)), months=st.integers(1, 4), customers=st.integers(1, 12))
def test_any_world_can_be_lived_in_and_no_invoice_is_paid_twice(world: World, until: date, months: int, customers: int) -> None:
    simulation = simulate(world, customers=customers, months=months, until=until, seed=1)
    assert simulation.tables["customers"].num_rows == customers
    assert (simulation.life.invoices.open >= 0).all()
    simulation.truth(1.0)
