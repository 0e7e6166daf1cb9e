"""The cash forecast on books whose law is known: it finds the law, and its intervals hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from models.cash.book import Book
from models.cash.model import BANDS, CashModel

Floats = npt.NDArray[np.float64]
WEEKS = 3
BOUNDS = [f"{side}_{band}" for side, bands in (("lo", BANDS[::-1]), ("hi", BANDS)) for band in bands]


def book(n_days: int, n_customers: int, each: int, *, currency: str = "EUR", seed: int = 1, first: str = "2024-01-01") -> Book:
    """On each day every customer has `each` open invoices of 50 to 150, each with a curve of its own."""
    rng = np.random.default_rng(seed)
    day, customer = np.divmod(np.repeat(np.arange(n_days * n_customers), each), n_customers)
    rows = pd.DataFrame(
        {
            "as_of": pd.Timestamp(first) + pd.to_timedelta(7 * day, unit="D"),
            "customer_id": [f"C{c:03}" for c in customer],
            "currency": currency,
            "open_amount": rng.uniform(50, 150, len(day)),
        }
    )
    return Book(rows, np.cumsum(rng.dirichlet(np.ones(WEEKS + 1), len(day))[:, :WEEKS], axis=1))


def lived(made: Book, *, customer: float = 0.0, shock: float = 0.0, level: float = 1.0, seed: int = 2) -> Floats:
    """What could have come: luck shared in each week by a customer's invoices, a shock shared by all of a day and week."""
    rng = np.random.default_rng(seed)
    day = pd.factorize(made.rows["as_of"])[0]
    owner = pd.factorize(made.rows["as_of"].astype(str) + made.rows["customer_id"])[0]
    shared = rng.standard_normal((owner.max() + 1, WEEKS))[owner]
    luck = np.sqrt(1 - customer) * rng.standard_normal((len(day), WEEKS)) + np.sqrt(customer) * shared
    comes = luck > -ndtri(np.clip(made.hazard, 1e-9, 1 - 1e-9))
    comes &= np.cumsum(comes, axis=1) == 1
    shocks = np.exp(shock * rng.standard_normal((day.max() + 1, WEEKS)) - shock**2 / 2)[day]
    paid: Floats = comes * made.rows["open_amount"].to_numpy()[:, None] * shocks * level
    return paid


@pytest.mark.parametrize("truth", [0.0, 0.5])
def test_the_correlation_within_customers_is_found(truth: float) -> None:
    made = book(8, 60, 6)
    assert CashModel.fit(made, lived(made, customer=truth), 7).customer == pytest.approx(truth, abs=0.12)


@pytest.mark.parametrize("truth", [0.0, 0.25])
def test_the_shock_that_all_share_is_found(truth: float) -> None:
    made = book(30, 100, 4)
    assert CashModel.fit(made, lived(made, shock=truth), 7).shocks == pytest.approx([truth] * WEEKS, abs=0.08)


def test_a_week_ahead_that_was_worse_has_a_larger_shock() -> None:
    made = book(30, 100, 4)
    cash = lived(made, shock=0.1)
    cash[:, 2] *= np.tile([0.3, 1.7], 15)[pd.factorize(made.rows["as_of"])[0]]
    shocks = CashModel.fit(made, cash, 7).shocks
    assert shocks[:2] == pytest.approx([0.1, 0.1], abs=0.15)
    assert shocks[2] > 0.5


def test_shares_follow_what_came() -> None:
    made = book(30, 100, 4)
    cash = lived(made)
    cash[:, 1] *= 0.6
    shares = CashModel.fit(made, cash, 7).shares
    assert shares[0] == pytest.approx(1.0, abs=0.08)
    assert shares[1] == pytest.approx(0.7, abs=0.08), "0.6, drawn towards the others by its prior"


def test_intervals_hold_the_weeks_they_promise_to_hold() -> None:
    old, new = book(20, 40, 5), book(60, 40, 5, seed=3)
    model = CashModel.fit(old, lived(old, customer=0.5, shock=0.1), 7)
    came = pd.DataFrame(lived(new, customer=0.5, shock=0.1, seed=4)).groupby(new.rows["as_of"]).sum().to_numpy()
    days = new.rows["as_of"].unique()
    told = [model.bounds(new.where((new.rows["as_of"] == day).to_numpy()), 7) for day in days]
    for band, least, most in ((50, 0.40, 0.60), (80, 0.72, 0.88), (95, 0.90, 0.99)):
        low, high = (np.array([one[f"{side}_{band}"] for one in told]) for side in ("lo", "hi"))
        assert least < ((came >= low) & (came <= high)).mean() < most


def test_invoices_of_one_customer_are_less_certain_than_as_many_of_many() -> None:
    model = CashModel((1.0,) * WEEKS, customer=0.6, shocks=(0.0,) * WEEKS)
    many = book(1, 60, 1)
    one = Book(many.rows.assign(customer_id="C000"), many.cleared)
    width = {
        name: (told["hi_80"] - told["lo_80"]).mean() for name, told in (("many", model.bounds(many, 7)), ("one", model.bounds(one, 7)))
    }
    assert width["one"] > 2 * width["many"]


def test_bounds_are_nested_and_never_more_than_is_open() -> None:
    single = book(1, 1, 1)
    told = CashModel((1.4,) * WEEKS, shocks=(0.5,) * WEEKS).bounds(single, 7)
    ordered = told[[name for name in BOUNDS if name.startswith("lo")] + [f"hi_{band}" for band in BANDS]].to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()
    assert (ordered >= 0).all()
    assert (told[["expected", "hi_95"]].to_numpy() <= single.rows["open_amount"].sum()).all()


def test_where_only_all_or_nothing_can_come_nothing_is_not_ruled_out() -> None:
    rows = pd.DataFrame({"as_of": [pd.Timestamp("2024-01-01")], "customer_id": "C", "currency": "EUR", "open_amount": 100.0})
    told = CashModel(shares=(1.0,) * WEEKS, shocks=(0.1,) * WEEKS).bounds(Book(rows, np.array([[0.01, 0.6, 0.9]])), seed=7)
    assert told["expected"].round(2).tolist() == [1.0, 59.0, 30.0]
    assert (told[["lo_95", "lo_80"]] == 0).all(axis=None)
    assert (told["lo_95"] <= told["expected"]).all()
    assert (told["hi_95"] >= told["expected"]).all()


@given(
    share=st.floats(0.2, 3.0),
    shock=st.floats(0.02, 1.0),
    customers=st.integers(1, 4),
    weeks=st.integers(1, 9),
    seed=st.integers(0, 5),
)
@settings(max_examples=8)
def test_all_weeks_together_bring_no_more_than_is_open(share: float, shock: float, customers: int, weeks: int, seed: int) -> None:
    near = book(1, customers, 2, seed=seed)
    whole = Book(near.rows, np.hstack([near.cleared, *[np.maximum(near.cleared[:, -1:], 0.999)] * (weeks + 1)]))
    model = CashModel((share,) * WEEKS, shocks=(shock,) * WEEKS)
    told, fewer = model.bounds(whole, seed), model.bounds(Book(whole.rows, whole.cleared[:, :weeks]), seed)
    owed = whole.rows["open_amount"].sum()
    assert told["expected"].sum() <= owed * (1 + 1e-12)
    assert (told["lo_95"].to_numpy() >= 0).all()
    assert told["lo_50"].sum() <= owed
    assert told.head(weeks).to_numpy() == pytest.approx(fewer.to_numpy(), rel=1e-9, abs=1e-6), "a week is the same however many follow"


def test_what_a_draw_has_brought_by_a_week_cannot_come_again() -> None:
    """One invoice that is all but certain to be paid in the first week, and shares that would bring it three times over."""
    single = book(1, 1, 1)
    single = Book(single.rows, np.full((1, WEEKS), 1 - 1e-9))
    told = CashModel((3.0,) * WEEKS, shocks=(0.02,) * WEEKS).bounds(single, 7)
    assert told["expected"].tolist() == pytest.approx([single.rows["open_amount"].sum(), 0, 0], abs=1e-6)
    assert told["hi_95"].tolist()[1:] == pytest.approx([0, 0], abs=1e-6)


def test_a_slump_since_the_training_lowers_the_level_and_keeps_the_interval_honest() -> None:
    past, now = book(8, 80, 4), book(1, 80, 4, seed=5, first="2024-03-04")
    model = CashModel((1.0,) * WEEKS, customer=0.0, shocks=(0.02,) * WEEKS)
    before = model.forecast(now, past.where(np.zeros(len(past.rows), dtype=bool)), np.empty((0, WEEKS)), 7)
    after = model.forecast(now, past, lived(past, level=0.6), 7)
    assert (after["expected"] / before["expected"]).to_numpy() == pytest.approx(0.7, abs=0.05), "0.6, drawn towards 1 by its prior"
    assert (after["hi_80"] < before["lo_80"]).all()


def test_cash_that_comes_a_week_later_than_the_curves_say_moves_a_week() -> None:
    past, now = book(10, 80, 4), book(1, 80, 4, seed=5, first="2024-03-18")
    model = CashModel((1.0,) * WEEKS, customer=0.0, shocks=(0.02,) * WEEKS)
    cash = lived(past)
    moved = cash * [0.6, 1.0, 1.0] + np.roll(cash, 1, axis=1) * [0.0, 0.4, 0.0]
    before, after = (model.forecast(now, past, came, 7)["expected"].to_numpy() for came in (cash, moved))
    assert (after / before).tolist() == pytest.approx([0.77, 1.22, 1.0], abs=0.06)


def test_weeks_not_seen_yet_teach_nothing() -> None:
    past, now = book(8, 80, 4), book(1, 80, 4, seed=5)
    cash = np.full(past.cleared.shape, np.nan)
    model = CashModel((1.0,) * WEEKS, shocks=(0.15,) * WEEKS)
    assert model.updated(past, cash, 7) == model
    assert CashModel.fit(past, cash, 7) == CashModel()
    assert model.forecast(now, past, cash, 7).equals(model.forecast(now, past, cash, 7)), "the same seed gives the same bounds"


def test_currencies_are_forecast_apart() -> None:
    euros, yen = book(1, 20, 2), book(1, 20, 2, currency="JPY", seed=5)
    yen = Book(yen.rows.assign(open_amount=yen.rows["open_amount"] * 1e4), yen.cleared)
    both = Book(pd.concat([euros.rows, yen.rows], ignore_index=True), np.concatenate([euros.cleared, yen.cleared]))
    nothing = both.where(np.zeros(len(both.rows), dtype=bool))
    told = CashModel().forecast(both, nothing, np.empty((0, WEEKS)), 7)
    alone = CashModel().forecast(yen, nothing, np.empty((0, WEEKS)), 7)
    assert told[told["currency"] == "JPY"].reset_index(drop=True).equals(alone)
    assert told["currency"].tolist() == ["EUR"] * WEEKS + ["JPY"] * WEEKS


def test_weeks_further_ahead_than_was_learned_have_the_mean_share_and_the_last_shock() -> None:
    model = CashModel((1.2, 0.8), shocks=(0.1, 0.3))
    assert model.ahead(4) == CashModel((1.2, 0.8, 1.0, 1.0), shocks=(0.1, 0.3, 0.3, 0.3))
    assert model.ahead(1) == CashModel((1.2,), shocks=(0.1,))


def test_of_nothing_learned_the_defaults_are_read() -> None:
    learned = CashModel((1.2, 0.8), 0.4, (0.1, 0.2))
    assert (CashModel.from_json(learned.to_json()), CashModel.from_json({})) == (learned, CashModel())


def in_parts(n_days: int, *, first: str = "2024-01-01") -> tuple[Book, Floats]:
    """Forty customers pay at once, all but surely within the three weeks; forty a fifth of the rest a week, and are cleared much later."""
    made = book(n_days, 80, 1, first=first)
    parts = made.rows["customer_id"].str[1:].astype(int).to_numpy() % 2 == 0
    cleared = np.where(parts[:, None], np.array([[0.01, 0.02, 0.03]]), np.array([[0.5, 0.75, 0.95]]))
    made = Book(made.rows, cleared)
    return made, np.where(parts[:, None], 0.2 * made.amounts, lived(made))


def test_where_customers_pay_in_parts_all_that_comes_is_expected() -> None:
    past, came = in_parts(20)
    now, _ = in_parts(1, first="2024-06-03")
    model = CashModel.fit(past, came, 7)
    assert model.in_parts == pytest.approx(0.38, abs=0.03), "what forty of eighty pay in fifths"
    told, usual = model.bounds(now, 7), came.sum(axis=0) / 20
    assert told["expected"].to_numpy() == pytest.approx(usual, rel=0.1)
    assert ((usual > told["lo_80"]) & (usual < told["hi_80"])).all()
    capped = replace(model, in_parts=0.0).bounds(now, 7)
    assert (capped["expected"] < 0.9 * usual)[1:].all(), "single payers alone cannot bring it"


def with_runs(n_days: int, *, first: str = "2024-01-01") -> tuple[Book, Floats]:
    """All is paid in a run every other week; the curves leave a remainder to the weeks between, in which nothing ever comes."""
    made = book(n_days, 400, 1, first=first)
    run = (pd.factorize(made.rows["as_of"])[0][:, None] + np.arange(WEEKS)) % 2 == 0
    chance = np.where(run, 0.3, 0.02)
    made = Book(made.rows, np.cumsum(chance, axis=1))
    return made, np.where(run, lived(made), 0.0)


def test_a_week_between_pay_runs_may_bring_nothing_and_a_week_with_one_does_not() -> None:
    past, came = with_runs(20)
    now, _ = with_runs(1, first="2024-06-03")
    nothing = CashModel().updated(past.where(np.zeros(len(past.rows), dtype=bool)), np.empty((0, WEEKS)), 7).bounds(now, 7)
    assert (nothing["lo_80"] > 0).all(), "no experience, no empty week"
    for model in (CashModel.fit(past, came, 7), CashModel((1.0,) * WEEKS, shocks=(0.15,) * WEEKS).updated(past, came, 7)):
        told = model.bounds(now, 7)
        assert (told["lo_80"] == 0).tolist() == [False, True, False]
        assert told["expected"][1] > 0
        assert CashModel.from_json(model.to_json()) == model


def test_where_all_pay_at_once_the_sure_hand_nothing_on() -> None:
    past = book(20, 80, 1)
    past = Book(past.rows, np.where(np.arange(len(past.rows))[:, None] % 2 == 0, [0.8, 0.9, 0.95], [0.1, 0.2, 0.3]))
    model = replace(CashModel.fit(past, lived(past), 7), shares=(1.5,) * WEEKS)
    assert model.in_parts == 0
    now = past.where((past.rows["as_of"] == past.rows["as_of"].max()).to_numpy())
    assert model.bounds(now, 7)["expected"][0] == pytest.approx((now.paced(np.full(WEEKS, 1.5)).weekly * now.amounts).sum(axis=0)[0])


def test_a_champion_of_before_knows_no_empty_weeks() -> None:
    raw = CashModel((1.2, 0.8), 0.4, (0.1, 0.2), (0.5,) * 5, 0.3).to_json()
    del raw["empty"], raw["in_parts"]
    assert CashModel.from_json(raw) == CashModel((1.2, 0.8), 0.4, (0.1, 0.2))
