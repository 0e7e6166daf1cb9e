"""Who gets what: the step that fits the type, the age and the situation."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from ledger.errors import RefusedError
from worklist.choice import account_of
from worklist.facts import Facts
from worklist.playbook import Playbook
from worklist.settings import WorklistSettings
from worklist.value import reachable

Build = Callable[..., pd.DataFrame]


@pytest.mark.parametrize(
    ("debtor_type", "dpd", "action"),
    [
        ("compliant", -5, "none"),
        ("compliant", 10, "remind"),
        ("fortuitous", -5, "remind"),
        ("fortuitous", 20, "plan"),
        ("fortuitous", 150, "plan"),
        ("disorganized", -5, "remind"),
        ("disorganized", 5, "remind"),
        ("disorganized", 20, "call"),
        ("intentional", 20, "call"),
        ("intentional", 150, "formal"),
        ("circumstantial", 20, "solve"),
        ("undetermined", 20, "ask"),
    ],
)
def test_the_action_follows_type_and_age(samples: ModuleType, build: Build, debtor_type: str, dpd: int, action: str) -> None:
    p = {"debtor_type": debtor_type} if debtor_type == "undetermined" else samples.typed(debtor_type)
    spread = {f"p_{name}": 0.2 for name in samples.DEBTOR_TYPES} if debtor_type == "undetermined" else {}
    row = build(samples.customer(**p, **spread, max_dpd=dpd, overdue_amount=1000.0 if dpd > 0 else 0.0)).iloc[0]
    assert row["action"] == action
    assert row["needs_confirmation"] == (action == "formal")
    assert ("A person confirms" in row["offers"]) == (action == "formal")
    assert pd.isna(row["channel"]) == pd.isna(row["tone"]) == (action == "none")


@pytest.mark.parametrize(
    ("dpd", "likeliest", "done", "offered"),
    [
        (20, "circumstantial", ("ask", "email"), "a link to pay with"),
        (214, "circumstantial", ("ask", "email"), "a fixed day to pay"),
        (214, "disorganized", ("call", "phone"), "a fixed day to pay"),
        (214, "intentional", ("formal", "letter"), "a fixed day to pay"),
    ],
)
def test_who_is_not_clear_is_asked_first_and_pressed_in_the_late_stage(
    samples: ModuleType, build: Build, dpd: int, likeliest: str, done: tuple[str, str], offered: str
) -> None:
    unclear = samples.typed(likeliest, 0.4) | {"debtor_type": "undetermined"}
    row = build(samples.customer(**unclear, max_dpd=dpd)).iloc[0]
    assert (row["action"], row["channel"]) == done
    assert offered in row["offers"]


def test_a_small_debt_is_reminded_where_a_call_would_cost_more_than_it_brings(samples: ModuleType, build: Build) -> None:
    small = samples.customer(overdue_amount=30.0, exposure=30.0, expected_late_amount=10.0, max_dpd=20)
    assert build(small).iloc[0]["action"] == "remind"


def test_a_person_in_hardship_goes_to_a_specialist_and_a_firm_does_not(samples: ModuleType, build: Build) -> None:
    hardship = Facts(contacts=samples.contacts(("C1", "2025-10-01", "phone", "reached", "hardship")))
    assert build(samples.customer(kind="consumer"), facts=hardship).iloc[0]["action"] == "specialist"
    assert build(samples.customer(kind="business"), facts=hardship).iloc[0]["action"] == "call"
    resolved = Facts(
        contacts=samples.contacts(("C1", "2025-10-01", "phone", "reached", "hardship"), ("C1", "2025-11-01", "phone", "reached", "forgot"))
    )
    assert build(samples.customer(kind="consumer"), facts=resolved).iloc[0]["action"] == "call"
    long_ago = Facts(contacts=samples.contacts(("C1", "2025-01-01", "phone", "reached", "hardship")))
    assert build(samples.customer(kind="consumer"), facts=long_ago).iloc[0]["action"] == "call"


def test_a_person_in_hardship_is_left_alone_until_something_undisputed_is_overdue(samples: ModuleType, build: Build) -> None:
    hardship = Facts(contacts=samples.contacts(("C1", "2025-10-01", "phone", "reached", "hardship")))

    def done(**changes: Any) -> Any:
        return build(samples.customer(kind="consumer", **changes), facts=hardship).iloc[0]

    assert done(max_dpd=-5, overdue_amount=0.0)["action"] == "none"
    assert done(max_dpd=20, chased_dpd=-5, disputed_amount=1000.0)["action"] == "none", "all that is overdue is in dispute"
    assert done(disputed_amount=1500.0)["action"] == "solve"
    assert done(overdue_amount=9.0, exposure=9.0, expected_late_amount=0.0)["action"] == "none", "it is not worth a specialist's time"
    part = done(disputed_amount=300.0)
    assert part["action"] == "specialist"
    assert "a decision on the dispute" in part["offers"]
    assert "dispute" not in done()["offers"]


def test_what_is_overdue_and_in_dispute_makes_nothing_else_worth_a_contact(samples: ModuleType, build: Build) -> None:
    """100,000 are in dispute, 50,000 fall due in forty days and will hardly be late: a reminder reaches no more than that."""
    amounts = {"exposure": 150_000.0, "overdue_amount": 100_000.0, "disputed_amount": 100_000.0, "expected_late_amount": 101_000.0}
    one = samples.customer(**amounts, late_disputed=100_000.0, max_dpd=-40)
    assert [reachable(one, action).tolist() for action in ("remind", "call", "solve")] == [[1000.0], [0.0], [101_000.0]]
    assert build(one).iloc[0]["offers"].count("EUR") == 0


def test_a_problem_that_is_not_on_record_is_asked_about_and_not_before_it_delays(samples: ModuleType, build: Build) -> None:
    before, after, settled, on_record = (
        build(
            samples.customer(
                **samples.typed("circumstantial"), max_dpd=dpd, overdue_amount=amount, disputed_amount=disputed, dispute_settled=settled
            )
        ).iloc[0]
        for dpd, amount, disputed, settled in (
            (-20, 0.0, 0.0, False),
            (12, 1000.0, 0.0, False),
            (12, 1000.0, 0.0, True),
            (-20, 500.0, 500.0, False),
        )
    )
    assert before["action"] == "none"
    assert (after["action"], on_record["action"]) == ("solve", "solve")
    assert after["question"] == "What exactly is wrong, since when, and what would settle it?"
    assert settled["question"] == "Your dispute with us was settled lately: does anything still stand in the way?"
    assert "what is wrong put right" in after["offers"]
    assert "dispute" not in after["offers"]
    assert on_record["question"] == ""
    assert "a decision on the dispute" in on_record["offers"]
    assert "put right" not in on_record["offers"]


def test_money_that_is_here_is_not_asked_for_again(samples: ModuleType, build: Build) -> None:
    one = samples.customer(overdue_amount=1000.0, unapplied_amount=600.0, expected_late_amount=900.0, **samples.typed("fortuitous"))
    assert reachable(one, "plan").tolist() == [400.0]
    assert "60.00 EUR" in build(one).iloc[0]["offers"], "15 % of what is left to pay"


def test_a_call_is_worth_what_is_overdue_and_not_what_falls_due_later(samples: ModuleType, build: Build) -> None:
    """632.61 are overdue; 90,000 fall due in three weeks and most of it will be late: a reminder reaches that, a call does not."""
    amounts = {"exposure": 90_632.61, "overdue_amount": 632.61, "expected_late_amount": 60_000.0, "p_paid_30": 0.1}
    one = samples.customer(**samples.typed("intentional"), **amounts)
    assert reachable(one, "call").tolist() == reachable(one, "formal").tolist() == [632.61]
    assert reachable(one, "remind").tolist() == [60_000.0]
    assert build(one).iloc[0]["action"] == "remind"
    soon = build(samples.customer(**samples.typed("intentional"), **amounts | {"expected_late_amount": 700.0})).iloc[0]
    assert soon["action"] == "call"
    assert "payment in full of the 632.61 EUR overdue within 10 days" in soon["offers"]


def test_part_in_dispute_leaves_the_rest_to_be_collected(samples: ModuleType, build: Build) -> None:
    whole, part = (build(samples.customer(disputed_amount=amount)).iloc[0] for amount in (0.0, 500.0))
    assert part["action"] == whole["action"] == "call"
    assert 0 < part["value_of_contact"] < whole["value_of_contact"]


def test_a_recurring_debtor_gets_less_time_and_the_limits_are_in_money(samples: ModuleType, build: Build) -> None:
    first, again = (build(samples.customer(**samples.typed("fortuitous"), is_recurring=known)).iloc[0]["offers"] for known in (False, True))
    assert "up to 6 instalments within 180 days, first payment at least 150.00 EUR" in first
    assert "up to 3 instalments within 60 days, first payment at least 300.00 EUR" in again
    assert first.count("; ") >= 1


@pytest.mark.parametrize(
    ("dpd", "overdue", "other", "offered"),
    [(-10, 0.0, None, True), (0, 0.0, None, False), (20, 30.0, None, False), (-10, 0.0, '{"USD": {"overdue_amount": 9.0}}', False)],
)
def test_a_discount_for_paying_early_is_offered_before_anything_is_due(
    samples: ModuleType, build: Build, dpd: int, overdue: float, other: str | None, offered: bool
) -> None:
    due = {"max_dpd": dpd, "overdue_amount": overdue, "expected_late_amount": 900.0, "other_amounts": other}
    next_due_on = pd.Timestamp(samples.AS_OF) + pd.Timedelta(days=max(-dpd, 0))
    row = build(samples.customer(**samples.typed("intentional"), **due, next_due_on=next_due_on)).iloc[0]
    assert row["action"] == "remind" or overdue
    assert ("off if paid" in row["offers"]) == offered


def test_a_discount_is_not_offered_on_a_day_on_which_the_invoice_is_late_already(samples: ModuleType, build: Build) -> None:
    """Due tomorrow, but we spoke on Friday and are quiet until it is over."""
    spoke = Facts(contacts=samples.contacts(("C1", "2025-11-28", "phone", "reached", None)))
    due = {"max_dpd": -1, "overdue_amount": 0.0, "next_due_on": pd.Timestamp("2025-12-02")}
    row = build(samples.customer(**samples.typed("intentional"), **due), facts=spoke).iloc[0]
    assert (row["action"], "off if paid" in row["offers"]) == ("remind", False)


def test_a_contact_costs_what_the_channel_that_worked_costs(samples: ModuleType, build: Build, playbook: Playbook) -> None:
    plan = samples.customer(**samples.typed("fortuitous"))
    worked = Facts(contacts=samples.contacts(("C1", "2025-10-01", "email", "reached", None)))
    by_phone, by_email = build(plan).iloc[0], build(plan, facts=worked).iloc[0]
    assert [(row["action"], row["channel"]) for row in (by_phone, by_email)] == [("plan", "phone"), ("plan", "email")]
    saved = playbook.costs.channel["phone"] - playbook.costs.channel["email"]
    assert by_email["value_of_contact"] - by_phone["value_of_contact"] == pytest.approx(saved)


def test_a_contact_costs_as_much_in_any_currency_and_nothing_where_no_rate_is_known(samples: ModuleType, build: Build) -> None:
    whole, small = samples.typed("fortuitous"), {"exposure": 60.0, "overdue_amount": 60.0, "expected_late_amount": 0.0}
    euro = build(samples.customer(**whole, **small)).iloc[0]
    yen_amounts = {name: 160 * amount for name, amount in small.items()}
    yen, unknown = (
        build(samples.customer(**whole, **yen_amounts, currency="JPY", cost_rate=rate)).iloc[0] for rate in (160.0, float("nan"))
    )
    assert yen["action"] == euro["action"] == "remind"
    assert yen["value_of_contact"] == pytest.approx(160 * euro["value_of_contact"], abs=1)
    assert unknown["action"] == "plan"


def test_an_unknown_type_is_refused(samples: ModuleType, build: Build) -> None:
    with pytest.raises(RefusedError, match="unknown type 'intentionall': did you mean 'intentional'"):
        build(samples.customer(debtor_type="intentionall"))


def test_the_account_of_a_customer_adds_up_to_the_worklist(samples: ModuleType, build: Build, playbook: Playbook) -> None:
    customers, reasons, facts = samples.portfolio(60)
    frame = build(customers, reasons, facts).set_index("customer_id")
    for number in range(len(customers)):
        one = customers.iloc[[number]].reset_index(drop=True)
        account = account_of(one, facts, playbook, WorklistSettings(), samples.AS_OF)
        parts = account["uplift"] * account["p_unpaid"] * account["reachable"] - account["cost"]
        assert account["value"].tolist() == pytest.approx(parts.tolist())
        chosen = account[account["chosen"]].iloc[0]
        row = frame.loc[one["customer_id"][0]]
        assert (chosen["action"], round(chosen["value"])) == (row["action"], round(row["value_of_contact"]))
