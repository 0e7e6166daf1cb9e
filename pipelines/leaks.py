"""Guards against leaks, run at every training: a feature must not know what only the future knows.

Three of them, each of which a leak has to defeat: the *replay* computes features again on a ledger that ends on the day asked about; the
*canary* asks of each single feature whether it knows too well who will be late, who pays within a fortnight, or on which day; and a
*validation* that is too good to be true is refused. What the due date alone tells is taken out first, and nothing but it. Who is late is
compared among invoices whose due dates roll equally far to a business day: of who is collected on that day those due at a weekend are
late, and hardly any others (AUC .97 on honest direct debits). Who pays within a fortnight is compared among those equally many days past
due (AUC .90 to .96 over all), and where that is too good, among those of them that roll equally far. A bar above all that would let leaks
pass; what knows the day tells alike invoices apart, too.

What is written into the past when an invoice is paid passes all three, and is looked for in `pipelines/backdated.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.behaviour import NAMES
from features.matrix import FEATURES, INVOICE_COLUMNS, build_matrix
from features.portfolio import days_at_once
from ledger.ending import ending, renamed
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from models.arrays import Floats, Ints
from models.evaluate import auc_alike, auc_within, of_either
from models.payment.lateness import days_past, roll_days
from models.payment.observations import FORTNIGHT, late_if_not_due, paid_outcome
from models.sampling import some_customers
from models.types.training_data import behaviour_on, training_days, training_part
from pipelines.config import Config
from pipelines.words import listed

LEAST_ROWS = 1000
LEAST_OF_EITHER = 30
CANARY_ROWS = 30_000
KNOWS_THE_DAY = 0.97
LEAST_PAIRS = 10_000
OF_A_HABIT = 0.9
"""Where each customer is regular a model may tell nearly everything, but not so well among the invoices of one."""
REGULAR = "where these customers truly are that regular, raise models.suspicious_auc to 1"
ROLLING = "invoices whose due dates roll equally far to a business day"
PAST_DUE = "invoices equally many days past due"
AMOUNTS = ("amount", "open_amount")
FACTS = tuple(name for name in INVOICE_COLUMNS if name not in (*AMOUNTS, "as_of", "invoice_id", "customer_id"))
"""What a row is without its features: the heads, the convention of lateness and the cash forecast read it, too."""
NEARLY = {"rtol": 1e-6, "atol": 1e-9}
ROUGHLY = {"rtol": 1e-4, "atol": 1e-6}
"""Correlations of a few invoices carry what the order of summing does to the last digits further up."""


def refuse_replay(ledger: Ledger, matrix: pd.DataFrame, days: Sequence[date], config: Config) -> None:
    """Refuse features, and the cohort's own columns, that differ on a ledger that ends on that day under other ids.

    Asked of a day in the middle and the last one. `matrix` was computed before: what a feature remembers from then finds nobody under
    the other ids.
    """
    for day in _replayed(days, days_at_once(ledger)):
        with ending(ledger, day) as cut:
            blind = build_matrix(cut, [day], config.features)
        _refuse_difference(matrix, blind, day, "invoice_id", [*AMOUNTS, *FEATURES], NEARLY, FACTS)


def refuse_type_replay(ledger: Ledger, as_of: date, config: Config) -> None:
    """The same of what debtor types are learned from; what hindsight tells the labelling rules may look ahead and is not asked."""
    days, _ = training_days(ledger, as_of, config.types)
    if not days:
        return
    part = training_part(ledger, days, config.features, config.types)
    # Both are computed at once here: the earlier one would see the facts of the last.
    days = sorted({days[len(days) // 2], days[-1]})
    seen = behaviour_on(part, days, config.features)
    for day in days:
        with ending(part, day) as cut:
            blind = behaviour_on(cut, [day], config.features)
        _refuse_difference(seen, blind, day, "customer_id", list(NAMES), ROUGHLY)


def _replayed(days: Sequence[date], at_once: int) -> list[date]:
    """The last day and one in the middle, not the last of those computed at once: a look at the others' facts would show nothing there.

    >>> [day.day for day in _replayed([date(2025, 1, 1 + n) for n in range(30)], 16)]
    [15, 30]
    """
    middle = len(days) // 2
    return sorted({days[middle - 1 if (middle + 1) % at_once == 0 else middle], days[-1]})


def _refuse_difference(
    matrix: pd.DataFrame,
    blind: pd.DataFrame,
    day: date,
    key: str,
    names: Sequence[str],
    tolerance: Mapping[str, float],
    facts: Sequence[str] = (),
) -> None:
    seen = matrix[matrix["as_of"] == pd.Timestamp(day)]
    both = seen.assign(**{key: renamed(seen[key])}).merge(blind, on=["as_of", key], suffixes=("", "_blind"), validate="one_to_one")
    leaking = [name for name in facts if not _same(both[name], both[f"{name}_blind"])]
    leaking += [name for name in names if not np.allclose(both[name], both[f"{name}_blind"], equal_nan=True, **tolerance)]
    if leaking:
        raise RefusedError(
            f"{listed(leaking)} looked past {day}: computed on a ledger that ends on that day, under other ids, it is another figure; "
            "build it from the snapshot of the day alone"
        )
    if len(both) < len(seen):
        raise RefusedError(f"{len(seen) - len(both)} rows of {day} are only asked about because of what came later: mend the cohort")
    # Some customers may have been drawn to learn from: of those all rows are there, on whatever day.
    of_ours = int(blind["customer_id"].isin(set(renamed(matrix["customer_id"]))).sum())
    if len(both) < of_ours:
        raise RefusedError(f"{of_ours - len(both)} rows of {day} are not asked about because of what came later: mend the cohort")


def _same(one: pd.Series, other: pd.Series) -> bool:
    return bool(((one == other) | (one.isna() & other.isna())).all())


def refuse_canaries(observations: pd.DataFrame, suspicious: float, seed: int) -> None:
    """Refuse a feature that by itself tells too well who is late or pays within a fortnight, or the day beyond what the due date tells.

    Not asked of fewer than 1,000 rows, or of fewer than 30 that were late (or were not), where that may be chance, nor where `suspicious`
    is 1: who says so has looked.
    """
    if suspicious >= 1:
        return
    rows = some_customers(observations, CANARY_ROWS, seed)
    paid = rows[rows["is_paid"].to_numpy(dtype=bool)]
    late, fortnight = late_if_not_due(rows), paid_outcome(rows, FORTNIGHT)
    past, rolls, n_late = days_past(rows), roll_days(rows), int((~np.isnan(late)).sum())
    pays, overdue = f"pay within a fortnight, among {PAST_DUE},", np.where(past >= 0, fortnight, np.nan)
    asked = (
        (f"be late, among {ROLLING},", late, rolls, n_late),
        (pays, fortnight, past, len(rows)),
        (pays, overdue, past, len(rows)),
    )
    enough = [one[:3] for one in asked if one[3] >= LEAST_ROWS and of_either(one[1], one[2]) >= LEAST_OF_EITHER]
    for name in FEATURES:
        values = rows[name].to_numpy(dtype="float64")
        for what, outcome, alike in enough:
            found, pairs = auc_alike(outcome, values, alike)
            found = max(found, 1 - found)
            if found <= suspicious or pairs < LEAST_PAIRS or _is_rolled(outcome, values, alike, rolls, suspicious):
                continue
            if not _is_habit(outcome, values, rows["customer_id"], alike, suspicious):
                raise RefusedError(
                    f"{name} alone tells who will {what} with an AUC of {found:.3f} (above models.suspicious_auc = {suspicious}): no "
                    f"honest feature does; look for a column that knows the payment day; {REGULAR}"
                )
        if len(paid) >= LEAST_ROWS and name != "dpd":
            knows = _beyond_due(paid[name], paid["days_seen"], paid["dpd"])
            if knows > KNOWS_THE_DAY:
                raise RefusedError(
                    f"{name} knows the payment day: its ranks and those of the days to payment agree by {knows:.3f} beyond what the due "
                    f"date tells; look for a mapped column, such as known_on, that is filled from the clearing day; {REGULAR}"
                )


def one_outcome(observations: pd.DataFrame) -> tuple[str, ...]:
    """A warning where all that was open was paid within a fortnight, on rows enough for it not to be chance; no canary can sing there.

    >>> rows = pd.DataFrame({"days_seen": 6, "window_days": 30, "is_paid": [True] * 1000})
    >>> len(one_outcome(rows)), one_outcome(rows[:999])
    (1, ())
    """
    outcome = paid_outcome(observations, FORTNIGHT)
    n = int((~np.isnan(outcome)).sum())
    if n < LEAST_ROWS or not (outcome[~np.isnan(outcome)] == 1).all():
        return ()
    why = "unless they are that prompt, a mapped column, such as known_on, is filled from the clearing day"
    return (f"all of {n:,} rows were paid within a fortnight of the day asked about: {why}",)


def _is_rolled(outcome: Floats, values: Floats, days: Ints, rolls: Ints, suspicious: float) -> bool:
    """Whether a feature tells due dates apart that roll to a business day, and not those that roll equally far.

    >>> rolls, days = np.array([0, 0, 2, 2] * 9), np.zeros(36, dtype="int64")
    >>> collected = np.where(rolls > 0, 0.0, 1.0)
    >>> failed_one = np.where(np.arange(36) == 1, 0.0, collected)
    >>> _is_rolled(failed_one, rolls * 1.0, days, rolls, 0.97), _is_rolled(failed_one, failed_one, days, rolls, 0.97)
    (True, False)
    """
    found, _ = auc_alike(outcome, values, days, rolls)
    return max(found, 1 - found) <= suspicious


def _is_habit(outcome: Floats, values: Floats, customers: pd.Series[str], days: Ints, suspicious: float) -> bool:
    """Whether a feature tells customers apart, and not the invoices of one: where all are regular, their habits tell nearly everything.

    >>> punctual, of = np.tile([0.0, 1.0], 500), np.arange(1000) // 20
    >>> outcome = np.where(of % 2 == 0, punctual * (np.arange(1000) % 20 == 1), 1 - punctual * (np.arange(1000) % 20 == 1))
    >>> customers, days = pd.Series(of.astype("str")), np.zeros(1000, dtype="int64")
    >>> _is_habit(outcome, of % 2.0, customers, days, 0.97), _is_habit(outcome, outcome, customers, days, 0.97)
    (True, False)
    """
    within = auc_within(outcome, values, customers, days)
    return max(within, 1 - within) <= suspicious


def refuse_too_good(validation: Mapping[str, Any], suspicious: float) -> None:
    """Too good is refused, on rows enough of either kind for it not to be chance; not where it is only customers that are told apart."""
    stacked = validation["formulations"]["stacked"]
    late, fortnight = f"who is late, among {ROLLING},", f"payment within a fortnight, among {PAST_DUE},"
    for about, rows in ((late, stacked["p_late"]), (fortnight, stacked["p_paid_14"])):
        enough = rows["n"] >= LEAST_ROWS and rows["of_either"] >= LEAST_OF_EITHER and rows["pairs_alike"] >= LEAST_PAIRS
        is_rolled, is_habit = rows["auc_rolled"] <= suspicious, rows["auc_within"] <= OF_A_HABIT
        if rows["auc_alike"] > suspicious and enough and not is_rolled and not is_habit:
            raise RefusedError(
                f"a validation AUC for {about} of {rows['auc_alike']:.3f} is too good to be true for payment data (above "
                f"models.suspicious_auc = {suspicious}): look for a column that knows the payment day, such as a mapped known_on that lies "
                f"before the day the fact was really known; {REGULAR}"
            )


def _beyond_due(values: pd.Series, days: pd.Series, dpd: pd.Series) -> float:
    """Rank correlation of a feature with the days to payment, the days past due taken out of both; 0 where nothing is left."""
    ranked = pd.DataFrame({"x": values, "y": days, "z": dpd}).dropna().rank()
    if len(ranked) < LEAST_ROWS or ranked[["x", "y"]].nunique().min() < 3:
        return 0.0
    r = ranked.corr().to_numpy()
    r = np.nan_to_num(r)
    left = (1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2)
    return float(abs(r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt(left)) if left > 1e-4 else 0.0
