"""A house with a playbook and texts of its own: they are used, and a run is known by what they say, not by where they lie."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import pytest


def own_pages(folder: Path, name: str) -> dict[str, str]:
    """The shipped pages with one word changed in each, as variables of the environment."""
    folder.mkdir(exist_ok=True)
    playbook, texts = (files("configs").joinpath(*one).read_text("utf-8") for one in (("playbook.yaml",), ("texts", "en.yaml")))
    assert "tone: warm" in playbook
    assert "can pay, pays late" in texts
    (folder / f"{name}.yaml").write_text(playbook.replace("tone: warm", "tone: plain"), encoding="utf-8")
    (folder / f"{name}_texts.yaml").write_text(texts.replace("can pay, pays late", "takes its time"), encoding="utf-8")
    return {"DUEWISE_WORKLIST__PLAYBOOK": str(folder / f"{name}.yaml"), "DUEWISE_WORKLIST__TEXTS": str(folder / f"{name}_texts.yaml")}


def test_own_pages_are_used_and_known_by_what_they_say(trained: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {}
    for name, variables in {"shipped": {}, "own": own_pages(tmp_path, "own"), "copy": own_pages(tmp_path / "copy", "mine")}.items():
        for variable, path in variables.items():
            monkeypatch.setenv(variable, path)
        assert trained.called("score", as_of=trained.today, out=tmp_path / name) == 0
        latest = tmp_path / name / "latest"
        tones = set(pd.read_csv(latest / "worklist.csv")["tone"].dropna())
        manifest = json.loads((latest / "manifest.json").read_text("utf-8"))
        page = (latest / "worklist.html").read_text("utf-8")
        found[name] = {"warm": "warm" in tones, "said": "takes its time" in page, "run": manifest["run_id"], "manifest": manifest}
    assert [(one["warm"], one["said"]) for one in found.values()] == [(True, False), (False, True), (False, True)]
    assert found["own"]["run"] == found["copy"]["run"] != found["shipped"]["run"]
    assert found["own"]["manifest"] == found["copy"]["manifest"]


def test_a_page_that_is_not_there_is_told_before_anything_is_scored(
    trained: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUEWISE_WORKLIST__TEXTS", str(tmp_path / "words.yaml"))
    assert trained.called("score", as_of=trained.today, out=tmp_path / "scores") == 2
    assert f"{tmp_path}/words.yaml: there is no such texts file" in capsys.readouterr().err
    assert not (tmp_path / "scores").exists()
