"""The worklist as a workbook: a frozen header, filters, widths, number formats, and a sheet that explains the columns' words."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pandas as pd

from ledger.tables import UNDETERMINED
from worklist.build import COLUMNS, DATES, MONEY, RATES
from worklist.money import decimals_of
from worklist.texts import Texts

# What people read first; the rest follows in the order of the other files.
FIRST = tuple(
    "rank customer_id name type_in_words type_confidence action_in_words channel tone contact_from contact_until currency overdue_amount "
    "exposure max_dpd p_late value_of_contact question reason_1 reason_2 reason_3 offers holds_in_words".split()
)
WIDE = {"name": 26, "question": 40, "offers": 60, "holds_in_words": 40, "reason_1": 50, "reason_2": 50, "reason_3": 50, "type_in_words": 26}
MAX_ROWS = 1_048_575


def column_order() -> list[str]:
    """Every column of the worklist, those for reading first.

    >>> column_order()[:3], set(column_order()) == set(COLUMNS)
    (['rank', 'customer_id', 'name'], True)
    """
    return [*FIRST, *(name for name in COLUMNS if name not in FIRST)]


def write_workbook(frame: pd.DataFrame, path: Path, *, texts: Texts, as_of: date) -> None:
    """Write the workbook. Texts are written as texts, never as formulas or links; rows past what a sheet holds are left to the CSV."""
    import xlsxwriter

    # Cells are written column by column, which the row-by-row constant_memory mode cannot do.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False}
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"title": texts.page["title"], "created": datetime(as_of.year, as_of.month, as_of.day)})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF2F1", "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
    share = book.add_format({"num_format": "0%"})
    money = {n: book.add_format({"num_format": "#,##0" + ("." + "0" * n if n else "")}) for n in (0, 2, 3)}
    shown = frame.head(MAX_ROWS)
    places = [decimals_of(code) for code in shown["currency"].astype(object)]

    sheet = book.add_worksheet(texts.page["title"][:31])
    names = column_order()
    for at, name in enumerate(names):
        sheet.write_string(0, at, name, head)
        sheet.set_column(at, at, WIDE.get(name, max(11, len(name) + 2)))
        column = shown[name].astype(object)
        if name == "type_confidence":
            # Nobody is sure of "not clear yet".
            column = column.mask(shown["debtor_type"] == UNDETERMINED, None)
        for row, value in enumerate(column, start=1):
            if value is None or value is pd.NA or value is pd.NaT or value != value:
                continue
            if name in MONEY:
                sheet.write_number(row, at, value, money[places[row - 1]])
            elif name in DATES:
                sheet.write_datetime(row, at, value.to_pydatetime(), day)
            elif isinstance(value, bool):
                sheet.write_boolean(row, at, value)
            elif isinstance(value, int | float):
                sheet.write_number(row, at, value, share if name in RATES else None)
            elif value:
                sheet.write_string(row, at, value[:32_767])
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, len(shown), len(names) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    # On paper only what people read first; the rest would shrink it beyond reading.
    sheet.print_area(0, 0, len(shown), len(FIRST) - 1)

    _words(book, head, texts)
    book.close()


def _words(book: object, head: object, texts: Texts) -> None:
    """A second sheet: what the types, stages and actions mean, and how the list is ranked."""
    sheet = book.add_worksheet(texts.page["legend"][:31])  # type: ignore[attr-defined]
    sheet.set_column(0, 1, 28)
    sheet.set_column(2, 2, 100)
    lines = [
        (column, code, f"{named.name}: {named.about}" if named.about else named.name)
        for column, part in (("debtor_type", texts.types), ("stage", texts.stages), ("action", texts.actions))
        for code, named in part.items()
    ]
    lines += [("holds", code, text.replace("[", "").replace("]", "")) for code, text in texts.holds.items()]
    lines += [("reason_code", code, sentence.name) for code, sentence in texts.reasons.items()]
    lines += [("rank", "", texts.page["legend_rank"]), ("value_basis", "assumed", texts.page["legend_assumed"])]
    for at, title in enumerate(("column", "value", texts.page["legend"])):
        sheet.write_string(0, at, title, head)
    for row, line in enumerate(lines, start=1):
        for at, text in enumerate(line):
            sheet.write_string(row, at, text)
