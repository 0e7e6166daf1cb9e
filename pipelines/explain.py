"""Explain: why this customer, why this rank, what would bring it back to current, down to the invoices."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from typing import Any

import pandas as pd

from features.cohort import left_out
from ledger.errors import RefusedError, UsageError, did_you_mean
from ledger.ledger import Ledger
from ledger.progress import Progress
from ledger.tables import DEBTOR_TYPES, UNDETERMINED
from models.payment.curve import FARTHEST, LAST_DAY
from models.types.debtor_type import TypeModel
from models.types.explain import explain_type
from pipelines.config import Config
from pipelines.score import champion_for
from pipelines.scoring import DayScores, facts_of, score_day
from pipelines.type_words import type_lines
from pipelines.words import listed
from worklist.choice import account_of
from worklist.money import money_text, other_texts
from worklist.playbook import load_playbook
from worklist.texts import Texts, load_texts

SHOWN_INVOICES = 15
NEAREST = 100


def run_explain(ledger_uri: str, as_of: date, customer: str, store: str | None, config: Config, progress: Progress) -> str:
    """The page of one customer on one day, as text."""
    if not customer.strip():
        raise UsageError("--customer needs an id, as it stands in the worklist")
    ledger = Ledger.open(ledger_uri, staleness_days=config.staleness_days, settled_within=config.settled_within)
    ledger.refuse_stale(as_of)
    champion, _ = champion_for(ledger, as_of, store)
    _refuse_unknown(ledger, as_of, customer)
    day = score_day(ledger, champion, as_of, config, progress, about=customer)
    lines = explained(day, customer, config)
    types = TypeModel.from_parts(champion.types, champion.type_boosters).telling(config.types)
    explanation = explain_type(types, day.portfolio, customer, day.people)
    return "\n".join(
        [*lines, "", "Why this type (an estimate; a person decides):", *type_lines(explanation, load_texts(config.worklist.texts))]
    )


def explained(day: DayScores, customer: str, config: Config) -> list[str]:
    """The lines about a customer, fewer where nothing of theirs is open. One that is not scored is refused."""
    scored = day.customers[day.customers["customer_id"] == customer]
    if scored.empty:
        raise RefusedError(
            f"customer {customer} is in the ledger, but on {day.as_of} it has no open invoice that is scored: there is nothing to explain; "
            "choose a day on which it has"
        )
    kind = _type(scored.iloc[0], load_texts(config.worklist.texts))
    row_of = day.worklist[day.worklist["customer_id"] == customer]
    if row_of.empty:
        return [f"Customer {customer} on {day.as_of}: {_why_not_listed(day, customer)}, so not on the worklist", f"  {kind}"]
    row = row_of.iloc[0]
    mine = day.invoices[day.invoices["customer_id"] == customer].sort_values(["dpd", "invoice_id"], ascending=[False, True])
    return [
        f"Customer {customer} on {day.as_of}: rank {row['rank']} of {len(day.worklist)}",
        f"  {kind}; stage {row['stage']}",
        _open(row),
        *_what_to_do(row),
        *_account(day, customer, row, config),
        "",
        "Why (contributions are of the uncalibrated margin; above 0 means slower):",
        *_reasons(day, customer, row),
        "",
        *_invoices(mine),
        *_way_back(mine[mine["dpd"] > 0], row),
    ]


def _why_not_listed(day: DayScores, customer: str) -> str:
    apart = left_out(day.portfolio.snapshot, day.portfolio.settings, customer)
    why = {"prepaid": "paid in part before it was issued", "stale": f"of a source that was not watched up to {day.as_of}"}
    told = " and ".join(f"{n:,} {why[reason]}" for reason, n in apart.items() if n)
    return f"what is open is left out of the scores ({told})" if told else "nothing is open"


def _refuse_unknown(ledger: Ledger, as_of: date, customer: str) -> None:
    """Refuse an id that nobody had on that day, before a whole day is scored for it."""
    people = ledger.as_of(as_of).customers
    if people.filter(people.customer_id == customer).count().execute():
        return
    # Comparing letter by letter takes minutes for a million ids; of the few that take the fewest slips it takes no time.
    near = people.select("customer_id", slips=people.customer_id.lower().levenshtein(customer.lower()))
    nearest = near.order_by("slips", "customer_id").limit(NEAREST).to_pandas()["customer_id"].tolist()
    # A spreadsheet takes leading zeros away.
    padded = people.filter(people.customer_id.re_replace("^0+", "") == customer.lstrip("0")).order_by("customer_id").limit(1)
    meant = did_you_mean(customer, nearest) or "".join(f"did you mean '{one}'?" for one in padded.to_pandas()["customer_id"])
    told = f": {meant}" if meant else "; the worklist of the day has the ids"
    raise RefusedError(f"no customer {customer} in {ledger.store.uri} on {as_of}{told}")


def _type(scored: pd.Series, texts: Texts) -> str:
    """The type with how sure it is; where it is not clear, the likeliest one and how likely that is."""
    kind = f"; {texts.type_kinds[scored['debtor_kind']]} ({scored['debtor_kind']})" if scored["debtor_kind"] else ""
    told = f"{texts.types[scored['debtor_type']].name} ({scored['debtor_type']}"
    p = scored[[f"p_{name}" for name in DEBTOR_TYPES]].astype("float64")
    if scored["debtor_type"] != UNDETERMINED:
        return f"{told}, {p['p_' + scored['debtor_type']]:.0%} sure){kind}"
    likeliest = texts.types[str(p.idxmax()).removeprefix("p_")].name
    return f"{told}; likeliest: {likeliest}, {p.max():.0%}){kind}"


def _open(row: pd.Series) -> str:
    exposure, overdue = (money_text(row[name], row["currency"]) for name in ("exposure", "overdue_amount"))
    exposure = " ".join([exposure, *other_texts(row["other_amounts"])])
    overdue = " ".join([overdue, *other_texts(row["other_amounts"], "overdue_amount")])
    disputed = f", in dispute {money_text(row['disputed_amount'], row['currency'])}" if row["disputed_amount"] else ""
    unapplied = f", cash or credit to apply {money_text(row['unapplied_amount'], row['currency'])}" if row["unapplied_amount"] else ""
    return f"  open {exposure}, of it overdue {overdue}{disputed}{unapplied}"


def _what_to_do(row: pd.Series) -> list[str]:
    if row["holds"]:
        return [f"  on hold: {row['holds_in_words']}"]
    when = "" if pd.isna(row["contact_from"]) else f", {row['contact_from'].date()} to {row['contact_until'].date()}"
    channel = "" if pd.isna(row["channel"]) else f" by {row['channel']}"
    value = money_text(row["value_of_contact"], row["currency"])
    return [f"  {row['action_in_words']}{channel}{when}; value of the contact {value} ({row['value_basis']})"]


def _account(day: DayScores, customer: str, row: pd.Series, config: Config) -> list[str]:
    """Why this rank: what the value of the step is made of, and what the other steps would be worth."""
    own = day.customers[day.customers["customer_id"] == customer].reset_index(drop=True)
    steps = account_of(own, facts_of(day.portfolio), load_playbook(config.worklist.playbook), config.worklist, day.as_of)
    names = {code: named.name for code, named in load_texts(config.worklist.texts).actions.items()}
    chosen = steps[steps["chosen"]].iloc[0]
    value, reachable, cost = (money_text(chosen[name], row["currency"]) for name in ("value", "reachable", "cost"))
    held = ", those on hold last" if row["holds"] else ""
    lines = [
        f"  ranked by value{held}: {names[chosen['action']]} {value} = uplift {chosen['uplift']:.2%}"
        f" x not paid within 30 days, of all that is open, {chosen['p_unpaid']:.2%} x within reach {reachable} - cost {cost}"
    ]
    others = steps[(steps["action"] != chosen["action"]) & (steps["action"] != "none")].sort_values("value", ascending=False, kind="stable")
    others = others.drop_duplicates("action")
    if len(others):
        worth = ", ".join(f"{names[one['action']]} {money_text(one['value'], row['currency'])}" for one in others.to_dict("records"))
        lines.append(f"  other steps open: {worth}")
    return lines


def _reasons(day: DayScores, customer: str, row: pd.Series) -> list[str]:
    lines = []
    for one in day.found[day.found["customer_id"] == customer].to_dict("records"):
        behind = ", ".join(one["invoices"]) or "no single invoice"
        position = one["position"]
        lines.append(f"  {position}. {row[f'reason_{position}']}")
        lines.append(f"     {one['code']} {one['contribution']:+.2f}; rests on {behind}")
    return lines or ["  no reason stands out"]


def _invoices(mine: pd.DataFrame) -> list[str]:
    lines = [f"Open invoices ({len(mine)}):", "  invoice              due         past due         open  late?  paid in 14 d  expected"]
    for one in mine.head(SHOWN_INVOICES).to_dict("records"):
        amount = money_text(one["open_amount"], one["currency"])
        disputed = "  in dispute" if one["is_disputed"] else ""
        lines.append(
            f"  {one['invoice_id']:<20} {one['due_on'].date()}  {one['dpd']:>6} d  {amount:>16}"
            f"  {one['p_late']:>4.0%}  {one['p_paid_14']:>11.0%}  {_expected(one)}{disputed}"
        )
    if len(mine) > SHOWN_INVOICES:
        lines.append(f"  and {len(mine) - SHOWN_INVOICES} more in invoice_scores.parquet")
    return lines


def _expected(one: dict[Hashable, Any]) -> str:
    """The day by which it is likelier paid than not, if the curve reaches so far."""
    days, reach = (one["expected_paid_on"] - one["as_of"]).days, LAST_DAY + max(-FARTHEST - int(one["dpd"]), 0)
    return str(one["expected_paid_on"].date()) if days < reach else f"not within {reach:,} days"


def _way_back(overdue: pd.DataFrame, row: pd.Series) -> list[str]:
    """What ends the delay, nothing where there is none: the disputed part wants an end of the dispute, the rest is to be paid.

    Where we hold the money already, it is ours to set it against the invoices.
    """
    if overdue.empty:
        return []
    title = ["", "What would bring it back to current:"]
    disputed, owed = overdue[overdue["is_disputed"]], overdue[~overdue["is_disputed"]]
    if "cash_to_apply" in row["holds"]:
        held = money_text(row["unapplied_amount"], row["currency"])
        return [*title, f"  setting the {held} that they sent already against {_named(overdue)}: nothing is overdue then"]
    steps = [f"an end of the dispute on {_named(disputed)}: {_sums(disputed, row['currency'])} overdue"] if len(disputed) else []
    steps += _payment(owed, row) if len(owed) else []
    last = "the customer is then back to current" if len(owed) else "nothing else is overdue"
    return [*title, *(f"  {step}, and" for step in steps[:-1]), f"  {steps[-1]}: {last}"]


def _payment(owed: pd.DataFrame, row: pd.Series) -> list[str]:
    """What is to be paid: where they sent a part of it already, that part is ours to set against it."""
    held, alike = float(row["unapplied_amount"]), (owed["currency"] == row["currency"]).all()
    rest = float(owed["open_amount"].sum()) - held
    if not alike or not held or rest <= 0:
        return [f"payment of {_sums(owed, row['currency'])} overdue ({_named(owed)})"]
    sent, left = (money_text(amount, row["currency"]) for amount in (held, rest))
    return [f"setting the {sent} that they sent already against {_named(owed)}", f"payment of the other {left} overdue"]


def _named(invoices: pd.DataFrame) -> str:
    return listed(invoices["invoice_id"].tolist())


def _sums(invoices: pd.DataFrame, first: str) -> str:
    """What is open by the currency of the invoices, never added; that of the customer's row comes first."""
    sums = invoices.groupby("currency")["open_amount"].sum()
    ordered = sorted(sums.index, key=lambda code: (code != first, code))
    return " + ".join(money_text(float(sums[code]), str(code)) for code in ordered)
