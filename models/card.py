"""The model card: what was learned from what, how well it does on newer days, and where it should not be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from models.champion import Champion
from models.observations import late_if_not_due, paid_outcome
from models.pictures import calibration_picture


def write_card(
    folder: Path,
    champion: Champion,
    observations: pd.DataFrame,
    valid: pd.DataFrame,
    valid_scores: pd.DataFrame,
    validation: dict[str, Any],
) -> dict[str, Path]:
    """Write `model_card.md` and, where there were validation days, `calibration.png` into a folder; the files by artifact folder."""
    files = {"": folder / "model_card.md"}
    files[""].write_text(card(champion, observations, valid, validation), encoding="utf-8")
    if len(valid):
        late = late_if_not_due(valid)
        pairs = {
            "late (not yet due)": (late, valid_scores["p_late"].to_numpy(dtype="float64")),
            "paid within 14 days": (paid_outcome(valid, 14), valid_scores["p_paid_14"].to_numpy(dtype="float64")),
        }
        files["pictures"] = calibration_picture(pairs, folder / "calibration.png")
    return files


def card(champion: Champion, observations: pd.DataFrame, valid: pd.DataFrame, validation: dict[str, Any]) -> str:
    """The card as Markdown."""
    customers = observations["customer_id"].nunique() if len(observations) else 0
    lines = [
        f"# Model card: {champion.payment.kind}, as of {champion.as_of}",
        "",
        f"- Fingerprint {champion.fingerprint}.",
        f"- Learned from {len(observations):,} rows (an open invoice on a day) of {customers:,} customers.",
        f"- Checked on {len(valid):,} rows of newer days, which the checked fit had not seen.",
        "- Open invoices are censored, never counted as unpaid; features use only what was known on their day.",
        "- Reasons explain the uncalibrated margins of the heads.",
        "",
        "| formulation | target | rows | AUC | log loss | Brier | ECE |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, targets in validation.get("formulations", {}).items():
        for target, m in targets.items():
            figures = " | ".join(f"{m[key]:.3f}" for key in ("auc", "log_loss", "brier", "ece"))
            lines.append(f"| {name} | {target} | {int(m['n']):,} | {figures} |")
    lines += [
        "",
        "Not to be trusted for: customers without history (they get the portfolio's habits), countries or terms that never occurred,",
        "and decisions about natural persons without a person looking at them.",
        "",
    ]
    return "\n".join(lines)
