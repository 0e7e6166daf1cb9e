"""What leaves the house is the same to the byte whether a truth lies beside the ledger, is gone, or cannot be opened by anybody.

Every verb of the command line but `types evaluate` is called in three folders that differ in nothing but the truth. A new verb fails
the test until it is called here too. Run as a script, this file is one such round of calls in the current folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import typer

from desk.cli import app, run
from desk.pages import verbs

ROOT = Path(__file__).resolve().parents[2]
READS_THE_TRUTH = "types evaluate"
ON, BOOKS, SETTINGS = ["--as-of", "2025-12-31"], ["--ledger", "books"], ["--config", "tiny.yaml"]
CALLS = {
    "demo": ["--out", "demo", *SETTINGS],
    "simulate": ["--out", "again", "--customers", "60", "--months", "9", "--seed", "3", *SETTINGS],
    "ingest": ["--source", "canonical", "--input", "extracts", *BOOKS, *SETTINGS],
    "ledger": [*BOOKS, "--json", *SETTINGS],
    "train": [*BOOKS, "--as-of", "2025-11-30", *SETTINGS],
    "score": [*BOOKS, *ON, "--out", "scores", *SETTINGS],
    "explain": [*BOOKS, *ON, "--customer", "CUSTOMER", *SETTINGS],
    "forecast": [*BOOKS, *ON, "--out", "scores", *SETTINGS],
    "backtest": [
        *[*BOOKS, "--train-until", "2025-10-31", "--first", "2025-11-03", "--last", "2025-11-17", "--every", "14d"],
        *["--out", "backtest", *SETTINGS],
    ],
    "types movement": [*BOOKS, *ON, "--months", "1", *SETTINGS],
    READS_THE_TRUTH: [*BOOKS, *ON, "--truth", "truth", "--out", "figures", *SETTINGS],
}
TINY = """
threads: 1
models: {every_days: 15, min_of_either: 10, max_steps: 4000, late_fits: 2, late_head: {max_rounds: 5}, hazard_head: {max_rounds: 5}}
types:
  max_month_ends: 1
  min_customers: 10
  warm_up_days: 60
  hindsight_days: 30
  booster: {max_rounds: 9, learning_rate: 0.4, min_child_samples: 5}
"""
EXTRACTS = {
    "customers.csv": "customer_id,name,kind,country\nC1,One,business,DE\n",
    "invoices.csv": "invoice_id,customer_id,issued_on,due_on,amount,currency\nI1,C1,2025-01-02,2025-02-01,100,EUR\n",
    "payments.csv": "payment_id,invoice_id,customer_id,paid_on,amount,currency\nP1,I1,C1,2025-02-03,100,EUR\n",
}
# Wherever a program might look for it: beside the ledger, in it, and beside what is loaded.
PLACES = ("truth", "books/truth", "extracts/truth")
# Exempt by contract: ids and times of MLflow, and the pages of Great Expectations.
EXEMPT = ("mlflow.db", "mlartifacts", "data_docs")


def called_here() -> None:
    """Call every verb in the current folder; what it said and its exit code go to `said/`. A ledger's birth would give it a random id."""
    from pipelines import demo

    demo.CUSTOMERS, demo.MONTHS, demo.LIGHT = 4, 5, {}
    Path("said").mkdir()
    for name, words in CALLS.items():
        if name == "explain":
            listed = Path("scores/latest/worklist.csv").read_text("utf-8-sig").splitlines()
            words = [listed[1].split(",")[listed[0].split(",").index("customer_id")] if word == "CUSTOMER" else word for word in words]
        with Path("said", name).open("w") as said, redirect_stdout(said):
            code = run([*name.split(), *words])
            print(f"exit code {code}")


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders `present`, `absent` and `unreadable` after all verbs were called in each."""
    base = tmp_path_factory.mktemp("truth")
    written = base / "present"
    simulation = ["--customers", "60", "--months", "9", "--seed", "3"]
    assert run(["simulate", "--out", str(written / "books"), "--truth", str(written / "truth"), *simulation]) == 0
    (written / "tiny.yaml").write_text(TINY)
    (written / "extracts").mkdir()
    for name, text in EXTRACTS.items():
        (written / "extracts" / name).write_text(text)
    for folder in (base / "absent", base / "unreadable"):
        shutil.copytree(written, folder, ignore=shutil.ignore_patterns("truth"))
    for place in PLACES:
        if place != "truth":
            shutil.copytree(written / "truth", written / place)
        (base / "unreadable" / place).mkdir()
        for file in ("types.parquet", "responses.parquet"):
            # A link to itself: not even root can open it.
            (base / "unreadable" / place / file).symlink_to(file)
    for folder in base.iterdir():
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, __file__], cwd=folder, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return {folder.name: folder for folder in base.iterdir()}


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(PLACES) and not set(EXEMPT) & set(path.parts):
            yield name, path.read_bytes()


def test_every_verb_is_called() -> None:
    assert set(CALLS) == {name for name, verb in verbs(typer.main.get_command(app)) if not hasattr(verb, "commands")}


def test_every_verb_but_one_does_its_work(rounds: dict[str, Path]) -> None:
    for folder in rounds.values():
        codes = {name: (folder / "said" / name).read_text().splitlines()[-1] for name in CALLS if name != READS_THE_TRUTH}
        assert set(codes.values()) == {"exit code 0"}, codes
        assert "payment-time model" in (folder / "said" / "train").read_text()
        assert list(folder.glob("books/mlartifacts/*/artifacts/champion/type_*.txt")), "debtor types were learned, not only ruled"


@pytest.mark.parametrize("other", ["absent", "unreadable"])
def test_without_a_truth_every_byte_is_the_same(rounds: dict[str, Path], other: str) -> None:
    own = (f"said/{READS_THE_TRUTH}", "figures/")
    with_truth, without = ({k: v for k, v in written(rounds[one]) if not k.startswith(own)} for one in ("present", other))
    assert [name for name in sorted({*with_truth, *without}) if with_truth.get(name) != without.get(name)] == []
    promised = {"demo/scores/2025-12-31/worklist.html", "scores/2025-12-31/customer_scores.parquet", "scores/cash_forecast.parquet"}
    assert promised | {"backtest/metrics.json", "again/invoices.parquet", "books/payments.parquet", "said/explain"} <= set(with_truth)


def test_the_verb_that_reads_it_finds_it_refuses_a_lost_one_and_says_why(rounds: dict[str, Path]) -> None:
    """The places are the right ones: what is read by one verb would have been found by another."""
    codes = {name: (folder / "said" / READS_THE_TRUTH).read_text().splitlines()[-1] for name, folder in rounds.items()}
    assert codes == {"present": "exit code 0", "absent": "exit code 1", "unreadable": "exit code 1"}
    assert (rounds["present"] / "figures" / "types_confusion.png").read_bytes().startswith(b"\x89PNG")


if __name__ == "__main__":
    called_here()
