"""Explain: why this customer, why this rank, what would take it off the list, down to the invoices."""

from __future__ import annotations

from datetime import date

import pandas as pd

from ledger.errors import RefusedError, nearest
from ledger.ledger import Ledger
from models.debtor_type import TypeModel
from models.type_explain import explain_type
from pipelines.config import Config
from pipelines.progress import silent
from pipelines.score import champion_for
from pipelines.scoring import DayScores, score_day
from pipelines.type_words import type_lines
from worklist.money import money_text, other_texts
from worklist.texts import load_texts

SHOWN_INVOICES = 15


def run_explain(ledger_uri: str, as_of: date, customer: str, store: str | None, config: Config) -> str:
    """The page of one customer on one day, as text."""
    ledger = Ledger.open(ledger_uri, staleness_days=config.staleness_days)
    ledger.refuse_stale(as_of)
    champion, _ = champion_for(ledger, as_of, store)
    day = score_day(ledger, champion, as_of, config, silent)
    lines = explained(day, customer, ledger_uri)
    types = TypeModel.from_parts(champion.types, champion.type_boosters)
    explanation = explain_type(types, day.portfolio, customer)
    return "\n".join([*lines, "", "Why this type (an estimate; a person decides):", *type_lines(explanation, load_texts())])


def explained(day: DayScores, customer: str, ledger_uri: str) -> list[str]:
    """The lines about a customer. One that has nothing open, or that does not exist, is refused with the nearest id."""
    listed = day.worklist[day.worklist["customer_id"] == customer]
    if listed.empty:
        known = day.customers["customer_id"].tolist()
        if customer in known:
            raise RefusedError(f"customer {customer} has nothing open on {day.as_of}: there is nothing to explain")
        raise RefusedError(f"no customer {customer} in {ledger_uri} on {day.as_of}: {nearest(customer, known[:5000])}")
    row = listed.iloc[0]
    mine = day.invoices[day.invoices["customer_id"] == customer].sort_values(["dpd", "invoice_id"], ascending=[False, True])
    return [
        f"Customer {customer} on {day.as_of}: rank {row['rank']} of {len(day.worklist)}",
        f"  {row['type_in_words']} ({row['debtor_type']}, {row['type_confidence']:.0%} sure); stage {row['stage']}",
        _open(row),
        *_what_to_do(row),
        "",
        "Why (contributions are of the uncalibrated margin; above 0 means slower):",
        *_reasons(day, customer, row),
        "",
        *_invoices(mine),
        "",
        "What would take it off the list:",
        *_way_out(mine, row),
    ]


def _open(row: pd.Series) -> str:
    exposure, overdue = (money_text(row[name], row["currency"]) for name in ("exposure", "overdue_amount"))
    exposure = " ".join([exposure, *other_texts(row["other_amounts"])])
    overdue = " ".join([overdue, *other_texts(row["other_amounts"], "overdue_amount")])
    return f"  open {exposure}, of it overdue {overdue}"


def _what_to_do(row: pd.Series) -> list[str]:
    if row["holds"]:
        return [f"  on hold: {row['holds_in_words']}"]
    when = "" if pd.isna(row["contact_from"]) else f", {row['contact_from'].date()} to {row['contact_until'].date()}"
    channel = "" if pd.isna(row["channel"]) else f" by {row['channel']}"
    value = money_text(row["value_of_contact"], row["currency"])
    return [f"  {row['action_in_words']}{channel}{when}; value of the contact {value} ({row['value_basis']})"]


def _reasons(day: DayScores, customer: str, row: pd.Series) -> list[str]:
    lines = []
    for one in day.found[day.found["customer_id"] == customer].to_dict("records"):
        behind = str(one["invoices"]).replace("|", ", ") or "no single invoice"
        position = one["position"]
        lines.append(f"  {position}. {row[f'reason_{position}']}")
        lines.append(f"     {one['code']} {one['contribution']:+.2f}; rests on {behind}")
    return lines or ["  no reason stands out"]


def _invoices(mine: pd.DataFrame) -> list[str]:
    lines = [f"Open invoices ({len(mine)}):", "  invoice              due         past due         open  late?  paid in 14 d  expected"]
    for one in mine.head(SHOWN_INVOICES).to_dict("records"):
        amount = money_text(one["open_amount"], one["currency"])
        lines.append(
            f"  {one['invoice_id']:<20} {one['due_on'].date()}  {one['dpd']:>6} d  {amount:>16}"
            f"  {one['p_late']:>4.0%}  {one['p_paid_14']:>11.0%}  {one['expected_paid_on'].date()}"
        )
    if len(mine) > SHOWN_INVOICES:
        lines.append(f"  and {len(mine) - SHOWN_INVOICES} more in invoice_scores.parquet")
    return lines


def _way_out(mine: pd.DataFrame, row: pd.Series) -> list[str]:
    overdue = mine[mine["dpd"] > 0]
    if overdue.empty:
        return [f"  payment of what is open ({len(mine)} invoices); nothing is overdue"]
    named = ", ".join(overdue["invoice_id"].head(5))
    more = f" and {len(overdue) - 5} more" if len(overdue) > 5 else ""
    amount = " ".join([money_text(row["overdue_amount"], row["currency"]), *other_texts(row["other_amounts"], "overdue_amount")])
    return [f"  payment of {amount} overdue ({named}{more}): the customer is then back to current"]
