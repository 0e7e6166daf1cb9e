"""A sentence for each picture of a ledger: what is seen, with its figures, made from the same tables that are drawn."""

from __future__ import annotations

import calendar

import pandas as pd

from pipelines.portrait import FATES, Portrait
from pipelines.words import counted, listed
from worklist.money import whole_text

LEAST, CURRENCIES = 30, 4
WEEKDAY_NAMES = dict(zip(calendar.day_abbr, calendar.day_name, strict=True))


def coverage(portrait: Portrait) -> str:
    """How much there is, from when to when, and where it is thin."""
    invoices, months = portrait.invoices, portrait.activity
    first, last = invoices["issued_on"].min(), invoices["issued_on"].max()
    customers, payments = counted(invoices["customer_id"].nunique(), "customer"), counted(int(portrait.payment_days["n"].sum()), "payment")
    span = f"issued from {first:%-d %B %Y} to {last:%-d %B %Y}"
    told = [f"{counted(len(invoices), 'invoice')} of {customers}, {span}, and {payments}."]
    issued = months["invoices"]
    inside = issued[issued.gt(0).cumsum().gt(0) & issued.iloc[::-1].gt(0).cumsum().iloc[::-1].gt(0)]
    gaps = inside.index[inside == 0]
    if len(gaps):
        told.append(f"No invoice was issued in {listed([f'{month:%B %Y}' for month in gaps], 3)}.")
    usual = inside.median()
    if len(inside) > 3 and inside.iloc[-1] < 0.7 * usual:
        fewer = 1 - inside.iloc[-1] / usual
        told.append(
            f"The last month, {inside.index[-1]:%B %Y}, holds {share(fewer)} fewer invoices than a usual one: it may not be complete."
        )
    return " ".join(told)


def quality(found: pd.DataFrame) -> str:
    """The most frequent concern; `found` as `pipelines.portrait_quality.concerns` gives it.

    >>> quality(pd.DataFrame({"count": [], "of": [], "share": [], "why": []}))
    'Nothing odd was found.'
    """
    if found.empty:
        return "Nothing odd was found."
    top = found.iloc[0]
    count = f"{int(top['count']):,} of {int(top['of']):,}, {share(top['share'])}"
    return f"Most frequent of {counted(len(found), 'concern')}: {found.index[0]} ({count}); {top['why']}."


def ageing(portrait: Portrait) -> str:
    """What is open, and how much of it is past due, each currency by itself."""
    told = []
    for currency, row in portrait.ageing.head(CURRENCIES).iterrows():
        overdue, old = 1 - row["current"] / row.sum(), row["91+"] / row.sum()
        told.append(f"{whole_text(row.sum(), str(currency))} are open: {share(overdue)} is past due, {share(old)} by more than 90 days.")
    if len(portrait.ageing) > CURRENCIES:
        more = len(portrait.ageing) - CURRENCIES
        told.append("1 more currency is not shown." if more == 1 else f"{more} more currencies are not shown.")
    return " ".join(told) or f"No invoice of a source that was still watched is open on {portrait.as_of}."


def seasons(portrait: Portrait) -> str:
    """The weekdays and the months that stand out; those with fewer than 30 invoices are not compared."""
    week, months, days = portrait.weekdays, portrait.calendar_months, portrait.days_of_month
    told = []
    if week["due"].sum():
        told.append(f"Most invoices fall due on a {_weekday(week['due'].idxmax())} ({share(week['due'].max())}).")
    if week["paid"].sum():
        told.append(
            f"Most payments are made on a {_weekday(week['paid'].idxmax())} ({share(week['paid'].max())}) "
            f"and, in the month, on day {days.idxmax()} ({share(days.max())})."
        )
    late = week.loc[week["n"] >= LEAST, "late_share"]
    if late.nunique() > 1:
        worst, best = late.idxmax(), late.idxmin()
        told.append(f"Due on a {_weekday(worst)}, {share(late.max())} are late; due on a {_weekday(best)}, {share(late.min())}.")
    compared = months.loc[months["n"] >= LEAST, "late_share"]
    if compared.nunique() > 1:
        worst, best = (calendar.month_name[int(str(month))] for month in (compared.idxmax(), compared.idxmin()))
        told.append(f"By month it goes from {share(compared.min())} ({best}) to {share(compared.max())} ({worst}).")
    return " ".join(told) or "Nothing has come due or been paid yet."


def lateness(portrait: Portrait) -> str:
    """How late it gets, and whether large invoices are slower."""
    due = portrait.due_invoices
    if due.empty:
        return "No invoice has come due yet."
    paid = due.loc[due["paid_on"].notna(), "days_late"]
    told = [f"The due day of {counted(len(due), 'invoice')} was seen: {_part(due['is_late'].mean())} late"]
    told[0] += f", {share((due['days_late'] > 30).mean())} by more than 30 days." if due["is_late"].any() else "."
    if len(paid):
        low, mid, high = paid.quantile([0.25, 0.5, 0.75])
        spread = f", the middle half {_after_due(low)} to {_after_due(high)}" if low < high else ""
        told.append(f"The middle one of the paid ones was paid {_after_due(mid)}{spread}.")
    curve = portrait.unpaid_curve
    told.append(f"At the end of the due day {share(curve['all'][0])} are unpaid, 30 days later {share(curve['all'][30])}.")
    large, small = curve["large"][0], curve["small"][0]
    if large == large and small == small:
        told.append(f"Of the larger half {share(large)} are unpaid at the end of the due day, of the smaller half {share(small)}.")
    return " ".join(told)


def fates(portrait: Portrait) -> str:
    """Whether it got better or worse lately, and how many are still unpaid."""
    due = portrait.due_invoices
    if due.empty:
        return "No invoice has come due yet."
    cut = due["due_on"].max() - pd.Timedelta(days=91)
    before, lately = due.loc[due["due_on"] <= cut, "is_late"], due.loc[due["due_on"] > cut, "is_late"]
    told = f"Of {counted(len(lately), 'invoice')} due in the last 13 weeks {_part(lately.mean())} late"
    told += f", of {len(before):,} before {_part(before.mean())}." if len(before) else "."
    unpaid = int((due["fate"] == FATES[3]).sum())
    return f"{told} {unpaid:,} of all had not been paid when last seen; they may still be." if unpaid else f"{told} All are paid."


def concentration(portrait: Portrait) -> str:
    """How few customers hold how much, in the main currency."""
    frame, currency = portrait.concentration, portrait.main_currency
    told = []
    if frame["invoiced"].sum():
        parts = frame["invoiced"] / frame["invoiced"].sum()
        n = int((frame["invoiced"] > 0).sum())
        told.append(
            f"The largest of {n:,} customers invoiced in {currency} within a year ({frame.index[0]}) makes {share(parts.iloc[0])} of it"
            if n > 1
            else f"All that was invoiced in {currency} within a year is of one customer ({frame.index[0]})"
        )
        told[0] += f", the ten largest {share(parts.head(10).sum())}." if n > 10 else "."
    owed = frame["overdue"].sort_values(ascending=False)
    if owed.sum():
        n_owing = counted(int((owed > 0).sum()), "customer")
        half = int((owed.cumsum() < owed.sum() / 2).sum()) + 1
        told.append(f"Half of what is overdue ({whole_text(owed.sum(), currency)}) is owed by {half:,} of {n_owing}.")
    else:
        told.append("Nothing is overdue.")
    return " ".join(told)


def signals(found: pd.DataFrame, n_rows: int) -> str:
    """What the most telling feature says; `found` as `pipelines.portrait_signals.signals` gives it.

    >>> signals(pd.DataFrame(), 12)
    'In 12 past rows there is nothing to tell late from punctual by: too few rows, or only one outcome.'
    """
    if found.empty:
        return f"In {n_rows:,} past rows there is nothing to tell late from punctual by: too few rows, or only one outcome."
    top = found.iloc[0]
    told = (
        f"In {n_rows:,} past rows `{found.index[0]}` ({top['what it is']}) tells most: where it was lowest, {share(top['late_if_low'])} "
        f"went on to be late, where it was highest {share(top['late_if_high'])}."
    )
    mute = int(((found["auc"] - 0.5).abs() < 0.02).sum())
    return f"{told} Taken alone, {mute} of {len(found)} features that vary tell next to nothing." if mute else told


def share(value: float) -> str:
    """A share as people read it; small ones keep a decimal.

    >>> share(0.423), share(0.0223), share(0.0), share(0.00004)
    ('42 %', '2.2 %', '0 %', 'under 0.1 %')
    """
    if 0 < value < 0.001:
        return "under 0.1 %"
    return f"{100 * value:.1f} %" if 0 < value < 0.1 else f"{100 * value:.0f} %"


def _part(value: float) -> str:
    if value in (0, 1):
        return "all were" if value else "none was"
    return f"{share(value)} were"


def _weekday(short: object) -> str:
    return WEEKDAY_NAMES[str(short)]


def _after_due(days: float) -> str:
    whole = round(days)
    if whole == 0:
        return "on the due day"
    unit = "day" if abs(whole) == 1 else "days"
    return f"{abs(whole)} {unit} {'after' if whole > 0 else 'before'} due"
