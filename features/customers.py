"""What customers are, beside what they owe: where they sit decides which days are holidays, and who their peers are."""

from __future__ import annotations

from typing import Any

from ledger.snapshot import Snapshot


def with_country(rows: Any, snapshot: Snapshot, *more: str) -> Any:
    """Adds to rows with `as_of, customer_id` the customer's `country` ('' if unknown), after `more` columns as they stand.

    >>> import ibis
    >>> from types import SimpleNamespace
    >>> customers = ibis.memtable({"as_of": [1, 1], "customer_id": ["ada", "bo"], "country": ["DE", None]})
    >>> rows = ibis.memtable({"as_of": [1, 1, 1], "customer_id": ["ada", "bo", "cy"]})
    >>> with_country(rows, SimpleNamespace(customers=customers)).order_by("customer_id").to_pandas()["country"].tolist()
    ['DE', '', '']
    """
    customers = snapshot.customers.select("as_of", "customer_id", *more, "country")
    t = rows.left_join(customers, ["as_of", "customer_id"]).select(rows, *more, "country")
    return t.mutate(country=t.country.fill_null(""))
