"""The worklist as files: Parquet for programs, CSV and XLSX for spreadsheets, one HTML page for people.

The same worklist gives the same bytes, always.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pyarrow as pa

from worklist.build import COLUMNS, DATES, MONEY, RATES
from worklist.frames import TEXT, write_frame
from worklist.money import plain_texts
from worklist.page import PageFacts, page_of
from worklist.texts import Texts

STEM = "worklist"
SUFFIXES = ("parquet", "csv", "xlsx", "html")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
FLAGS = ("in_holdout", "needs_confirmation", "is_recurring")
COUNTS = ("rank", "max_dpd", "n_open")

_NOT_TEXT: dict[str, pa.DataType] = {
    **dict.fromkeys(MONEY, pa.float64()),
    **dict.fromkeys(DATES, pa.date32()),
    **dict.fromkeys(FLAGS, pa.bool_()),
    **dict.fromkeys(COUNTS, pa.int64()),
    **dict.fromkeys(RATES, pa.float64()),
}
SCHEMA = pa.schema([pa.field(name, _NOT_TEXT.get(name, TEXT)) for name in COLUMNS])


def write_worklist(frame: pd.DataFrame, folder: Path, *, texts: Texts, title_facts: PageFacts) -> list[Path]:
    """Write `worklist.parquet`, `.csv`, `.xlsx` and `.html` into a folder (made if absent); the four paths.

    `frame` is what `build_worklist` returns, in its order.
    """
    from worklist.workbook import write_workbook

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{STEM}.{suffix}" for suffix in SUFFIXES]
    write_frame(frame[list(COLUMNS)], paths[0], dict(zip(SCHEMA.names, SCHEMA.types, strict=True)))
    write_csv(frame, paths[1])
    write_workbook(frame, paths[2], texts=texts, as_of=title_facts.as_of)
    paths[3].write_text(page_of(frame, texts=texts, facts=title_facts), encoding="utf-8", newline="\n")
    return paths


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: those that look like one get a leading apostrophe.

    >>> harmless("=HYPERLINK(1)"), harmless("Alder & Sons"), harmless("")
    ("'=HYPERLINK(1)", 'Alder & Sons', '')
    """
    return f"'{text}" if text.startswith(DANGEROUS) else text


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """RFC 4180 in UTF-8 without a byte-order mark: commas, ISO dates, a decimal point; texts are made harmless, numbers stay numbers."""
    currency = frame["currency"].astype(object)
    columns = []
    for name in COLUMNS:
        column = frame[name]
        if name in MONEY:
            columns.append(plain_texts(column, currency))
        elif name in DATES:
            columns.append(column.dt.strftime("%Y-%m-%d").fillna("").tolist())
        elif name in FLAGS:
            columns.append(["true" if flag else "false" for flag in column])
        elif name in RATES:
            columns.append(["" if rate != rate else f"{rate:.6g}" for rate in column.astype("float64")])
        elif name in COUNTS:
            columns.append(["" if count is pd.NA else str(count) for count in column])
        else:
            columns.append([harmless(text) for text in column.astype("str").fillna("")])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows(zip(*columns, strict=True))
