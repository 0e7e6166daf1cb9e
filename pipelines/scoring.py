"""Scoring a day: what the champion says of every open invoice and customer, and the worklist that follows. Nothing is written here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from features.cohort import left_out
from features.dealings import promise_outcomes
from features.matrix import feature_matrix
from features.portfolio import Portfolio
from features.unapplied import unapplied
from ledger.ledger import Ledger
from ledger.progress import Progress
from ledger.tables import TABLES
from models.champion import Champion
from models.explain import reasons
from models.linear_algebra import on_one_thread
from models.payment.lateness import by_convention
from models.payment.structural_breaks import Levels
from models.rollup import factors, latest_rates, roll_up
from models.types.debtor_type import TypeModel, behaviour_of
from pipelines.config import Config
from pipelines.watching import NO_LEVEL, LevelWatch, scored
from worklist.build import build_worklist
from worklist.facts import Facts
from worklist.money import round_others, round_to_unit
from worklist.pages import content_hash
from worklist.playbook import Playbook, load_playbook
from worklist.stage import stage_of
from worklist.texts import Texts, load_texts

INVOICE_COLUMNS = tuple(
    "run_id as_of invoice_id customer_id currency open_amount due_on dpd p_late p_late_5 p_late_30 p_late_60 p_late_90 p_paid_7 p_paid_14 "
    "p_paid_30 days_late_p10 days_late_p50 days_late_p90 expected_paid_on p_late_business".split()
)
CUSTOMER_COLUMNS = tuple(
    "run_id as_of customer_id currency exposure overdue_amount p_late expected_late_amount debtor_type p_compliant p_fortuitous "
    "p_disorganized p_intentional p_circumstantial type_evidence debtor_kind stage is_recurring other_amounts".split()
)


@dataclass(frozen=True)
class DayScores:
    """Everything a scored day comes to.

    `rows` is the feature matrix behind it, `people` the behaviour behind the types, `found` the reasons before they became words.
    """

    run_id: str
    as_of: date
    portfolio: Portfolio
    rows: pd.DataFrame
    people: pd.DataFrame
    invoices: pd.DataFrame
    customers: pd.DataFrame
    found: pd.DataFrame
    worklist: pd.DataFrame
    level: Levels = NO_LEVEL
    left_out: dict[str, int] = field(default_factory=dict)


@on_one_thread
def score_day(
    ledger: Ledger, champion: Champion, as_of: date, config: Config, progress: Progress, *, about: str | None = None
) -> DayScores:
    """Score one day with a champion. The same champion, ledger and day give the same frames.

    `about`: the one customer whose reasons are wanted; without, they are worked out of those likeliest to be listed high.
    """
    playbook, texts = load_playbook(config.worklist.playbook), load_texts(config.worklist.texts)
    run_id = run_id_of(ledger, champion, as_of, config, playbook, texts)
    progress("features")
    portfolio = Portfolio.on(ledger, config.features, as_of)
    rows = by_convention(feature_matrix(portfolio), champion.lateness)
    progress("scoring open invoices")
    level = LevelWatch(ledger, champion, config).level(as_of)
    scores, _ = scored(champion, rows, config.threads, level)
    invoices = pd.concat([rows, scores], axis=1)
    invoices["run_id"] = run_id
    invoices["is_disputed"] = invoices["dispute_open"] > 0
    progress("debtor types")
    model = TypeModel.from_parts(champion.types, champion.type_boosters).telling(config.types)
    people = behaviour_of(portfolio, model.settings.correction_days)
    customers = customer_scores(portfolio, invoices, model.told(people), run_id, config)
    progress("reasons")
    explained = _explained(rows, customers, config) if about is None else rows[rows["customer_id"] == about].reset_index(drop=True)
    found = told_in_own_currency(reasons(champion, explained, portfolio, threads=config.threads), rows, customers)
    progress("worklist")
    listed = customers[customers["exposure"] > 0].reset_index(drop=True)
    worklist = build_worklist(
        listed,
        found,
        facts_of(portfolio),
        playbook=playbook,
        texts=texts,
        settings=config.worklist,
        as_of=as_of,
        run_id=run_id,
    )
    invoices["open_amount"] = round_to_unit(invoices["open_amount"], invoices["currency"])
    invoices["dpd"] = invoices["dpd"].astype("int64")
    passed_over = left_out(portfolio.snapshot, config.features)
    return DayScores(run_id, as_of, portfolio, rows, people, invoices, customers, found, worklist, level, passed_over)


def run_id_of(ledger: Ledger, champion: Champion, as_of: date, config: Config, playbook: Playbook, texts: Texts) -> str:
    """12 hex digits of the champion, what the ledger knew on the day, the settings, the playbook and the texts.

    The same run has the same id, on any machine and on however many threads. What the ledger knew is told by how many facts came with
    each input, whose name is its content, and by how far each source was watched.
    """
    known = [_came_with(ledger, name, as_of) for name in TABLES]
    watched = {source: day.isoformat() for source, day in sorted(ledger.observed_until(as_of).items())}
    told, settings = json.dumps([known, watched]), json.dumps(config.recorded)
    parts = (champion.fingerprint, ledger.meta.ledger_id, told, as_of.isoformat(), settings, content_hash(playbook), content_hash(texts))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]


def _came_with(ledger: Ledger, table: str, as_of: date) -> dict[str, int]:
    facts = ledger.history(table)
    counted = facts.filter(facts.known_on <= as_of).group_by("loaded_batch").agg(n=lambda of: of.count()).order_by("loaded_batch")
    return {str(batch): int(n) for batch, n in counted.to_pandas().itertuples(index=False)}


def customer_scores(portfolio: Portfolio, invoices: pd.DataFrame, types: pd.DataFrame, run_id: str, config: Config) -> pd.DataFrame:
    """One row a customer of `types` (see `features.asked`), ordered by id; amounts rounded to the unit."""
    snapshot = portfolio.snapshot
    as_of = snapshot.days[0]
    balances = snapshot.balances
    last = balances.group_by(["customer_id", "currency"]).agg(due_on=balances.due_on.max()).to_pandas()
    last = last.sort_values(["customer_id", "due_on", "currency"]).drop_duplicates("customer_id", keep="last")
    last = last[["customer_id", "currency"]].rename(columns={"currency": "last_currency"})
    people = snapshot.customers.select("customer_id", "name", "kind", "country").to_pandas()
    rates = latest_rates(snapshot.known("rates").to_pandas(), as_of)
    rolled = roll_up(invoices, rates, config.reporting_currency)
    frame = types.drop(columns="as_of").sort_values("customer_id").merge(people, on="customer_id", how="left")
    frame = frame.merge(last, on="customer_id", how="left").merge(rolled, on="customer_id", how="left")
    if config.reporting_currency in rates:
        frame["last_currency"] = frame["last_currency"].mask(frame["last_currency"].isin(list(rates)), config.reporting_currency)
    frame["currency"] = frame["currency"].fillna(frame["last_currency"])
    for name in ("exposure", "overdue_amount", "expected_late_amount", "disputed_amount"):
        frame[name] = round_to_unit(frame[name].fillna(0.0), frame["currency"])
    frame["other_amounts"] = frame["other_amounts"].map(round_others).astype("str")
    frame["unapplied_amount"] = unapplied_cash(portfolio, frame, rates, config.reporting_currency)
    frame["stage"] = stage_of(frame["chased_dpd"], config.worklist)
    of_costs = config.reporting_currency or next(iter(frame["currency"].mode()), None)
    frame["cost_rate"] = 1.0 / factors(frame["currency"], rates, of_costs)
    frame["run_id"] = run_id
    frame["as_of"] = pd.Timestamp(as_of)
    whole: pd.DataFrame = frame.reset_index(drop=True)
    return whole


def unapplied_cash(portfolio: Portfolio, customers: pd.DataFrame, rates: dict[str, float], reporting_currency: str | None) -> pd.Series:
    """Cash and credit notes that name no invoice or go beyond it, in the currency of the row; what cannot be told in it does not count."""
    sums = unapplied(portfolio.snapshot).to_pandas()
    sums = sums.merge(customers[["customer_id", "currency"]].rename(columns={"currency": "wanted"}), on="customer_id")
    factor = factors(sums["currency"], rates, reporting_currency).where(sums["wanted"] == reporting_currency)
    told = sums["amount"] * factor.mask(sums["currency"] == sums["wanted"], 1.0)
    by_customer = told.groupby(sums["customer_id"]).sum()
    return round_to_unit(customers["customer_id"].map(by_customer).astype("float64").fillna(0.0), customers["currency"])


def told_in_own_currency(found: pd.DataFrame, rows: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """The reasons, without amounts where what is open is not all in the currency of the customer's row."""
    currency = rows["currency"].astype("object").groupby(rows["customer_id"])
    of_all = currency.first().where(currency.nunique() == 1)
    own = customers.set_index("customer_id")["currency"]
    foreign = found["customer_id"].map(of_all) != found["customer_id"].map(own)
    return found.assign(unit=found["unit"].mask(foreign & (found["unit"] == "money"), "none"))


def facts_of(portfolio: Portfolio) -> Facts:
    """Contacts, promises and open disputes as known on the day."""
    snapshot = portfolio.snapshot
    contacts = snapshot.known("contacts").select("customer_id", "contacted_on", "channel", "action", "outcome", "reason_code", "contact_id")
    promises = promise_outcomes(portfolio).select(
        "customer_id", "invoice_id", "promised_on", "due_on", "amount", "kept", "pending", "promise_id", "invoice_paid_on"
    )
    # What was promised and came late is there: it is not waited for any longer.
    promises = promises.filter(promises.kept | promises.invoice_paid_on.isnull())
    told = promises.to_pandas().sort_values(["customer_id", "promised_on", "promise_id"])
    told["kept"] = told["kept"].astype("object").mask(told["pending"].astype(bool), None)
    told["amount"] = told["amount"].astype("float64")
    return Facts(
        contacts=contacts.to_pandas()
        .sort_values(["customer_id", "contacted_on", "contact_id"])
        .drop(columns="contact_id")
        .reset_index(drop=True),
        promises=told.drop(columns=["pending", "promise_id", "invoice_paid_on"]).reset_index(drop=True),
    )


def _explained(rows: pd.DataFrame, customers: pd.DataFrame, config: Config) -> pd.DataFrame:
    """The rows of the customers most likely to be listed high; exact SHAP for everyone would take longer than the night."""
    weight = customers["overdue_amount"] + customers["expected_late_amount"]
    ordered = customers.assign(weight=weight).sort_values(["weight", "exposure", "customer_id"], ascending=[False, False, True])
    wanted = ordered["customer_id"].head(config.worklist.explained_customers)
    return rows[rows["customer_id"].isin(wanted)].reset_index(drop=True)
