"""From a ledger to a fitted champion: the part that `train` and `backtest` share. Nothing here touches the registry."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.matrix import FEATURES, build_matrix
from features.part import ENOUGH, n_open, part_of
from ledger.ledger import Ledger
from ledger.progress import Progress
from models.cash.book import FIT_WEEKS, Book
from models.cash.model import CashModel
from models.cash.receipts import receipts
from models.champion import Champion
from models.evaluate import metrics, of_either
from models.folds import fewer_days, fold_cut, training_days
from models.linear_algebra import on_one_thread
from models.payment.baselines import ShrunkKaplanMeier
from models.payment.curve import PaymentCurve
from models.payment.lateness import by_convention, days_past
from models.payment.observations import FORTNIGHT, late_if_not_due, late_outcome, paid_outcome, with_outcomes
from models.payment.payment_time import fit_payment_time
from models.sampling import some_customers
from models.types.debtor_type import TypeModel
from models.types.training import fit_types
from pipelines.backdated import refuse_backdated
from pipelines.config import Config
from pipelines.known_when_paid import refuse_known_when_paid
from pipelines.leaks import one_outcome, refuse_canaries, refuse_replay, refuse_too_good, refuse_type_replay
from pipelines.remainders import remainder_lines
from pipelines.silence import silence_warnings

SPARE = 4
"""As many times the rows to learn from are computed at most: those of more customers tell better what is usual among peers."""


@dataclass(frozen=True)
class Learned:
    """A champion-to-be, what it was learned from, and how it did on the newest days before it saw them.

    `valid` holds the validation rows; `valid_scores` what was predicted for them by a fit that ended before them.
    """

    champion: Champion
    observations: pd.DataFrame
    valid: pd.DataFrame
    valid_scores: pd.DataFrame
    cut: date | None
    warnings: tuple[str, ...] = ()
    validation: dict[str, Any] = field(default_factory=dict)


@on_one_thread
def learn(ledger: Ledger, as_of: date, config: Config, progress: Progress, *, payment_only: bool = False) -> Learned:
    """Fit on what was known at the end of `as_of`. With too little to learn from, the baseline serves and a warning says why.

    `payment_only` leaves out debtor types and the cash forecast, for measurements that do not ask about them.

    Raises RefusedError for an `as_of` before the first fact, or features or a validation that only a leak explains.
    """
    days = training_days(ledger.span[0], as_of, config.models)
    told = _written_when_paid(ledger, as_of, config, progress) if days else ()
    if as_of >= ledger.span[0]:
        snapshot = ledger.as_of(as_of, history_days=config.features.history_days)
        told = (*silence_warnings(snapshot), *remainder_lines(snapshot, config.features), *told)
    taken_over = ledger.taken_over_on(as_of)
    if taken_over and days and days[0] < taken_over:
        loaded = f"very many payments carry one day, {taken_over}: a history seems to have been loaded then"
        told = (f"{loaded}, and no day before it is learned from", *told)
        days = [day for day in days if day >= taken_over]
    learned = _learn(ledger, as_of, days, config, progress, payment_only)
    return replace(learned, warnings=(*told, *learned.warnings))


def _written_when_paid(ledger: Ledger, as_of: date, config: Config, progress: Progress) -> tuple[str, ...]:
    """Refuses, or warns of, what was written on payment and carries an earlier date, as far as that can be told by `as_of`."""
    progress("looking for facts that were written when invoices were paid")
    refuse_known_when_paid(ledger, as_of, config)
    return refuse_backdated(ledger, min(as_of, max(ledger.observed_until(as_of).values())), as_of, config)


def _learn(ledger: Ledger, as_of: date, days: list[date], config: Config, progress: Progress, payment_only: bool) -> Learned:
    settings = config.models
    if not days:
        observations = pd.DataFrame()
        why = f"the ledger holds too few days before {as_of} (a history of {settings.warm_up_days + settings.every_days} days is the least)"
        return _baseline(ledger, as_of, config, observations, why, progress, payment_only)
    progress("counting what is open")
    n_rows, enough = n_open(ledger, days, config.features), max(ENOUGH, SPARE * settings.max_rows)
    part = part_of(ledger, n_rows, enough)
    if n_rows > enough:
        days = fewer_days(days, n_open(part, days, config.features) / enough)
    matrix = build_matrix(part, days, config.features, progress=progress)
    matrix = by_convention(some_customers(matrix, settings.max_rows, config.seed), settings.lateness)
    progress("looking for leaks")
    refuse_replay(part, matrix, days, config)
    progress("outcomes")
    observations = with_outcomes(matrix, part, as_of)
    refuse_canaries(observations, settings.suspicious_auc, config.seed)
    why = too_little(observations, config)
    if why or len(days) < 4:
        return _baseline(ledger, as_of, config, observations, why or "fewer than four days to learn from", progress, payment_only)
    cut = fold_cut(days, settings.validation_share)
    is_old = matrix["as_of"] <= pd.Timestamp(cut)
    fold_train = with_outcomes(matrix[is_old], part, cut)
    fold_valid = observations[observations["as_of"] > pd.Timestamp(cut)].reset_index(drop=True)
    why = too_little(fold_train, config) or too_little(fold_valid, config, least=10)
    if why:
        return _baseline(ledger, as_of, config, observations, f"for time validation, {why}", progress, payment_only)
    progress("fitting the payment-time model")
    fold = fit_payment_time(fold_train, fold_valid, observations, settings, seed=config.seed, threads=config.threads)
    refuse_too_good(fold.validation, settings.suspicious_auc)
    champion = Champion(
        as_of,
        fold.model,
        **_types(ledger, as_of, config, progress, payment_only),
        usual=usual_values(observations),
        cash={} if payment_only else _cash(part, as_of, fold_valid, fold.valid_curve, config, progress),
        lateness=settings.lateness,
    )
    scores = fold.valid_curve.scores(fold_valid["as_of"], fold_valid["dpd"].to_numpy(dtype="int64"), days_past(fold_valid))
    return Learned(champion, observations, fold_valid, scores, cut, one_outcome(observations), fold.validation)


def _baseline(
    ledger: Ledger, as_of: date, config: Config, observations: pd.DataFrame, why: str, progress: Progress, payment_only: bool
) -> Learned:
    progress("fitting the baseline")
    champion = Champion(
        as_of,
        ShrunkKaplanMeier.fit(ledger, as_of),
        **_types(ledger, as_of, config, progress, payment_only),
        usual=usual_values(observations),
        lateness=config.models.lateness,
    )
    warning = f"{why}; the baseline (shrunk Kaplan-Meier curve) serves instead of a model"
    return Learned(champion, observations, observations.iloc[:0], pd.DataFrame(), None, (warning,))


def too_little(observations: pd.DataFrame, config: Config, least: int | None = None) -> str:
    """Why these observations are too few to learn from, or an empty text."""
    settings = config.models
    least = settings.min_of_either if least is None else least
    n_customers = observations["customer_id"].nunique() if len(observations) else 0
    if n_customers < settings.min_customers:
        who = "nobody" if not n_customers else "only 1 customer" if n_customers == 1 else f"only {n_customers} customers"
        return f"{who} had an open invoice on the days to learn from ({settings.min_customers} customers are the least)"
    late, fortnight = late_outcome(observations), paid_outcome(observations, FORTNIGHT)
    if np.isfinite(late).any() and max(of_either(late_if_not_due(observations)), of_either(fortnight)) >= least:
        return ""
    if not observations["is_paid"].any():
        return "no payment was seen of what was open on the days to learn from"
    if np.isnan(late).all() or np.isnan(fortnight).all():
        return f"of no open invoice is it known yet whether it was late, or paid within {FORTNIGHT} days; a later day tells more"
    paid, unpaid = int(np.nansum(fortnight == 1)), int(np.nansum(fortnight == 0))
    return f"{paid} rows paid within {FORTNIGHT} days and {unpaid} not are too few to learn from ({least} of each are the least)"


def usual_values(observations: pd.DataFrame) -> dict[str, float]:
    """Each feature's median over customers, each customer counting once by its newest row.

    To nine digits: a database adds up in another order once rows are appended, and in the last ones the same past would look changed.
    """
    if observations.empty:
        return {}
    newest = observations.sort_values(["as_of", "invoice_id"]).drop_duplicates("customer_id", keep="last")
    return {str(name): float(f"{value:.9g}") for name, value in newest[list(FEATURES)].median().items() if value == value}


def _types(ledger: Ledger, as_of: date, config: Config, progress: Progress, payment_only: bool) -> dict[str, Any]:
    if payment_only:
        return {"types": TypeModel.untrained(config.types).to_json()}
    progress("looking for leaks into the debtor types")
    refuse_type_replay(ledger, as_of, config)
    progress("fitting the debtor types")
    model: TypeModel = fit_types(ledger, as_of, config.features, config.types, seed=config.seed, threads=config.threads, progress=progress)
    return {"types": model.to_json(), "type_boosters": dict(model.boosters)}


def _cash(ledger: Ledger, as_of: date, valid: pd.DataFrame, curve: PaymentCurve, config: Config, progress: Progress) -> dict[str, Any]:
    progress("fitting the cash forecast")
    came = receipts(valid, ledger, as_of, FIT_WEEKS)
    return CashModel.fit(Book.of(valid, curve, FIT_WEEKS), came, config.seed).to_json()


def payment_metrics(rows: pd.DataFrame, scores: pd.DataFrame) -> dict[str, dict[str, float]]:
    """`p_late` on rows not yet due and `p_paid_14` on all rows."""
    late = late_if_not_due(rows)
    return {
        "p_late": metrics(late, scores["p_late"].to_numpy(dtype="float64")),
        "p_paid_14": metrics(paid_outcome(rows, FORTNIGHT), scores["p_paid_14"].to_numpy(dtype="float64")),
    }
