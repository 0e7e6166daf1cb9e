"""The worklist as one page of HTML: no request to anywhere, good on screen, on a phone and on paper.

What is on hold, what waits for its day and what is left alone stand in sections of their own, below what is ready.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

import pandas as pd

from ledger.tables import UNDETERMINED
from worklist.money import money_text, other_texts, whole_text
from worklist.policy import next_days
from worklist.reasons import POSITIONS, split_ids
from worklist.texts import Texts
from worklist.totals import totals_of

BUCKETS = ("current", "1-30", "31-60", "61-90", "91+")
SHOWN = 500
SHOWN_INVOICES = 12


@dataclass(frozen=True)
class PageFacts:
    """What the page tells about the whole: the day, where it comes from, and the ageing of what is open.

    `ageing`: `currency, bucket` (one of `BUCKETS`) and `amount`, or None for no picture.
    """

    as_of: date
    run_id: str = ""
    champion: str = ""
    ageing: pd.DataFrame | None = None


def page_of(frame: pd.DataFrame, *, texts: Texts, facts: PageFacts, shown: int = SHOWN) -> str:
    """The page as text. Shows the first `shown` rows, and says so when there are more."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    folder = files("worklist").joinpath("templates")
    read = {name: folder.joinpath(name).read_text(encoding="utf-8") for name in ("page.html.j2", "page.css", "page.js")}
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        read["page.html.j2"]
    )
    section = _section(frame, facts.as_of)
    ready = frame[section == "ready"]
    first = ready["contact_from"].min()
    rows = [_row(row, texts, where) for row, where in zip(_dicts(frame.head(shown)), section.head(shown), strict=True)]
    return template.render(
        t=texts.page,
        language=texts.language,
        css=Markup(read["page.css"]),  # noqa: S704 (our own file)
        js=Markup(read["page.js"]),  # noqa: S704 (our own file)
        as_of=day_text(facts.as_of, texts, year=True),
        first_day=day_text(first, texts) if len(ready) else "",
        headline_day=day_text(first, texts, year=True) if len(ready) else day_text(facts.as_of, texts, year=True),
        facts=facts,
        n_ready=len(ready),
        n_days=ready["contact_from"].nunique(),
        n_total=len(frame),
        n_shown=len(rows),
        totals=_totals(frame, texts),
        ageing=_ageing(facts.ageing, list(totals_of(frame).index), texts),
        sections=[(name, [row for row in rows if row["section"] == name]) for name in ("ready", "later", "held", "alone")],
        types=[(code, named.name, named.about) for code, named in texts.types.items()],
        actions=[(code, named.name, named.about) for code, named in texts.actions.items()],
        present_types=sorted({row["type_code"] for row in rows}, key=list(texts.types).index),
        present_actions=sorted({row["action_code"] for row in rows}, key=list(texts.actions).index),
        type_names={code: named.name for code, named in texts.types.items()},
        action_names={code: named.name for code, named in texts.actions.items()},
        holdout=any(row["holdout"] for row in rows),
        measured=bool(len(frame) and (frame["value_basis"] == "measured").all()),
    )


def day_text(day: Any, texts: Texts, *, year: bool = False) -> str:
    """A day as people write it.

    >>> from worklist.texts import load_texts
    >>> day_text(date(2025, 12, 2), load_texts()), day_text(date(2025, 12, 2), load_texts(), year=True)
    ('Tue 2 Dec', 'Tue 2 Dec 2025')
    """
    weekday, month = texts.page["weekdays"].split()[day.weekday()], texts.page["months"].split()[day.month - 1]
    return f"{weekday} {day.day} {month}" + (f" {day.year}" if year else "")


def _section(frame: pd.DataFrame, as_of: date) -> pd.Series:
    """Where a row stands: ready on the next business day of its country, later, on hold, or left alone."""
    section = pd.Series("ready", index=frame.index, dtype="str")
    section = section.mask(frame["contact_from"] > next_days(frame, pd.Timestamp(as_of)), "later")
    return section.mask(frame["action"] == "none", "alone").mask(frame["holds"].fillna("") != "", "held")


def _dicts(frame: pd.DataFrame) -> list[dict[str, Any]]:
    objects = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in objects.to_dict("records")]


def _row(row: dict[str, Any], texts: Texts, section: str) -> dict[str, Any]:
    currency, days, page = row["currency"], row["max_dpd"], texts.page
    if days is None:
        age = ""
    elif days > 0:
        age = page["days_overdue"].format(n=days)
    else:
        age = page["due_today"] if days == 0 else page["days_until"].format(n=-days)
        # The oldest day leaves disputed invoices out where there are others.
        age = page["rest"].format(age=age) if row["overdue_amount"] else age
    start, end = row["contact_from"], row["contact_until"]
    marks = [page["recurring"]] if row["is_recurring"] else []
    return {
        "section": section,
        "rank": row["rank"],
        "id": row["customer_id"],
        "name": row["name"] or row["customer_id"],
        "marks": marks,
        "holdout": row["in_holdout"],
        "type_code": row["debtor_type"],
        "type": row["type_in_words"],
        "sure": None if row["debtor_type"] == UNDETERMINED else round(100 * (row["type_confidence"] or 0)),
        "stage_code": row["stage"],
        "action_code": row["action"],
        "action": row["action_in_words"],
        "question": row["question"],
        "how": " · ".join(words for words in (texts.channels.get(row["channel"], ""), texts.tones.get(row["tone"], "")) if words),
        "confirm": texts.confirm if row["needs_confirmation"] else "",
        "from": day_text(start, texts) if start else "",
        "from_iso": start.strftime("%Y-%m-%d") if start else "",
        "until": day_text(end, texts) if end and end != start else "",
        "overdue": money_text(row["overdue_amount"], currency) if row["overdue_amount"] else "",
        "overdue_number": row["overdue_amount"],
        "exposure": money_text(row["exposure"], currency),
        "beside": [
            f"{money_text(row[column], currency)} {page[word]}"
            for column, word in (("disputed_amount", "in_dispute"), ("unapplied_amount", "unapplied"))
            if row[column]
        ],
        "other": other_texts(row["other_amounts"]),
        "age": age,
        "late": round(100 * row["p_late"]) if row["p_late"] is not None else None,
        "value": money_text(row["value_of_contact"], currency),
        "value_number": row["value_of_contact"],
        "reasons": [_reason(row, n, texts) for n in POSITIONS if row[f"reason_{n}"]],
        # That a person confirms stands beside the action; it is nothing to offer.
        "offers": [offer for offer in (row["offers"] or "").split("; ") if offer not in ("", texts.confirm)],
        "holds": row["holds_in_words"] or "",
    }


def _reason(row: dict[str, Any], n: int, texts: Texts) -> dict[str, Any]:
    invoices = split_ids(row[f"reason_{n}_invoices"])
    name = texts.reasons[row[f"reason_{n}_code"]].name
    return {"text": row[f"reason_{n}"], "name": name, "invoices": invoices[:SHOWN_INVOICES], "more": max(0, len(invoices) - SHOWN_INVOICES)}


def _totals(frame: pd.DataFrame, texts: Texts) -> list[dict[str, Any]]:
    """Open, overdue and expected late by currency, in words."""
    sums = totals_of(frame)
    totals = []
    for code in sums.index:
        one, currency = sums.loc[code], None if pd.isna(code) else str(code)
        open_amount = float(one["exposure"]) or 1.0
        totals.append(
            {
                "exposure": whole_text(one["exposure"], currency),
                "overdue": whole_text(one["overdue_amount"], currency),
                "late": whole_text(one["expected_late_amount"], currency),
                "overdue_share": texts.page["of_open"].format(share=f"{100 * one['overdue_amount'] / open_amount:.0f} %"),
                "late_share": texts.page["of_open"].format(share=f"{100 * one['expected_late_amount'] / open_amount:.0f} %"),
            }
        )
    return totals


def _ageing(ageing: pd.DataFrame | None, order: list[str], texts: Texts) -> list[dict[str, Any]]:
    """A bar a currency, in the order given: its buckets with their share of it and where they begin, in percent."""
    bars: list[dict[str, Any]] = []
    if ageing is None or ageing.empty:
        return bars
    for code, group in ageing.groupby("currency"):
        amounts = group.groupby("bucket")["amount"].sum().reindex(list(BUCKETS), fill_value=0.0).clip(lower=0.0)
        total = float(amounts.sum())
        if total <= 0:
            continue
        share = 100 * amounts / total
        parts = [
            {
                "at": round(float(start), 3),
                "width": round(float(width), 3),
                "label": texts.page["ageing_current"] if bucket == "current" else bucket,
                "amount": whole_text(float(amounts[bucket]), str(code)),
                "share": f"{width:.0f} %",
                "css": f"b{number}",
            }
            for number, (bucket, width, start) in enumerate(zip(BUCKETS, share, share.cumsum() - share, strict=True))
        ]
        bars.append({"currency": str(code), "parts": parts})
    return sorted(bars, key=lambda bar: (order.index(bar["currency"]) if bar["currency"] in order else len(order), bar["currency"]))
