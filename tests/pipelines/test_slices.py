"""Parts of a backtest: together they are the whole, and none is too small to say anything."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.slices import LEAST_ROWS, SIZES, first_sight, slices_of


def rows(n: int = 900) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    issued = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    yen = rng.random(n) < 0.4
    return pd.DataFrame(
        {
            "customer_id": rng.choice(list("abcdef"), n),
            "invoice_id": np.arange(n),
            "as_of": issued + pd.Timedelta(5, unit="D"),
            "dpd": rng.integers(-20, 20, n),
            "history_weight": rng.random(n),
            "country": rng.choice(np.array(["DE", "US", None], dtype=object), n),
            "currency": np.where(yen, "JPY", "EUR"),
            "kind": rng.choice(np.array(["business", "consumer"], dtype=object), n, p=[0.95, 0.05]),
            "segment": None,
            "business_unit": None,
            "amount": rng.lognormal(size=n) * np.where(yen, 150.0, 1.0),
            "issued_on": issued,
            "due_on": issued + pd.to_timedelta(rng.choice([14, 30, 90], n), unit="D"),
        }
    )


def test_sizes_and_terms_are_parts_of_the_whole() -> None:
    frame = rows()
    found = slices_of(frame)
    for name in ("size", "terms", "currency"):
        parts = [part for slice_, part in found.items() if slice_.startswith(f"{name}=")]
        assert len(parts) >= 2
        np.testing.assert_array_equal(sum(part.astype(int) for part in parts), 1)
    assert [name for name in found if name.startswith("terms=")] == [
        "terms=up to 14 days",
        "terms=15 to 30 days",
        "terms=more than 60 days",
    ]


def test_what_is_large_is_large_in_its_own_currency() -> None:
    frame = rows()
    found = slices_of(frame)
    for currency in ("EUR", "JPY"):
        shares = [found[f"size={size}"][frame["currency"] == currency].mean() for size in SIZES]
        np.testing.assert_allclose(shares, 1 / 3, atol=0.01)


def test_few_rows_the_nameless_and_what_all_share_are_no_part() -> None:
    frame = rows()
    assert (frame["kind"] == "consumer").sum() < LEAST_ROWS
    found = slices_of(frame)
    assert {"country=DE", "country=US", "kind=business"} <= set(found)
    assert not {name for name in found if name.startswith(("segment=", "kind=consumer", "country=None"))}
    assert not found["country=DE"][frame["country"].isna().to_numpy()].any()


def test_what_was_open_before_the_first_day_is_never_seen_for_the_first_time() -> None:
    days = pd.date_range("2024-01-08", periods=4, freq="7D")
    issued = {"old": "2023-12-31", "fresh": "2024-01-02", "new": "2024-01-17", "last": "2024-01-29"}
    asked = [(name, day, pd.Timestamp(since)) for name, since in issued.items() for day in days if day >= pd.Timestamp(since)]
    frame = pd.DataFrame(asked, columns=["invoice_id", "as_of", "issued_on"])
    news = frame[first_sight(frame)]
    assert list(zip(news["invoice_id"], news["as_of"].dt.date.astype(str), strict=True)) == [
        ("fresh", "2024-01-08"),
        ("new", "2024-01-22"),
        ("last", "2024-01-29"),
    ]
