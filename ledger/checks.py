"""What a good row is: checks made from the table definitions.

Three stages: `values` looks at a row alone, `identity` at rows with the same id, `references` at other tables. What one table cannot
see by itself (is the invoice known? is the id new?) is a boolean column that joins the frame for the check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from ledger.errors import did_you_mean
from ledger.numbers import likely_format
from ledger.tables import Table

Stage = Literal["values", "identity", "references"]

FIRST_DAY, LAST_DAY = pd.Timestamp("1990-01-01"), pd.Timestamp("2099-12-31")
LONGEST_TERM_DAYS = 3653
ABSURD_AMOUNT = 1e11
ORDERED = {
    "disputes": (("closed_on", "opened_on", "closed before it was opened"),),
    "promises": (("due_on", "promised_on", "promised for a day before it was promised"),),
}
UNREADABLE = {"date": "not a date", "money": "not a number", "rate": "not a number", "bool": "not yes or no"}

ONE_OF = "not one of "
DUPLICATE = "duplicate id with other content"
STALE = "other content than the ledger, and not known later"
UNDECIDED = "no table can be chosen"

OVER_NOTHING = "an invoice over nothing asks for nothing: leave it out, `where: as_number(Amount) <> 0`"
REMEDIES = {
    "missing": "fill the column, or map it from another one",
    "disputes.known_on: missing": (
        "give `opened_on` or `known_on`: without a day it is known from the day its invoice is settled, and this one's is not;"
        " or ingest the file again once the payments are in the ledger"
    ),
    "not a date": 'state the way dates are written, for example `dates: "%d.%m.%Y"`, in the source file; counted days are whole',
    "not a number": "write the number alone, without currency or words",
    "type_labels.confidence: not a number": "write a share: 0.9 where you mean 90 %",
    "not between 1990 and 2099": 'years of two digits are `%y`, as in `dates: "%d.%m.%y"`, in the source file',
    "not between 0 and 1": "write a share: 0.95 where you mean 95 %",
    "invoices: not positive": (
        "a credit is no invoice: map it to credit_notes, `where: as_number(Amount) < 0` and `amount: {sql: -as_number(Amount)}`,"
        " and keep invoices to `where: as_number(Amount) > 0`"
    ),
    "payments: negative": (
        "load the payment that bounced or was refunded again, its own payment_id with what is left of it (0 if nothing is)"
        " and `--known-on` the day that happened, and leave the negative row out"
    ),
    "credit_notes: negative": "a credit note lowers its invoice without a minus: turn the sign, `amount: {sql: -as_number(Amount)}`",
    "promises: negative": "a promised amount has no sign: write it without, or leave it empty",
    "rates: not positive": "a rate is what one unit of the currency is worth in the currency of the reports, and above 0",
    "absurdly large": f"an amount lies below {ABSURD_AMOUNT:,.0f}: mend it, or state in the source file how its decimals are written",
    "not yes or no": "write yes or no, true or false, 1 or 0",
    ONE_OF.strip(): "write one of these",
    "due before it was issued": (
        "mend one of the two days, or the way they are written, `dates` in the source file;"
        " where the day of issue is only assumed, say so: `issued_on_assumed` is true"
    ),
    "due more than ten years after it was issued": "mend the day, or the way it is written, `dates` in the source file",
    "closed before it was opened": "mend one of the two days, or leave closed_on empty while the dispute is open",
    "promised for a day before it was promised": "promised_on is the day of the talk, due_on the day for which it promised money: mend one",
    "known before it happened": "nothing is known before its own day: mend one of the two, or leave known_on empty to take that day",
    "currency differs from its invoice's": (
        "state the amount in the currency of the invoice that it settles, or leave invoice_id empty for unapplied cash"
    ),
    "not a currency code of three capitals": "write its ISO 4217 code, such as EUR",
    "unknown customer": "ingest the customers first, or map them from the same file",
    "unknown invoice": "ingest the invoices first; leave invoice_id empty for unapplied cash",
    DUPLICATE: "make the id unique, for example with `id_prefix: {column: ...}`",
    UNDECIDED: (
        "every `where` must answer yes or no: fill what it asks for, write numbers and dates as the source file says,"
        " or say what an empty one means, `where: coalesce(..., false)`"
    ),
    "wrong number of fields": (
        "put a field that holds the separator between quotes, or state the file's own, for example"
        ' `format: {separator: ";"}`, in the source file'
    ),
    STALE: "say when the correction reached you with `--known-on DATE`, later than the stored version's",
}


def remedy(table: str, column: str, rule: str, value: str | None) -> str:
    """What would help against a rule of a column, seen at one of the values that failed; empty where nothing is known to help.

    >>> remedy("invoices", "amount", "not a number", "2,545.35")
    'state `format: {decimal: ".", thousands: ","}` in the source file if numbers are written so'
    >>> remedy("invoices", "amount", "not a number", "12 EUR")
    'write the number alone, without currency or words'
    >>> remedy("invoices", "amount", "not positive", "0.00")
    'an invoice over nothing asks for nothing: leave it out, `where: as_number(Amount) <> 0`'
    >>> remedy("type_labels", "confidence", "not a number", "90%")
    'write a share: 0.9 where you mean 90 %'
    >>> remedy("contacts", "channel", "not one of email, sms, phone, letter", "Telephone")
    "did you mean 'phone'?"
    """
    if (table, rule) == ("invoices", "not positive") and value and not value.strip("+-0., "):
        return OVER_NOTHING
    likely = likely_format(value) if rule == "not a number" and value else None
    if likely:
        return f'state `format: {{decimal: "{likely[0]}", thousands: "{likely[1]}"}}` in the source file if numbers are written so'
    if rule.startswith(ONE_OF):
        return did_you_mean(value or "", rule.removeprefix(ONE_OF).split(", ")) or REMEDIES[ONE_OF.strip()]
    plain, _, _ = rule.partition(":")
    return next((REMEDIES[key] for key in (f"{table}.{column}: {rule}", f"{table}: {rule}", rule, plain) if key in REMEDIES), "")


@dataclass(frozen=True)
class Check:
    """One rule on one column, and the kind of expectation that tests it."""

    stage: Stage
    rule: str
    column: str
    kind: str
    arguments: tuple[tuple[str, Any], ...] = ()


def readable(column: str) -> str:
    return f"{column} is readable"


def known(column: str) -> str:
    return f"{column} is known"


def _is_true(stage: Stage, rule: str, column: str, flag: str) -> Check:
    return Check(stage, rule, column, "ExpectColumnValuesToBeInSet", (("column", flag), ("value_set", [True])))


def _between(rule: str, column: str, on: str | None = None, **bounds: Any) -> Check:
    return Check("values", rule, column, "ExpectColumnValuesToBeBetween", (("column", on or column), *bounds.items()))


def _not_before(rule: str, column: str, other: str) -> Check:
    pair = (("column_A", column), ("column_B", other), ("or_equal", True), ("ignore_row_if", "either_value_is_missing"))
    return Check("values", rule, column, "ExpectColumnPairValuesAToBeGreaterThanB", pair)


def checks(table: Table) -> Iterator[Check]:
    """All checks on a table, in the order in which a column's first failure is reported.

    >>> from ledger.tables import TABLES
    >>> [check.rule for check in checks(TABLES["rates"]) if check.column == "rate"]
    ['not a number', 'missing', 'not positive']
    """
    for column in table.columns:
        name = column.name
        on = "stated issued_on" if (table.name, name) == ("invoices", "issued_on") else name
        if column.kind in UNREADABLE:
            yield _is_true("values", UNREADABLE[column.kind], name, readable(name))
        if column.required:
            yield Check("values", "missing", name, "ExpectColumnValuesToNotBeNull", (("column", name),))
        if column.values:
            arguments = (("column", name), ("value_set", list(column.values)))
            yield Check("values", ONE_OF + ", ".join(column.values), name, "ExpectColumnValuesToBeInSet", arguments)
        if name == "currency":
            pattern = (("column", name), ("regex", "^[A-Z]{3}$"))
            yield Check("values", "not a currency code of three capitals", name, "ExpectColumnValuesToMatchRegex", pattern)
        if column.positive:
            yield _between("not positive", name, min_value=0, strict_min=True)
        elif column.kind == "money":
            yield _between("negative", name, min_value=0)
        if column.share:
            yield _between("not between 0 and 1", name, min_value=0, max_value=1)
        if column.kind == "money":
            yield _between("absurdly large", name, max_value=ABSURD_AMOUNT, strict_max=True)
        if column.kind == "date":
            yield _between("not between 1990 and 2099", name, on, min_value=FIRST_DAY, max_value=LAST_DAY)
    if table.name == "invoices":
        yield _not_before("due before it was issued", "due_on", "stated issued_on")
        yield _between("due more than ten years after it was issued", "due_on", "days until due", max_value=LONGEST_TERM_DAYS)
    for later, earlier, rule in ORDERED.get(table.name, ()):
        yield _not_before(rule, later, earlier)
    yield _is_true("values", "not a date", "known_on", readable("known_on"))
    yield _between("not between 1990 and 2099", "known_on", min_value=FIRST_DAY, max_value=LAST_DAY)
    if table.event_on:
        if table.column(table.event_on).required:
            yield Check("values", "missing", "known_on", "ExpectColumnValuesToNotBeNull", (("column", "known_on"),))
        else:
            yield _is_true("identity", "missing", "known_on", "day is known")
        if table.name != "invoices":
            yield _not_before("known before it happened", "known_on", table.event_on)
        else:
            yield _not_before("known before it happened", "known_on", "stated issued_on")
    yield _is_true("identity", DUPLICATE, table.key[0], "id is unique")
    yield _is_true("identity", STALE, table.key[0], "id is new or newer")
    for column_name, referenced in table.references:
        yield _is_true("references", f"unknown {referenced.removesuffix('s')}", column_name, known(column_name))
    if table.name in ("payments", "credit_notes"):
        yield _is_true("references", "currency differs from its invoice's", "currency", "currency agrees")
