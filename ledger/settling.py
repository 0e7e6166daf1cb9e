"""Since when an invoice was settled, as far as the ledger knew: what is without a day of its own is known from that day on."""

from __future__ import annotations

import pyarrow as pa

from ledger.snapshot import TOLERANCE


def settled_days(invoices: pa.Table, payments: pa.Table, credit_notes: pa.Table) -> pa.Table:
    """`invoice_id, settled_on`: the first day on which no more than the payment tolerance was known to be open; others are not there.

    Each table has all versions, with `known_on`. A version counts from the day it became known to the day the next one did.

    >>> versions = {"known_on": ["2024-01-02", "2024-01-02"], "amount": [100, 50]}
    >>> invoices = pa.table({"invoice_id": ["I1", "I2"], **versions})
    >>> paid = {"known_on": ["2024-02-01", "2024-03-01"], "amount": [60, 20]}
    >>> payments = pa.table({"payment_id": ["P1", "P2"], "invoice_id": ["I1", "I1"], **paid})
    >>> credits = pa.table({"credit_note_id": ["N1"], "invoice_id": ["I1"], "known_on": ["2024-02-10"], "amount": [19]})
    >>> settled_days(invoices, payments, credits).to_pylist()
    [{'invoice_id': 'I1', 'settled_on': '2024-03-01'}]
    """
    import duckdb

    facts = (
        ("invoices", "invoice_id", "amount", "0"),
        ("payments", "payment_id", "0", "amount"),
        ("credits", "credit_note_id", "0", "amount"),
    )
    versions = " union all ".join(
        f"select invoice_id, known_on, lead(known_on) over (partition by {key} order by known_on) as until,"
        f" {invoiced} as invoiced, {settled} as settled from {table}"
        for table, key, invoiced, settled in facts
    )
    with duckdb.connect(config={"enable_external_access": False, "threads": 2}) as connection:
        for name, table in (("invoices", invoices), ("payments", payments), ("credits", credit_notes)):
            connection.register(name, table)
        days: pa.Table = connection.sql(
            f"""
            with versions as ({versions}),
            moves as (
                select invoice_id, known_on as day, invoiced, settled from versions
                union all select invoice_id, until, -invoiced, -settled from versions where until is not null
            ),
            daily as (select invoice_id, day, sum(invoiced) as invoiced, sum(settled) as settled from moves group by invoice_id, day),
            so_far as (
                select invoice_id, day, sum(invoiced) over up_to as invoiced, sum(settled) over up_to as settled from daily
                window up_to as (partition by invoice_id order by day)
            )
            select invoice_id, min(day) as settled_on from so_far
            where invoiced > 0 and settled * {TOLERANCE} >= invoiced * {TOLERANCE - 1} group by invoice_id order by invoice_id
            """
        ).to_arrow_table()
    return days
