"""Cash by week from open invoices: do the intervals hold, and who is nearest?

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/cash.py simulated --work DIR [--first-seed 1 --last-seed 20]
    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/cash.py highradius --work DIR

A champion is trained once and frozen; then comes a forecast on each of some Mondays, made from what was known on that day. The target is
the cash that came, by calendar week and currency, on the invoices open on that Monday; what was invoiced later is no part of it.

`simulated`: worlds of 250 customers over 20 months, trained on 2025-06-30 with lighter boosters than the default (LIGHT), so that forty
worlds take minutes. `noisy` counts all Mondays from 2025-07-07 to 2025-11-17; in `recession` the slump begins in July 2025, and Mondays
count from two months into it, 2025-09-01. What was done already is kept in DIR and not done again.

`highradius`: trained on 2019-09-30, Mondays from 2019-10-07 to 2019-11-25, five weeks each as far as they were seen. The comparisons see
what was known on the same day: due dates as they stand; due dates shifted by the customer's average delay; ARIMA and Prophet on the
past receipts of that kind (cash of the same week ahead, from invoices open on earlier Mondays), fitted in `.venv-bench`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from contest import PEER_PYTHON, ROOT, data_folder, publish

from features.cohort import open_invoices
from features.matrix import build_matrix
from ledger.ledger import Ledger
from models.cash import CashModel
from models.champion import Champion
from models.receipts import receipts, week_ends, week_starts
from pipelines.config import Config, load_config
from pipelines.forecast import book_of, forecast_cash
from pipelines.ingest import run_ingest
from pipelines.learning import learn
from pipelines.progress import silent
from pipelines.simulate import run_simulate

WORLDS = {"noisy": date(2025, 7, 7), "recession": date(2025, 9, 1)}
SIMULATED_TRAINED, SIMULATED_LAST = date(2025, 6, 30), date(2025, 11, 17)
LIGHT = {
    "DUEWISE_MODELS": "{every_days: 6, max_as_ofs: 34, validation_share: 0.35, max_rows: 20000, max_steps: 40000}",
    "DUEWISE_MODELS__LATE_HEAD": "{max_rounds: 80, learning_rate: 0.12, patience: 15}",
    "DUEWISE_MODELS__HAZARD_HEAD": "{max_rounds: 80, learning_rate: 0.15, patience: 15}",
    "DUEWISE_TYPES": "{min_customers: 100000, max_month_ends: 1}",  # debtor types play no part
}
HIGHRADIUS_TRAINED = date(2019, 9, 30)
HIGHRADIUS_MONDAYS = [date(2019, 10, 7) + timedelta(days=7 * n) for n in range(8)]
HIGHRADIUS_HISTORY = date(2019, 1, 7)
KEYS = ["as_of", "currency", "week_from"]


def actual(rows: pd.DataFrame, ledger: Ledger, weeks: int) -> pd.DataFrame:
    """The target: `as_of, currency, week_from, week, actual`; weeks that were not watched to their end are left out."""
    came = receipts(rows, ledger, ledger.watched_to, weeks)
    frame = rows[["as_of", "currency"]].reset_index(drop=True)
    return by_week(frame, came, "actual").dropna(subset="actual")


def by_week(frame: pd.DataFrame, values: Any, name: str) -> pd.DataFrame:
    """Row values by week, summed by day and currency, long."""
    weeks = values.shape[1]
    sums = frame[["as_of", "currency"]].join(pd.DataFrame(values)).groupby(["as_of", "currency"]).sum(min_count=1, skipna=False)
    long = sums.rename_axis(columns="week").stack(future_stack=True).rename(name).reset_index()
    first = pd.Series([week_starts(day.date(), weeks)[0] for day in long["as_of"]], dtype="datetime64[s]")
    long["week_from"] = first + pd.to_timedelta(long["week"].astype("int64") * 7, unit="D")
    return long


def frozen_forecasts(ledger: Ledger, champion: Champion, days: list[date], first: date, weeks: int, config: Config) -> pd.DataFrame:
    """The forecast of each day from `first` on, with what came; the days before it only give experience."""
    panel = build_matrix(ledger, days, config.features)
    book = book_of(champion, panel, weeks, config)
    model = CashModel.from_json(champion.cash)
    made = pd.concat([forecast_cash(ledger, model, panel, book, day, config.seed) for day in days if day >= first], ignore_index=True)
    return made.merge(actual(panel, ledger, weeks), on=KEYS)


def worlds(work: Path, seeds: range) -> pd.DataFrame:
    """Forecasts and what came, of each world and seed; what lies in the folder already is not made again."""
    config = load_config(env=LIGHT)
    days = [SIMULATED_TRAINED + timedelta(days=7 * n) for n in range((SIMULATED_LAST - SIMULATED_TRAINED).days // 7 + 1)]
    frames = []
    for seed in seeds:
        for world, first in WORLDS.items():
            kept = work / f"{world}_{seed}.parquet"
            if not kept.exists():
                uri = str(work / f"ledger_{world}_{seed}")
                if not Path(uri).exists():
                    run_simulate(uri, None, customers=250, months=20, until=date(2025, 12, 31), seed=seed, world=world)
                ledger = Ledger.open(uri, threads=1)
                champion = learn(ledger, SIMULATED_TRAINED, config, silent).champion
                frozen_forecasts(ledger, champion, days, first, 6, config).to_parquet(kept)
                print(f"{world}, seed {seed}: done", file=sys.stderr, flush=True)
            frames.append(pd.read_parquet(kept).assign(world=world, seed=seed))
    return pd.concat(frames, ignore_index=True)


def simulated(work: Path, seeds: range) -> None:
    made = worlds(work, seeds)
    lines = [
        f"Seeds {seeds.start} to {seeds.stop - 1}, 250 simulated customers each, champion frozen on 2025-06-30. Share of weeks (each",
        "Monday, six weeks ahead) whose cash lay within the interval; the range is that of single seeds; error is the sum of absolute",
        "errors as a share of the cash.",
        "",
        "| world | weeks | within 50 % | within 80 % | seeds from .. to | within 95 % | below / above 80 % | error | width of 80 % |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for world, part in made.groupby("world"):
        inside = {band: part["actual"].between(part[f"lo_{band}"], part[f"hi_{band}"]) for band in (50, 80, 95)}
        by_seed = inside[80].groupby(part["seed"]).mean()
        error = (part["actual"] - part["expected"]).abs().sum() / part["actual"].sum()
        below, above = (part["actual"] < part["lo_80"]).mean(), (part["actual"] > part["hi_80"]).mean()
        width = (part["hi_80"] - part["lo_80"]).sum() / part["actual"].sum()
        figures = (
            f"{len(part):,}",
            f"{inside[50].mean():.1%}",
            f"**{inside[80].mean():.1%}**",
            f"{by_seed.min():.1%} .. {by_seed.max():.1%}",
            f"{inside[95].mean():.1%}",
            f"{below:.1%} / {above:.1%}",
            f"{error:.1%}",
            f"{width:.0%} of the cash",
        )
        lines.append(f"| `{world}` | {' | '.join(figures)} |")
    lines += ["", "| within 80 %, by week ahead | " + " | ".join(str(week) for week in range(6)) + " |", "|---" * 7 + "|"]
    for world, part in made.groupby("world"):
        inside_80 = part["actual"].between(part["lo_80"], part["hi_80"]).groupby(part["week"]).mean()
        lines.append(f"| `{world}` | " + " | ".join(f"{share:.1%}" for share in inside_80) + " |")
    publish("cash simulated", lines)


def highradius(work: Path) -> None:
    config, weeks = load_config(env={}), 5
    uri = str(work / "ledger_highradius")
    run_ingest("highradius-closed", str(data_folder() / "highradius" / "invoices_due_before_2019-12-26.csv.gz"), uri, None, config)
    ledger = Ledger.open(uri)
    champion = kept_champion(work / "champion", ledger, config)
    days = [HIGHRADIUS_TRAINED, *HIGHRADIUS_MONDAYS]
    made = frozen_forecasts(ledger, champion, days, HIGHRADIUS_MONDAYS[0], weeks, config).rename(columns={"expected": "champion"})
    made = made.merge(due_dates(ledger, weeks), on=KEYS).merge(past_receipts(ledger, work, weeks), on=KEYS)
    contenders = ["champion", "due dates", "average delay", "ARIMA", "Prophet"]
    lines = [
        "`highradius-closed`, trained on 2019-09-30, eight Mondays 2019-10-07 to 2019-11-25, five weeks each. **Survivorship:** the file",
        "holds only what was paid in the end (but for 166 invoices open at its cut), so that nobody is tested on cash that never came.",
    ]
    for currency, part in made.groupby("currency"):
        lines += ["", *error_table(part, str(currency), contenders)]
        inside = {band: part["actual"].between(part[f"lo_{band}"], part[f"hi_{band}"]).mean() for band in (50, 80, 95)}
        lines += ["", f"Weeks within the champion's intervals: {', '.join(f'{share:.0%} of {band} %' for band, share in inside.items())}."]
    publish("cash highradius", lines)


def error_table(part: pd.DataFrame, currency: str, contenders: list[str]) -> list[str]:
    """Mean absolute error by week ahead; all weeks as a share of the cash, and how far each is behind the champion, by Monday."""
    n_weeks = int(part["week"].max()) + 1
    head = " | ".join(f"week {week}" for week in range(n_weeks))
    lines = [f"| {currency}, {len(part)} weeks | error / cash | behind champion (95 %) | {head} |", "|---" * (3 + n_weeks) + "|"]
    total = part["actual"].sum()
    errors = {name: (part[name] - part["actual"]).abs() for name in contenders}
    mondays = {name: error.groupby(part["as_of"]).sum().to_numpy() for name, error in errors.items()}
    picks = np.random.default_rng(7).integers(0, len(mondays["champion"]), (2000, len(mondays["champion"])))
    cash = part["actual"].groupby(part["as_of"]).sum().to_numpy()[picks].sum(axis=1)
    for name in contenders:
        behind = (mondays[name] - mondays["champion"])[picks].sum(axis=1) / cash
        low, high = np.quantile(behind, [0.025, 0.975])
        margin = "" if name == "champion" else f"{(errors[name].sum() - errors['champion'].sum()) / total:+.1%} ({low:+.1%} to {high:+.1%})"
        by_ahead = " | ".join(f"{error:,.0f}" for error in errors[name].groupby(part["week"]).mean())
        shown = f"**{name}**" if name == "champion" else name
        lines.append(f"| {shown} | {errors[name].sum() / total:.1%} | {margin} | {by_ahead} |")
    return lines


def kept_champion(folder: Path, ledger: Ledger, config: Config) -> Champion:
    """The champion of 2019-09-30, trained if it is not in the folder yet."""
    import lightgbm as lgb

    if not (folder / "champion.json").exists():
        champion = learn(ledger, HIGHRADIUS_TRAINED, config, silent).champion
        folder.mkdir(parents=True, exist_ok=True)
        for name, booster in champion.boosters.items():
            booster.save_model(folder / f"{name}.txt")
        (folder / "champion.json").write_text(champion.to_json(), encoding="utf-8")
    boosters = {path.stem: lgb.Booster(model_file=path) for path in sorted(folder.glob("*.txt"))}
    return Champion.from_parts((folder / "champion.json").read_text("utf-8"), boosters)


def open_rows(ledger: Ledger, days: list[date], config: Config) -> pd.DataFrame:
    """The open invoices of these days, without features."""
    cohort = open_invoices(ledger.as_of(*days), config.features)
    rows: pd.DataFrame = cohort.select("as_of", "invoice_id", "customer_id", "currency", "source", "open_amount", "due_on").to_pandas()
    return rows


def due_dates(ledger: Ledger, weeks: int) -> pd.DataFrame:
    """What the due dates say, as they stand and shifted by the customer's average days late (everybody's, if it never paid).

    What should have come by now is expected in the first week.
    """
    rows = open_rows(ledger, HIGHRADIUS_MONDAYS, load_config(env={}))
    past = ledger.as_of(*HIGHRADIUS_MONDAYS).balances
    paid = past.filter(past.paid_on.notnull()).select("as_of", "customer_id", late=past.paid_on.delta(past.due_on, unit="day")).to_pandas()
    own = paid.groupby(["as_of", "customer_id"])["late"].mean().rename("own").reset_index()
    everybody = paid.groupby("as_of")["late"].mean().rename("everybody").reset_index()
    rows = rows.merge(own, on=["as_of", "customer_id"], how="left").merge(everybody, on="as_of")
    shift = rows["own"].fillna(rows["everybody"]).round()
    ahead = (rows["due_on"] - rows["as_of"]).dt.days
    ends = week_ends(rows["as_of"], weeks)
    found = []
    for name, days in (("due dates", ahead), ("average delay", ahead + shift)):
        week = (days.to_numpy(dtype="float64")[:, None] > ends).sum(axis=1)
        amounts = (week[:, None] == np.arange(weeks)) * rows["open_amount"].to_numpy(dtype="float64")[:, None]
        found.append(by_week(rows, amounts, name).drop(columns="week"))
    return found[0].merge(found[1], on=KEYS)


def past_receipts(ledger: Ledger, work: Path, weeks: int) -> pd.DataFrame:
    """What ARIMA and Prophet make of past receipts of that kind; they run in their own environment."""
    config, parts = load_config(env={}), []
    mondays = [HIGHRADIUS_HISTORY + timedelta(days=7 * n) for n in range((HIGHRADIUS_MONDAYS[-1] - HIGHRADIUS_HISTORY).days // 7 + 1)]
    history = actual(open_rows(ledger, mondays, config), ledger, weeks)
    for day in HIGHRADIUS_MONDAYS:
        # Known on the day: weeks that had ended by then.
        known = history[history["week_from"] + pd.Timedelta(days=6) <= pd.Timestamp(day)]
        parts.append(known.rename(columns={"as_of": "open_on"}).assign(as_of=pd.Timestamp(day)))
    pd.concat(parts, ignore_index=True).to_parquet(work / "past_receipts.parquet")
    subprocess.run([str(PEER_PYTHON), str(ROOT / "benchmarks" / "cash_peers.py"), str(work)], check=True)  # noqa: S603
    told = pd.read_parquet(work / "said_receipts.parquet")
    told["week_from"] = told["as_of"] + pd.to_timedelta(told["week"] * 7, unit="D")
    return told.drop(columns="week")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=["simulated", "highradius"])
    parser.add_argument("--work", type=Path, required=True, help="scratch folder")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--last-seed", type=int, default=20)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    if args.which == "simulated":
        simulated(args.work, range(args.first_seed, args.last_seed + 1))
    else:
        highradius(args.work)


if __name__ == "__main__":
    main()
