"""The canonical tables: what the ledger can hold, column by column.

Everything that knows a column reads it here: the mapping of sources, the expectations that guard a load,
the stored Parquet schema and the published contract.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Kind = Literal["text", "date", "money", "rate", "bool"]

ARROW_TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "date": pa.date32(),
    "money": pa.decimal128(18, 4),
    "rate": pa.float64(),
    "bool": pa.bool_(),
}


@dataclass(frozen=True)
class Column:
    """One column: its kind, whether a row without it is bad, and the values it may take; a share lies between 0 and 1.

    A `code` is a word that the product knows, or may come to know by a setting; it is stored as `code_of` writes it.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    values: tuple[str, ...] = ()
    positive: bool = False
    share: bool = False
    code: bool = False


@dataclass(frozen=True)
class Table:
    """One canonical table.

    `key` names the columns that identify a fact; `event_on` the fact's own date (None for customers, which have none);
    `references` maps a column to the table whose key it must be found in.
    """

    name: str
    key: tuple[str, ...]
    event_on: str | None
    columns: tuple[Column, ...]
    references: tuple[tuple[str, str], ...] = ()
    required: bool = False

    def column(self, name: str) -> Column:
        """The column of that name.

        >>> TABLES["invoices"].column("due_on").kind
        'date'
        >>> TABLES["invoices"].column("due")
        Traceback (most recent call last):
        ...
        KeyError: 'invoices has no column due'
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> pa.Schema:
        """The stored schema: the canonical columns, then when and from where the row reached us."""
        stored = [pa.field(c.name, ARROW_TYPES[c.kind]) for c in self.columns]
        return pa.schema([*stored, *PROVENANCE])


PROVENANCE = (
    pa.field("known_on", pa.date32()),
    pa.field("loaded_batch", pa.string()),
    pa.field("source", pa.string()),
)

CUSTOMER_KINDS = ("business", "sole_trader", "consumer")
ACTIONS = ("none", "remind", "call", "plan", "formal", "solve", "ask", "specialist")
CHANNELS = ("email", "sms", "phone", "letter")
REASON_CODES = ("hardship", "cash_management", "forgot", "dispute", "no_communication", "unwilling", "other")
DEBTOR_TYPES = ("compliant", "fortuitous", "disorganized", "intentional", "circumstantial")
UNDETERMINED = "undetermined"


NO_WORD = r"[\s-]+"


def code_of(word: str) -> str:
    """A word as codes are stored: whoever wrote it in capitals, or with blanks or hyphens, meant the same.

    >>> code_of(" No-Answer")
    'no_answer'
    """
    return re.sub(NO_WORD, "_", word.strip().lower())


def _text(name: str, *, required: bool = False, values: tuple[str, ...] = (), code: bool = False) -> Column:
    return Column(name, "text", required, values, code=code or bool(values))


def _date(name: str, *, required: bool = False) -> Column:
    return Column(name, "date", required)


def _money(name: str = "amount", *, required: bool = True, positive: bool = False) -> Column:
    return Column(name, "money", required, positive=positive)


_CUSTOMER = ("customer_id", "customers")
_INVOICE = ("invoice_id", "invoices")

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "customers",
            ("customer_id",),
            None,
            (
                _text("customer_id", required=True),
                _text("name"),
                _text("kind", values=CUSTOMER_KINDS),
                _text("country"),
                _text("segment"),
                _text("parent_id"),
            ),
            required=True,
        ),
        Table(
            "invoices",
            ("invoice_id",),
            "issued_on",
            (
                _text("invoice_id", required=True),
                _text("customer_id", required=True),
                _text("business_unit"),
                _date("issued_on", required=True),
                Column("issued_on_assumed", "bool"),
                _date("due_on", required=True),
                _money(positive=True),
                _text("currency", required=True),
            ),
            (_CUSTOMER,),
            required=True,
        ),
        Table(
            "payments",
            ("payment_id",),
            "paid_on",
            (
                _text("payment_id", required=True),
                _text("invoice_id"),
                _text("customer_id", required=True),
                _date("paid_on", required=True),
                _money(),
                _text("currency", required=True),
            ),
            (_CUSTOMER, _INVOICE),
            required=True,
        ),
        Table(
            "credit_notes",
            ("credit_note_id",),
            "issued_on",
            (
                _text("credit_note_id", required=True),
                _text("invoice_id"),
                _text("customer_id", required=True),
                _date("issued_on", required=True),
                _money(),
                _text("currency", required=True),
            ),
            (_CUSTOMER, _INVOICE),
        ),
        Table(
            "contacts",
            ("contact_id",),
            "contacted_on",
            (
                _text("contact_id", required=True),
                _text("customer_id", required=True),
                _date("contacted_on", required=True),
                _text("channel", values=CHANNELS),
                _text("action", values=ACTIONS),
                _text("outcome", code=True),
                _text("reason_code", values=REASON_CODES),
                _text("note"),
                _text("run_id"),
                _text("row_id"),
            ),
            (_CUSTOMER,),
        ),
        Table(
            "promises",
            ("promise_id",),
            "promised_on",
            (
                _text("promise_id", required=True),
                _text("customer_id", required=True),
                _text("invoice_id"),
                _date("promised_on", required=True),
                _date("due_on", required=True),
                _money(required=False),
            ),
            (_CUSTOMER, _INVOICE),
        ),
        Table(
            "disputes",
            ("dispute_id",),
            "opened_on",
            (
                _text("dispute_id", required=True),
                _text("invoice_id", required=True),
                _text("customer_id", required=True),
                _date("opened_on"),
                _date("closed_on"),
                _text("reason"),
            ),
            (_CUSTOMER, _INVOICE),
        ),
        Table(
            "type_labels",
            ("label_id",),
            "labelled_on",
            (
                _text("label_id", required=True),
                _text("customer_id", required=True),
                _text("debtor_type", required=True, values=(*DEBTOR_TYPES, UNDETERMINED)),
                _date("labelled_on", required=True),
                _text("labelled_by"),
                Column("confidence", "rate", share=True),
            ),
            (_CUSTOMER,),
        ),
        Table(
            "rates",
            ("currency", "rate_on"),
            "rate_on",
            (
                _text("currency", required=True),
                _date("rate_on", required=True),
                Column("rate", "rate", required=True, positive=True),
            ),
        ),
    )
}
