"""What the features say: how often invoices went on to be late where a feature was low, and where it was high.

A description of the past, one feature at a time; how well they predict together is what `duewise backtest` tells.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from features.matrix import FEATURES, VIEWS, build_matrix
from models.evaluate import auc
from models.payment.observations import late_outcome, with_outcomes
from pipelines.portrait import Portrait

DAYS, STEP_DAYS, WARM_UP_DAYS = 12, 31, 60
LEAST_ROWS = 200
VIEW_OF = {feature.name: view.name for view in VIEWS for feature in view.features}


def observe(portrait: Portrait, days: int = DAYS) -> pd.DataFrame:
    """Invoices not yet due on some past days, 31 days apart, with every feature and `is_late`: what became of them, as known now.

    Outcomes not fully seen are left out. Empty where the ledger is too young to look back.
    """
    first = portrait.ledger.span[0] + timedelta(days=WARM_UP_DAYS)
    last = min(portrait.as_of, max(portrait.ledger.observed_until(portrait.as_of).values()))
    asked = [day for day in (last - timedelta(days=STEP_DAYS * i) for i in range(1, days + 1)) if day >= first]
    if not asked:
        return pd.DataFrame(columns=[*FEATURES, "is_late"], dtype="float64")
    matrix = build_matrix(portrait.ledger, asked, portrait.config.features)
    rows = with_outcomes(matrix[matrix["dpd"] < 0], portrait.ledger, portrait.as_of)
    rows["is_late"] = late_outcome(rows)
    return rows[rows["is_late"].notna()].reset_index(drop=True)


def tenths(values: pd.Series, is_late: pd.Series) -> pd.DataFrame:
    """Rows in ten equal parts by value, ties kept together: `low, high, n, late_share` of each part that has rows.

    >>> tenths(pd.Series([0.0, 0, 0, 0, 9]), pd.Series([0.0, 0, 1, 0, 1]))
       low  high  n  late_share
    0  0.0   0.0  4        0.25
    1  9.0   9.0  1        1.00
    """
    known = values.notna()
    part = np.ceil(values[known].rank(pct=True) * 10 - 1e-9)
    rows = pd.DataFrame({"value": values[known], "is_late": is_late[known]})
    grouped = rows.groupby(part)
    value = grouped["value"]
    found = {"low": value.min(), "high": value.max(), "n": grouped.size(), "late_share": grouped["is_late"].mean()}
    return pd.DataFrame(found).reset_index(drop=True)


def signals(observed: pd.DataFrame) -> pd.DataFrame:
    """One row a feature that varies, the most telling first.

    `auc`: the chance that of a late and a punctual row the late one has the higher value (0.5: it tells nothing, below: high is good);
    `late_if_low, late_if_high`: late share in the lowest and the highest tenth; `missing`: share of rows that lack it. Empty where there
    are fewer than 200 rows or only one outcome; a feature known in fewer than 200 is left out.

    >>> signals(pd.DataFrame({"is_late": [1.0, 0.0]})).empty
    True
    """
    columns = ["view", "what it is", "auc", "late_if_low", "late_if_high", "missing"]
    if len(observed) < LEAST_ROWS or observed["is_late"].nunique() < 2:
        return pd.DataFrame(columns=columns).rename_axis("feature")
    found = {}
    for name, feature in FEATURES.items():
        values = observed[name]
        known = values.notna()
        if known.sum() < LEAST_ROWS or values.nunique() < 2 or observed.loc[known, "is_late"].nunique() < 2:
            continue
        parts = tenths(values, observed["is_late"])["late_share"]
        tells = auc(observed.loc[known, "is_late"].to_numpy(), values[known].to_numpy())
        found[name] = (VIEW_OF[name], feature.doc, tells, parts.iloc[0], parts.iloc[-1], values.isna().mean())
    frame = pd.DataFrame.from_dict(found, orient="index", columns=columns).rename_axis("feature")
    return frame.loc[(frame["auc"] - 0.5).abs().sort_values(ascending=False, kind="stable").index]
