"""Forecast: the cash to expect by week from what is open tonight. Champion and ledger in, a table and a picture out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from features.matrix import build_matrix
from features.part import n_open, part_of
from ledger.ledger import Ledger
from ledger.progress import Progress
from models.cash.book import FIT_WEEKS, Book
from models.cash.model import BANDS, CashModel
from models.cash.receipts import receipts, week_starts
from models.champion import Champion
from models.linear_algebra import on_one_thread
from models.payment.curve import pieces
from models.payment.lateness import by_convention
from models.pictures import cash_picture
from models.registry import Version
from models.sampling import some_customers
from pipelines.config import Config
from pipelines.publish import refuse_unwritable
from pipelines.score import baseline_lines, champion_for, left_out_lines, n_outlived, outlived_lines
from pipelines.silence import silence_lines
from pipelines.words import counted
from worklist.frames import write_frame
from worklist.money import decimals_of, round_to_unit

PAST_WEEKS = 10
PAST_ROWS = 40_000
"""Of fewer, one large customer that is drawn, or not, would set the level."""
LARGE = 1 / 3
"""From such a share on a single customer decides on the weeks, and the inner half of the interval is not to be relied on."""
BESIDE = "expected outside of its interval: single invoices decide on that week, and most likely all of it comes or nothing, no part"
AMOUNTS = ("expected", *(f"{side}_{band}" for band in BANDS for side in ("lo", "hi")))
COLUMNS = ("as_of", "week_from", "currency", *AMOUNTS)


@dataclass(frozen=True)
class ForecastReport:
    """The forecast and where it lies."""

    table: Path
    picture: Path
    forecast: pd.DataFrame
    champion: Version
    n_open: int
    n_past: int
    kind: str
    n_outlived: int
    left_out: Mapping[str, int]
    silence: list[str]
    owed: pd.DataFrame

    def lines(self) -> list[str]:
        lines = [
            f"cash to expect from {counted(self.n_open, 'open invoice')}",
            f"champion: version {self.champion.number}, trained as of {self.champion.as_of}",
            *baseline_lines(self.kind),
            *outlived_lines(self.n_outlived, self.n_open),
            *left_out_lines(self.left_out),
            *self.silence,
        ]
        if not self.n_past and not baseline_lines(self.kind):
            lines.append("no week since the training of the champion has been seen yet: the intervals rest on its validation days")
        if self.forecast.empty:
            return [*lines, "nothing is open: there is no cash to expect", f"written to {self.table}"]
        lines += self._open_lines()
        lines.append(f"{'week from':<14} {'expected':>16}   {'80 % interval':>33}")
        for row in self.forecast.to_dict("records"):
            places = decimals_of(row["currency"])
            expected, low, high = (f"{row[name]:,.{places}f}" for name in ("expected", "lo_80", "hi_80"))
            lines.append(f"{row['week_from']:%Y-%m-%d} {row['currency']} {expected:>16}   {low:>15} .. {high:>14}")
        if not self.forecast["expected"].between(self.forecast["lo_80"], self.forecast["hi_80"]).all():
            lines.append(BESIDE)
        return [*lines, f"written to {self.table}"]

    def _open_lines(self) -> list[str]:
        """By currency what is open, how much of it one customer owes, and what is expected of it."""
        expected = self.forecast.groupby("currency")["expected"].agg(expected="sum", weeks="size")
        lines = []
        for code, one in self.owed.join(expected).to_dict("index").items():
            whole, part = (f"{one[name]:,.{decimals_of(str(code))}f}" for name in ("open", "expected"))
            led = f" ({one['largest']:.0%} of it owed by one customer)" if one["largest"] >= LARGE else ""
            lines.append(f"{code}: {whole} open{led}, of which {part} within {counted(one['weeks'], 'week')}")
        return lines


@on_one_thread
def run_forecast(
    ledger_uri: str, as_of: date, out: Path, weeks: int, store: str | None, config: Config, progress: Progress
) -> ForecastReport:
    """Write `cash_forecast.parquet` and `cash_forecast.png` into `out`.

    Refused, as for a score: an `as_of` before the first fact or too far past the last, or no champion that old.
    """
    ledger = Ledger.open(ledger_uri, staleness_days=config.staleness_days, settled_within=config.settled_within)
    ledger.refuse_stale(as_of)
    champion, found = champion_for(ledger, as_of, store)
    refuse_unwritable(Path(out))
    days = past_days(as_of, champion.payments_known_on, ledger.span[0])
    progress("features")
    passed_over: Counter[str] = Counter()
    panel = panel_of(ledger, days, as_of, config, passed_over)
    progress("forecasting cash")
    book = book_of(champion, panel, max(weeks, FIT_WEEKS), config)
    forecast = forecast_cash(ledger, CashModel.from_json(champion.cash), panel, book, as_of, config.seed)
    forecast = forecast.groupby("currency").head(weeks).reset_index(drop=True)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    table, picture = out / "cash_forecast.parquet", out / "cash_forecast.png"
    write_frame(forecast, table)
    cash_picture(forecast, picture)
    today = panel[panel["as_of"] == pd.Timestamp(as_of)]
    kind, outlived = champion.payment.kind, n_outlived(champion, today["dpd"])
    silence, owed = silence_lines(ledger.as_of(as_of)), owed_by_currency(today)
    return ForecastReport(table, picture, forecast, found, len(today), len(days), kind, outlived, passed_over, silence, owed)


def owed_by_currency(rows: pd.DataFrame) -> pd.DataFrame:
    """What is `open` in each currency (index), and the share that the `largest` customer owes of it.

    >>> rows = pd.DataFrame({"currency": ["EUR"] * 3, "customer_id": ["a", "a", "b"], "open_amount": [2.0, 4.0, 4.0]})
    >>> owed_by_currency(rows).to_dict("index")
    {'EUR': {'open': 10.0, 'largest': 0.6}}
    """
    of_each = rows.groupby(["currency", "customer_id"])["open_amount"].sum().groupby(level="currency")
    return pd.DataFrame({"open": of_each.sum(), "largest": of_each.max() / of_each.sum()})


def panel_of(ledger: Ledger, days: Sequence[date], as_of: date, config: Config, passed_over: Counter[str] | None = None) -> pd.DataFrame:
    """Every open invoice of `as_of`, after those of the days before it, of which some customers of a large ledger speak for all.

    To `passed_over` is added how many of `as_of` were left out, and why.
    """
    today = build_matrix(ledger, [as_of], config.features, passed_over=passed_over)
    if not days:
        return today
    # Level and shock are relative, so a part of a large ledger's past tells them.
    part = part_of(ledger, n_open(ledger, days, config.features))
    past = some_customers(build_matrix(part, days, config.features), PAST_ROWS, config.seed)
    return pd.concat([past, today], ignore_index=True)


def past_days(as_of: date, trained: date, first: date) -> list[date]:
    """The same weekday of the weeks before `as_of`, as far as the champion had not seen what followed.

    >>> past_days(date(2025, 6, 30), date(2025, 6, 10), date(2020, 1, 1))
    [datetime.date(2025, 6, 16), datetime.date(2025, 6, 23)]
    """
    days = [as_of - timedelta(days=7 * back) for back in range(PAST_WEEKS, 0, -1)]
    return [day for day in days if day >= max(trained, first)]


def forecast_cash(ledger: Ledger, model: CashModel, panel: pd.DataFrame, book: Book, as_of: date, seed: int) -> pd.DataFrame:
    """The contract's columns, ordered by currency and week. `panel`: open invoices of `as_of` and of days before it; `book`: theirs.

    `week_from` is the Monday of each calendar week; the first week holds only its days after `as_of`.
    """
    day, weeks = pd.Timestamp(as_of), book.cleared.shape[1]
    now = (panel["as_of"] == day).to_numpy(dtype=bool)
    before = ((panel["as_of"] < day) & (panel["as_of"] >= day - pd.Timedelta(days=7 * PAST_WEEKS))).to_numpy(dtype=bool)
    came = receipts(panel[before], ledger, as_of, weeks)
    made = model.forecast(book.where(now), book.where(before), came, seed).sort_values(["currency", "week"], ignore_index=True)
    made["currency"] = made["currency"].astype("str")
    made["as_of"] = day
    made["week_from"] = pd.Series(week_starts(as_of, weeks)[made["week"].to_numpy(dtype="int64")], dtype="datetime64[s]")
    for name in AMOUNTS:
        made[name] = round_to_unit(made[name].astype("float64"), made["currency"])
    return made[list(COLUMNS)]


def book_of(champion: Champion, rows: pd.DataFrame, weeks: int, config: Config) -> Book:
    """What the champion's curves say of the rows at the ends of the weeks."""
    rows = by_convention(rows, champion.lateness)
    books = [Book.of(part, champion.payment.curve(part, threads=config.threads), weeks) for part in pieces(rows)]
    return Book(pd.concat([one.rows for one in books], ignore_index=True), np.concatenate([one.cleared for one in books]))
