"""Documentation cannot lag behind: the generated pages are what would be generated now, and name all there is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import typer

from desk.cli import app
from desk.pages import pages, verbs
from features import behaviour
from features.matrix import VIEWS
from ledger.tables import DEBTOR_TYPES
from models.types.questions import FIRST_BILL, LATEST_BILL, LEFT_OPEN, NOTHING_PAID, PLAN, TERMS, WHAT_IS_LEFT, WHOSE_MONEY, question_for
from models.types.rules import RULES
from pipelines.config import Config
from worklist.texts import load_texts

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", sorted(pages()))
def test_a_generated_page_is_up_to_date(path: str) -> None:
    assert (ROOT / path).read_text("utf-8") == pages()[path], "run `make docs`"


def test_every_verb_and_option_has_its_place() -> None:
    page = pages()["docs/cli.md"]
    for name, verb in verbs(typer.main.get_command(app)):
        assert f"## duewise {name}\n" in page
        for parameter in verb.params:
            assert parameter.opts[0] in page


def test_every_feature_says_what_it_is_and_every_reason_it_gives_has_its_sentence() -> None:
    dictionary, reasons = pages()["docs/features.md"], pages()["docs/reasons.md"]
    for view in VIEWS:
        for feature in view.features:
            assert f"| `{feature.name}` |" in dictionary
            assert len(feature.doc) > 10, feature.name
            assert not feature.reason or f"| `{feature.reason}` |" in reasons, feature.name


def test_every_rule_figure_and_question_of_a_type_has_its_words() -> None:
    texts = load_texts()
    assert set(texts.type_rules) == {rule.name for rule in RULES}
    assert set(texts.type_reasons) == {feature.reason for feature in behaviour.FEATURES}
    between = {question_for(likely) for likely in permutations(DEBTOR_TYPES)}
    assert set(texts.type_questions) == between | {FIRST_BILL, LATEST_BILL, LEFT_OPEN, PLAN, TERMS, WHAT_IS_LEFT, WHOSE_MONEY, NOTHING_PAID}
    assert list(texts.type_figures) == list(behaviour.NAMES)
    for feature in behaviour.FEATURES:
        assert f"| `{feature.name}` |" in pages()["docs/features.md"]


def leaves(settings: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in settings.items():
        yield from leaves(value, f"{above}{name}.") if isinstance(value, dict) else [above + name]


def test_every_setting_has_a_row_with_its_default_and_meaning() -> None:
    page = pages()["docs/settings.md"]
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert list(rows) == list(leaves(Config().model_dump()))
    assert all(row.count("|") == 4 and not row.endswith("| . |") for row in rows.values())
