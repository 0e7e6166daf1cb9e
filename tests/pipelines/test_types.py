"""`types evaluate` measures against a truth; nothing else may know that there is one."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from desk.cli import run
from ledger.errors import RefusedError
from models.types.settings import TypeSettings
from pipelines.config import Config
from pipelines.types import read_truth, run_types_evaluate
from simulator import load_world, simulate, write_ledger, write_truth

ROOT = Path(__file__).resolve().parents[2]
AS_OF, TRAINED_ON = date(2025, 6, 30), date(2024, 12, 31)
FEW_ROUNDS = TypeSettings().booster.model_copy(update={"max_rounds": 40})
SETTINGS = TypeSettings(max_month_ends=1, booster=FEW_ROUNDS)
CONFIG = Config(threads=1, types=SETTINGS)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of 200 customers over 16 months, and its truth beside it."""
    folder = tmp_path_factory.mktemp("world")
    simulation = simulate(load_world("default"), customers=200, months=16, until=AS_OF, seed=11)
    write_ledger(simulation, str(folder / "ledger"))
    write_truth(simulation.truth(0.0), folder / "truth")
    return folder


def test_the_report_has_what_was_promised(world: Path) -> None:
    report = run_types_evaluate(str(world / "ledger"), world / "truth", AS_OF, CONFIG)
    told = json.loads(json.dumps(report.to_json()))
    assert {"macro_f1", "coverage", "ece", "per_type", "confusion", "contenders"} <= set(told)
    assert (told["as_of"], told["train_as_of"]) == ("2025-06-30", "2024-12-31")
    assert told["not_in_ledger"] == 0
    assert set(told["contenders"]) == {"majority", "dawid_skene", "points", "k_means"}
    assert told["n"] == len(read_truth(world / "truth", AS_OF))
    assert sum(map(sum, told["confusion"])) == round(told["coverage"] * told["n"])
    # Far above what guessing gives (a fifth), even from one month-end of 200 customers.
    assert told["macro_f1"] > 0.6
    assert told["macro_f1_interval"][0] <= told["macro_f1"] <= told["macro_f1_interval"][1]
    assert report.draw(world / "figures").read_bytes().startswith(b"\x89PNG")
    assert report.lines()[0] == f"debtor types on 2025-06-30, learned from what was known on 2024-12-31: {told['n']} customers"


def test_no_other_file_reads_a_truth() -> None:
    """The words by which a truth folder could be found stand in the one file that may read it, and where the simulator writes it."""
    rooms = ("ledger", "features", "models", "worklist", "pipelines", "desk")
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for room in rooms for path in (ROOT / room).rglob("*.py")}
    assert {"ledger/store.py", "models/types/rules.py", "models/payment/curve.py", "models/cash/model.py"} <= set(texts)
    for words in ("read_truth", "types.parquet"):
        assert {name for name, text in texts.items() if words in text} == {"pipelines/types.py"}, words


def test_a_missing_truth_and_a_day_that_it_does_not_know_are_refused(world: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"there is no truth at .*write it with `duewise simulate --truth"):
        read_truth(tmp_path, AS_OF)
    with pytest.raises(RefusedError, match="knows no truth on 2025-06-15: choose a month-end from"):
        read_truth(world / "truth", date(2025, 6, 15))


def test_a_truth_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "types.parquet").write_text("not a table")
    with pytest.raises(RefusedError, match=r"types.parquet cannot be read as a truth \(.*\): write it with"):
        read_truth(tmp_path, AS_OF)


def test_a_truth_without_a_column_is_refused_by_its_name(tmp_path: Path) -> None:
    pd.DataFrame({"customer_id": ["C1"], "as_of": [AS_OF.isoformat()]}).to_parquet(tmp_path / "types.parquet")
    with pytest.raises(RefusedError, match=r"types\.parquet lacks the column debtor_type: write it with `duewise simulate --truth"):
        read_truth(tmp_path, AS_OF)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"debtor_type": ["compliant", "foo"]}, "column debtor_type on 2025-06-30: 'foo' is no debtor type"),
        ({"customer_id": ["C1", "C1"]}, "column customer_id on 2025-06-30: 'C1' stands there twice"),
        ({"as_of": ["2025-06-30", "soon"]}, "column as_of: not every value is a day"),
    ],
)
def test_a_truth_with_a_wrong_value_is_refused_by_column(rows: dict[str, list[str]], message: str, tmp_path: Path) -> None:
    sound = {"customer_id": ["C1", "C2"], "as_of": ["2025-06-30"] * 2, "debtor_type": ["compliant", "fortuitous"]}
    pd.DataFrame(sound | rows).to_parquet(tmp_path / "types.parquet")
    with pytest.raises(RefusedError, match=message):
        read_truth(tmp_path, AS_OF)


def test_the_truth_of_another_ledger_and_a_training_after_the_day_are_refused_before_anything_is_fitted(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.types.fit_types", lambda *_, **__: pytest.fail("fitted for nothing"))
    strange = pd.DataFrame({"customer_id": ["nobody"], "as_of": ["2025-06-30"], "debtor_type": ["compliant"]})
    strange.to_parquet(tmp_path / "types.parquet")
    with pytest.raises(RefusedError, match="no customer of the truth is in the ledger"):
        run_types_evaluate(str(world / "ledger"), tmp_path, AS_OF, CONFIG)
    with pytest.raises(RefusedError, match="train_as_of 2025-07-31 is after as_of 2025-06-30: that would measure hindsight"):
        run_types_evaluate(str(world / "ledger"), world / "truth", AS_OF, CONFIG, train_as_of=date(2025, 7, 31))


def test_customers_of_the_truth_that_the_ledger_does_not_know_are_counted(world: Path, tmp_path: Path) -> None:
    truth = pd.read_parquet(world / "truth" / "types.parquet")
    first = truth["customer_id"].min()
    truth.replace({"customer_id": {first: "nobody"}}).to_parquet(tmp_path / "types.parquet")
    report = run_types_evaluate(str(world / "ledger"), tmp_path, AS_OF, CONFIG)
    assert report.to_json()["not_in_ledger"] == 1
    assert "warning: 1 of these customers are not in the ledger" in "\n".join(report.lines())


def test_the_first_day_of_a_truth_has_no_six_months_to_learn_from_and_the_way_out_is_named(world: Path) -> None:
    first = min(pd.read_parquet(world / "truth" / "types.parquet")["as_of"])
    with pytest.raises(
        RefusedError, match=rf"train_as_of .* is before the first fact .* later as_of than {first}, or say with --train-as-of"
    ):
        run_types_evaluate(str(world / "ledger"), world / "truth", first, CONFIG)


def test_the_verb_says_so_without_a_traceback(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["types", "evaluate", "--ledger", str(world / "ledger"), "--truth", str(tmp_path), "--as-of", "2025-06-30"])
    assert code == 1
    assert "there is no truth at" in capsys.readouterr().err


def test_a_truth_has_the_types_of_one_day(world: Path) -> None:
    truth = read_truth(world / "truth", AS_OF)
    assert list(truth) == ["customer_id", "debtor_type"]
    assert not truth["customer_id"].duplicated().any()
    assert isinstance(truth, pd.DataFrame)
