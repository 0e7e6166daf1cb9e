"""A champion is kept in MLflow and comes back as it was, without pickle and without this repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ledger.errors import RefusedError, UsageError
from models.champion import FORM, Champion
from models.payment.baselines import ShrunkKaplanMeier
from models.payment.payment_time import PaymentTimeModel
from models.registry import Registry, Version
from models.types.debtor_type import TypeModel
from models.types.settings import TypeSettings

BASELINE = ShrunkKaplanMeier(np.linspace(1, 0, 241))
TYPES = TypeModel.untrained(TypeSettings()).to_json()


def register(registry: Registry, champion: Champion, *, promoted: bool = True) -> Version:
    return registry.register(champion, promoted=promoted, params={"seed": 7}, metrics={"auc": 0.8, "none": float("nan")}, files={})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("books")


@pytest.fixture(scope="module")
def registry(folder: Path) -> Registry:
    return Registry(None, folder, "0" * 12)


@pytest.fixture(scope="module")
def kept(registry: Registry, champion: Champion) -> Version:
    return register(registry, champion)


def test_a_champion_comes_back_with_the_same_scores(
    registry: Registry, kept: Version, champion: Champion, toy_rows: Callable[..., pd.DataFrame]
) -> None:
    again = registry.load(kept)
    rows = toy_rows(200, seed=11)
    for one, other in zip(champion.payment.curve(rows).unpaid, again.payment.curve(rows).unpaid, strict=True):
        assert (one == other).all()
    assert (again.as_of, again.usual, again.types) == (champion.as_of, champion.usual, champion.types)
    assert again.fingerprint == champion.fingerprint
    assert kept.boosters == (*(f"late_{number}" for number in range(1, 6)), "hazard_1", "hazard_2")


def test_nothing_that_is_kept_is_a_pickle(folder: Path, kept: Version) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"champion.json", "late_1.txt", "late_5.txt", "hazard_2.txt", "mlflow.db"} <= {path.name for path in files}
    assert [path for path in files if path.suffix in (".pkl", ".pickle", ".joblib", ".skops", ".cloudpickle")] == []
    assert [path for path in files if path.read_bytes()[:1] == b"\x80"] == []


def test_boosters_load_with_lightgbm_alone(folder: Path, kept: Version, champion: Champion, toy_rows: Callable[..., pd.DataFrame]) -> None:
    assert isinstance(champion.payment, PaymentTimeModel)
    (path,) = folder.rglob("late_1.txt")
    first = champion.payment.late.members[0]
    n_columns = first.num_feature()
    code = (
        "import sys, lightgbm; booster = lightgbm.Booster(model_file=sys.argv[1]); "
        f"print(repr(float(booster.predict([[0.5] * {n_columns}])[0]))); "
        "assert not {'ledger', 'features', 'models', 'mlflow'} & set(sys.modules)"
    )
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-I", "-c", code, str(path)], cwd="/", env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == first.predict([[0.5] * n_columns])[0]


def test_the_newest_promoted_champion_that_knew_no_more_than_the_day(tmp_path: Path) -> None:
    registry = Registry(None, tmp_path, "1" * 12)
    assert registry.champion() is None
    days = {1: date(2024, 3, 31), 2: date(2024, 6, 30), 3: date(2024, 9, 30), 4: date(2024, 3, 31)}
    made = [register(registry, Champion(day, BASELINE, {}, {}), promoted=number != 3) for number, day in days.items()]
    assert [one.number for one in made] == [1, 2, 3, 4]
    assert registry.versions() == made
    found = {day: registry.champion(not_after=day) for day in (date(2024, 3, 30), date(2024, 5, 1), date(2024, 12, 31))}
    assert [one and one.number for one in found.values()] == [None, 4, 2]
    assert registry.champion() == made[1]
    # A ledger has its own name in the store.
    assert Registry(None, tmp_path, "2" * 12).champion() is None


def test_a_baseline_is_kept_too(tmp_path: Path) -> None:
    registry = Registry(None, tmp_path, "1" * 12)
    baseline = Champion(date(2024, 3, 31), BASELINE, TYPES, {})
    again = registry.load(register(registry, baseline))
    assert again.fingerprint == baseline.fingerprint
    assert isinstance(again.payment, ShrunkKaplanMeier)
    assert (again.payment.unpaid == BASELINE.unpaid).all()


def test_a_ledger_takes_its_models_along_when_it_moves(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    march, june = (Champion(day, BASELINE, TYPES, {}) for day in (date(2024, 3, 31), date(2024, 6, 30)))
    register(Registry(None, before, "1" * 12), march)
    before.rename(after)
    moved = Registry(None, after, "1" * 12)
    assert moved.load(moved.versions()[0]).fingerprint == march.fingerprint
    assert moved.load(register(moved, june)).fingerprint == june.fingerprint
    assert not before.exists()


def test_a_store_that_cannot_be_read_is_refused_without_its_password(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("junk")
    with pytest.raises(RefusedError, match=r"the model store .*mlflow.db cannot be read: .*; give the right one with --store"):
        Registry(None, tmp_path, "1" * 12).versions()
    with pytest.raises(RefusedError, match=r"bogus://me:\*\*\*@host/x cannot be read"):
        Registry("bogus://me:secret@host/x", tmp_path, "1" * 12).versions()


def test_two_who_begin_at_once_keep_both_models(tmp_path: Path) -> None:
    code = "import sys; from datetime import date; from pathlib import Path; import numpy; from models.champion import Champion; "
    code += "from models.payment.baselines import ShrunkKaplanMeier; from models.registry import Registry; "
    code += (
        "registry = Registry(None, Path(sys.argv[1]), '1' * 12); print('ready', flush=True); sys.stdin.readline(); registry.versions(); "
    )
    code += "champion = Champion(date(2024, 3, 31), ShrunkKaplanMeier(numpy.linspace(1, 0, 241)), {}, {}); "
    code += "registry.register(champion, promoted=True, params={}, metrics={}, files={})"
    command = [sys.executable, "-c", code, str(tmp_path)]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.stdout.readline() for one in both if one.stdout] == ["ready\n"] * 2
    for one in both:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [one.communicate()[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    assert [one.number for one in Registry(None, tmp_path, "1" * 12).versions()] == [1, 2]


@pytest.mark.parametrize("store", ["models", "file:///models/", "/srv/models"])
def test_a_folder_is_no_store(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"is a folder, .* write sqlite:///\S*models\.db$"):
        Registry(store, tmp_path, "1" * 12)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    with pytest.raises(UsageError, match="is a folder"):
        Registry(None, tmp_path, "1" * 12)


def test_the_fingerprint_depends_on_what_a_champion_would_answer(champion: Champion) -> None:
    assert champion.fingerprint == replace(champion).fingerprint
    assert len(champion.fingerprint) == 12
    others = [
        replace(champion, as_of=date(2024, 7, 1)),
        replace(champion, usual={}),
        replace(champion, payment=BASELINE),
        replace(champion, type_boosters={"type": champion.boosters["late_1"]}),
    ]
    assert len({one.fingerprint for one in [champion, *others]}) == 5


@pytest.mark.parametrize("part", sorted(FORM))
def test_a_champion_of_another_form_is_refused(part: str, champion: Champion) -> None:
    raw = json.loads(champion.to_json())
    for other in ({**raw, part: "other"}, {name: value for name, value in raw.items() if name != part}):
        with pytest.raises(RefusedError, match=r"the champion is of another version, .*: run `duewise train` again"):
            Champion.from_parts(json.dumps(other), champion.boosters)


def test_a_form_holds_every_name_that_a_champion_speaks_by(champion: Champion) -> None:
    raw = json.loads(champion.to_json())
    kept = Champion.from_parts(json.dumps(raw), champion.boosters)
    assert isinstance(kept.payment, PaymentTimeModel)
    assert set(kept.payment.late.columns) <= set(raw["late_columns"])
    assert set(kept.payment.hazard.columns) <= set(raw["step_columns"])
    assert set(raw["payment"]["stacking"]) == set(raw["stacking"])
    assert set(raw["types"]["rules"]["points"]["votes"]) == set(raw["rules"])
