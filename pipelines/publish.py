"""A scored day as files: written beside, moved into place when whole, and only then shown as `latest`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pandas as pd

from ledger.errors import RefusedError
from ledger.tables import TABLES
from models.payment.lateness import days_past
from models.rollup import latest_rates, reported
from pipelines.config import Config
from pipelines.scoring import CUSTOMER_COLUMNS, INVOICE_COLUMNS, DayScores
from worklist.frames import write_frame
from worklist.page import BUCKETS, PageFacts
from worklist.publish import STEM, SUFFIXES, write_worklist
from worklist.texts import load_texts

WRITTEN = {"invoice_scores.parquet", "customer_scores.parquet", "manifest.json", *(f"{STEM}.{suffix}" for suffix in SUFFIXES)}


def publish(day: DayScores, out: Path, manifest: dict[str, Any], champion: str, config: Config) -> Path:
    """Write `out/<as_of>/` and move `out/latest` to it. The picture of what is open is in the reporting currency, as the customers are.

    Nothing is moved where a gate fails or the place is taken (RefusedError, see `refuse_taken`).
    """
    refuse_taken(out, day.as_of)
    gates = gates_of(day)
    failed = [name for name, ok in gates.items() if not ok]
    if failed:
        raise RefusedError(f"the scores of {day.as_of} were not published, a gate failed: {', '.join(failed)}")
    target, beside = out / day.as_of.isoformat(), out / f".{day.as_of.isoformat()}.writing"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    write_frame(day.invoices[list(INVOICE_COLUMNS)], beside / "invoice_scores.parquet")
    write_frame(day.customers[list(CUSTOMER_COLUMNS)], beside / "customer_scores.parquet")
    rates = latest_rates(day.portfolio.snapshot.known("rates").to_pandas(), day.as_of)
    opened = ageing(reported(day.invoices, rates, config.reporting_currency))
    facts = PageFacts(as_of=day.as_of, run_id=day.run_id, champion=champion, ageing=opened)
    write_worklist(day.worklist, beside, texts=load_texts(config.worklist.texts), title_facts=facts)
    rows = {"invoice_scores": len(day.invoices), "customer_scores": len(day.customers), "worklist": len(day.worklist)}
    whole = {**manifest, "run_id": day.run_id, "as_of": day.as_of.isoformat(), "rows": rows, "left_out": day.left_out, "gates": gates}
    (beside / "manifest.json").write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _put(beside, target)
    _point(out / "latest", target.name)
    return target


def refuse_taken(out: Path, as_of: date) -> None:
    """Refuse a place that is somebody else's: `latest` is no link, or the folder of the day holds a file that no score wrote."""
    latest, target = out / "latest", out / as_of.isoformat()
    if latest.is_dir() and not latest.is_symlink():
        raise RefusedError(
            f"{latest} is a folder of its own, not the link that `score` moves to the day that it has scored: rename it, and score again"
        )
    # What a file browser or an office program leaves behind is nobody's.
    left = [path.name for path in target.glob("*") if not path.name.startswith((".", "~"))]
    others = sorted(name for name in left if name not in WRITTEN)
    if others:
        raise RefusedError(f"{target} holds a file that no score wrote ({others[0]}): move it elsewhere, and score again")


def refuse_unwritable(out: Path) -> None:
    """Refuse a place in which nothing can be written, before anything is worked out for it. Nothing is left there.

    >>> refuse_unwritable(Path("/proc/scores"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ledger.errors.RefusedError: nothing can be written in /proc (...): name another place with --out, or mend this one
    """
    there = next(place for place in (out, *out.absolute().parents) if place.exists())
    try:
        with TemporaryFile(dir=there):
            pass
    except OSError as error:
        why = (error.strerror or "it cannot be used").lower()
        raise RefusedError(f"nothing can be written in {there} ({why}): name another place with --out, or mend this one") from None


def gates_of(day: DayScores) -> dict[str, bool]:
    """What must hold before anybody sees the scores."""
    scores = day.invoices
    curve = scores[["p_late", "p_late_5", "p_late_30", "p_late_60", "p_late_90"]].to_numpy()
    told = np.column_stack([curve, scores[["p_late_business", "p_paid_7", "p_paid_14", "p_paid_30"]].to_numpy()])
    days_late = scores[["days_late_p10", "days_late_p50", "days_late_p90"]]
    types = day.customers[["p_compliant", "p_fortuitous", "p_disorganized", "p_intentional", "p_circumstantial"]].sum(axis=1)
    return {
        "a score for each open invoice": bool(scores["invoice_id"].is_unique and len(scores) == len(day.rows)),
        "probabilities within 0 and 1": bool(((told >= 0) & (told <= 1)).all()),
        "later is never likelier": bool((curve[:, :-1] >= curve[:, 1:] - 1e-12).all()),
        "overdue is late": bool((scores.loc[days_past(scores) >= 0, "p_late"] == 1).all()),
        "nothing is paid before tomorrow": bool(days_late.ge(scores["dpd"] + 1, axis=0).all(axis=None)),
        "types sum to one": bool(((types - 1).abs() < 1e-6).all()),
        "a worklist row for each customer with something open": len(day.worklist) == int((day.customers["exposure"] > 0).sum()),
    }


def ageing(invoices: pd.DataFrame) -> pd.DataFrame:
    """Open amount by currency and ageing bucket, for the picture."""
    bucket = pd.cut(invoices["dpd"], [-np.inf, 0, 30, 60, 90, np.inf], labels=list(BUCKETS)).astype("str")
    grouped = invoices.assign(bucket=bucket, amount=invoices["open_amount"]).groupby(["currency", "bucket"])[["amount"]].sum()
    return grouped.reset_index()


def fingerprints(day: DayScores) -> dict[str, dict[str, Any]]:
    """For each table, how many rows were known on the day and a hash of their content, whatever their order."""
    found = {}
    for name in TABLES:
        known = day.portfolio.snapshot.known(name).drop("as_of").to_pandas()
        text = known.sort_values(list(TABLES[name].key)).to_csv(index=False)
        found[name] = {"rows": len(known), "sha256": hashlib.sha256(text.encode()).hexdigest()[:16]}
    return found


def _put(beside: Path, target: Path) -> None:
    """Move a whole folder to its place; what was there before goes only once that is done, and comes back where it fails."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.replace(target, old)
    try:
        os.replace(beside, target)
    except OSError:
        if old.exists():
            os.replace(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _point(link: Path, name: str) -> None:
    """Let the link point at a folder beside it, in one step."""
    beside = link.with_name(f".{link.name}.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(name, target_is_directory=True)
    os.replace(beside, link)
