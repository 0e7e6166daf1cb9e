"""What the repository promises about itself: rooms, prerequisites, lock, docs, a quick start, and nothing of anybody's machine."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import resource
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from ledger.tables import ACTIONS, CHANNELS, DEBTOR_TYPES, REASON_CODES

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES: list[str] = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
ROOMS = [name for name in PACKAGES if "." not in name]
RULES = [
    *("T0", "T1", "T2", "T2b", "T3", "T4", "T5"),
    *(f"{group}{number}" for group, last in (("G", 6), ("A", 9), ("R", 5), ("F", 11)) for number in range(1, last + 1)),
]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    return [(path, path.read_text("utf-8")) for path in tracked() if b"\0" not in path.read_bytes()[:4096]]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_ours_alone_and_says_what_it_is_for(room: str) -> None:
    assert set(packages_distributions().get(room, ())) <= {"duewise"}
    found = importlib.util.find_spec(room)
    assert found is not None
    assert Path(str(found.origin)) == ROOT / room / "__init__.py"
    assert ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text("utf-8")))


def test_every_folder_of_a_room_is_installed() -> None:
    folders = {".".join(path.relative_to(ROOT).parent.parts) for path in tracked() if path.name == "__init__.py"}
    assert folders == set(PACKAGES)


def test_every_module_says_what_it_is_for() -> None:
    modules = [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in (*ROOMS, "tests")]
    silent = [str(path.relative_to(ROOT)) for path in modules if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_every_room_is_tested_checked_and_installed() -> None:
    tools = PROJECT["tool"]
    assert set(tools["pytest"]["ini_options"]["testpaths"]) == {"tests", *ROOMS}
    assert set(tools["importlinter"]["root_packages"]) == set(ROOMS)
    rooms = re.search(r"^ROOMS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert rooms is not None
    assert rooms[1].split() == ROOMS


def test_no_file_names_a_machine_or_a_registry() -> None:
    of_machines = re.compile(
        r"/(?:work|root|Users)/\w|/home/(?!user\b)\w|(?:files\.)?python[h]osted|pypi\.or[g]|npmjs\.or[g]|debian\.or[g]|/opt/(?:pypi|wheels)"
    )
    named = [f"{path.relative_to(ROOT)}: {hit[0]}" for path, text in texts() for hit in of_machines.finditer(text)]
    assert named == []


def test_the_lock_is_hashed_pinned_and_names_no_address() -> None:
    for name in ("dev", "bench", "bootstrap"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
        pins = re.findall(r"^[a-z0-9][^\n]*(?:\n    --hash=[^\n]*)*", text, re.MULTILINE | re.IGNORECASE)
        assert pins
        assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []
        assert "://" not in text
    assert not (ROOT / "uv.lock").exists()


def test_the_lock_holds_every_dependency() -> None:
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / "dev.txt").read_text("utf-8"), re.MULTILINE))
    project = PROJECT["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=!~ ;]", one)[0].lower() for one in asked}
    assert names - {name.lower() for name in locked} == set()


def test_help_answers_in_half_a_second() -> None:
    """In processor time, which a busy machine does not stretch as it does the clock on the wall; the start is all computing."""

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-c", "from desk.cli import main; main()", "--help"]
        subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(5)) < 0.5


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ("echo 3.10", "Python 3.11 to 3.13: '{python}' is 3.10"),
        ("echo 3.14", "Python 3.11 to 3.13: '{python}' is 3.14"),
        ("exit 127", "Python 3.11 to 3.13: '{python}' does not run"),
        ('case "$2" in *ensurepip*) exit 1 ;; esac; echo 3.12', "apt-get install python3-venv"),
    ],
)
def test_a_missing_prerequisite_is_named_with_its_remedy(tmp_path: Path, python: str, message: str) -> None:
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\n{python}\n")
    fake.chmod(0o755)
    done = subprocess.run(["sh", "requirements/prerequisites.sh", str(fake)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert message.format(python=fake) in done.stderr


def test_with_the_prerequisites_nothing_is_said() -> None:
    done = subprocess.run(["sh", "requirements/prerequisites.sh", sys.executable], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_the_domain_is_written_down(rule: str) -> None:
    assert f"| {rule} |" in (ROOT / "docs" / "domain.md").read_text("utf-8")


@pytest.mark.parametrize("word", [*DEBTOR_TYPES, "undetermined", *ACTIONS, *CHANNELS, *REASON_CODES])
def test_every_word_of_the_enumerations_is_explained(word: str) -> None:
    assert f"`{word}`" in (ROOT / "docs" / "domain.md").read_text("utf-8")


def test_every_link_of_the_docs_leads_somewhere() -> None:
    lost = []
    for path, text in texts():
        if path.suffix == ".md":
            for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
                if not (path.parent / target).exists():
                    lost.append(f"{path.relative_to(ROOT)}: {target}")
    assert lost == []


def test_every_decision_has_its_parts() -> None:
    notes = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(note.name[:4]) for note in notes] == list(range(1, len(notes) + 1))
    for note in notes:
        text = note.read_text("utf-8")
        for part in ("## Context", "## Options", "## Decision", "## Consequences", "Revisited:"):
            assert part in text, f"{note.name}: {part}"
    index = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    assert [note.name for note in notes if f"[{int(note.name[:4])}]({note.name})" not in index] == []


def test_a_skipped_test_fails_in_ci_unless_only_the_data_are_absent(tmp_path: Path) -> None:
    story = tmp_path / "test_story.py"
    story.write_text(
        "import pytest\ndef test_part():\n    pytest.skip('no browser')\ndef test_data(real_data):\n    real_data('absent.csv')\n"
    )
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(story)]
    counts = {}
    for ci in ("true", "false"):
        done = subprocess.run(command, cwd=tmp_path, env=os.environ | {"CI": ci}, capture_output=True, text=True)
        counts[ci] = re.findall(r"(\d+) (failed|skipped)", done.stdout.splitlines()[-1])
    assert counts == {"true": [("1", "failed"), ("1", "skipped")], "false": [("2", "skipped")]}
