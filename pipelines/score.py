"""Score: the nightly job. Champion and ledger in, one folder of files out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from shlex import quote
from typing import Any

import pandas as pd

from ledger.calendars import unknown_countries
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.progress import Progress
from models.champion import Champion
from models.payment.payment_time import PaymentTimeModel
from models.registry import Registry, Version
from pipelines.config import Config
from pipelines.publish import fingerprints, publish, refuse_taken, refuse_unwritable
from pipelines.remainders import remainder_lines
from pipelines.scoring import DayScores, score_day
from pipelines.silence import silence_lines
from pipelines.watching import moved_lines
from pipelines.words import counted, listed
from worklist.money import money_text
from worklist.pages import content_hash
from worklist.playbook import load_playbook
from worklist.texts import load_texts
from worklist.totals import totals_of

PACKAGES = ("duewise", "duckdb", "ibis-framework", "lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn", "shap")
SHOWN_NAMES = 3
NOTABLE = 0.02
"""Of so much of what is open it is told that the champion guesses: some old debt lies in any ledger, and no training changes that."""


@dataclass(frozen=True)
class ScoreReport:
    """Where the scores of a day are, and what they come to."""

    folder: Path
    latest: Path
    day: DayScores
    champion: Version
    kind: str
    drift: float
    n_outlived: int
    remainders: list[str]

    def lines(self) -> list[str]:
        worklist, invoices = self.day.worklist, counted(len(self.day.invoices), "open invoice")
        overdue = totals_of(worklist)["overdue_amount"].sort_index()
        amounts = ", ".join(money_text(amount, str(currency)) for currency, amount in overdue.items()) or "nothing"
        lines = [
            f"{invoices} of {counted(len(worklist), 'customer')} on {self.day.as_of}; overdue: {amounts}",
            f"champion: version {self.champion.number}, trained as of {self.champion.as_of}",
            *baseline_lines(self.kind),
            *outlived_lines(self.n_outlived, len(self.day.invoices)),
            *moved_lines(self.day.level, self.drift),
        ]
        lines += left_out_lines(self.day.left_out) + country_lines(worklist["country"]) + currency_lines(worklist["currency"])
        lines += cost_lines(self.day.customers[self.day.customers["exposure"] > 0])
        lines += silence_lines(self.day.portfolio.snapshot) + self.remainders
        lines.append(f"worklist: {self.latest / 'worklist.html'}")
        return lines


def baseline_lines(kind: str) -> list[str]:
    """A warning where a champion is no model.

    >>> baseline_lines("payment_time")
    []
    """
    curve = "one curve, bent by each customer's own late share"
    told = f"warning: the champion is a baseline, there was too little to learn from: {curve}, so take its figures as rough"
    return [] if kind == "payment_time" else [told]


def n_outlived(champion: Champion, dpd: pd.Series) -> int:
    """How many invoices, so many days past due, are older than all but a few that the champion's model learned from."""
    payment = champion.payment
    return payment.follow_up.outlived(dpd.to_numpy(dtype="int64")) if isinstance(payment, PaymentTimeModel) else 0


def outlived_lines(n: int, n_open: int) -> list[str]:
    """A warning where a good part of what is open is older than nearly anything that the champion has seen.

    >>> outlived_lines(1, 90), outlived_lines(1, 9)[0].split(": ")[1]
    ([], '1 open invoice is later than nearly all that the champion has seen, so that what is said of it is a guess')
    """
    if n <= NOTABLE * n_open:
        return []
    told, them = f"{counted(n, 'open invoice')} {'is' if n == 1 else 'are'}", "it" if n == 1 else "them"
    return [f"warning: {told} later than nearly all that the champion has seen, so that what is said of {them} is a guess: train again"]


def left_out_lines(left_out: Mapping[str, int]) -> list[str]:
    """How many open invoices were not asked about, a line for each reason that occurs.

    >>> left_out_lines({"stale": 26, "prepaid": 0})
    ['left out of the cohort, stale: 26 open invoices']
    """
    return [f"left out of the cohort, {why}: {n:,} open invoices" for why, n in left_out.items() if n]


def country_lines(countries: pd.Series) -> list[str]:
    """A warning where the worklist has countries of which no holidays are known.

    >>> country_lines(pd.Series(["DE", "England", "XX", "XX", None]))[0].split("; ")[0]
    "warning: customers whose country has no holiday calendar: 3 ('England' and 'XX')"
    """
    unknown = countries[unknown_countries(countries)]
    if unknown.empty:
        return []
    names = sorted(unknown.unique())
    named = listed([f"'{name}'" for name in names], SHOWN_NAMES)
    return [
        f"warning: customers whose country has no holiday calendar: {len(unknown):,} ({named}); a contact may be proposed on a holiday; "
        "write a code of two letters, such as GB, or one with a region, such as GB-SCT"
    ]


def currency_lines(currencies: pd.Series) -> list[str]:
    """A warning where the worklist ranks amounts of several currencies as if they were one.

    >>> currency_lines(pd.Series(["EUR", "EUR"]))
    []
    >>> currency_lines(pd.Series(["EUR", "JPY", None]))[0].split(": to")[0]
    'warning: amounts in EUR and JPY are ranked as they stand'
    """
    codes = sorted(currencies.dropna().unique())
    if len(codes) < 2:
        return []
    named = listed(codes, SHOWN_NAMES)
    return [
        f"warning: amounts in {named} are ranked as they stand: to rank by what they are worth, load `rates` and set reporting_currency"
    ]


def cost_lines(customers: pd.DataFrame) -> list[str]:
    """A warning where what a contact costs cannot be told in the currency of a row.

    >>> cost_lines(pd.DataFrame({"currency": ["EUR", "JPY"], "cost_rate": [1.0, None]}))[0].split(": ", 1)[1]
    'what a contact costs is not known in JPY and left out of the value of 1 customer: load `rates`'
    """
    unknown = customers.loc[customers["cost_rate"].isna(), "currency"]
    if unknown.empty:
        return []
    named, many = listed(sorted(unknown.unique()), SHOWN_NAMES), counted(len(unknown), "customer")
    return [f"warning: what a contact costs is not known in {named} and left out of the value of {many}: load `rates`"]


def champion_for(ledger: Ledger, as_of: date, store: str | None) -> tuple[Champion, Version]:
    """The newest champion whose training day is not later than `as_of`."""
    registry = Registry(store, ledger.store.folder, ledger.meta.ledger_id)
    found = registry.champion(not_after=as_of)
    if found is None:
        train = f"duewise train --ledger {quote(ledger.store.uri)} --as-of {as_of}"
        trained = [one.as_of for one in registry.versions() if one.promoted]
        if not trained:
            there = f" --store {quote(registry.shown)}" if store else ""
            raise RefusedError(f"no champion for {as_of} in {registry.shown}: none was trained yet; run `{train}{there}` first")
        first = min(trained)
        raise RefusedError(
            f"no champion for {as_of} in {registry.shown}: the first champion was trained as of {first}, and what it learned was not "
            f"known then; choose an as_of from {first} on, look back with `duewise backtest`, or give another --store "
            f"to `{train}` and to this call"
        )
    return registry.load(found), found


def run_score(ledger_uri: str, as_of: date, out: Path, store: str | None, config: Config, progress: Progress) -> ScoreReport:
    """Score a day and publish it under `out`. Refused: an `as_of` before the first fact or too far past the last, or no champion."""
    ledger = Ledger.open(ledger_uri, staleness_days=config.staleness_days, settled_within=config.settled_within)
    ledger.refuse_stale(as_of)
    champion, found = champion_for(ledger, as_of, store)
    refuse_taken(Path(out), as_of)
    refuse_unwritable(Path(out))
    day = score_day(ledger, champion, as_of, config, progress)
    progress("publishing")
    told = f"{champion.made} of {champion.payments_known_on}"
    folder = publish(day, Path(out), manifest_of(ledger, champion, day, config), told, config)
    outlived = n_outlived(champion, day.invoices["dpd"])
    left = remainder_lines(day.portfolio.snapshot, config.features)
    return ScoreReport(folder, Path(out) / "latest", day, found, champion.payment.kind, config.models.level_drift, outlived, left)


def manifest_of(ledger: Ledger, champion: Champion, day: DayScores, config: Config) -> dict[str, Any]:
    """What a run rests on: versions, what was known, the champion, the settings, playbook and texts. Free of clocks and of the future."""
    return {
        "ledger": ledger.meta.ledger_id,
        "known": fingerprints(day),
        "champion": {"fingerprint": champion.fingerprint, "kind": champion.payment.kind, "as_of": champion.as_of.isoformat()},
        "level": day.level.everybody.shifts,
        "with_structural_break": {customer: level.shifts for customer, level in day.level.own.items()},
        "versions": {name: version(name) for name in PACKAGES},
        "config": config.recorded,
        "playbook": content_hash(load_playbook(config.worklist.playbook)),
        "texts": content_hash(load_texts(config.worklist.texts)),
    }
