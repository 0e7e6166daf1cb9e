"""What a record does not tell is not told: a correction is no delay of ours, silence no debtor's fault, currencies do not add up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import pytest

from features import exposure, terms
from features.asked import asked_customers, last_labels
from features.behaviour import behaviour
from features.dealings import promise_outcomes
from features.fair import with_excuses
from features.matrix import feature_matrix
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger

Story = Callable[..., Ledger]
Seen = Callable[..., pd.DataFrame]
Portfolios = Callable[..., Portfolio]

AMENDED = """
    invoice_id customer_id issued_on  due_on     amount known_on
    A1         ada         2024-01-02 2024-02-01 100    2024-01-02
    A2         ada         2024-02-02 2024-03-03 100    2024-02-05
"""


@pytest.mark.parametrize("amended", ["", "    A1 ada 2024-01-02 2024-02-01 101 2024-02-21\n    A2 ada 2024-02-02 2024-03-03 99 2024-03-30"])
def test_an_amended_invoice_was_not_sent_late(seen: Seen, portfolio_of: Portfolios, ledger_of: Story, amended: str) -> None:
    ledger = ledger_of(invoices=AMENDED.rstrip() + "\n" + amended, stated=["2024-04-10"])
    assert seen(terms.VIEW, ledger, "2024-04-10")["sent_late_days"].to_dict() == {"A1": 0.0, "A2": 3.0}
    told = behaviour(portfolio_of(ledger, "2024-04-10")).to_pandas().iloc[0]
    assert (told["delay_most"], told["delay_least"]) == (69.0, 35.0)


LOADED = """
    invoice_id customer_id issued_on  due_on     amount known_on
    P1         bo          2023-10-02 2023-11-01 100    2023-10-02
    P2         bo          2023-11-02 2023-12-02 100    2023-11-02
    P3         bo          2024-01-02 2024-02-01 100    2024-01-02
    P4         bo          2024-02-02 2024-03-03 100    2024-02-02
    P5         bo          2024-03-02 2024-04-01 100    2024-03-02
    paid       ada         2024-01-02 2024-02-01 100    2024-03-20
    backlog    ada         2024-03-01 2024-03-31 100    2024-03-12
    backlog2   ada         2024-03-02 2024-04-01 100    2024-03-12
"""


OLD = "    old ada 2024-01-20 2024-03-02 100 2024-03-12\n"
OLDER = "    older ada 2023-12-01 2023-12-31 100 2024-03-12\n    newer ada 2024-01-05 2024-02-04 100 2024-03-12\n"
NOT_SENT = dict.fromkeys(("old", "older", "newer", "backlog", "backlog2"), 0)


@pytest.mark.parametrize(("more", "late"), [("", {}), (OLD, {"old": 52}), (OLD + OLDER, NOT_SENT)])
def test_what_was_paid_before_it_was_known_or_was_loaded_was_not_sent_late(
    portfolio_of: Portfolios, ledger_of: Story, more: str, late: dict[str, int]
) -> None:
    """A backlog of some days left us late, an old invoice among it too; with those of months before it is a history that was loaded."""
    portfolio = portfolio_of(
        ledger_of(invoices=LOADED.rstrip() + "\n" + more, payments="invoice_id paid_on amount\npaid 2024-03-10 100", stated=["2024-04-10"]),
        "2024-04-10",
    )
    told = with_excuses(portfolio, portfolio.snapshot.balances).to_pandas().set_index("invoice_id")["sent_late"]
    assert told.drop([f"P{n}" for n in range(1, 6)]).to_dict() == {"paid": 0, "backlog": 11, "backlog2": 10} | late


def test_nobody_is_late_or_breaks_a_promise_while_nobody_looks(portfolio_of: Portfolios, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount source
        A1         ada         2024-01-02 2024-02-20 100    erp
        A2         ada         2024-01-02 2024-03-02 100    erp
        B1         bo          2024-01-02 2024-01-31 100    erp
        """,
        promises="""
        invoice_id customer_id promised_on due_on     amount
        A1         ada         2024-02-10  2024-03-01 100
        B1         bo          2024-01-10  2024-02-08 100
        """,
        stated=["2024-02-10"],
    )
    portfolio = portfolio_of(ledger, "2024-04-20")
    people = asked_customers(portfolio).to_pandas().set_index("customer_id")
    assert not people.loc["ada", "is_recurring"]
    promises = promise_outcomes(portfolio).to_pandas().set_index("customer_id")
    assert promises["broken"].to_dict() == {"ada": False, "bo": True}
    assert not promises["pending"].any()


def test_whose_type_is_asked_for(portfolio_of: Portfolios, ledger_of: Story) -> None:
    """Whoever has something open, also where it is not asked about (a deposit, a source gone silent), or something due in 180 days."""
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount source
        E1         edge        2024-01-02 2024-02-01 100    erp
        G1         gone        2024-01-02 2024-01-31 100    erp
        D1         deposit     2023-01-02 2023-02-01 100    erp
        S1         silent      2023-01-02 2023-02-01 100    old
        L1         later       2024-07-15 2024-09-01 100    erp
        """,
        payments="""
        invoice_id paid_on    amount
        E1         2024-03-01 100
        G1         2024-03-01 100
        D1         2022-12-01 10
        """,
        stated=["2024-07-30"],
    )
    asked = asked_customers(portfolio_of(ledger, "2024-07-30")).to_pandas()
    assert sorted(asked["customer_id"]) == ["deposit", "edge", "later", "silent"]


def test_amounts_of_several_currencies_are_not_added(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount currency
        A1         ada         2024-03-01 2024-03-20 100    EUR
        A2         ada         2024-03-11 2024-04-10 10000  JPY
        B1         bo          2024-03-01 2024-03-20 100    JPY
        B2         bo          2024-03-11 2024-04-10 300    JPY
        """,
        stated=["2024-03-31"],
    )
    told = seen(exposure.VIEW, ledger, "2024-03-31")
    assert told["overdue_share"].to_dict() == {"ada": 0.5, "bo": 0.25}
    assert told.loc["ada", ["open_load", "due_load"]].isna().all()
    assert told.loc["bo", "open_load"] == 1.0


def test_load_is_told_in_each_currency_by_itself(portfolio_of: Portfolios, ledger_of: Story) -> None:
    """As if the yen were of another customer: what the euros look like hangs on no yen."""
    euros = "\n".join(f"    A{n} ada 2024-0{n}-01 2024-0{n}-20 {n}00 EUR" for n in (1, 2, 3))
    yen = "\n".join(f"    Y{n} ada 2024-0{n}-01 2024-0{n}-20 {n}0000 JPY" for n in (1, 2, 3))
    head = "invoice_id customer_id issued_on due_on amount currency"
    alone, both = (
        behaviour(portfolio_of(ledger_of(invoices=f"{head}\n{rows}", stated=["2024-04-30"]), "2024-04-30")).to_pandas().iloc[0]
        for rows in (euros, f"{euros}\n{yen}")
    )
    assert both["load_late"] == alone["load_late"] > 0
    assert both["order_change"] == 0


def test_a_dispute_without_a_day_was_open_for_no_day(portfolio_of: Portfolios, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="invoice_id customer_id issued_on due_on amount\nA1 ada 2024-01-02 2024-02-01 100",
        payments="invoice_id paid_on amount\nA1 2024-03-20 100",
        disputes="invoice_id customer_id opened_on closed_on known_on\nA1 ada - - 2024-03-20",
        stated=["2024-04-10"],
    )
    told = behaviour(portfolio_of(ledger, "2024-04-10")).to_pandas().iloc[0]
    assert (told["in_dispute_share"], told["dispute_count"]) == (0.0, 1.0)


def test_of_two_words_of_one_day_the_later_corrects(portfolio_of: Portfolios, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="invoice_id customer_id issued_on due_on amount\nA1 ada 2024-01-02 2024-02-01 100",
        type_labels="""
        label_id customer_id debtor_type  labelled_on known_on
        1        ada         intentional  2024-03-01  2024-03-01
        2        ada         fortuitous   2024-03-01  2024-03-02
        """,
        stated=["2024-04-10"],
    )
    said = last_labels(portfolio_of(ledger, "2024-04-10"), 365).to_pandas()
    assert said["debtor_type"].tolist() == ["fortuitous"]
    assert said["labelled_on"].iloc[0] == pd.Timestamp(date(2024, 3, 1))


def test_what_never_differs_is_no_trace_of_who_it_is(ledger_of: Story) -> None:
    """A sum of terms that are all alike, less those terms, is nothing: its last bit would tell customers apart, and later rows move it."""
    rows = [f"I{n} c{n % 7} {date(2024, 1, 1) + timedelta(days=n)} {date(2024, 1, 16) + timedelta(days=n)} {100 + n}" for n in range(90)]
    ledger = ledger_of(invoices="\n".join(["invoice_id customer_id issued_on due_on amount", *rows]), stated=["2024-03-31"])
    told = feature_matrix(Portfolio(ledger.as_of(date(2024, 3, 31)), FeatureSettings()))
    assert len(told) > 50
    assert (told["terms_change"] == 0).all()


def test_a_sum_promised_by_who_owes_in_two_currencies_is_of_neither(portfolio_of: Portfolios, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount currency
        A1         ada         2024-01-02 2024-02-01 9000   EUR
        A2         ada         2024-01-02 2024-02-01 9500   JPY
        B1         bo          2024-01-02 2024-02-01 9000   EUR
        """,
        payments="""
        invoice_id paid_on    amount currency
        A2         2024-02-20 9500   JPY
        B1         2024-02-20 9000   EUR
        """,
        promises="""
        customer_id promised_on due_on     amount
        ada         2024-02-10  2024-03-01 9000
        bo          2024-02-10  2024-03-01 9000
        """,
        stated=["2024-04-10"],
    )
    told = promise_outcomes(portfolio_of(ledger, "2024-04-10")).to_pandas().set_index("customer_id")
    assert told.loc["bo", ["kept", "broken", "pending"]].tolist() == [True, False, False]
    assert told.loc["ada", ["kept", "broken", "pending"]].tolist() == [False, False, False]
