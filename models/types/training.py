"""Learning debtor types without their truth: rules label past month-ends with hindsight, and a booster learns to see it in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.behaviour import NAMES
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from ledger.progress import Progress, silent
from ledger.tables import DEBTOR_TYPES
from models.arrays import Floats
from models.boosting import Binned, Examples, fit_booster
from models.odds import softmax
from models.sampling import is_drawn
from models.types.corrections import prior_shift_of
from models.types.corrections_report import corrections_report
from models.types.debtor_type import MOST_SURE, USUALLY_SURE, TypeModel, certainty, codes_of, design
from models.types.label_model import LabelModel
from models.types.line import line_of
from models.types.needs import has_parts, has_words
from models.types.out_of_fold import fold_boosters, out_of_fold_probabilities
from models.types.rules import fair_late_days
from models.types.selection import weights_of
from models.types.settings import TypeSettings
from models.types.thresholds import thresholds_for
from models.types.training_data import UNSAID, TrainingData, corrected_customers, gather
from models.types.votes import foretold, summary

VALID_SHARE = 0.25
TEMPERATURES = np.round(np.geomspace(0.6, 2.0, 25), 3)
FAINT = 0.02
STEADINESS = 0.6
STRETCH, STRETCH_OF_LESS = 1.2, 1.3
"""How far the mean of rules and booster is stretched where words and part payments are on record, and where either is not: from what
`benchmarks/type_stretch.py` tells of the worlds that taught the points (docs/decisions/0036-young-ledgers-and-words-against-deeds.md)."""


def fit_types(
    ledger: Ledger, as_of: date, features: FeatureSettings, settings: TypeSettings, *, seed: int, threads: int, progress: Progress = silent
) -> TypeModel:
    """A type model from what was known on `as_of`; the untrained rules where the ledger is too young or too small to learn from."""
    corrected = corrected_customers(ledger, as_of, features)
    data = gather(ledger, as_of, features, settings, progress=progress)
    if data.seen["customer_id"].nunique() < settings.min_customers:
        model = TypeModel.untrained(settings)
        moved = with_line(model, corrected)
        return replace(TypeModel.untrained(moved), card=corrections_report(model, corrected, moved))
    model, others = _learned(data, settings, seed, threads)
    moved = with_line(model, corrected)
    if moved != settings:
        model, others = _learned(data, moved, seed, threads)
    after = taught(model, corrected, data.seen, others)
    return replace(after, card=after.card | corrections_report(model, corrected, moved))


def with_line(model: TypeModel, corrected: pd.DataFrame) -> TypeSettings:
    """The model's settings with `compliant_days` as the words of collectors draw it, see `models.types.line`."""
    code = codes_of(corrected["said_type"])
    spoken, told = corrected[code >= 0], code[code >= 0]
    late_days: Floats = np.asarray(fair_late_days(spoken), dtype="float64")
    weights = weights_of(model.probabilities(spoken), told) * certainty(spoken["confidence"])
    line = line_of(late_days, told == 0, model.settings.compliant_days, weights)
    return model.settings.model_copy(update={"compliant_days": line})


def taught(model: TypeModel, corrected: pd.DataFrame, seen: pd.DataFrame, others: Sequence[Any] = ()) -> TypeModel:
    """The model after corrections: how they differ from what it says of those customers itself moves what it says of all.

    Its thresholds are set anew from what it then says of the training data, `seen`; `others` as in `with_thresholds`.
    """
    p, told = model.probabilities(corrected), codes_of(corrected["said_type"])
    weights = weights_of(p, told) * certainty(corrected["confidence"])
    prior_shift = prior_shift_of(p, told, model.settings.correction_caution, weights)
    return with_thresholds(replace(model, prior_shift=prior_shift, card=model.card | {"taught_by": len(corrected)}), seen, others)


def with_thresholds(model: TypeModel, seen: pd.DataFrame, others: Sequence[Any] = ()) -> TypeModel:
    """The model with thresholds from what it says of the training data (`models.types.thresholds`).

    `others`: boosters that have not met these customers, as `models.types.out_of_fold` tells of a small ledger.
    """
    p = out_of_fold_probabilities(model, seen, others)
    return replace(model, thresholds=thresholds_for(p, (model.too_little_known(seen, p) != "").to_numpy(), model.settings))


def learn(data: TrainingData, settings: TypeSettings, *, seed: int, threads: int) -> TypeModel:
    """Weigh the rules, let the better way of weighing label the training data, and fit the booster to those soft labels; without any the
    untrained rules."""
    if not len(data):
        return TypeModel.untrained(settings)
    model, others = _learned(data, settings, seed, threads)
    return with_thresholds(model, data.seen, others)


def _learned(data: TrainingData, settings: TypeSettings, seed: int, threads: int) -> tuple[TypeModel, list[Any]]:
    """The model without bars, and of a small ledger the boosters that tell of customers whom they have not met."""
    known = confirmed(data)
    votes = data.votes(settings)
    rules = LabelModel.assumed(settings, parts=has_parts(data.later))
    rules = replace(rules, agreed=rules.agreed.fitted(votes, known))
    scores = foretold(votes, rules.agreed)
    better = max(scores, key=lambda name: scores[name])
    labels = rules.posterior(votes, data.characteristics(settings), counted=better == "majority")
    labels = steadied(labels, data.seen["customer_id"])
    labels = np.where(np.isnan(known), labels, known)
    booster, temperature, rounds = _fit(data.seen, labels, settings, seed, threads)
    card = {
        "labels": better,
        "foretold": scores,
        "points_share": settings.points_share,
        "rules": summary(votes),
        "compliant_days": settings.compliant_days,
        "rows": len(data),
        "young": data.hindsight < settings.hindsight_days,
        "corrections": int((data.told != UNSAID).sum()),
        "rounds": rounds,
    }
    seen = data.seen
    others = fold_boosters(seen["customer_id"], lambda rows: fit_soft(seen[rows], labels[rows], settings, seed, threads, rounds=rounds))
    stretch = STRETCH if has_words(data.later) and has_parts(data.later) else STRETCH_OF_LESS
    return TypeModel(settings, rules, {"type": booster}, temperature, stretch, card=card), others


def confirmed(data: TrainingData) -> Floats:
    """What collectors said as probabilities, shape (rows, types); NaN rows where they said nothing."""
    sure = np.minimum(np.nan_to_num(data.sure, nan=USUALLY_SURE), MOST_SURE)[:, None]
    told = np.eye(len(DEBTOR_TYPES))[np.maximum(data.told, 0)]
    said = told * sure + (1 - told) * (1 - sure) / (len(DEBTOR_TYPES) - 1)
    return np.where((data.told == UNSAID)[:, None], np.nan, said)


def steadied(labels: Floats, customers: pd.Series[str]) -> Floats:
    """Labels whose cause leans on the customer's other months: people change slowly, one month's votes are noisy.

    Whether there was much lateness stays as each month says.

    >>> labels = np.array([[0.0, 0.9, 0.1, 0, 0], [0.0, 0.4, 0.6, 0, 0]])
    >>> steadied(labels, pd.Series(["a", "a"])).round(2)[:, 1:3].tolist()
    [[0.8, 0.2], [0.59, 0.41]]
    """
    late = labels[:, 1:].sum(axis=1, keepdims=True)
    logs = np.log(np.maximum(labels[:, 1:] / np.maximum(late, 1e-9), 1e-4))
    sums = pd.DataFrame(np.hstack([logs * late, late])).groupby(customers.to_numpy()).transform("sum").to_numpy()
    usual = sums[:, :-1] / np.maximum(sums[:, -1:], 1e-9)
    return np.asarray(np.hstack([labels[:, :1], late * softmax((1 - STEADINESS) * logs + STEADINESS * usual)]))


def _fit(seen: pd.DataFrame, labels: Floats, settings: TypeSettings, seed: int, threads: int) -> tuple[Any, float, int]:
    """The booster on all rows; its rounds and temperature come from customers that it had not met."""
    is_held = is_drawn(seen["customer_id"], VALID_SHARE, seed)
    trial = fit_soft(seen[~is_held], labels[~is_held], settings, seed, threads, valid=(seen[is_held], labels[is_held]))
    raw = np.asarray(trial.predict(design(seen[is_held]), raw_score=True, num_threads=threads))
    temperature = float(min(TEMPERATURES, key=lambda t: cross_entropy(labels[is_held], softmax(raw / t))))
    rounds = max(int(trial.best_iteration), 20)
    return fit_soft(seen, labels, settings, seed, threads, rounds=rounds), temperature, rounds


def fit_soft(
    seen: pd.DataFrame,
    labels: Floats,
    settings: TypeSettings,
    seed: int,
    threads: int,
    *,
    rounds: int | None = None,
    valid: tuple[pd.DataFrame, Floats] | None = None,
) -> Any:
    """LightGBM on soft labels: each row occurs once for each type that it may be, weighing as much as that is likely."""

    def examples(rows: pd.DataFrame, soft: Floats) -> Examples:
        row, code = np.nonzero(soft > FAINT)
        return {"data": design(rows)[row], "label": code, "weight": soft[row, code]}

    return fit_booster(
        Binned.of(examples(seen, labels), None if valid is None else examples(*valid), NAMES, threads),
        settings.booster,
        rounds=rounds,
        seed=seed,
        threads=threads,
        objective="multiclass",
        num_class=len(DEBTOR_TYPES),
        min_sum_hessian_in_leaf=5.0,
    )


def cross_entropy(labels: Floats, p: Floats) -> float:
    """Mean cross-entropy (nats) of probabilities with soft labels, both of shape (rows, types).

    >>> round(cross_entropy(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])), 3)
    0.693
    """
    return float(-(labels * np.log(np.maximum(p, 1e-9))).sum(axis=1).mean())
