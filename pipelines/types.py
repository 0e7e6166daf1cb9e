"""Measure the debtor types against the truth of a simulation. Nothing else ever reads a truth folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.portfolio import Portfolio
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from ledger.progress import Progress, silent
from ledger.tables import DEBTOR_TYPES, UNDETERMINED
from models.arrays import Floats, Ints
from models.linear_algebra import on_one_thread
from models.types.characteristics import characteristics
from models.types.debtor_type import PROBABILITIES, TypeModel, behaviour_of, codes_of
from models.types.measure import ece_floor, interval, measure, most_evident, segments
from models.types.pictures import confusion_picture, told_counts
from models.types.rules import vote
from models.types.training import fit_types
from models.types.votes import majority
from pipelines.config import Config

MONTHS_BEFORE = 6


@dataclass(frozen=True)
class TypesReport:
    """What was measured; `to_json` has `macro_f1`, `coverage` and `ece` at the top, and the contenders at equal coverage below."""

    as_of: date
    train_as_of: date
    figures: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"as_of": self.as_of.isoformat(), "train_as_of": self.train_as_of.isoformat(), **self.figures}

    def draw(self, folder: Path) -> Path:
        """The confusion of true and told types, as `types_confusion.png` in a folder that is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        title = f"{self.as_of}, learned from {self.train_as_of}"
        return confusion_picture({title: told_counts(self.figures)}, folder / "types_confusion.png")

    def lines(self) -> list[str]:
        """A summary for people."""
        told = self.figures
        low, high = told["macro_f1_interval"]
        missing, untold = told["not_in_ledger"], told["not_in_truth"]
        lines = [
            f"debtor types on {self.as_of}, learned from what was known on {self.train_as_of}: {told['n']:,} customers",
            f"macro-F1 over the determined {told['macro_f1']:.3f} ({low:.3f} to {high:.3f}), coverage {told['coverage']:.1%}, "
            f"ECE {told['ece']:.3f} (noise floor {told['ece_floor']:.3f})",
            "in brackets 95 % by the luck of these customers; from ledger to ledger figures differ by more",
            *([f"warning: {missing:,} of these customers are not in the ledger: is the truth that of another one?"] if missing else []),
            *(
                [f"warning: of {untold:,} customers with an invoice due in that half year there is no truth: is it whole?"]
                if untold
                else []
            ),
            "",
            f"{'type':<16}{'customers':>10}{'precision':>11}{'recall':>8}{'determined':>12}",
        ]
        for name, one in told["per_type"].items():
            lines.append(f"{name:<16}{one['n']:>10,}{one['precision']:>11.3f}{one['recall']:>8.3f}{one['determined']:>12.1%}")
        lines += ["", "at equal coverage:"]
        for name, one in told["contenders"].items():
            # Segments are sure of what they say: they give no probabilities that could be calibrated.
            ece = "" if name == "k_means" else f", ECE {one['ece']:.3f}"
            lines.append(f"  {name:<14} macro-F1 {one['macro_f1']:.3f}{ece}")
        return lines


@on_one_thread
def run_types_evaluate(
    uri: str, truth: Path, as_of: date, config: Config, *, train_as_of: date | None = None, progress: Progress = silent
) -> TypesReport:
    """Train on what was known on `train_as_of` (six months before `as_of` unless said), and compare `as_of` with the truth.

    Only customers with an invoice due in the six months before `as_of` count. Raises RefusedError where `as_of` is no month-end that
    the truth knows.
    """
    known = read_truth(truth, as_of)
    train_day = train_as_of or (pd.Timestamp(as_of) - pd.DateOffset(months=MONTHS_BEFORE) + pd.offsets.MonthEnd(0)).date()
    if train_day > as_of:
        raise RefusedError(f"train_as_of {train_day} is after as_of {as_of}: that would measure hindsight; choose a day up to {as_of}")
    ledger = Ledger.open(uri, staleness_days=config.staleness_days, settled_within=config.settled_within)
    ledger.refuse_stale(as_of)
    if train_day < ledger.span[0]:
        raise RefusedError(
            f"train_as_of {train_day} is before the first fact of {uri} ({ledger.span[0]}): choose a later as_of than {as_of}, "
            "or say with --train-as-of from which day to learn"
        )
    portfolio = Portfolio.on(ledger, config.features, as_of)
    refuse_other(known, portfolio)
    model = fit_types(ledger, train_day, config.features, config.types, seed=config.seed, threads=config.threads, progress=progress)
    progress("types: telling them")
    return TypesReport(as_of, train_day, figures_of(model, portfolio, known, seed=config.seed))


def read_truth(folder: Path, as_of: date) -> pd.DataFrame:
    """`customer_id, debtor_type` on a month-end, from the folder that `duewise simulate --truth` wrote."""
    path = folder / "types.parquet"
    remedy = f"write it with `duewise simulate --truth {folder}`"
    if not path.is_file():
        raise RefusedError(f"there is no truth at {path}: {remedy}")
    columns = ["customer_id", "as_of", "debtor_type"]
    try:
        absent = [column for column in columns if column not in pq.read_schema(path).names]
        if absent:
            raise RefusedError(f"{path} lacks the column {', '.join(absent)}: {remedy}")
        types = pd.read_parquet(path, columns=columns)
    except (OSError, pa.ArrowInvalid) as error:
        raise RefusedError(f"{path} cannot be read as a truth ({str(error).splitlines()[0]}): {remedy}") from None
    days = pd.to_datetime(types["as_of"], errors="coerce").dt.date
    if types.empty or days.isna().any():
        raise RefusedError(f"{path}, column as_of: {'no row at all' if types.empty else 'not every value is a day'}: {remedy}")
    if as_of not in set(days):
        raise RefusedError(f"{path} knows no truth on {as_of}: choose a month-end from {days.min()} to {days.max()}")
    known = types.loc[days == as_of, ["customer_id", "debtor_type"]].reset_index(drop=True)
    for column, bad in (("debtor_type", ~known["debtor_type"].isin(DEBTOR_TYPES)), ("customer_id", known["customer_id"].duplicated())):
        if bad.any():
            why = "is no debtor type" if column == "debtor_type" else "stands there twice"
            raise RefusedError(f"{path}, column {column} on {as_of}: '{known.loc[bad, column].iloc[0]}' {why}: {remedy}")
    return known


def refuse_other(truth: pd.DataFrame, portfolio: Portfolio) -> None:
    """Refuse the truth of another ledger, before anything is fitted: none of its customers is among those known on the day."""
    if not truth["customer_id"].isin(_ids(portfolio)).any():
        raise RefusedError("no customer of the truth is in the ledger: name the truth that was simulated with this ledger")


def figures_of(model: TypeModel, portfolio: Portfolio, truth: pd.DataFrame, *, seed: int) -> dict[str, Any]:
    """Every figure of the report, for a portfolio of one day and `truth` with `customer_id, debtor_type`."""
    asked = behaviour_of(portfolio, model.settings.correction_days)
    told = truth.merge(model.told(asked), on="customer_id", how="left", suffixes=("_true", ""))
    code = codes_of(told["debtor_type_true"])
    p = told[list(PROBABILITIES)].fillna(1.0 / len(DEBTOR_TYPES)).to_numpy()
    determined = (told["debtor_type"].fillna(UNDETERMINED) != UNDETERMINED).to_numpy(dtype=bool)
    figures = measure(code, p, determined)
    figures["macro_f1_interval"] = interval(code, p, determined)
    figures["ece_floor"] = ece_floor(p)
    frame = truth[["customer_id"]].merge(asked, on="customer_id", how="left")
    figures["contenders"] = {
        name: _without_detail(measure(code, q, most_evident(q, figures["coverage"])))
        for name, q in contenders(model, frame, code, seed).items()
    }
    figures["labels"] = model.card.get("labels", "assumed")
    figures["not_in_ledger"] = int((~truth["customer_id"].isin(_ids(portfolio))).sum())
    due = asked.loc[asked["due_count"] > 0, "customer_id"]
    figures["not_in_truth"] = int((~due.isin(truth["customer_id"])).sum())
    return figures


def contenders(model: TypeModel, frame: pd.DataFrame, code: Ints, seed: int) -> dict[str, Floats]:
    """The other ways to tell types, on the same customers: the ways of weighing rules, and segments named with the truth in hand."""
    votes = vote(frame, model.settings)
    return {
        "majority": majority(votes),
        "dawid_skene": model.rules.agreed.posterior(votes),
        "points": replace(model.rules, share=1.0).posterior(votes, characteristics(frame, model.settings)),
        "k_means": segments(frame, code, seed=seed),
    }


def _ids(portfolio: Portfolio) -> pd.Series[str]:
    ids: pd.Series[str] = portfolio.snapshot.customers.select("customer_id").to_pandas()["customer_id"]
    return ids


def _without_detail(figures: dict[str, Any]) -> dict[str, Any]:
    return {key: figures[key] for key in ("macro_f1", "coverage", "ece", "per_type")}
