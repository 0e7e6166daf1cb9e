"""Progress never reaches stdout, moves on a terminal, and stays short in a log."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
JOB = """
from desk.progress import shown
with shown() as progress:
    progress("reading")
    for _ in range(10):
        progress("fitting")
print("done")
"""


def test_a_log_gets_one_line_a_step() -> None:
    done = subprocess.run([sys.executable, "-c", JOB], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("done\n", "reading\nfitting\n")


def test_a_terminal_gets_a_moving_line() -> None:
    ours, theirs = pty.openpty()
    env = os.environ | {"TERM": "xterm", "COLUMNS": "80"}
    done = subprocess.run([sys.executable, "-c", JOB], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    seen = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.stdout == b"done\n"
    assert "fitting" in seen
    assert "\x1b[" in seen
