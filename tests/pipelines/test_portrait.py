"""The portrait of a ledger: each figure from a story small enough to count by hand, and every picture on odd ledgers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise

import pandas as pd
import pyarrow as pa
import pytest

from features.matrix import FEATURES
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.meta import QUARANTINE_SCHEMA
from pipelines import portrait_pictures as pictures
from pipelines import portrait_words as words
from pipelines.config import load_config
from pipelines.portrait import FATES, Portrait, take_portrait
from pipelines.portrait_pictures import Picture
from pipelines.portrait_quality import concerns, quarantine
from pipelines.portrait_signals import observe, signals

Build = Callable[..., Ledger]

INVOICES = """
    invoice_id customer_id issued_on  due_on     amount
    A1         ada         2024-01-02 2024-02-01 100
    A2         ada         2024-01-11 2024-02-10 300
    B1         bo          2024-01-21 2024-02-20 100
    B2         bo          2024-02-20 2024-03-21 300
    B3         bo          2024-04-10 2024-05-10 200
"""
PAYMENTS = """
    invoice_id paid_on    amount
    A1         2024-02-01 100
    A2         2024-02-15 300
    B1         2024-04-10 100
"""


def on(ledger: Ledger, day: str) -> Portrait:
    return Portrait(ledger, date.fromisoformat(day), load_config(env={}))


@pytest.fixture
def story(ledger_of: Build) -> Ledger:
    """Ada pays on the due day and five days late, Bo fifty days late, then not at all, and once is not due yet."""
    return ledger_of(stated=["2024-04-30"], invoices=INVOICES, payments=PAYMENTS)


def test_each_invoice_meets_one_fate_once_its_due_day_was_seen(story: Ledger) -> None:
    portrait = on(story, "2024-04-30")
    assert dict(portrait.due_invoices.set_index("invoice_id")["fate"]) == {"A1": FATES[0], "A2": FATES[1], "B1": FATES[2], "B2": FATES[3]}
    assert portrait.due_invoices["is_late"].tolist().count(True) == 3
    assert portrait.fates.to_numpy().tolist() == [[1, 1, 1, 0], [0, 0, 0, 1]]


def test_what_became_known_later_is_not_seen(story: Ledger) -> None:
    portrait = on(story, "2024-03-01")
    assert dict(portrait.due_invoices.set_index("invoice_id")["fate"]) == {"A1": FATES[0], "A2": FATES[1], "B1": FATES[3]}
    assert list(portrait.activity.sum()) == [4, 2]


def test_an_invoice_due_after_the_watch_ended_is_neither_late_nor_punctual(ledger_of: Build) -> None:
    portrait = on(ledger_of(stated=["2024-03-20"], invoices=INVOICES, payments=PAYMENTS), "2024-03-27")
    assert portrait.invoices.set_index("invoice_id")["is_due"].to_dict()["B2"] is False


def test_the_unpaid_curve_counts_open_invoices_for_as_long_as_they_were_seen(story: Ledger) -> None:
    curve = on(story, "2024-04-30").unpaid_curve
    # Four invoices reach their due day; B2 leaves unpaid on day 40, so that B1 is alone when it is paid on day 50.
    assert [curve["all"][day] for day in (-1, 0, 5, 49, 50)] == [1.0, 0.75, 0.5, 0.5, 0.0]
    assert [curve["large"][day] for day in (0, 5)] == [1.0, 0.5]


def test_currencies_are_never_added(ledger_of: Build) -> None:
    rows = """
        invoice_id customer_id issued_on  due_on     amount currency
        A1         ada         2024-01-02 2024-02-01 100    EUR
        A2         ada         2024-01-11 2024-03-10 50     EUR
        B1         bo          2024-01-21 2024-02-20 70     USD
    """
    portrait = on(ledger_of(stated=["2024-02-21"], invoices=rows), "2024-02-21")
    assert portrait.ageing[["current", "1-30"]].to_dict("index") == {
        "EUR": {"current": 50.0, "1-30": 100.0},
        "USD": {"current": 0.0, "1-30": 70.0},
    }
    assert portrait.concentration["invoiced"].to_dict() == {"ada": 150.0}
    assert words.ageing(portrait).startswith("150 EUR are open: 67 % is past due, 0 % by more than 90 days. 70 USD are open: 100 %")


def test_a_country_without_a_holiday_calendar_is_counted(ledger_of: Build) -> None:
    people = [{"customer_id": f"C{n}", "country": code} for n, code in enumerate(("DE", "gb", "Germany", "England", "XX", None, ""))]
    portrait = on(ledger_of(stated=["2024-04-30"], invoices=INVOICES, payments=PAYMENTS, customers=people), "2024-04-30")
    found = concerns(portrait)["count"]
    assert found["customers whose country has no holiday calendar"] == 2


def test_what_is_odd_is_counted(ledger_of: Build) -> None:
    ledger = ledger_of(
        stated=["2024-02-21"],
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2024-01-02 2024-02-01 100
        A2         ada         2024-01-02 2024-02-01 100
        B1         bo          2024-01-11 2024-02-10 80
        B2         bo          2024-01-12 2024-02-12 50
        """,
        payments="""
        invoice_id customer_id paid_on    amount
        A1         ada         2024-01-01 100
        B1         bo          2024-02-12 90
        B2         bo          2024-02-12 20
        -          bo          2024-02-13 5
        """,
    )
    found = concerns(on(ledger, "2024-02-21"))
    assert found["count"].to_dict() == {
        "customers with fewer than 3 invoices": 2,
        "customers without a country": 2,
        "customers without a kind": 2,
        "open invoices paid in part": 1,
        "invoices due on a weekend": 1,
        "invoices equal to another one": 1,
        "invoices paid before their date": 1,
        "invoices settled beyond their amount": 1,
        "payments that name no invoice": 1,
    }
    assert found.loc["open invoices paid in part", "of"] == 2


def test_the_quarantine_is_counted_without_its_values(story: Ledger) -> None:
    row = {"source": "erp", "input_sha256": "0", "table": "customers", "column": "kind", "rule": "known word", "value": "Jane Roe"}
    rows = pa.Table.from_pylist([row | {"source_row": 7}, row | {"source_row": 4}], schema=QUARANTINE_SCHEMA)
    story.store.commit({"quarantine": rows}, story.meta)
    found = quarantine(on(story, "2024-04-30"))
    assert found.to_dict("records") == [{"rows": 2, "first_source_row": 4}]
    assert "Jane" not in found.to_string()


def test_the_feature_that_parts_late_from_punctual_comes_first() -> None:
    observed = pd.DataFrame(0.0, index=range(400), columns=[*FEATURES, "is_late"])
    observed["is_late"] = [0.0, 1.0] * 200
    observed["late_share"] = observed["is_late"]
    observed["open_load"] = [0.0, 0.0, 1.0, 1.0] * 100
    observed["dispute_age"] = pd.Series([0.0, 9.0] * 50)
    found = signals(observed)
    assert found["auc"].to_dict() == {"late_share": 1.0, "open_load": 0.5}
    assert found.loc["late_share", ["late_if_low", "late_if_high"]].tolist() == [0.0, 1.0]
    picture = pictures.signals(found, observed)
    assert "`late_share`" in picture.sentence
    assert [panel.get_title(loc="left") for panel in picture.figure.axes][:2] == ["habits: late_share", "exposure: open_load"]


def test_past_rows_hold_only_what_was_not_due_and_how_it_ended(ledger_of: Build) -> None:
    ledger = ledger_of(stated=["2024-03-10", "2024-04-10"], invoices=INVOICES, payments=PAYMENTS)
    observed = observe(on(ledger, "2024-04-10"))
    assert observed[["invoice_id", "is_late"]].to_numpy().tolist() == [["B2", 1.0]]


def every_picture(portrait: Portrait) -> dict[str, Picture]:
    nothing = pd.DataFrame(columns=["is_late"], dtype="float64")
    drawn = (pictures.coverage, pictures.ageing, pictures.seasons, pictures.lateness, pictures.fates, pictures.concentration)
    found = {draw.__name__: draw(portrait) for draw in drawn}
    return found | {"quality": pictures.quality(concerns(portrait)), "signals": pictures.signals(signals(nothing), nothing)}


SAME_DAY = PAYMENTS.replace("02-15", "02-10").replace("04-10", "02-20")
ODD = {
    "nobody was ever late": (
        {"invoices": "\n".join(INVOICES.splitlines()[:5]), "payments": SAME_DAY},
        "2024-02-20",
        "lateness",
        "none was late.",
    ),
    "nobody ever paid": ({"invoices": INVOICES}, "2024-04-30", "lateness", "4 invoices was seen: all were late"),
    "one customer": ({"invoices": INVOICES.replace("bo ", "ada")}, "2024-04-30", "concentration", "of one customer (ada)"),
    "nothing is due yet": ({"invoices": "\n".join(INVOICES.splitlines()[:3])}, "2024-01-10", "seasons", "Nothing has come due"),
    "nothing is open": ({"invoices": "\n".join(INVOICES.splitlines()[:4]), "payments": PAYMENTS}, "2024-04-10", "ageing", "No invoice"),
}


@pytest.mark.parametrize(("tables", "day", "name", "said"), ODD.values(), ids=ODD.keys())
def test_every_picture_is_drawn_on_odd_ledgers(ledger_of: Build, tables: dict[str, str], day: str, name: str, said: str) -> None:
    found = every_picture(on(ledger_of(stated=[day], **tables), day))
    assert [one for one, picture in found.items() if not picture.sentence.endswith(".")] == []
    assert found[name].png.startswith(b"\x89PNG")
    assert said in found[name].sentence


def test_a_gap_and_a_thin_last_month_are_named(ledger_of: Build) -> None:
    days = [f"2024-{month:02}-{day:02}" for month in (1, 2, 4, 5) for day in (3, 10, 17, 24)] + ["2024-06-03"]
    rows = [
        {"invoice_id": f"A{i}", "customer_id": "ada", "issued_on": day, "due_on": "2024-07-01", "amount": "5"} for i, day in enumerate(days)
    ]
    said = words.coverage(on(ledger_of(stated=["2024-06-30"], invoices=rows), "2024-06-30"))
    assert "No invoice was issued in March 2024." in said
    assert "The last month, June 2024, holds 75 % fewer invoices" in said


def test_the_day_is_the_last_one_watched_unless_said(story: Ledger) -> None:
    uri = story.store.uri
    assert take_portrait(uri).as_of == date(2024, 4, 30)
    assert take_portrait(uri, "2024-02-25").as_of == date(2024, 2, 25)
    with pytest.raises(RefusedError, match="before the first fact"):
        take_portrait(uri, "2023-12-31")


def test_the_notebooks_own_variables_are_no_settings(story: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUEWISE_LEDGER", story.store.uri)
    monkeypatch.setenv("DUEWISE_STALENESS_DAYS", "9")
    assert take_portrait(story.store.uri).config.staleness_days == 9


def test_the_same_tables_give_the_same_picture(story: Ledger) -> None:
    portrait = on(story, "2024-04-30")
    assert pictures.ageing(portrait).png == pictures.ageing(portrait).png


def test_labels_of_months_and_currencies_do_not_run_into_each_other(ledger_of: Build) -> None:
    months = [str(month.date()) for month in pd.date_range("2023-01-10", periods=18, freq="MS")]
    codes = ["EUR", "USD", "JPY", "CHF", "GBP"]
    rows = [{"invoice_id": f"I{n}", "customer_id": "ada", "issued_on": day, "due_on": day, "amount": "9"} for n, day in enumerate(months)]
    rows = [row | {"currency": codes[n % 5]} for n, row in enumerate(rows)]
    portrait = on(ledger_of(stated=["2024-07-31"], invoices=rows), "2024-07-31")
    assert pictures.ageing(portrait).sentence.endswith("1 more currency is not shown.")
    for picture in (pictures.ageing(portrait), pictures.fates(portrait)):
        picture.figure.canvas.draw()
        for panel in picture.figure.axes:
            boxes = [label.get_window_extent() for label in panel.get_xticklabels() if label.get_text()]
            assert len(boxes) > 1
            assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_the_larger_half_is_compared_at_the_end_of_the_due_day(story: Ledger) -> None:
    assert "Of the larger half 100 % are unpaid at the end of the due day, of the smaller half 50 %." in words.lateness(
        on(story, "2024-04-30")
    )
