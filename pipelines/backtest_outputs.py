"""The files of a backtest: scores with their outcomes, figures and pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from models.arrays import Floats
from models.pictures import calibration_picture, lift_picture
from pipelines.backtest_measures import CHAMPION
from pipelines.backtest_words import BacktestReport
from pipelines.scoring import INVOICE_COLUMNS
from worklist.frames import write_frame

KEYS = ("as_of", "invoice_id", "customer_id", "dpd")


def write(
    out: Path,
    rows: pd.DataFrame,
    scores: pd.DataFrame,
    said: Mapping[str, pd.DataFrame],
    outcomes: Mapping[str, Floats],
    report: BacktestReport,
    fingerprint: str,
) -> None:
    """Write everything that `pipelines.backtest.run_backtest` names; `scores` are the champion's, aligned with `rows`."""
    out.mkdir(parents=True, exist_ok=True)
    rows = rows.astype({"dpd": "int64"})
    whole = pd.concat([rows, scores], axis=1)
    whole["run_id"] = fingerprint
    whole["days_late"] = (whole["paid_on"] - whole["due_on"]).dt.days.astype("Int64")
    whole["outcome_known"] = whole["is_paid"].astype(bool)
    write_frame(whole[[*INVOICE_COLUMNS, "paid_on", "days_late", "outcome_known"]], out / "invoice_scores.parquet")
    others = [
        pd.concat([rows[list(KEYS)], theirs.reindex(columns=["p_late", "p_paid_14", "days_late_p50"])], axis=1).assign(contender=name)
        for name, theirs in said.items()
        if name != CHAMPION
    ]
    (out / "contender_scores.parquet").unlink(missing_ok=True)
    if others:
        write_frame(pd.concat(others, ignore_index=True), out / "contender_scores.parquet")
    (out / "metrics.json").write_text(_json(report.metrics), encoding="utf-8")
    told = {"margins": report.margins, "intervals": report.intervals, "intervals_by_slice": report.intervals_by_slice}
    (out / "margins.json").write_text(_json(told), encoding="utf-8")
    pairs = {t: (y, scores[t].to_numpy(dtype="float64")) for t, y in outcomes.items()}
    calibration_picture(pairs, out / "calibration.png", rows["as_of"])
    lifts = {t: (y, {n: s[t].to_numpy(dtype="float64") for n, s in said.items() if t in s}) for t, y in outcomes.items()}
    lift_picture(lifts, out / "lift.png")


def _json(found: Any) -> str:
    """JSON in which a figure that cannot be given is null."""

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: plain(one) for key, one in value.items()}
        return None if isinstance(value, float) and value != value else value

    return json.dumps(plain(found), indent=1, sort_keys=True) + "\n"
