"""How good a prediction was: the same few figures everywhere, with intervals that respect who the rows belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from models.arrays import Bools, Floats, Ints

BINS = 15
CLIP = 1e-4
LEAST_CUSTOMERS = 10
"""Fewer cannot stand for all others: drawn from one customer, every bootstrap is that customer again, and the interval has no width."""
LEAST_WITHIN = 100
"""Pairs of one customer are few; that many tell a habit (whose AUC is about a half there) from what knows the day."""


def ece(outcome: Floats, p: Floats) -> float:
    """Expected calibration error over equal-width bins: mean gap between said and seen, weighted by rows.

    >>> float(ece(np.array([0.0, 1.0, 1.0, 1.0]), np.array([0.75, 0.75, 0.75, 0.75])))
    0.0
    """
    bin_of = np.minimum((p * BINS).astype("int64"), BINS - 1)
    gaps = np.bincount(bin_of, weights=p - outcome, minlength=BINS)
    return float(np.abs(gaps).sum() / len(p))


def auc(outcome: Floats, p: Floats) -> float:
    """The chance that of two rows with unlike outcomes (1 and 0, all known) the one with 1 has the higher `p`; NaN where all are alike.

    >>> auc(np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.2, 0.9])), auc(np.ones(2), np.array([0.2, 0.9]))
    (0.75, nan)
    """
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(outcome, p)) if 0 < outcome.mean() < 1 else float("nan")


def metrics(outcome: Floats, p: Floats) -> dict[str, float]:
    """`n, auc, log_loss, brier, ece` on the rows whose outcome is known; AUC is NaN where only one outcome occurs.

    Only the log loss keeps `p` away from 0 and 1 (`CLIP`), where it would be endless; ranks that lie closer to them than that are kept.

    >>> {k: round(v, 3) for k, v in metrics(np.array([0.0, 1.0, np.nan]), np.array([0.2, 0.9, 0.5])).items()}
    {'n': 2, 'auc': 1.0, 'log_loss': 0.164, 'brier': 0.025, 'ece': 0.15}
    """
    known = ~np.isnan(outcome) & ~np.isnan(p)
    y, q = outcome[known], p[known]
    if not len(y):
        return {"n": 0, "auc": float("nan"), "log_loss": float("nan"), "brier": float("nan"), "ece": float("nan")}
    return {
        "n": len(y),
        "auc": auc(y, q),
        "log_loss": float(row_losses(y, q).mean()),
        "brier": float(((q - y) ** 2).mean()),
        "ece": ece(y, q),
    }


def of_either(outcome: Floats, *alike: Ints) -> int:
    """How many rows came out the rarer way, of those that are `alike` in all that is given; what is not known (NaN) is neither.

    >>> outcome = np.array([1.0, 0.0, 1.0, 0.0, np.nan])
    >>> of_either(outcome), of_either(outcome, np.array([2, 0, 2, 0, 0])), of_either(outcome, np.array([0, 0, 2, 2, 2]))
    (2, 0, 2)
    """
    if not alike:
        return int(min((outcome == 1).sum(), (outcome == 0).sum()))
    return int(pd.DataFrame({"one": outcome == 1, "zero": outcome == 0}).groupby(list(alike)).sum().min(axis=1).sum())


def auc_alike(outcome: Floats, p: Floats, *alike: Ints) -> tuple[float, int]:
    """AUC among pairs of rows that are `alike` in all that is given, and how many such pairs there are; NaN outcomes are left out.

    What the group itself tells is worth nothing here: of who is due tomorrow and who next month, one pays first.

    >>> auc_alike(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.1, 0.2]), np.array([1, 1, 30, 30]))
    (0.5, 2)
    """
    names = [f"alike_{number}" for number in range(len(alike))]
    rows = pd.DataFrame({"y": outcome, "p": p} | dict(zip(names, alike, strict=True))).dropna(subset="y")
    place = rows.assign(place=rows.groupby(names)["p"].rank(na_option="top"))
    positive = place[place["y"] == 1].groupby(names)["place"].agg(["size", "sum"])
    n, n_positive = rows.groupby(names).size().reindex(positive.index), positive["size"]
    pairs = float((n_positive * (n - n_positive)).sum())
    won = float((positive["sum"] - n_positive * (n_positive + 1) / 2).sum())
    return (won / pairs if pairs else float("nan")), int(pairs)


def among_alike(outcome: Floats, p: Floats, days: Ints, rolls: Ints) -> dict[str, float]:
    """How well rows of equal `days` are told apart, on how many pairs and rows that rests, and how well those that roll equally far, too.

    >>> outcome, p = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.9, 0.2])
    >>> among_alike(outcome, p, np.array([1, 1, 1, 1]), np.array([0, 0, 2, 2]))
    {'auc_alike': 1.0, 'pairs_alike': 4, 'of_either': 2, 'auc_rolled': 1.0}
    """
    found, pairs = auc_alike(outcome, p, days)
    rolled, _ = auc_alike(outcome, p, days, rolls)
    return {"auc_alike": found, "pairs_alike": pairs, "of_either": of_either(outcome, days), "auc_rolled": rolled}


def auc_within(outcome: Floats, p: Floats, customers: pd.Series[str], days: Ints) -> float:
    """AUC among the rows of one customer with equal `days`, such as days past due; NaN where there are too few such pairs.

    Where `LEAST_WITHIN` pairs cannot be found, among those with as many weeks; then among all of a customer's. What tells customers
    apart is worth nothing here: where each is regular, their habits tell nearly everything.

    >>> outcome, of = np.tile([0.0, 1.0], 100), np.repeat(["a", "b"], 100)
    >>> auc_within(outcome, np.where(of == "a", 0.1, 0.9), pd.Series(of), np.zeros(200, dtype="int64"))
    0.5
    >>> auc_within(outcome, outcome, pd.Series(of), np.arange(200)), auc_within(outcome[:9], outcome[:9], pd.Series(of[:9]), np.arange(9))
    (1.0, nan)
    """
    customer = pd.factorize(customers)[0]
    for close in (days, days // 7, np.zeros_like(days)):
        found, pairs = auc_alike(outcome, p, customer, close)
        if pairs >= LEAST_WITHIN:
            return found
    return float("nan")


def row_losses(outcome: Floats, p: Floats) -> Floats:
    """Log loss of each row; NaN where the outcome or the prediction is missing."""
    q = np.clip(p, CLIP, 1 - CLIP)
    return -(outcome * np.log(q) + (1 - outcome) * np.log(1 - q))


def log_loss_margin(
    outcome: Floats, ours: Floats, theirs: Floats, customers: pd.Series, *, draws: int = 1000, seed: int = 7
) -> dict[str, float]:
    """Their log loss minus ours (positive: we are better), with a 95 % interval from a paired bootstrap over customers.

    Its bounds `low` and `high` are NaN where there are fewer than `LEAST_CUSTOMERS`.
    """
    gain = row_losses(outcome, theirs) - row_losses(outcome, ours)
    known = ~np.isnan(gain)
    codes, names = pd.factorize(customers[known])
    sums = np.bincount(codes, weights=gain[known])
    counts = np.bincount(codes).astype("float64")
    rng, even = np.random.default_rng(seed), np.full(len(names), 1 / len(names))
    # One draw at a time: draws by customers would not fit into memory for a large ledger.
    picks = (rng.multinomial(len(names), even) for _ in range(draws))
    means = np.array([(pick @ sums) / (pick @ counts) for pick in picks])
    return {"margin": float(gain[known].mean())} | _bounds(means, len(names))


def auc_margin(outcome: Floats, ours: Floats, theirs: Floats, customers: pd.Series, *, draws: int = 300, seed: int = 7) -> dict[str, float]:
    """Our AUC minus theirs, with a 95 % interval from a paired bootstrap over customers, as `log_loss_margin` gives it."""
    known = ~(np.isnan(outcome) | np.isnan(ours) | np.isnan(theirs))
    y = outcome[known]
    codes, names = pd.factorize(customers[known])
    ours_of, theirs_of = _weighted_auc(y, ours[known]), _weighted_auc(y, theirs[known])
    rng = np.random.default_rng(seed)
    weights = (rng.multinomial(len(names), np.full(len(names), 1 / len(names)))[codes].astype("float64") for _ in range(draws))
    margins = np.array([ours_of(weight) - theirs_of(weight) for weight in weights])
    even = np.ones(len(y))
    return {"margin": ours_of(even) - theirs_of(even)} | _bounds(margins, len(names))


def _bounds(drawn: Floats, n_customers: int) -> dict[str, float]:
    """The middle 95 % of the margins that were drawn."""
    low, high = np.nanquantile(drawn, [0.025, 0.975]) if n_customers >= LEAST_CUSTOMERS else (np.nan, np.nan)
    return {"low": float(low), "high": float(high)}


def told_bounds(margin: Mapping[str, float]) -> str:
    """The interval of a margin in words.

    >>> told_bounds({"margin": 0.1, "low": -0.05, "high": 0.25}), told_bounds({"margin": 0.1, "low": float("nan"), "high": float("nan")})
    ('-0.0500 to +0.2500', 'too few customers for an interval')
    """
    low, high = margin["low"], margin["high"]
    return "too few customers for an interval" if np.isnan(low) else f"{low:+.4f} to {high:+.4f}"


def _weighted_auc(outcome: Floats, p: Floats) -> Callable[[Floats], float]:
    """AUC as a function of row weights; the rows are sorted once, and ties count half.

    >>> weighted = _weighted_auc(np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.2, 0.9]))
    >>> weighted(np.ones(3)), weighted(np.array([1.0, 0.0, 1.0]))
    (0.75, 1.0)
    """
    order = np.argsort(p, kind="stable")
    y = outcome[order]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(p[order]) > 0]))

    def weighted(weight: Floats) -> float:
        w = weight[order]
        positive, negative = np.add.reduceat(w * y, starts), np.add.reduceat(w * (1 - y), starts)
        below = np.cumsum(negative) - negative / 2
        total = positive.sum() * negative.sum()
        return float((positive * below).sum() / total) if total else float("nan")

    return weighted


def ece_noise_floor(p: Floats, fate: Ints, *, draws: int = 400, seed: int = 7) -> float:
    """The 95th percentile of the ECE that a perfectly calibrated model would show on these rows."""
    return float(np.quantile(ece_by_chance(p, fate, draws=draws, seed=seed), 0.95))


def ece_by_chance(p: Floats, fate: Ints, *, draws: int = 400, seed: int = 7) -> Floats:
    """The ECE that a perfectly calibrated model would show on these rows, shape (draws,).

    Outcomes are drawn from `p` itself; rows of one `fate` group (a customer's invoices of one due date) share one draw.

    >>> p = np.full(1000, 0.5)
    >>> float(ece_by_chance(p, np.arange(1000)).mean().round(2)), float(ece_by_chance(p, np.repeat(np.arange(10), 100)).mean().round(2))
    (0.01, 0.12)
    """
    rng = np.random.default_rng(seed)
    groups = int(fate.max()) + 1
    return np.array([ece((rng.random(groups)[fate] < p).astype("float64"), p) for _ in range(draws)])


def sliced(outcome: Floats, p: Floats, slices: Mapping[str, Bools]) -> dict[str, dict[str, float]]:
    """The metrics of each named slice of the rows."""
    return {name: metrics(outcome[rows], p[rows]) for name, rows in slices.items()}
