"""Explain on a ledger of a few lines: what it says of a dispute, of the rank, and of customers of whom there is nothing to say."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest

from desk.cli import run
from ledger.ledger import Ledger
from pipelines.explain import _expected

AS_OF = "2025-02-05"
INVOICES = """
    invoice_id customer_id issued_on  due_on     amount
    I1         ada         2025-01-01 2025-01-31 100
    I2         ada         2025-01-02 2025-01-20 30
    I3         bo          2025-01-01 2025-01-15 500
    I5         cy          2025-02-01 2025-02-28 40
    I6         cy          2025-02-01 2025-02-28 8
    I4         old         2024-01-01 2024-01-31 70
    I7         di          2024-12-01 2024-12-31 2000
    I8         eva         2024-12-01 2024-12-31 75
    I10        gus         2025-01-01 2027-12-31 1000
    I9         fay         2025-01-20 2025-02-19 1000
    I11        hal         2024-12-01 2024-12-20 90
"""
PAYMENTS = """
    invoice_id customer_id paid_on    amount
    I4         old         2024-02-01 70
    -          di          2025-02-01 500
    -          eva         2025-01-02 75
    I9         fay         2025-01-10 400
    I11        hal         2025-01-15 90
"""
DISPUTES = """
    dispute_id invoice_id customer_id opened_on
    D1         I1         ada         2025-02-01
    D2         I3         bo          2025-01-20
    D3         I5         cy          2025-02-03
"""


@pytest.fixture(scope="module")
def explain(ledger_of: Callable[..., Ledger], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], int]:
    customers = [
        {"customer_id": one}
        for one in ("ada", "bo", "cy", "di", "eva", "fay", "gus", "hal", "old", "00037", *(f"K{n:05}" for n in range(6000)))
    ]
    uri = str(tmp_path_factory.mktemp("explain") / "books")
    tables = {"customers": customers, "invoices": INVOICES, "payments": PAYMENTS, "disputes": DISPUTES}
    ledger = ledger_of(uri=uri, stated=[AS_OF], **tables).store.uri
    assert run(["train", "--ledger", ledger, "--as-of", AS_OF]) == 0
    return lambda customer: run(["explain", "--ledger", ledger, "--as-of", AS_OF, "--customer", customer])


def test_money_that_is_here_already_is_ours_to_apply(explain: Callable[[str], int], capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("eva") == 0
    told = capsys.readouterr().out
    assert "setting the 75.00 EUR that they sent already against I8: nothing is overdue then" in told
    assert "Ask: Which invoices is the money for" in told
    assert "payment of" not in told


def test_what_is_open_and_left_out_is_not_nothing(explain: Callable[[str], int], capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("fay") == 0
    told = capsys.readouterr().out
    assert "Customer fay on 2025-02-05: what is open is left out of the scores (1 paid in part before it was issued)" in told


def test_who_has_nothing_open_is_told_why_their_type(explain: Callable[[str], int], capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("hal") == 0
    told = capsys.readouterr().out
    assert "Customer hal on 2025-02-05: nothing is open, so not on the worklist" in told
    assert "I11, due 2024-12-20, paid 2025-01-15: late on 26 days of the half year" in told


def test_who_owes_in_years_is_expected_to_pay_then(explain: Callable[[str], int], capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("gus") == 0
    told = capsys.readouterr().out
    assert re.search(r"I10 .* 0%  (2027-12|2028-0[1-9])-", told), told


def test_what_is_in_dispute_is_not_asked_to_be_paid(explain: Callable[[str], int], capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("ada") == 0
    told = capsys.readouterr().out
    assert "open 130.00 EUR, of it overdue 130.00 EUR, in dispute 100.00 EUR" in told
    assert "  an end of the dispute on I1: 100.00 EUR overdue, and\n  payment of 30.00 EUR overdue (I2)" in told
    assert [line.startswith("  I1") for line in told.splitlines() if line.endswith("in dispute")] == [True]
    assert explain("bo") == 0
    told = capsys.readouterr().out
    assert "an end of the dispute on I3: 500.00 EUR overdue" in told
    assert "payment of" not in told
    assert explain("cy") == 0
    told = capsys.readouterr().out
    assert "back to current" not in told, "nothing is overdue"
    assert "payment of" not in told


def test_the_rank_is_accounted_for(explain: Callable[[str], int], capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("ada") == 0
    told = capsys.readouterr().out
    line = next(line for line in told.splitlines() if line.startswith("  ranked by value: "))
    assert "= uplift " in line
    assert "x within reach 30.00 EUR - cost " in line
    assert "  not clear yet (undetermined; likeliest: " in told


def test_the_value_can_be_recounted_from_what_is_told(explain: Callable[[str], int], capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("di") == 0
    told = capsys.readouterr().out
    assert "open 2,000.00 EUR, of it overdue 2,000.00 EUR, cash or credit to apply 500.00 EUR\n" in told
    assert "setting the 500.00 EUR that they sent already against I7, and\n  payment of the other 1,500.00 EUR overdue" in told
    line = next(line for line in told.splitlines() if line.startswith("  ranked by value: ")).replace(",", "")
    value, uplift, unpaid, reach, cost = (float(number) for number in re.findall(r"-?\d+\.\d+", line))
    assert reach == 1500.0
    assert value == pytest.approx(uplift / 100 * unpaid / 100 * reach - cost, rel=0.002)


@pytest.mark.parametrize(
    ("customer", "message"),
    [
        ("old", "customer old is in the ledger, but on 2025-02-05 it has no open invoice"),
        ("olde", "no customer olde in "),
        ("olde", "did you mean 'old'?"),
        ("k05998x", "did you mean 'K05998'?"),
        ("37", "did you mean '00037'?"),
        ("zzz", "the worklist of the day has the ids"),
    ],
)
def test_a_customer_with_nothing_to_explain_is_told_from_an_unknown_one(
    explain: Callable[[str], int], capsys: pytest.CaptureFixture[str], customer: str, message: str
) -> None:
    assert explain(customer) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("customer", ["", " "])
def test_without_an_id_there_is_nobody_to_explain(explain: Callable[[str], int], capsys: pytest.CaptureFixture[str], customer: str) -> None:
    assert explain(customer) == 2
    assert "--customer needs an id, as it stands in the worklist" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("days", "dpd", "told"),
    [(20, 40, "2025-02-25"), (400, 40, "not within 400 days"), (400, -340, "2026-03-12"), (440, -340, "not within 440 days")],
)
def test_where_half_a_chance_is_never_reached_no_day_is_told(days: int, dpd: int, told: str) -> None:
    as_of = pd.Timestamp(AS_OF)
    assert _expected({"as_of": as_of, "dpd": dpd, "expected_paid_on": as_of + pd.Timedelta(days=days)}) == told
