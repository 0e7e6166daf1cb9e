"""The four files: the same bytes every time, nothing a spreadsheet would run, and a page that stands alone."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable
from datetime import date, datetime
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from types import ModuleType

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from worklist.build import COLUMNS
from worklist.page import BUCKETS, PageFacts, page_of
from worklist.publish import SCHEMA, write_worklist
from worklist.texts import Texts
from worklist.workbook import column_order

Build = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def facts(samples: ModuleType) -> PageFacts:
    ageing = pd.DataFrame({"currency": "EUR", "bucket": list(BUCKETS), "amount": [500.0, 250.0, 125.0, 75.0, 50.0]})
    return PageFacts(samples.AS_OF, run_id="run-1", champion="Champion 3", ageing=ageing)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, listed: pd.DataFrame, texts: Texts, facts: PageFacts) -> Path:
    place = tmp_path_factory.mktemp("published")
    write_worklist(listed, place, texts=texts, title_facts=facts)
    return place


def test_the_same_worklist_gives_the_same_bytes(folder: Path, tmp_path: Path, listed: pd.DataFrame, texts: Texts, facts: PageFacts) -> None:
    time.sleep(max(0.0, 2.1 - time.time() % 2))  # archives keep times to two seconds
    for path in write_worklist(listed, tmp_path, texts=texts, title_facts=facts):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_parquet_holds_money_as_numbers_and_days_as_dates(folder: Path, listed: pd.DataFrame) -> None:
    table = pq.read_table(folder / "worklist.parquet")
    assert table.schema.equals(SCHEMA)
    assert table["customer_id"].to_pylist() == listed["customer_id"].tolist()
    assert table["exposure"].to_pylist() == listed["exposure"].tolist()
    assert table["holds"].null_count == 0


def test_csv_holds_every_row_and_nothing_a_spreadsheet_would_run(folder: Path, listed: pd.DataFrame) -> None:
    raw = (folder / "worklist.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(raw.decode("utf-8"), newline="")))
    assert len(rows) == len(listed)
    assert tuple(rows[0]) == COLUMNS
    names = [row["name"] for row in rows]
    assert any(name.startswith("'=HYPERLINK") for name in names)
    assert not any(name.startswith("=") for name in names)
    for row in rows:
        for name, cell in row.items():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or re.fullmatch(r"-\d+(\.\d+)?", cell), (name, cell)
    yen = next(row for row in rows if row["currency"] == "JPY")
    assert re.fullmatch(r"\d+", yen["exposure"])


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_every_text_column_is_made_harmless(samples: ModuleType, build: Build, texts: Texts, tmp_path: Path, lead: str) -> None:
    frame = build(samples.customer(customer_id=lead + "1", name=lead + "2"))
    path = write_worklist(frame, tmp_path, texts=texts, title_facts=PageFacts(samples.AS_OF))[1]
    with path.open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["customer_id"], row["name"]) == ("'" + lead + "1", "'" + lead + "2")


def test_the_workbook_holds_texts_as_texts_and_numbers_as_numbers(folder: Path, listed: pd.DataFrame, samples: ModuleType) -> None:
    book = openpyxl.load_workbook(folder / "worklist.xlsx")
    sheet = book.worksheets[0]
    head = [cell.value for cell in sheet[1]]
    assert head == column_order()
    assert sheet.max_row == len(listed) + 1
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref is not None
    assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    at = {name: number for number, name in enumerate(head)}
    first = [cell.value for cell in sheet[2]]
    assert first[at["exposure"]] == listed["exposure"].iloc[0]
    assert isinstance(first[at["contact_from"]], datetime)
    assert book.properties.created == datetime(2025, 12, 1)


class _Page(HTMLParser):
    """Counts rows and collects whatever a browser would load."""

    def __init__(self) -> None:
        super().__init__()
        self.items, self.loads, self.tags = 0, [], []  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.items += "item" in (given.get("class") or "").split()
        self.loads += [given[name] for name in ("src", "href", "srcset", "data", "action") if name in given]


def _read(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    return page


def test_the_page_stands_alone(folder: Path, listed: pd.DataFrame) -> None:
    text = (folder / "worklist.html").read_text(encoding="utf-8")
    page = _read(text)
    assert page.items == len(listed)
    assert page.loads == []
    assert "url(" not in text
    assert "@import" not in text
    assert "http://" not in text
    assert "https://" not in text


def test_the_page_escapes_what_customers_are_called(folder: Path) -> None:
    text = (folder / "worklist.html").read_text(encoding="utf-8")
    assert "Metal &lt;b&gt;" in text
    assert "Metal <b>" not in text


@pytest.mark.parametrize("n", [1, 2])
def test_one_customer_and_several_are_told_alike(samples: ModuleType, build: Build, texts: Texts, n: int) -> None:
    page = page_of(build(samples.customer(customer_id=[f"C{k}" for k in range(n)])), texts=texts, facts=PageFacts(samples.AS_OF))
    assert f'<dt>Customers to contact</dt><dd>{n}</dd><dd class="sub">from Tue 2 Dec</dd>' in page


def test_an_invoice_number_with_a_bar_is_cited_as_one(samples: ModuleType, build: Build, texts: Texts) -> None:
    said = {"customer_id": "C1", "position": 1, "code": "HABIT_DAYS", "contribution": 0.4, "value": 23.0, "usual": 4.0}
    frame = build(samples.customer(), pd.DataFrame([said | {"unit": "delay", "of": float("nan"), "invoices": ("000|9", "7001", "a\\")}]))
    assert frame["reason_1_invoices"].iloc[0] == r"000\|9|7001|a\\"
    assert "000|9, 7001, a\\" in page_of(frame, texts=texts, facts=PageFacts(samples.AS_OF))


def test_the_page_cites_invoices_holds_and_offers(folder: Path, listed: pd.DataFrame) -> None:
    text = (folder / "worklist.html").read_text(encoding="utf-8")
    assert all(invoices.split("|")[0] in text for invoices in listed["reason_1_invoices"].head(20))
    assert "Cash to apply first" in text
    assert "first payment at least" in text
    assert "A person confirms" in text
    assert listed["question"].ne("").any()
    assert "What kept you from paying on the due day?" in text


def test_a_long_list_is_cut_and_says_where_the_rest_is(listed: pd.DataFrame, texts: Texts, facts: PageFacts) -> None:
    text = page_of(listed, texts=texts, facts=facts, shown=10)
    assert _read(text).items == 10
    assert f"first 10 of {len(listed)} customers" in text
    assert "worklist.csv" in text


def test_an_empty_list_says_what_to_do(samples: ModuleType, build: Build, texts: Texts, tmp_path: Path) -> None:
    paths = write_worklist(build(samples.customer(exposure=0.0)), tmp_path, texts=texts, title_facts=PageFacts(samples.AS_OF))
    text = paths[3].read_text(encoding="utf-8")
    assert "Nobody has anything open." in text
    assert "Ingest newer invoices" in text
    assert "<table" not in text
    assert pq.read_table(paths[0]).num_rows == 0
    assert len(paths[1].read_text(encoding="utf-8").splitlines()) == 1


def test_amounts_of_different_currencies_are_never_added(listed: pd.DataFrame, texts: Texts, facts: PageFacts) -> None:
    text = page_of(listed, texts=texts, facts=facts)
    for currency, rows in listed.groupby("currency"):
        assert f"{rows['exposure'].sum():,.0f} {currency}" in text
    assert f"{listed['exposure'].sum():,.0f}" not in text


def test_totals_hold_what_is_open_in_other_currencies(samples: ModuleType, build: Build, texts: Texts) -> None:
    other = '{"GBP": {"exposure": 1200.5, "overdue_amount": 700.25, "expected_late_amount": 240.1}}'
    frame = build(samples.customer(customer_id=["A", "B"], currency=["EUR", "GBP"], other_amounts=[other, None]))
    text = page_of(frame, texts=texts, facts=PageFacts(samples.AS_OF))
    assert "2,700 GBP" in text  # 1500 + 1200.50, rounded half to even
    assert "1,700 GBP <small>63 % of open</small>" in text
    assert "840 GBP <small>31 % of open</small>" in text


def test_currencies_that_do_not_fit_are_counted(samples: ModuleType, build: Build, texts: Texts) -> None:
    codes = ["EUR", "GBP", "USD", "CHF", "SEK", "NOK"]
    frame = build(samples.customer(customer_id=codes, currency=codes))
    ageing = pd.DataFrame({"currency": codes, "bucket": "current", "amount": 1.0})
    text = page_of(frame, texts=texts, facts=PageFacts(samples.AS_OF, ageing=ageing))
    assert text.count("more currencies: 2") == 3
    assert text.count("more currencies: 3") == 1


def test_a_day_is_promised_only_where_all_that_is_ready_is_free_on_it(samples: ModuleType, build: Build, texts: Texts) -> None:
    thanksgiving = date(2025, 11, 26)
    for countries, told in ((["DE", "DE"], "Free to be contacted on Thu 27 Nov."), (["DE", "US"], "the first of them on Thu 27 Nov.")):
        frame = build(samples.customer(customer_id=["A", "B"], country=countries), as_of=thanksgiving)
        assert told in page_of(frame, texts=texts, facts=PageFacts(thanksgiving))


def test_nobody_is_sure_of_what_is_not_clear(samples: ModuleType, build: Build, texts: Texts, tmp_path: Path) -> None:
    frame = build(samples.customer(customer_id=["A", "B"], debtor_type=["disorganized", "undetermined"]))
    paths = write_worklist(frame, tmp_path, texts=texts, title_facts=PageFacts(samples.AS_OF))
    assert paths[3].read_text(encoding="utf-8").count("% sure") == 1
    sheet = openpyxl.load_workbook(paths[2]).worksheets[0]
    at = {cell.value: number for number, cell in enumerate(sheet[1])}
    told = {row[at["customer_id"]].value: row[at["type_confidence"]].value for row in sheet.iter_rows(min_row=2)}
    assert told == {"A": 0.6, "B": None}
    assert pq.read_table(paths[0])["type_confidence"].to_pylist() == [0.6, 0.6]


def test_a_disputed_overdue_amount_is_not_shown_as_due_later(samples: ModuleType, build: Build, texts: Texts) -> None:
    disputed = build(samples.customer(max_dpd=-8, overdue_amount=300.0, disputed_amount=300.0))
    text = page_of(disputed, texts=texts, facts=PageFacts(samples.AS_OF))
    assert "overdue is in dispute, the rest due in 8 d" in text


def test_only_offers_are_told_as_offers(samples: ModuleType, build: Build, texts: Texts) -> None:
    formal = build(samples.customer(**samples.typed("intentional"), max_dpd=150))
    assert "A person confirms" in formal["offers"].iloc[0]
    text = page_of(formal, texts=texts, facts=PageFacts(samples.AS_OF))
    assert text.count("A person confirms") == 1
    assert "You may offer" in text
    reason = samples.portfolio(1)[1].assign(customer_id="C1")
    alone = build(samples.customer(overdue_amount=0.01, exposure=0.01, expected_late_amount=0.0, **samples.typed("compliant")), reason)
    assert alone["action"].iloc[0] == "none"
    assert "You may offer" not in page_of(alone, texts=texts, facts=PageFacts(samples.AS_OF))
