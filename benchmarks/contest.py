"""A contest: the same rows and outcomes for everyone, peers run apart, one table and a place for it in `docs/results.md`."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from models.arrays import Bools, Floats
from models.evaluate import auc, auc_margin, ece, ece_by_chance, log_loss_margin, metrics, told_bounds

ROOT = Path(__file__).resolve().parents[1]
PEER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
RESULTS = ROOT / "docs" / "results.md"


@dataclass
class Contest:
    """What each contender said of the same rows, and what it took.

    `rows` has `customer_id`, `fate` (rows that share one outcome in truth), `fold`, `outcome_<target>` (NaN: not known or not asked)
    and, `by_time`, `as_of`. Only rows of folds 0 and up are measured. `columns[target][kind]` is what a peer may see.
    """

    rows: pd.DataFrame
    columns: Mapping[str, Mapping[str, Sequence[str]]]
    categories: Sequence[str] = ()
    by_time: bool = True
    said: dict[str, pd.DataFrame] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def say(self, name: str, told: pd.DataFrame) -> None:
        """File what a contender said of some rows, found by their index; a target it is silent on stays out."""
        targets = [target for target in self.columns if target in told]
        self.said.setdefault(name, pd.DataFrame(np.nan, index=self.rows.index, columns=targets)).loc[told.index, targets] = told[targets]

    def export(self, work: Path) -> None:
        """Write `rows.parquet` and `task.json` for the peers."""
        work.mkdir(parents=True, exist_ok=True)
        seen = {name for kinds in self.columns.values() for names in kinds.values() for name in names}
        outcomes = [f"outcome_{target}" for target in self.columns]
        kept = list(dict.fromkeys(["fold", *(["as_of"] if self.by_time else []), *outcomes, *sorted(seen)]))
        self.rows[kept].to_parquet(work / "rows.parquet")
        targets = {target: {kind: list(names) for kind, names in kinds.items()} for target, kinds in self.columns.items()}
        task = {"targets": targets, "categories": list(self.categories), "by_time": self.by_time}
        (work / "task.json").write_text(json.dumps(task, indent=1) + "\n", encoding="utf-8")

    def run_peer(self, work: Path, name: str, peer: str, columns: str = "same", seconds: float = 60.0) -> None:
        """Let a peer fit and speak in its own environment, one thread, and read back what it said.

        What it said in an earlier run is taken as it is if nothing that it depends on has changed.
        """
        if not PEER_PYTHON.exists():
            print(f"{name}: left out, there is no {PEER_PYTHON.relative_to(ROOT)}: run `make bench`", file=sys.stderr)
            return
        command = [str(PEER_PYTHON), str(ROOT / "benchmarks" / "peers.py"), str(work), "--peer", peer, "--columns", columns]
        command += ["--seconds", str(seconds), "--name", name]
        asked = fingerprint(work, command[3:])
        about = work / f"said_{name}.json"
        if not about.exists() or json.loads(about.read_text("utf-8")).get("asked") != asked:
            print(f"{name} ...", file=sys.stderr)
            alone = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
            done = subprocess.run(command, env=alone, capture_output=True, text=True, check=False)  # noqa: S603
            if done.returncode:
                raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
            about.write_text(json.dumps({**json.loads(about.read_text("utf-8")), "asked": asked}) + "\n", encoding="utf-8")
        self.said[name] = pd.read_parquet(work / f"said_{name}.parquet")
        self.seconds[name] = json.loads(about.read_text("utf-8"))["fit"]

    def table(self, target: str, ours: str, part: Bools | None = None) -> list[str]:
        """A Markdown table: figures of each contender, and how far `ours` is ahead, with 95 % intervals over customers.

        Raises ValueError where a contender left out rows: the others would be measured on harder ones.
        """
        asked = (self.rows["fold"] >= 0).to_numpy() & self.rows[f"outcome_{target}"].notna().to_numpy()
        asked &= True if part is None else part
        outcome = self.rows.loc[asked, f"outcome_{target}"].to_numpy(dtype="float64")
        customers = self.rows.loc[asked, "customer_id"].reset_index(drop=True)
        told = {name: said.loc[asked, target].to_numpy(dtype="float64") for name, said in self.said.items() if target in said}
        silent = {name: int(np.isnan(p).sum()) for name, p in told.items() if np.isnan(p).any()}
        if silent:
            raise ValueError(f"{target}: not all of the {len(outcome):,} rows were answered, missing: {silent}")
        head = ("AUC", "log loss", "Brier", "ECE", "fit, CPU s", f"log loss above {ours} (95 %)", f"AUC below {ours} (95 %)")
        lines = [f"| `{target}`, {len(outcome):,} rows | {' | '.join(head)} |", "|---" * 8 + "|"]
        for name, p in sorted(told.items(), key=lambda one: metrics(outcome, one[1])["log_loss"]):
            m = metrics(outcome, p)
            figures = " | ".join(f"{m[key]:.4f}" for key in ("auc", "log_loss", "brier", "ece"))
            took = f"{self.seconds[name]:,.1f}" if name in self.seconds else ""
            margins = " | ".join(["", ""]) if name == ours else " | ".join(_margins(outcome, told[ours], p, customers))
            lines.append(f"| {'**' + name + '**' if name == ours else name} | {figures} | {took} | {margins} |")
        chance = ece_by_chance(told[ours], pd.factorize(self.rows.loc[asked, "fate"])[0])
        best, name = min((ece(outcome, p), name) for name, p in told.items() if name != ours)
        lines += [
            "",
            f"ECE that a perfectly calibrated model would show on these rows: {np.median(chance):.4f} in the median draw, "
            f"{np.quantile(chance, 0.95):.4f} at the 95th percentile; below the best contender's ({name}, {best:.4f}) in "
            f"{(chance < best).mean():.0%} of the draws.",
        ]
        return lines


def _margins(outcome: Floats, ours: Floats, theirs: Floats, customers: pd.Series) -> list[str]:
    loss = log_loss_margin(outcome, ours, theirs, customers)
    auc = auc_margin(outcome, ours, theirs, customers)
    return [_with_verdict(loss), _with_verdict(auc)]


def _with_verdict(m: Mapping[str, float]) -> str:
    # Without an interval (NaN) nothing was shown either way.
    verdict = "" if m["low"] > 0 else (" worse" if m["high"] < 0 else " tie")
    return f"{m['margin']:+.4f} ({told_bounds(m)}){verdict}"


class Stopwatch:
    """Listens to a job and holds the CPU seconds each of its steps took; what a step is called it learns when it begins."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._step, self._begun = "", time.process_time()

    def __call__(self, step: str, share: float | None = None) -> None:
        now = time.process_time()
        self.seconds[self._step] = self.seconds.get(self._step, 0.0) + now - self._begun
        self._step, self._begun = step, now


def fingerprint(work: Path, command: Sequence[str]) -> str:
    """Hex digits that change with the task, the peers' code, the command or the rows.

    Rows count by the mean of each column to six digits: sums in a database differ in the last ones from run to run.
    """
    digest = hashlib.sha256(" ".join(command).encode())
    for file in (work / "task.json", ROOT / "benchmarks" / "peers.py"):
        digest.update(file.read_bytes())
    means = pd.read_parquet(work / "rows.parquet").mean(numeric_only=True)
    digest.update(" ".join(f"{name} {mean:.6g}" for name, mean in means.items()).encode())
    return digest.hexdigest()[:16]


def auc_interval(outcome: pd.Series, said: pd.Series, draws: int = 1000, seed: int = 7) -> tuple[float, float]:
    """A 95 % interval of the AUC, by a bootstrap over rows."""
    rng = np.random.default_rng(seed)
    y, p = outcome.to_numpy(dtype="float64"), said.to_numpy(dtype="float64")
    picks = (rng.integers(0, len(p), len(p)) for _ in range(draws))
    low, high = np.quantile([auc(y[pick], p[pick]) for pick in picks], [0.025, 0.975])
    return float(low), float(high)


def data_folder() -> Path:
    """Where the real data lie: $DUEWISE_DATA, else ../shared/data beside the repository."""
    return Path(os.environ.get("DUEWISE_DATA") or ROOT.parent / "shared" / "data")


def _options() -> str:
    """The options of this run, the scratch folder by another name: where it lay is nobody's business."""
    given = sys.argv[1:]
    told = ["DIR" if before == "--work" else one for before, one in zip(["", *given], given, strict=False)]
    return "".join(f" {one}" for one in told)


def publish(name: str, lines: Sequence[str]) -> None:
    """Print the lines, and put them with command and date between the markers of `name` in `docs/results.md`."""
    command = f"`.venv/bin/python benchmarks/{Path(sys.argv[0]).name}{_options()}`, {datetime.now(UTC):%Y-%m-%d}"
    lines = [command, "", *lines]
    print("\n".join(lines))
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = RESULTS.read_text("utf-8") if RESULTS.exists() else "# Results\n"
    if begin not in text:
        text = f"{text.rstrip()}\n\n{begin}\n{end}\n"
    before, rest = text.split(begin)
    RESULTS.write_text(f"{before}{begin}\n" + "\n".join(lines) + f"\n{end}{rest.split(end)[1]}", encoding="utf-8")
