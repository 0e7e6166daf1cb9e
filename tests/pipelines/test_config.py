"""Three layers of settings become one frozen object; a slip is told with its place and the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from ledger.errors import UsageError
from pipelines.config import Config, load_config

DEFAULTS = Path(__file__).parents[2] / "configs" / "default.yaml"


def sections_of(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    annotations = {name: field.annotation for name, field in model.model_fields.items()}
    return {name: kind for name, kind in annotations.items() if isinstance(kind, type) and issubclass(kind, BaseModel)}


def every_model(model: type[BaseModel]) -> list[type[BaseModel]]:
    return [model, *(deeper for section in sections_of(model).values() for deeper in every_model(section))]


SECTIONS = sections_of(Config)


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_states_every_setting_as_the_rooms_define_it() -> None:
    stated = yaml.safe_load(DEFAULTS.read_text("utf-8"))
    assert load_config(env={}) == Config()
    assert set(stated) == set(Config.model_fields)
    for name, section in SECTIONS.items():
        assert set(stated[name]) == set(section.model_fields) - (set(Config.model_fields) - set(SECTIONS)), name


def test_every_setting_says_what_it_is_for_and_is_frozen() -> None:
    for model in every_model(Config):
        assert model.model_config.get("frozen"), model
        assert model.model_config.get("extra") == "forbid", model
        assert model.model_config.get("allow_inf_nan") is False, model
        for name, field in model.model_fields.items():
            assert name in sections_of(model) or field.description, f"{model.__name__}.{name}"
    with pytest.raises(ValidationError, match="frozen"):
        load_config(env={}).seed = 8  # type: ignore[misc]


def test_a_file_changes_what_it_names_and_leaves_its_neighbours(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, "worklist:\n  max_calls: 3\n"), env={})
    assert config.worklist.max_calls == 3
    assert config.worklist.calls_window_days == Config().worklist.calls_window_days


def test_a_variable_goes_over_the_file(tmp_path: Path) -> None:
    env = {"DUEWISE_WORKLIST__MAX_CALLS": "2", "DUEWISE_DATA": "/data", "DUEWISE_DEBUG": "1", "OTHER": "x"}
    assert load_config(written(tmp_path, "worklist:\n  max_calls: 3\n"), env=env).worklist.max_calls == 2


def test_a_section_follows_the_top_unless_it_sets_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, "staleness_days: 30\nworklist:\n  seed: 5\n")
    config = load_config(path, env={"DUEWISE_SEED": "9"})
    assert (config.seed, config.worklist.seed, config.features.staleness_days) == (9, 5, 30)


def test_a_variable_may_be_a_list_or_nothing() -> None:
    env = {"DUEWISE_WORKLIST__WORKED_OUTCOMES": "[paid, 7]", "DUEWISE_REPORTING_CURRENCY": "NOK"}
    with pytest.raises(
        UsageError, match=r"DUEWISE_WORKLIST__WORKED_OUTCOMES: worklist.worked_outcomes.1 = 7: input should be a valid string"
    ):
        load_config(env=env)
    config = load_config(env=env | {"DUEWISE_WORKLIST__WORKED_OUTCOMES": "[paid, NO]"})
    assert config.worklist.worked_outcomes == ("paid", "no")
    assert config.reporting_currency == "NOK"
    assert load_config(env={"DUEWISE_REPORTING_CURRENCY": ""}).reporting_currency is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sed: 8\n", "line 1: unknown setting 'sed': did you mean 'seed'?"),
        ("seed: 8\nworklist:\n  max_cals: 2\n", "line 3: unknown setting 'worklist.max_cals': did you mean 'max_calls'?"),
        ("worklist:\n  max_calls: many\n", "line 2: worklist.max_calls = 'many': input should be a valid integer"),
        ("max_bad_share: 2\n", "line 1: max_bad_share = 2: input should be less than or equal to 1"),
        ("seed: 8\n: [\n", "line 2, column 1: this is not YAML"),
        ("worklist:\n  worked_outcomes: paid\n", "line 2: worklist.worked_outcomes = 'paid': input should be a list: [one, other]"),
        ("seed: 8\nthreads: 1\nseed: 9\n", "line 3: 'seed' stands there twice, first in line 1: keep one"),
        ("worklist:\n  seed: 8\n  seed: 8\n", "line 3: 'worklist.seed' stands there twice, first in line 2: keep one"),
        ("worklist: {seed: 8}\nworklist: {max_calls: 2}\n", "line 2: 'worklist' stands there twice, first in line 1: keep one"),
        ("seed: &a [*a]\n", "line 1: '*a' stands for what is written elsewhere: write it out here"),
        ("seed: " + "[" * 5000 + "]" * 5000, "keys or lists lie too deep within each other"),
        ("seed: 8\nthreads: 2025-02-30\n", "line 2, column 10: this is not YAML: 2025-02-30: day is out of range for month"),
        ("seed: 8\nthreads: true\n", "line 2: threads = True: input should be a number, not yes or no"),
        ("features:\n  shrinkage: .inf\n", "line 2: features.shrinkage = inf: input should be a finite number"),
        ("types: {booster: {num_leaves: true}}", "types.booster.num_leaves = True: input should be a number, not yes or no"),
        ("seed: 8\n1: 3\n", "line 2: unknown setting '1': known: features"),
        ("worklist: {2: 3}\n", "line 1: unknown setting 'worklist.2': known: answer_business_days"),
        ("just words", "a config file is a list of `key: value` lines"),
    ],
)
def test_a_slip_in_a_file_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as told:
        load_config(path, env={})
    assert str(told.value).startswith(str(path))
    assert message in str(told.value)


def test_a_slip_in_a_variable_is_told_with_its_name() -> None:
    with pytest.raises(UsageError, match="variable DUEWISE_WORKLST__MAX_CALLS: unknown setting 'worklst': did you mean 'worklist'"):
        load_config(env={"DUEWISE_WORKLST__MAX_CALLS": "2"})


def test_two_slips_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"(?s)'thread'.*'seeds'|'seeds'.*'thread'"):
        load_config(written(tmp_path, "thread: 1\nseeds: 2\n"), env={})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.yaml: this config file cannot be read: No such file"):
        load_config(tmp_path / "absent.yaml", env={})
    (tmp_path / "latin.yaml").write_bytes("reporting_currency: \xe4".encode("latin-1"))
    with pytest.raises(UsageError, match=r"latin\.yaml: .* not UTF-8"):
        load_config(tmp_path / "latin.yaml", env={})


def test_an_empty_file_and_an_empty_section_change_nothing(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, ""), env={}) == Config()
    assert load_config(written(tmp_path, "worklist:\n"), env={}) == Config()


def test_what_follows_the_top_is_not_blamed_beside_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        load_config(written(tmp_path, "seed: seven"), env={})
    assert str(told.value).endswith(
        "mine.yaml, line 1: seed = 'seven': input should be a valid integer, unable to parse string as an integer"
    )


@pytest.mark.parametrize(
    "key",
    [
        "seed",
        "staleness_days",
        "features.history_days",
        "worklist.seed",
        "worklist.wait_business_days",
        "worklist.quiet_days_after_conversation",
    ],
)
def test_numbers_that_nothing_could_work_with_are_refused(key: str) -> None:
    with pytest.raises(UsageError, match="less than or equal to"):
        load_config(env={f"DUEWISE_{key.replace('.', '__').upper()}": str(10**20)})
