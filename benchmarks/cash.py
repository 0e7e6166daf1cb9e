"""Cash by week from open invoices: do the intervals hold, and who is nearest?

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/cash.py simulated --work DIR [--first-seed 1 --last-seed 20]
    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/cash.py highradius --work DIR

A champion is trained once and frozen; then comes a forecast on each of some Mondays, made from what was known on that day. The target is
the cash that came, by calendar week and currency, on the invoices open on that Monday; what was invoiced later is no part of it.

`simulated`: worlds of 250 customers over 20 months, trained on 2025-06-30 with lighter boosters than the default (LIGHT), so that forty
worlds take minutes. `noisy` counts all Mondays from 2025-07-07 to 2025-11-17; in `recession` the slump begins in July 2025, and Mondays
count from two months into it, 2025-09-01. What was done already is kept in DIR and not done again.

`highradius`: trained on 2019-09-30, Mondays from 2019-10-07 to 2019-11-25, five weeks each as far as they were seen; and for comparison the
summer before, on which choices were made. The comparisons see what was known on the same day: due dates as they stand; due dates shifted
by the customer's average delay; ARIMA and Prophet on the past receipts of that kind (cash of the same week ahead, from invoices open on
earlier Mondays), fitted in `.venv-bench`. No exchange rate is needed to take the currencies together: an average week of each counts 100.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from cash_comparisons import KEYS, actual, due_dates, past_receipts
from contest import data_folder, publish

from features.matrix import build_matrix
from ledger.ledger import Ledger
from ledger.progress import silent
from models.cash.model import CashModel
from models.champion import Champion
from pipelines.config import Config, load_config
from pipelines.forecast import book_of, forecast_cash
from pipelines.ingest import run_ingest
from pipelines.learning import learn
from pipelines.simulate import run_simulate

WORLDS = {"noisy": date(2025, 7, 7), "recession": date(2025, 9, 1)}
SIMULATED_TRAINED, SIMULATED_LAST = date(2025, 6, 30), date(2025, 11, 17)
LIGHT = {
    "DUEWISE_MODELS": "{every_days: 6, max_as_ofs: 34, validation_share: 0.35, max_rows: 20000, max_steps: 40000}",
    "DUEWISE_MODELS__LATE_HEAD": "{max_rounds: 80, learning_rate: 0.12, patience: 15}",
    "DUEWISE_MODELS__HAZARD_HEAD": "{max_rounds: 80, learning_rate: 0.15, patience: 15}",
    "DUEWISE_TYPES": "{min_customers: 100000, max_month_ends: 1}",  # debtor types play no part
}
HIGHRADIUS = {  # trained on; the Mondays that are asked
    "autumn, which nothing was chosen on": (date(2019, 9, 30), [date(2019, 10, 7) + timedelta(days=7 * n) for n in range(8)]),
    "the summer before, which choices were made on": (date(2019, 6, 30), [date(2019, 7, 1) + timedelta(days=7 * n) for n in range(9)]),
}
CONTENDERS = ["champion", "due dates", "average delay", "ARIMA", "Prophet"]
MEAN_ERROR = 0.59
"""Of a normal distribution: the mean absolute deviation as a share of the width of its inner half."""


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
                ledger = Ledger.open(uri)
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
    config, weeks = load_config(env={"DUEWISE_TYPES": LIGHT["DUEWISE_TYPES"]}), 5
    uri = str(work / "ledger_highradius")
    run_ingest("highradius-closed", str(data_folder() / "highradius" / "invoices_due_before_2019-12-26.csv.gz"), uri, None, config)
    ledger = Ledger.open(uri)
    mondays = [day for _, asked in HIGHRADIUS.values() for day in asked]
    peers = due_dates(ledger, mondays, weeks).merge(past_receipts(ledger, mondays, work, weeks), on=KEYS)
    lines = [
        "`highradius-closed`, a champion frozen before the first Monday, five weeks each. **Survivorship:** the file holds only what was",
        "paid in the end (but for 166 invoices open at its cut), so that nobody is tested on cash that never came.",
    ]
    for name, (trained, asked) in HIGHRADIUS.items():
        champion = kept_champion(work / f"champion_{trained}", ledger, trained, config)
        made = frozen_forecasts(ledger, champion, sorted({trained, *asked}), asked[0], weeks, config)
        lines += ["", f"**{name[0].upper()}{name[1:]}**: trained on {trained}, {len(asked)} Mondays {asked[0]} to {asked[-1]}."]
        lines += period(made.rename(columns={"expected": "champion"}).merge(peers, on=KEYS))
    publish("cash highradius", lines)


def period(made: pd.DataFrame) -> list[str]:
    """The tables of one period: the currencies together, an average week of each being 100, then each on its own."""
    unit = made.groupby("currency")["actual"].transform("mean") / 100
    alike = made.assign(**{name: made[name] / unit for name in ("actual", *CONTENDERS)})
    lines = ["", *error_table(alike, "currencies alike")]
    for currency, part in made.groupby("currency"):
        inside = {band: part["actual"].between(part[f"lo_{band}"], part[f"hi_{band}"]).mean() for band in (50, 80, 95)}
        own = MEAN_ERROR * (part["hi_50"] - part["lo_50"]).sum() / part["actual"].sum()
        lines += ["", *error_table(part, str(currency)), ""]
        lines.append(f"Weeks within the champion's intervals: {', '.join(f'{share:.0%} of {band} %' for band, share in inside.items())}.")
        lines.append(f"If they are right, luck alone makes an error of about {own:.1%}.")
    return lines


def error_table(part: pd.DataFrame, title: str) -> list[str]:
    """Mean absolute error by week ahead; all weeks as a share of the cash, and how far each is behind the champion, by Monday."""
    n_weeks = int(part["week"].max()) + 1
    head = " | ".join(f"week {week}" for week in range(n_weeks))
    lines = [f"| {title}, {len(part)} weeks | error / cash | behind champion (95 %) | {head} |", "|---" * (3 + n_weeks) + "|"]
    total = part["actual"].sum()
    errors = {name: (part[name] - part["actual"]).abs() for name in CONTENDERS}
    mondays = {name: error.groupby(part["as_of"]).sum().to_numpy() for name, error in errors.items()}
    picks = np.random.default_rng(7).integers(0, len(mondays["champion"]), (2000, len(mondays["champion"])))
    cash = part["actual"].groupby(part["as_of"]).sum().to_numpy()[picks].sum(axis=1)
    for name in CONTENDERS:
        behind = (mondays[name] - mondays["champion"])[picks].sum(axis=1) / cash
        low, high = np.quantile(behind, [0.025, 0.975])
        margin = "" if name == "champion" else f"{(errors[name].sum() - errors['champion'].sum()) / total:+.1%} ({low:+.1%} to {high:+.1%})"
        by_ahead = " | ".join(f"{error:,.0f}" for error in errors[name].groupby(part["week"]).mean())
        shown = f"**{name}**" if name == "champion" else name
        lines.append(f"| {shown} | {errors[name].sum() / total:.1%} | {margin} | {by_ahead} |")
    return lines


def kept_champion(folder: Path, ledger: Ledger, trained: date, config: Config) -> Champion:
    """The champion of that day, trained if it is not in the folder yet."""
    import lightgbm as lgb

    if not (folder / "champion.json").exists():
        champion = learn(ledger, trained, config, silent).champion
        folder.mkdir(parents=True, exist_ok=True)
        for name, booster in champion.boosters.items():
            booster.save_model(folder / f"{name}.txt")
        (folder / "champion.json").write_text(champion.to_json(), encoding="utf-8")
    boosters = {path.stem: lgb.Booster(model_file=path) for path in sorted(folder.glob("*.txt"))}
    return Champion.from_parts((folder / "champion.json").read_text("utf-8"), boosters)


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
