"""What is odd about a ledger: each concern counted, with why it matters."""

from __future__ import annotations

import pandas as pd

from features.cohort import left_out
from ledger.calendars import unknown_countries
from pipelines.portrait import Portrait

REPEATED = ["customer_id", "issued_on", "due_on", "amount", "currency"]
THIN = 3


def concerns(portrait: Portrait) -> pd.DataFrame:
    """One row a concern, the most frequent first: `count`, `of` (how many there are), `share` and `why` it matters.

    Only concerns that occur are listed; an empty table says that nothing was found.
    """
    invoices, snapshot = portrait.invoices, portrait.snapshot
    books = [portrait.described["tables"][name] for name in ("invoices", "payments", "credit_notes")]
    inputs = portrait.inputs
    customers = snapshot.customers.select("customer_id", "kind", "country").to_pandas()
    payments = snapshot.known("payments")
    loose = payments.agg(n=payments.count(), loose=payments.invoice_id.isnull().sum().fill_null(0)).to_pandas().astype("int64").iloc[0]
    per_customer = invoices.groupby("customer_id").size()
    apart = left_out(snapshot, portrait.config.features)
    weekend_due = invoices["due_on"].dt.day_of_week >= 5
    days = portrait.payment_days
    n_open = int((invoices["open_amount"] > 0).sum())
    found = [
        (
            "rows in quarantine",
            inputs["quarantined"].sum(),
            inputs["source_rows"].sum(),
            "they are not in the ledger; mend them and ingest again",
        ),
        (
            "corrected invoices, payments and credit notes",
            sum(one["versions"] - one["rows"] for one in books),
            sum(one["rows"] for one in books),
            "each correction is a version; a day before it still shows what was believed then",
        ),
        (
            "invoices with an assumed issue date",
            invoices["issued_on_assumed"].sum(),
            len(invoices),
            "terms and ages since issue are guesses",
        ),
        ("invoices paid before their date", invoices["is_prepaid"].sum(), len(invoices), "prepayments; they are never asked about"),
        (
            "invoices settled beyond their amount",
            (invoices["settled_amount"] > invoices["amount"] + 0.005).sum(),
            len(invoices),
            "overpaid or credited twice",
        ),
        (
            "open invoices paid in part",
            ((invoices["open_amount"] > 0) & (invoices["settled_amount"] > 0)).sum(),
            n_open,
            "a plan, a deduction or a dispute",
        ),
        (
            "invoices equal to another one",
            invoices.duplicated(REPEATED).sum(),
            len(invoices),
            "same customer, dates and amount: perhaps the same invoice twice",
        ),
        ("invoices due on a weekend", weekend_due.sum(), len(invoices), "paid on the Monday after, they count as late"),
        (
            "payments dated on a weekend",
            days.loc[days["weekday"] >= 5, "n"].sum(),
            loose["n"],
            "few means that a bank's calendar is behind them",
        ),
        ("payments that name no invoice", loose["loose"], loose["n"], "unapplied cash: who paid may look as if they had not"),
        ("customers without a country", customers["country"].isna().sum(), len(customers), "their holidays are unknown; weekends only"),
        (
            "customers whose country has no holiday calendar",
            unknown_countries(customers["country"]).sum(),
            len(customers),
            "weekends only; write a code of two letters, such as GB for England",
        ),
        (
            "customers without a kind",
            customers["kind"].isna().sum(),
            len(customers),
            "contact limits for consumers cannot be told to apply",
        ),
        (
            f"customers with fewer than {THIN} invoices",
            (per_customer < THIN).sum(),
            len(per_customer),
            "their habits are drawn towards everyone's",
        ),
        ("open invoices of a source no longer watched", apart["stale"], n_open, "they leave the cohort: unseen is not unpaid"),
    ]
    frame = pd.DataFrame(found, columns=["concern", "count", "of", "why"]).astype({"count": "int64", "of": "int64"})
    frame = frame[frame["count"] > 0]
    shown = frame.assign(share=frame["count"] / frame["of"]).sort_values(["share", "concern"], ascending=[False, True])
    return shown.set_index("concern")[["count", "of", "share", "why"]]


def quarantine(portrait: Portrait) -> pd.DataFrame:
    """Rows in quarantine by `source, table, column, rule`: how many, and one row to look up. Values are not shown: they may be personal."""
    stored = portrait.ledger.store.read("quarantine").to_pandas()
    grouped = stored.groupby(["source", "table", "column", "rule"], dropna=False)["source_row"]
    counted = pd.DataFrame({"rows": grouped.size(), "first_source_row": grouped.min()})
    return counted.sort_values("rows", ascending=False, kind="stable")
