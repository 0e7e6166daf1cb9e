"""What the results were made with can still be run after a change of the product."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_benchmark_finds_what_it_imports() -> None:
    names = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))
    assert len(names) > 20
    path = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
    told = subprocess.run(
        [sys.executable, "-c", f"import importlib\nfor name in {names}: importlib.import_module(name)"],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
