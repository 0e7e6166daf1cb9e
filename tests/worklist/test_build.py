"""The worklist as a whole: its columns, its reasons, its rounding, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product
from types import ModuleType

import pandas as pd
import pytest

from ledger.errors import RefusedError
from models.told import TOLD
from worklist.build import COLUMNS, CONTRACT
from worklist.settings import WorklistSettings
from worklist.texts import UNITS, Texts

Build = Callable[..., pd.DataFrame]


def _reason(samples: ModuleType, **changes: object) -> pd.DataFrame:
    row = {"customer_id": "C1", "position": 1, "code": "HABIT_DAYS", "contribution": 0.4, "value": 23.0, "usual": 4.0}
    return pd.DataFrame([row | {"unit": "delay", "of": float("nan"), "invoices": ["7001", "7002"]} | changes])


def test_one_row_a_customer_with_something_open(samples: ModuleType, build: Build) -> None:
    customers, reasons, facts = samples.portfolio(50)
    customers.loc[:9, "exposure"] = 0.0
    before = customers.copy(deep=True)
    frame = build(customers, reasons, facts)
    assert sorted(frame["customer_id"]) == sorted(customers["customer_id"][10:])
    assert tuple(frame.columns[: len(CONTRACT)]) == CONTRACT
    pd.testing.assert_frame_equal(customers, before)


def test_nobody_with_something_open_gives_an_empty_worklist_with_every_column(
    samples: ModuleType, build: Build, listed: pd.DataFrame
) -> None:
    frame = build(samples.customer(exposure=0.0))
    assert len(frame) == 0
    assert tuple(frame.columns) == COLUMNS
    assert frame.dtypes.astype(str).to_dict() == listed.dtypes.astype(str).to_dict()


def test_a_reason_is_a_sentence_with_the_value_the_usual_and_its_invoices(samples: ModuleType, build: Build) -> None:
    row = build(samples.customer(), _reason(samples)).iloc[0]
    assert row["reason_1"] == "Pays 23 days late on average, later than others: 4 days late."
    assert (row["reason_1_code"], row["reason_1_invoices"]) == ("HABIT_DAYS", "7001|7002")
    assert pd.isna(row["reason_2"])
    assert pd.isna(row["reason_2_code"])


def test_a_reason_that_lowers_the_risk_is_told_the_other_way_round(samples: ModuleType, build: Build) -> None:
    row = build(samples.customer(), _reason(samples, contribution=-0.4, value=-5.3, usual=float("nan"))).iloc[0]
    assert row["reason_1"] == "Pays 5 days early on average."


def test_a_share_that_was_counted_is_told_as_counted(samples: ModuleType, build: Build) -> None:
    counted = _reason(samples, code="HABIT_LATE", unit="share", value=2 / 3, of=3.0, usual=0.4)
    assert build(samples.customer(), counted).iloc[0]["reason_1"] == "Late with 2 of 3 past invoices, against 40 % usually seen."


def test_every_code_makes_a_whole_sentence_in_every_unit_and_direction(samples: ModuleType, build: Build) -> None:
    cases = list(product(TOLD, UNITS, (0.2, -0.2), (2.0, float("nan"))))
    ids = [f"C{number}" for number in range(len(cases))]
    reasons = pd.concat(
        [
            _reason(samples, customer_id=one, code=code, unit=unit, contribution=contribution, value=3.0, usual=usual)
            for one, (code, unit, contribution, usual) in zip(ids, cases, strict=True)
        ]
    )
    sentences = build(samples.customer(customer_id=ids), reasons)["reason_1"]
    assert len(sentences) == len(cases)
    for sentence in sentences:
        assert re.fullmatch(r"[A-Z][^{}\[\]]*\.", sentence), sentence
        assert "nan" not in sentence.split(), sentence


def test_a_code_without_a_text_is_refused_with_the_nearest(samples: ModuleType, build: Build) -> None:
    with pytest.raises(RefusedError, match="no text for 'HABIT_DAY': did you mean 'HABIT_DAYS'"):
        build(samples.customer(), _reason(samples, code="HABIT_DAY"))


def test_texts_may_know_more_codes_than_the_models(samples: ModuleType, build: Build, texts: Texts) -> None:
    more = texts.model_copy(update={"reasons": texts.reasons | {"TYPE_PROMISES": texts.reasons["BROKEN_PROMISES"]}})
    row = build(samples.customer(), _reason(samples, code="TYPE_PROMISES", unit="count"), texts=more).iloc[0]
    assert row["reason_1"] == "Did not keep 23 promises to pay in the last half year, usually 4."


def test_money_is_rounded_to_the_unit_of_its_currency(samples: ModuleType, build: Build) -> None:
    amounts = samples.customer(customer_id=["E", "J", "K"], currency=["EUR", "JPY", "KWD"], exposure=1234.56789)
    assert build(amounts).set_index("customer_id")["exposure"].to_dict() == {"E": 1234.57, "J": 1235.0, "K": 1234.568}


def test_confidence_is_that_of_the_shown_type_or_of_the_likeliest_if_undetermined(samples: ModuleType, build: Build) -> None:
    frame = build(samples.customer(customer_id=["A", "B"], debtor_type=["disorganized", "undetermined"]))
    assert frame.set_index("customer_id")["type_confidence"].to_dict() == {"A": 0.6, "B": 0.6}


def test_the_question_stands_beside_whom_we_ask_and_nobody_else(samples: ModuleType, build: Build, texts: Texts) -> None:
    two = samples.customer(customer_id=["C1", "C2"], debtor_type=["undetermined", "disorganized"], type_question=["any", ""])
    rows = build(two).set_index("customer_id")
    assert rows["action"].tolist() == ["ask" if one == "C1" else "call" for one in rows.index]
    assert rows.loc["C1", "question"] == texts.type_questions["any"]
    assert rows.loc["C2", "question"] == ""


def test_ids_and_hold_out_are_stable_and_keyed(samples: ModuleType, build: Build) -> None:
    customers, reasons, facts = samples.portfolio(2_000)
    customers = customers.assign(country="DE")
    one, other = build(customers, reasons, facts), build(customers, reasons, facts, settings=WorklistSettings(seed=8))
    again = build(customers, reasons, facts, run_id="run-2")
    assert one["row_id"].is_unique
    assert not set(one["row_id"]) & set(again["row_id"])
    chosen = [frame.set_index("customer_id")["in_holdout"].sort_index() for frame in (one, other, again)]
    assert 0.03 < chosen[0].mean() < 0.07
    assert chosen[0].equals(chosen[2])
    assert not chosen[0].equals(chosen[1])
    assert not build(customers, reasons, facts, settings=WorklistSettings(holdout_share=0.0))["in_holdout"].any()


def test_a_missing_column_and_a_customer_listed_twice_are_refused(samples: ModuleType, build: Build) -> None:
    with pytest.raises(RefusedError, match="the column max_dpd is missing"):
        build(samples.customer().drop(columns="max_dpd"))
    with pytest.raises(RefusedError, match="C1 is listed twice"):
        build(pd.concat([samples.customer(), samples.customer()]))


def test_unknown_figures_do_not_stop_the_list(samples: ModuleType, build: Build) -> None:
    """A customer without a country, history or type still gets a row."""
    bare = samples.customer(country=None, name=None, kind=None, debtor_type=None, next_due_on=pd.NaT, max_dpd=pd.NA, is_recurring=None)
    bare = bare.assign(p_paid_30=float("nan"), overdue_amount=0.0, **{f"p_{name}": float("nan") for name in samples.DEBTOR_TYPES})
    row = build(bare).iloc[0]
    assert (row["debtor_type"], row["stage"], row["action"]) == ("undetermined", "preventive", "remind")


def test_an_amount_without_a_currency_is_written_without_one(samples: ModuleType, build: Build) -> None:
    row = build(samples.customer(currency=None, **samples.typed("fortuitous"))).iloc[0]
    assert "first payment at least 150.00" in row["offers"]
    assert "nan" not in row["offers"]


def test_an_offer_names_no_amount_before_anything_is_overdue(samples: ModuleType, build: Build) -> None:
    due = {"max_dpd": -5, "overdue_amount": 0.0, **samples.typed("fortuitous")}
    assert "EUR" not in build(samples.customer(**due)).iloc[0]["offers"]
    # Nor where all that is overdue is in dispute.
    disputed = samples.customer(**due | {"overdue_amount": 300.0}, disputed_amount=300.0)
    assert "EUR" not in build(disputed).iloc[0]["offers"]
