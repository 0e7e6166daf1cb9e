"""One story a type, told in invoices, payments and calls as a ledger holds them; each must be recognised by the rules alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import pandas as pd
import pytest

from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.errors import RefusedError
from ledger.ledger import Ledger
from models.types.debtor_type import TypeModel
from models.types.explain import TypeExplanation, explain_type
from models.types.rules import RULES
from models.types.settings import TypeSettings
from pipelines.type_words import type_lines
from worklist.texts import load_texts

TODAY = date(2025, 6, 30)
TABLES = ("invoices", "payments", "credit_notes", "contacts", "promises", "disputes")

STORIES = {
    # Terms of thirty days, money there on the day or before it.
    "compliant": {
        "invoices": """
        invoice_id customer_id issued_on  due_on     amount
        I1         clara       2024-12-20 2025-01-19 480
        I2         clara       2025-01-20 2025-02-19 510
        I3         clara       2025-02-20 2025-03-22 495
        I4         clara       2025-03-20 2025-04-19 530
        I5         clara       2025-04-20 2025-05-20 505
        I6         clara       2025-05-20 2025-06-19 515
        """,
        "payments": """
        invoice_id paid_on    amount
        I1         2025-01-17 480
        I2         2025-02-19 510
        I3         2025-03-21 495
        I4         2025-04-22 530
        I5         2025-05-20 505
        I6         2025-06-18 515
        """,
    },
    # Was good; in April two large invoices come at once and she pays round sums as they come in, says so, and keeps her word late.
    "fortuitous": {
        "invoices": """
        invoice_id customer_id issued_on  due_on     amount
        I1         flora       2025-01-02 2025-02-01 400
        I2         flora       2025-02-03 2025-03-05 420
        I3         flora       2025-03-03 2025-04-02 1900
        I4         flora       2025-03-05 2025-04-04 1650
        I5         flora       2025-04-20 2025-05-20 700
        """,
        "payments": """
        invoice_id paid_on    amount
        I1         2025-02-01 400
        I2         2025-03-05 420
        I3         2025-04-20 500
        I3         2025-05-05 600
        I3         2025-05-28 800
        I4         2025-06-10 900
        """,
        "contacts": """
        customer_id contacted_on action outcome reason_code
        flora       2025-04-14   call   promise hardship
        flora       2025-05-12   call   reached hardship
        """,
        "promises": """
        customer_id invoice_id promised_on due_on     amount
        flora       I3         2025-04-14  2025-04-30 1900
        """,
    },
    # Some invoices slip through, whatever their size; one call and the whole sum is there within days.
    "disorganized": {
        "invoices": """
        invoice_id customer_id issued_on  due_on     amount
        I1         dora        2024-12-20 2025-01-19 300
        I2         dora        2025-01-14 2025-02-13 310
        I3         dora        2025-02-10 2025-03-12 295
        I4         dora        2025-03-05 2025-04-04 305
        I5         dora        2025-03-28 2025-04-27 290
        I6         dora        2025-04-20 2025-05-20 300
        I7         dora        2025-05-10 2025-06-09 315
        """,
        "payments": """
        invoice_id paid_on    amount
        I1         2025-01-18 300
        I2         2025-02-27 310
        I3         2025-03-12 295
        I4         2025-04-25 305
        I5         2025-04-26 290
        I6         2025-06-02 300
        I7         2025-06-09 315
        """,
        "contacts": """
        customer_id contacted_on action outcome reason_code
        dora        2025-02-24   remind sent    -
        dora        2025-04-22   call   promise forgot
        dora        2025-05-30   remind sent    -
        """,
        "promises": """
        customer_id invoice_id promised_on due_on     amount
        dora        I4         2025-04-22  2025-04-28 305
        """,
    },
    # Every invoice about a month late, for as long as we know him; calls do nothing, a formal letter does.
    "intentional": {
        "invoices": """
        invoice_id customer_id issued_on  due_on     amount
        I1         igor        2024-09-01 2024-10-01 900
        I2         igor        2024-11-01 2024-12-01 950
        I3         igor        2025-01-02 2025-02-01 920
        I4         igor        2025-02-01 2025-03-03 910
        I5         igor        2025-03-01 2025-03-31 940
        I6         igor        2025-04-01 2025-05-01 930
        I7         igor        2025-04-15 2025-05-15 960
        """,
        "payments": """
        invoice_id paid_on    amount
        I1         2024-11-01 900
        I2         2024-12-29 950
        I3         2025-03-05 920
        I4         2025-04-02 910
        I5         2025-04-29 940
        I6         2025-06-04 930
        I7         2025-06-17 960
        """,
        "contacts": """
        customer_id contacted_on action outcome   reason_code
        igor        2025-02-12   call   no_answer -
        igor        2025-03-14   call   reached   unwilling
        igor        2025-04-22   formal sent      -
        igor        2025-05-14   call   refused   unwilling
        """,
    },
    # Pays on the day, save what is wrong: two deliveries complained of at once, paid as soon as that is settled.
    "circumstantial": {
        "invoices": """
        invoice_id customer_id issued_on  due_on     amount
        I1         cesar       2024-12-28 2025-01-27 800
        I2         cesar       2025-01-25 2025-02-24 820
        I3         cesar       2025-02-20 2025-03-22 790
        I4         cesar       2025-03-20 2025-04-19 810
        I5         cesar       2025-04-12 2025-05-12 805
        I6         cesar       2025-05-05 2025-06-04 815
        """,
        "payments": """
        invoice_id paid_on    amount
        I1         2025-01-27 800
        I2         2025-04-04 700
        I3         2025-03-21 790
        I4         2025-04-19 497
        I4         2025-06-06 313
        I5         2025-05-12 805
        I6         2025-06-04 815
        """,
        "credit_notes": """
        invoice_id issued_on  amount
        I2         2025-04-02 120
        """,
        "disputes": """
        invoice_id opened_on  closed_on  reason
        I2         2025-02-10 2025-04-02 damaged
        I4         2025-04-10 2025-06-03 quantity
        """,
    },
}


# Always late, and always paid two days after the first reminder. Does he forget, or does he wait for it on purpose? Nothing here tells.
ALWAYS_AFTER_THE_REMINDER = {
    "invoices": """
    invoice_id customer_id issued_on  due_on     amount
    I1         ali         2024-12-20 2025-01-19 600
    I2         ali         2025-01-20 2025-02-19 610
    I3         ali         2025-02-20 2025-03-22 605
    I4         ali         2025-03-20 2025-04-19 615
    I5         ali         2025-04-20 2025-05-20 600
    """,
    "payments": """
    invoice_id paid_on    amount
    I1         2025-02-01 600
    I2         2025-03-04 610
    I3         2025-04-03 605
    I4         2025-05-02 615
    I5         2025-06-01 600
    """,
    "contacts": """
    customer_id contacted_on action outcome
    ali         2025-01-30   remind sent
    ali         2025-03-02   remind sent
    ali         2025-04-01   remind sent
    ali         2025-04-30   remind sent
    ali         2025-05-30   remind sent
    """,
}


# Pays on the day, but for half of one large invoice. He says that money is short, yet pays all that comes after: was half what he had, or
# is something wrong with the rest?
HALF_OF_ONE = {
    "invoices": """
    invoice_id customer_id issued_on  due_on     amount
    I1         hugo        2024-12-20 2025-01-19 600
    I2         hugo        2025-01-20 2025-02-19 610
    I3         hugo        2025-02-20 2025-03-22 1240
    I4         hugo        2025-03-25 2025-04-24 605
    I5         hugo        2025-04-25 2025-05-25 615
    """,
    "payments": """
    invoice_id paid_on    amount
    I1         2025-01-17 600
    I2         2025-02-19 610
    I3         2025-03-24 617.5
    I4         2025-04-24 605
    I5         2025-06-02 615
    """,
    "contacts": """
    customer_id contacted_on action outcome   reason_code
    hugo        2025-04-14   call   no_answer -
    hugo        2025-05-12   call   reached   hardship
    """,
}

# Pays nothing unless forced: three formal letters, three payments, and all the rest still open.
NEVER_UNLESS_FORCED = {
    "invoices": """
    invoice_id customer_id issued_on  due_on     amount
    I1         nero        2024-12-01 2024-12-31 900
    I2         nero        2025-01-02 2025-02-01 950
    I3         nero        2025-02-01 2025-03-03 920
    I4         nero        2025-03-01 2025-03-31 910
    I5         nero        2025-04-01 2025-05-01 940
    I6         nero        2025-04-20 2025-05-20 930
    """,
    "payments": """
    invoice_id paid_on    amount
    I1         2025-03-10 900
    I2         2025-04-15 950
    """,
    "contacts": """
    customer_id contacted_on action outcome reason_code
    nero        2025-02-10   call   refused unwilling
    nero        2025-03-03   formal sent    -
    nero        2025-04-08   formal sent    -
    nero        2025-05-20   call   refused unwilling
    """,
}

# Does not care to keep track: one invoice after the other lies about until somebody presses, each time for another while.
ONLY_WHEN_PRESSED = {
    "invoices": """
    invoice_id customer_id issued_on  due_on     amount
    I1         nelly       2024-12-20 2025-01-19 300
    I2         nelly       2025-01-14 2025-02-13 310
    I3         nelly       2025-02-10 2025-03-12 295
    I4         nelly       2025-03-15 2025-04-14 305
    I5         nelly       2025-04-15 2025-05-15 290
    """,
    "payments": """
    invoice_id paid_on    amount
    I1         2025-01-19 300
    I2         2025-02-27 310
    I3         2025-04-10 295
    I4         2025-04-24 305
    I5         2025-05-28 290
    """,
    "contacts": """
    customer_id contacted_on action outcome reason_code
    nelly       2025-02-24   call   reached forgot
    nelly       2025-03-25   remind sent    -
    nelly       2025-04-07   call   reached forgot
    nelly       2025-04-22   call   reached forgot
    nelly       2025-05-26   call   reached forgot
    """,
}

# Pays whatever is due with the run on the 25th of the month: late by the calendar, and nobody minds.
MONTHLY_RUN = {
    "invoices": """
    invoice_id customer_id issued_on  due_on     amount
    I1         rita        2024-12-05 2025-01-04 610
    I2         rita        2025-01-16 2025-02-15 640
    I3         rita        2025-02-02 2025-03-04 655
    I4         rita        2025-02-20 2025-03-22 620
    I5         rita        2025-03-09 2025-04-08 630
    I6         rita        2025-04-05 2025-05-05 615
    I7         rita        2025-05-12 2025-06-11 660
    """,
    "payments": """
    invoice_id paid_on    amount
    I1         2025-01-27 610
    I2         2025-02-25 640
    I3         2025-03-25 655
    I4         2025-03-25 620
    I5         2025-04-25 630
    I6         2025-05-26 615
    I7         2025-06-25 660
    """,
}

# On time until January; since then each invoice in two equal halves, both late, orders shrink, she says so and keeps her word late.
TWO_HALVES = {
    "invoices": """
    invoice_id customer_id issued_on  due_on     amount
    I1         hana        2024-11-15 2024-12-15 910.50
    I2         hana        2024-12-15 2025-01-14 930.40
    I3         hana        2025-01-15 2025-02-14 905.30
    I4         hana        2025-02-15 2025-03-17 880.50
    I5         hana        2025-03-15 2025-04-14 640.90
    I6         hana        2025-04-15 2025-05-15 410.70
    """,
    "payments": """
    invoice_id paid_on    amount
    I1         2024-12-13 910.50
    I2         2025-01-14 930.40
    I3         2025-02-28 452.65
    I3         2025-03-28 452.65
    I4         2025-04-11 440.25
    I4         2025-05-09 440.25
    I5         2025-05-23 320.45
    I5         2025-06-13 320.45
    """,
    "contacts": """
    customer_id contacted_on action outcome reason_code
    hana        2025-03-04   call   promise hardship
    hana        2025-04-22   call   promise hardship
    """,
    "promises": """
    customer_id invoice_id promised_on due_on     amount
    hana        I3         2025-03-04  2025-03-21 452.65
    hana        I5         2025-04-22  2025-05-16 640.90
    """,
}

# One invoice, late once, nothing else known.
ONE_LATE_INVOICE = {
    "invoices": "invoice_id customer_id issued_on due_on amount\n I1 zoe 2025-04-01 2025-05-01 100",
    "payments": "invoice_id paid_on amount\n I1 2025-05-20 100",
}
# Bills in whole thousands; twice ten per cent is held back, and paid once the fault is mended. He is short of nothing.
TEN_PER_CENT_HELD_BACK = {
    "invoices": """
    invoice_id customer_id issued_on  due_on     amount
    I1         karl        2024-12-15 2025-01-14 5000
    I2         karl        2025-01-15 2025-02-14 5000
    I3         karl        2025-02-15 2025-03-17 6000
    I4         karl        2025-03-15 2025-04-14 5000
    I5         karl        2025-04-15 2025-05-15 6000
    """,
    "payments": """
    invoice_id paid_on    amount
    I1         2025-01-14 5000
    I2         2025-02-14 4500
    I2         2025-04-22 500
    I3         2025-03-17 6000
    I4         2025-04-14 4500
    I4         2025-06-20 500
    I5         2025-05-15 6000
    """,
    "contacts": """
    customer_id contacted_on action outcome   reason_code
    karl        2025-03-24   call   reached   dispute
    """,
}
# Everything was paid on its day, without a number: nobody has set the last payments against an invoice.
PAID_WITHOUT_A_NUMBER = {
    "invoices": """
    invoice_id customer_id issued_on  due_on     amount
    I1         lena        2024-12-15 2025-01-14 210.40
    I2         lena        2025-01-15 2025-02-14 180.10
    I3         lena        2025-02-15 2025-03-17 240.90
    I4         lena        2025-03-15 2025-04-14 199.30
    I5         lena        2025-04-15 2025-05-15 222.00
    """,
    "payments": """
    invoice_id customer_id paid_on    amount
    I1         lena        2025-01-14 210.40
    -          lena        2025-02-14 180.10
    -          lena        2025-03-17 240.90
    -          lena        2025-04-14 199.30
    -          lena        2025-05-15 222.00
    """,
}
# Paid on the day until April, and nothing since; nobody has asked yet. That is no quarrel.
STOPPED = {
    "invoices": """
    invoice_id customer_id issued_on  due_on     amount
    I1         mia         2024-12-15 2025-01-14 310.40
    I2         mia         2025-01-15 2025-02-14 280.10
    I3         mia         2025-02-15 2025-03-17 340.90
    I4         mia         2025-03-15 2025-04-14 299.30
    I5         mia         2025-04-15 2025-05-15 322.60
    I6         mia         2025-05-01 2025-05-31 322.60
    """,
    "payments": """
    invoice_id paid_on    amount
    I1         2025-01-14 310.40
    I2         2025-02-14 280.10
    I3         2025-03-17 340.90
    I4         2025-04-14 299.30
    """,
}
ALL = {
    **STORIES,
    "ten per cent": TEN_PER_CENT_HELD_BACK,
    "no number": PAID_WITHOUT_A_NUMBER,
    "stopped": STOPPED,
    "waits": ALWAYS_AFTER_THE_REMINDER,
    "half": HALF_OF_ONE,
    "forced": NEVER_UNLESS_FORCED,
    "pressed": ONLY_WHEN_PRESSED,
    "run": MONTHLY_RUN,
    "halves": TWO_HALVES,
    "once": ONE_LATE_INVOICE,
}


def rows(story: dict[str, str], table: str) -> list[dict[str, str | None]]:
    """A story's table; its invoices are called by the customer's name as well, so that all stories fit into one ledger."""
    head, *lines = [line.split() for line in story.get(table, "-").strip().splitlines()]
    customer = story["invoices"].strip().splitlines()[1].split()[1]
    told = [{name: None if word == "-" else word for name, word in zip(head, line, strict=True)} for line in lines]
    return [row | ({"invoice_id": f"{customer}-{row['invoice_id']}"} if row.get("invoice_id") else {}) for row in told]


@pytest.fixture(scope="module")
def portfolio(ledger_of: Callable[..., Ledger]) -> Portfolio:
    ledger = ledger_of(**{table: [row for story in ALL.values() for row in rows(story, table)] for table in TABLES})
    return Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60))


@cache
def explained(portfolio: Portfolio, story: str) -> TypeExplanation:
    return explain_type(TypeModel.untrained(TypeSettings()), portfolio, rows(ALL[story], "invoices")[0]["customer_id"] or "")


@pytest.mark.parametrize("debtor_type", list(STORIES))
def test_a_story_gets_its_type(debtor_type: str, portfolio: Portfolio) -> None:
    explanation = explained(portfolio, debtor_type)
    assert explanation.debtor_type == debtor_type, type_lines(explanation, load_texts())
    assert explanation.question == ""
    assert debtor_type in set(explanation.votes["votes_for"])


@pytest.mark.parametrize("name", [name for name in ALL if name != "once"])
def test_a_story_is_short_enough_to_be_read(name: str) -> None:
    assert 10 <= sum(len(rows(ALL[name], table)) for table in TABLES) <= 20


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("waits", "When do our invoices reach you, and what do they wait for before they are paid?"),
        ("half", "You paid a part first: was something wrong with the rest, or was that what you had?"),
    ],
)
def test_an_ambiguous_story_is_undetermined_and_ends_with_the_question_to_ask(name: str, question: str, portfolio: Portfolio) -> None:
    explanation = explained(portfolio, name)
    assert explanation.debtor_type == "undetermined", explanation
    assert type_lines(explanation, load_texts())[-1] == f"  Ask: {question}"


def test_most_of_a_round_invoice_at_once_is_no_want_of_money(portfolio: Portfolio) -> None:
    explanation = explained(portfolio, "ten per cent")
    assert explanation.debtor_type == "circumstantial", type_lines(explanation, load_texts())
    assert "pays_round_parts" not in set(explanation.votes["rule"])


def test_who_has_paid_what_we_have_not_applied_is_undetermined(portfolio: Portfolio) -> None:
    explanation = explained(portfolio, "no number")
    assert explanation.debtor_type == "undetermined"
    assert type_lines(explanation, load_texts())[-1] == "  Ask: Which invoices is the money for that we could set against none?"


def test_however_clear_the_rest_is_the_money_is_applied_first(ledger_of: Callable[..., Ledger]) -> None:
    story = NEVER_UNLESS_FORCED
    customer = rows(story, "invoices")[0]["customer_id"] or ""
    invoices, payments = ([{**row, "customer_id": customer} for row in rows(story, table)] for table in ("invoices", "payments"))
    loose = {"invoice_id": None, "customer_id": customer, "paid_on": "2025-06-25", "amount": "100000"}
    ledger = ledger_of(**story | {"invoices": invoices, "payments": [*payments, loose], "contacts": rows(story, "contacts")})
    explanation = explain_type(
        TypeModel.untrained(TypeSettings()), Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60)), customer
    )
    assert (explanation.debtor_type, explanation.question) == ("undetermined", "cash_to_apply")
    likeliest, next_one = sorted(explanation.probabilities.values(), reverse=True)[:2]
    assert likeliest - next_one > explanation.threshold > explanation.evidence == 0
    assert "who is late is not known before" in "\n".join(type_lines(explanation, load_texts()))


def test_who_has_stopped_paying_is_not_said_to_wait_for_a_solution(portfolio: Portfolio) -> None:
    explanation = explained(portfolio, "stopped")
    assert explanation.debtor_type != "circumstantial", type_lines(explanation, load_texts())
    assert not {"passes_over", "no_short_delay"} & set(explanation.votes["rule"])


def test_what_a_collector_said_stands_first_and_behaviour_below_it(ledger_of: Callable[..., Ledger]) -> None:
    customer = rows(STORIES["intentional"], "invoices")[0]["customer_id"] or ""
    said = f"label_id customer_id debtor_type labelled_on labelled_by confidence\n L1 {customer} fortuitous 2025-06-20 anna 0.7"
    ledger = ledger_of(**STORIES["intentional"], type_labels=said)
    explanation = explain_type(
        TypeModel.untrained(TypeSettings()), Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60)), customer
    )
    assert explanation.debtor_type == "fortuitous"
    lines = type_lines(explanation, load_texts())
    assert lines[0] == "  anna said on 2025-06-20: wants to pay, short of cash (fortuitous, 70% sure); it stands until 2026-06-20"
    assert lines[1] == "  From behaviour alone:"
    assert lines[2].startswith("  intentional ")


def test_words_of_one_day_that_contradict_each_other_leave_it_open(ledger_of: Callable[..., Ledger]) -> None:
    customer = rows(STORIES["compliant"], "invoices")[0]["customer_id"] or ""
    said = "label_id customer_id debtor_type labelled_on labelled_by\n"
    said += f" N9 {customer} circumstantial 2025-06-20 anna\n N10 {customer} intentional 2025-06-20 bert"
    ledger = ledger_of(**STORIES["compliant"], type_labels=said)
    model, day = TypeModel.untrained(TypeSettings()), Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60))
    assert model.predict(day)["debtor_type"].tolist() == ["undetermined"]
    first = type_lines(explain_type(model, day, customer), load_texts())[0]
    assert first == "  Collectors contradicted each other on 2025-06-20: not clear yet (undetermined); it stands until 2026-06-20"


def test_who_said_it_and_how_sure_is_told_only_where_it_is_on_record(ledger_of: Callable[..., Ledger]) -> None:
    customer = rows(STORIES["compliant"], "invoices")[0]["customer_id"] or ""
    said = f"label_id customer_id debtor_type labelled_on labelled_by\n N9 {customer} circumstantial 2025-06-20 -"
    day = Portfolio(ledger_of(**STORIES["compliant"], type_labels=said).as_of(TODAY), FeatureSettings(staleness_days=60))
    first = type_lines(explain_type(TypeModel.untrained(TypeSettings()), day, customer), load_texts())[0]
    assert first == "  A collector said on 2025-06-20: pays once a problem is solved (circumstantial); it stands until 2026-06-20"


def test_an_invoice_that_has_just_come_due_says_nothing_yet(ledger_of: Callable[..., Ledger]) -> None:
    invoices = "invoice_id customer_id issued_on due_on amount\n" + "".join(
        f" I{n} nina 2025-0{n}-01 2025-0{n}-25 {100 + n}.5\n" for n in range(1, 6)
    )
    payments = "invoice_id paid_on amount\n" + "".join(f" I{n} 2025-0{n + 1}-20 {100 + n}.5\n" for n in range(1, 5))
    just_due = TODAY - timedelta(days=2)
    later = f" J nina 2025-06-01 {just_due} 77.7\n"
    model = TypeModel.untrained(TypeSettings())
    told = []
    for text in (invoices, invoices + later):
        ledger = ledger_of(invoices=text, payments=payments, stated=[str(TODAY)])
        told.append(model.predict(Portfolio(ledger.as_of(TODAY), FeatureSettings(staleness_days=60))).drop(columns=["as_of"]))
    pd.testing.assert_frame_equal(*told)


def test_an_explanation_names_the_votes_and_the_invoices_they_rest_on(portfolio: Portfolio) -> None:
    lines = type_lines(explained(portfolio, "waits"), load_texts())
    assert "    can pay, forgets (disorganized)" in lines
    assert "      Paid in full within days of our first contact." in lines
    assert "    ali-I4, due 2025-04-19, paid 2025-05-02: late on 13 days of the half year" in lines
    told = explained(portfolio, "fortuitous").rows["invoice_id"].tolist()
    assert told == ["flora-I4", "flora-I3", "flora-I5"]


@pytest.mark.parametrize("name", list(ALL))
def test_what_was_not_seen_would_have_spoken_for_the_other_cause(name: str, portfolio: Portfolio) -> None:
    explanation = explained(portfolio, name)
    votes = {rule.name: rule.votes for rule in RULES}
    assert {votes[one] for one in explanation.silent} <= {explanation.likely[1]} - {"compliant"}


def test_some_story_is_told_by_what_was_not_seen(portfolio: Portfolio) -> None:
    assert any(explained(portfolio, name).silent for name in ALL)


def test_waiting_for_the_own_pay_run_is_not_being_late(portfolio: Portfolio) -> None:
    explanation = explained(portfolio, "run")
    assert explanation.debtor_type == "compliant"
    told = type_lines(explanation, load_texts())
    told_of = TypeModel.untrained(TypeSettings()).predict(portfolio).set_index("customer_id")
    assert told_of.loc["rita", "p_compliant"] < 0.75 < told_of["p_compliant"].max(), "whether it waited or forgot until then nobody sees"
    assert any("rita-I1, due 2025-01-04, paid 2025-01-27" in line and "for its payer's next pay run" in line for line in told), told


def test_equal_halves_that_come_late_are_instalments_and_no_quarrel(portfolio: Portfolio) -> None:
    explanation = explained(portfolio, "halves")
    assert explanation.debtor_type == "fortuitous", type_lines(explanation, load_texts())


def test_one_late_invoice_is_not_enough(portfolio: Portfolio) -> None:
    explanation = explained(portfolio, "once")
    assert (explanation.debtor_type, explanation.evidence, explanation.too_little) == ("undetermined", 0.0, "few")
    told = "\n".join(type_lines(explanation, load_texts()))
    assert "Too little to tell why: 1 invoice of the half year to go by, and no rule speaks for the likeliest cause." in told


def test_what_became_of_promises_is_told(portfolio: Portfolio) -> None:
    told = {name: "\n".join(type_lines(explained(portfolio, name), load_texts())) for name in ALL}
    with_promises = {name for name in ALL if rows(ALL[name], "promises")}
    assert with_promises == {name for name in ALL if "Promises of the half year: " in told[name]}


def test_kinds_are_told_only_when_asked_for(portfolio: Portfolio) -> None:
    asked = TypeSettings(intentional_kinds=True, negligent=True)
    kinds = [TypeModel.untrained(one).predict(portfolio).set_index("customer_id")["debtor_kind"] for one in (TypeSettings(), asked)]
    assert set(kinds[0]) == {""}
    told = kinds[1][["igor", "nero", "nelly", "clara", "flora", "cesar"]].tolist()
    assert told == ["late_by_choice", "non_payer", "negligent", "", "", ""]


def test_a_customer_who_is_not_asked_about_is_refused(portfolio: Portfolio) -> None:
    with pytest.raises(RefusedError, match="customer nobody has no open invoice"):
        explain_type(TypeModel.untrained(TypeSettings()), portfolio, "nobody")
