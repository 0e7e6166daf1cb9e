"""The card says in plain words where the figures forbid a claim."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from models.card import card, limits
from models.champion import Champion


@pytest.fixture
def valid(toy_rows: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    rows = toy_rows(4000, seed=8)
    return rows.assign(history_weight=np.where(rows["customer_id"] < "C05", 0.0, 0.9))


def said(rows: pd.DataFrame, p_late: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"p_late": p_late, "p_late_30": 0.01 + 0.2 * p_late}, index=rows.index)


def line_of(lines: list[str], about: str) -> str:
    (found,) = [line for line in lines if line.startswith(f"| {about} |")]
    return found


def test_a_part_near_chance_is_called_so_and_a_good_one_is_not(valid: pd.DataFrame) -> None:
    knows = valid["so_far_late_share"].clip(0.01, 0.99)
    blind_for_new = knows.where(valid["history_weight"] > 0, 0.5 + 0.001 * np.arange(len(valid)) / len(valid))
    assert "near chance" in line_of(limits(valid, said(valid, blind_for_new)), "customers without history")
    assert "near chance" not in line_of(limits(valid, said(valid, knows)), "customers without history")


def test_what_hardly_happened_forbids_every_claim(valid: pd.DataFrame) -> None:
    prompt = valid.assign(days_seen=valid["days_seen"].clip(upper=(-valid["dpd"]).clip(lower=1) + 20))
    lines = limits(prompt, said(prompt, prompt["so_far_late_share"].clip(0.01, 0.99)))
    assert "too rare here for any claim" in line_of(lines, "more than 30 days late")
    assert "too rare here for any claim" in line_of(lines, "customers with thin history")


def test_the_card_names_the_convention_and_stays_silent_without_newer_days(champion: Champion, valid: pd.DataFrame) -> None:
    text = card(champion, valid, valid, said(valid, valid["so_far_late_share"].clip(0.01, 0.99)), {})
    assert "Late is counted by the calendar." in text
    assert "what to mind" in text
    assert "what to mind" not in card(champion, valid, valid.iloc[:0], pd.DataFrame(), {})


def test_the_card_of_a_baseline_has_the_reason_and_no_empty_table(champion: Champion, valid: pd.DataFrame) -> None:
    text = card(champion, valid.iloc[:0], valid.iloc[:0], pd.DataFrame(), {}, ["nobody had an open invoice; the baseline serves"])
    assert "- Warning: nobody had an open invoice; the baseline serves.\n" in text
    assert "- Nothing was checked on newer days." in text
    assert "|---|" not in text
    assert "Warning" not in card(champion, valid, valid.iloc[:0], pd.DataFrame(), {})
