"""Of a large ledger only some customers are looked at; of a small one everybody; of either, all that is known of those who are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from features import portfolio
from features.matrix import build_matrix
from features.part import ENOUGH, n_judged, n_open, part_of
from features.settings import FeatureSettings
from ledger.ending import ending, renamed
from ledger.ledger import Ledger
from pipelines.simulate import run_simulate

DAYS = [date(2025, 11, day) for day in (10, 20, 30)]
SETTINGS = FeatureSettings()


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    uri = str(tmp_path_factory.mktemp("part") / "books")
    run_simulate(uri, None, customers=100, months=6, until=date(2025, 12, 31), seed=5)
    return Ledger.open(uri)


@pytest.fixture(scope="module")
def whole(books: Ledger) -> pd.DataFrame:
    return build_matrix(books, DAYS, SETTINGS)


def test_what_would_be_asked_is_counted_without_computing_it(books: Ledger, whole: pd.DataFrame) -> None:
    assert n_open(books, DAYS, SETTINGS) == pytest.approx(len(whole), rel=0.05)
    assert 100 < n_judged(books, DAYS, SETTINGS) <= len(DAYS) * 100


def test_the_count_knows_nothing_of_later_days(books: Ledger) -> None:
    with ending(books, DAYS[-1]) as cut:
        assert n_open(books, DAYS, SETTINGS) == n_open(cut, DAYS, SETTINGS)
        assert n_judged(books, DAYS, SETTINGS) == n_judged(cut, DAYS, SETTINGS)


def test_a_ledger_that_gives_no_more_than_enough_is_looked_at_whole(books: Ledger) -> None:
    assert part_of(books, 100, 100) is books
    assert part_of(books, ENOUGH) is books
    assert part_of(books, 400, 100).share == pytest.approx(0.25)


def test_a_sample_holds_all_that_is_known_of_its_customers_and_nothing_of_others(books: Ledger) -> None:
    sample = books.sample(0.3)
    drawn = set(sample.history("customers").to_pandas()["customer_id"])
    assert 10 < len(drawn) < 60
    for name in ("invoices", "payments", "contacts", "disputes"):
        whole, part = (one.history(name).to_pandas() for one in (books, sample))
        assert set(part["customer_id"]) <= drawn
        assert len(part) == whole["customer_id"].isin(drawn).sum() > 0
    assert (sample.span, sample.observed_until(DAYS[0])) == (books.span, books.observed_until(DAYS[0]))


def test_a_smaller_sample_lies_within_a_larger_one_and_the_smallest_holds_one_customer(books: Ledger) -> None:
    large, small, one = (set(books.sample(share).history("customers").to_pandas()["customer_id"]) for share in (0.5, 0.2, 1e-9))
    assert one < small < large
    assert len(one) == 1


def test_a_sample_of_a_sample_that_ends_is_still_that_sample(books: Ledger) -> None:
    sample = books.sample(0.3)
    with ending(sample, DAYS[0]) as cut:
        assert cut.share == sample.share
        assert cut.span[1] <= DAYS[0]
        assert cut.observed_until(DAYS[0]) == sample.observed_until(DAYS[0])
        of_sample = renamed(sample.history("invoices").to_pandas()["customer_id"])
        assert set(cut.history("invoices").to_pandas()["customer_id"]) <= set(of_sample)


def test_what_a_parent_pays_comes_with_the_invoice(ledger_of: Callable[..., Ledger]) -> None:
    invoices = ["invoice_id customer_id issued_on due_on amount", *(f"I{n} C{n} 2024-01-02 2024-02-01 100" for n in range(20))]
    payments = ["invoice_id customer_id paid_on amount", *(f"I{n} C{(n + 1) % 20} 2024-02-03 100" for n in range(20))]
    books = ledger_of(invoices="\n".join(invoices), payments="\n".join(payments))
    balances = books.sample(0.4).as_of(date(2024, 3, 1)).balances.to_pandas()
    assert 0 < len(balances) < 20
    assert (balances["open_amount"] == 0).all()


def test_a_customers_own_figures_are_the_same_in_a_sample(books: Ledger, whole: pd.DataFrame) -> None:
    keys = ["as_of", "invoice_id"]
    part, everybody = build_matrix(books.sample(0.3), DAYS[-1:], SETTINGS).set_index(keys), whole.set_index(keys)
    own = ["dpd", "open_amount", "late_share_plain", "days_late_median", "history_weight", "overtaken_count", "contact_count"]
    assert (part[own].fillna(-1) == everybody.loc[part.index, own].fillna(-1)).all(axis=None)


def test_of_a_ledger_too_large_for_many_days_at_once_each_is_told_alone(
    books: Ledger, whole: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portfolio, "ROWS_AT_ONCE", 1)
    pd.testing.assert_frame_equal(build_matrix(books, DAYS, SETTINGS), whole)


def test_one_invoice_is_a_ledger(ledger_of: Callable[..., Ledger], tmp_path: Path) -> None:
    books = ledger_of(invoices="invoice_id customer_id issued_on due_on amount\nI1 C1 2024-01-02 2024-02-01 100")
    days = [date(2024, 1, 2), date(2024, 1, 2) + timedelta(days=7)]
    assert (n_open(books, days, SETTINGS), n_judged(books, days, SETTINGS)) == (2, 0)
    assert books.sample(0.01).as_of(days[0]).balances.count().execute() == 1
