"""Whether and when: each test is one customer and the rule that decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ledger.calendars import calendar_of
from worklist.facts import Facts
from worklist.settings import WorklistSettings

Build = Callable[..., pd.DataFrame]
BASE = pd.Timestamp("2025-12-01")  # a Monday


def _one(frame: pd.DataFrame) -> Any:
    assert len(frame) == 1
    return frame.iloc[0]


def _promise(due_on: str, kept: bool | None) -> Facts:
    days = {"promised_on": pd.Series([BASE - pd.Timedelta(days=10)]), "due_on": pd.to_datetime(pd.Series([due_on]))}
    told = {"customer_id": ["C1"], "invoice_id": None, **days, "amount": [100.0], "kept": pd.Series([kept], dtype=object)}
    return Facts(promises=pd.DataFrame(told))


@pytest.mark.parametrize(("dpd", "day"), [(1, 8), (2, 8), (3, 5), (4, 4), (5, 3), (6, 2), (7, 2)])
def test_a_call_waits_five_business_days_after_due(samples: ModuleType, build: Build, dpd: int, day: int) -> None:
    """What falls due on a weekend is due on the Monday; nobody is called before Tuesday, 2 December."""
    row = _one(build(samples.customer(**samples.typed("intentional"), max_dpd=dpd)))
    assert (row["channel"], row["contact_from"]) == ("phone", pd.Timestamp(2025, 12, day))
    assert row["holds"] == ""


def test_after_the_wait_contact_begins_on_the_next_business_day(samples: ModuleType, build: Build) -> None:
    assert _one(build(samples.customer(**samples.typed("intentional"), max_dpd=20)))["contact_from"] == pd.Timestamp("2025-12-02")


def test_a_reminder_goes_shortly_before_due_and_never_after_the_day(samples: ModuleType, build: Build) -> None:
    row = _one(build(samples.customer(max_dpd=-14, overdue_amount=0.0, next_due_on=pd.Timestamp("2025-12-15"))))
    assert (row["stage"], row["action"], row["channel"]) == ("preventive", "remind", "email")
    assert (row["contact_from"], row["contact_until"]) == (pd.Timestamp("2025-12-10"), pd.Timestamp("2025-12-15"))


def test_a_reminder_may_go_on_the_day_after_due_but_waits_when_that_day_has_passed(samples: ModuleType, build: Build) -> None:
    due_today = _one(build(samples.customer(max_dpd=0, overdue_amount=0.0)))
    assert (due_today["contact_from"], due_today["contact_until"]) == (pd.Timestamp("2025-12-02"), pd.Timestamp("2025-12-02"))
    small = {"overdue_amount": 50.0, "exposure": 50.0, "expected_late_amount": 0.0}
    passed = _one(build(samples.customer(max_dpd=3, **small)))
    assert (passed["action"], passed["contact_from"]) == ("remind", pd.Timestamp("2025-12-05"))


@pytest.mark.parametrize(("spoke_on", "days"), [("2025-11-28", ("2025-12-08", "2025-12-08")), ("2025-12-01", ("2025-12-12", "2025-12-19"))])
def test_a_reminder_whose_days_pass_on_hold_waits_for_the_bank(
    samples: ModuleType, build: Build, spoke_on: str, days: tuple[str, str]
) -> None:
    """Due on Friday 5 December: a reminder may go until Monday the 8th, and after that from Friday the 12th."""
    due = {"max_dpd": -4, "overdue_amount": 0.0, "next_due_on": pd.Timestamp("2025-12-05")}
    row = _one(build(samples.customer(**due), facts=Facts(contacts=samples.contacts(("C1", spoke_on, "phone", "reached", None)))))
    assert (row["action"], row["holds"]) == ("remind", "recent_conversation")
    assert (row["contact_from"], row["contact_until"]) == tuple(pd.Timestamp(day) for day in days)


def test_a_dispute_is_solved_in_writing_at_once_and_by_phone_after_the_wait(samples: ModuleType, build: Build) -> None:
    early = _one(build(samples.customer(disputed_amount=1500.0, max_dpd=2)))
    assert (early["action"], early["channel"], early["contact_from"]) == ("solve", "email", pd.Timestamp("2025-12-02"))
    assert _one(build(samples.customer(disputed_amount=1500.0, max_dpd=30)))["channel"] == "phone"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_contact_is_always_on_business_days_and_never_before_the_next_one(samples: ModuleType, build: Build, seed: int) -> None:
    as_of = pd.Timestamp("2025-12-23").date()
    customers, reasons, facts = samples.portfolio(200, seed)
    frame = build(customers, reasons, facts, as_of=as_of)
    for country, rows in frame.groupby("country"):
        calendar = calendar_of(str(country), as_of, as_of)
        days = rows[["contact_from", "contact_until"]].stack().dropna().to_numpy().astype("datetime64[D]")
        assert len(days)
        assert np.is_busday(days, busdaycal=calendar).all()
        assert days.min() >= np.busday_offset(np.datetime64(as_of), 1, roll="preceding", busdaycal=calendar)
    planned = frame.dropna(subset=["contact_from"])
    assert (planned["contact_until"] >= planned["contact_from"]).all()
    assert frame.loc[frame["action"] == "none", "contact_from"].isna().all()


def test_a_country_in_small_letters_has_its_holidays(samples: ModuleType, build: Build) -> None:
    row = _one(build(samples.customer(country="de"), as_of=pd.Timestamp("2025-12-24").date()))
    assert row["contact_from"] == pd.Timestamp("2025-12-29")


def test_the_holidays_before_new_year_count_whoever_else_is_on_the_list(samples: ModuleType, build: Build) -> None:
    """Due on New Year's Day; 24 to 26 and 31 December are holidays in Latvia."""
    due = samples.customer(country="LV", max_dpd=-13, overdue_amount=0.0, next_due_on=pd.Timestamp("2026-01-01"))
    alone = _one(build(due, as_of=date(2025, 12, 19)))
    assert (alone["contact_from"], alone["contact_until"]) == (pd.Timestamp("2025-12-23"), pd.Timestamp("2025-12-30"))


def test_a_pending_promise_holds_until_its_day_and_grace(samples: ModuleType, build: Build) -> None:
    row = _one(build(samples.customer(), facts=_promise("2025-12-05", None)))
    assert (row["holds"], row["hold_until"]) == ("promise_pending", pd.Timestamp("2025-12-08"))
    assert row["contact_from"] == pd.Timestamp("2025-12-09")
    assert row["holds_in_words"] == "Promised to pay by 2025-12-05; we ask again after 2025-12-08."


@pytest.mark.parametrize(("as_of", "holds"), [("2025-11-25", True), ("2025-11-26", True), ("2025-11-27", True), ("2025-11-28", False)])
def test_the_grace_that_was_announced_is_kept(samples: ModuleType, build: Build, as_of: str, holds: bool) -> None:
    """Promised for Tuesday 25 November; nobody asks through Friday, though the promise looks broken from Wednesday on."""
    today = pd.Timestamp(as_of)
    kept = None if today <= pd.Timestamp("2025-11-25") else False
    row = _one(build(samples.customer(), facts=_promise("2025-11-25", kept), as_of=today.date()))
    assert (row["holds"] == "promise_pending") == holds
    assert ("we ask again after 2025-11-28" in row["holds_in_words"]) == holds
    assert row["contact_from"] == pd.Timestamp("2025-12-01")


@pytest.mark.parametrize(("due_on", "kept"), [("2025-11-27", False), ("2025-12-05", True)])
def test_a_promise_that_was_kept_or_whose_grace_is_over_does_not_hold(
    samples: ModuleType, build: Build, due_on: str, kept: bool | None
) -> None:
    assert _one(build(samples.customer(), facts=_promise(due_on, kept)))["holds"] == ""


def _plan(*parts: tuple[str, float, bool | None], promised_on: str = "2025-11-10", invoice_id: str | None = None) -> pd.DataFrame:
    days, amounts, kept = zip(*parts, strict=True)
    told = {
        "customer_id": "C1",
        "invoice_id": invoice_id,
        "promised_on": pd.Timestamp(promised_on),
        "due_on": pd.to_datetime(list(days)),
        "amount": amounts,
    }
    return pd.DataFrame({**told, "kept": pd.Series(kept, dtype=object)})


def test_of_a_plan_each_part_is_waited_for_until_one_is_broken(samples: ModuleType, build: Build) -> None:
    going_well = _plan(("2025-11-20", 300, True), ("2025-12-10", 300, None), ("2026-01-10", 300, None))
    row = _one(build(samples.customer(), facts=Facts(promises=going_well)))
    assert (row["holds"], row["hold_until"]) == ("promise_pending", pd.Timestamp("2025-12-13"))
    broken = _plan(("2025-11-20", 300, False), ("2025-12-10", 300, None), ("2026-01-10", 300, None))
    assert _one(build(samples.customer(), facts=Facts(promises=broken)))["holds"] == ""
    anew = pd.concat([broken, _plan(("2025-12-05", 900, None), promised_on="2025-11-24")])
    assert _one(build(samples.customer(), facts=Facts(promises=anew)))["hold_until"] == pd.Timestamp("2025-12-08")
    kept_since = pd.concat([_plan(("2025-12-20", 900, None)), _plan(("2025-11-25", 900, True), promised_on="2025-11-20")])
    assert _one(build(samples.customer(), facts=Facts(promises=kept_since)))["holds"] == "", "what was promised last was kept"


@pytest.mark.parametrize(
    ("later", "invoices", "hold_until"),
    [
        (("2025-12-05", 50, None), (None, None), "2025-12-23"),
        (("2025-11-25", 50, False), (None, None), "2025-12-23"),
        (("2025-11-25", 300, True), (None, None), "2025-12-23"),
        (("2025-11-25", 900, False), (None, None), None),
        (("2025-11-25", 900, False), ("7001", None), None),
        (("2025-11-25", 900, False), ("7001", "7001"), None),
        (("2025-11-25", 900, False), ("7001", "7002"), "2025-12-23"),
        (("2025-11-25", 900, False), (None, "7002"), "2025-12-23"),
        (("2025-12-05", float("nan"), None), ("7001", "7001"), "2025-12-08"),
    ],
)
def test_a_pending_promise_stands_until_one_of_no_less_takes_its_place(
    samples: ModuleType,
    build: Build,
    later: tuple[str, float, bool | None],
    invoices: tuple[str | None, str | None],
    hold_until: str | None,
) -> None:
    """900 are promised by 20 December, and then something else."""
    pending = _plan(("2025-12-20", 900, None), invoice_id=invoices[0])
    told = pd.concat([pending, _plan(later, promised_on="2025-11-20", invoice_id=invoices[1])])
    row = _one(build(samples.customer(overdue_amount=1000.0), facts=Facts(promises=told)))
    held_until = None if pd.isna(row["hold_until"]) else f"{row['hold_until']:%F}"
    assert (row["holds"], held_until) == ("promise_pending" if hold_until else "", hold_until)


def test_many_small_promises_hold_as_long_as_together_they_are_no_trifle(samples: ModuleType, build: Build) -> None:
    """Each is 4 % of what is overdue: two that are left are a trifle."""
    told = pd.concat([_plan((f"2025-12-{day}", 40, None), invoice_id=str(day)) for day in (10, 12, 14, 16)])
    assert _one(build(samples.customer(), facts=Facts(promises=told)))["hold_until"] == pd.Timestamp("2025-12-15")


def test_the_promise_of_a_trifle_holds_nothing(samples: ModuleType, build: Build) -> None:
    trifle = Facts(promises=_plan(("2025-12-10", 50, None)))
    assert _one(build(samples.customer(overdue_amount=50_050.0, exposure=50_050.0), facts=trifle))["holds"] == ""
    assert _one(build(samples.customer(overdue_amount=50.0), facts=trifle))["holds"] == "promise_pending"


@pytest.mark.parametrize("outcome", ["reached", "dispute", "disputed"])
def test_after_a_conversation_it_is_quiet_for_seven_days(samples: ModuleType, build: Build, outcome: str) -> None:
    spoke = Facts(contacts=samples.contacts(("C1", "2025-11-28", "phone", outcome, None)))
    row = _one(build(samples.customer(), facts=spoke))
    assert (row["holds"], row["contact_from"]) == ("recent_conversation", pd.Timestamp("2025-12-08"))
    missed = Facts(contacts=samples.contacts(("C1", "2025-11-28", "phone", "no_answer", None)))
    assert _one(build(samples.customer(), facts=missed))["holds"] == ""


def test_seven_calls_in_seven_days_are_the_most(samples: ModuleType, build: Build) -> None:
    days = [f"2025-11-{day}" for day in (26, 26, 27, 27, 28, 28)]
    six = [("C1", day, "phone", "no_answer", None) for day in days]
    assert _one(build(samples.customer(), facts=Facts(contacts=samples.contacts(*six))))["holds"] == ""
    seven = samples.contacts(*six, ("C1", "2025-12-01", "phone", "no_answer", None))
    row = _one(build(samples.customer(), facts=Facts(contacts=seven)))
    # The first of the seven leaves the window on 3 December.
    assert (row["holds"], row["contact_from"]) == ("call_limit", pd.Timestamp("2025-12-03"))
    written = seven.assign(channel="email")
    assert _one(build(samples.customer(), facts=Facts(contacts=written)))["holds"] == ""


@pytest.mark.parametrize("channel", ["email", "sms", "letter"])
def test_what_we_wrote_is_given_three_business_days_to_be_answered(samples: ModuleType, build: Build, channel: str) -> None:
    # 28 November 2025 is a Friday: Monday to Wednesday to answer, so from Thursday on.
    wrote = Facts(contacts=samples.contacts(("C1", "2025-11-28", channel, None, None)))
    row = _one(build(samples.customer(), facts=wrote))
    assert (row["holds"], row["contact_from"]) == ("", pd.Timestamp("2025-12-04"))
    at_once = WorklistSettings(answer_business_days=0)
    assert _one(build(samples.customer(), facts=wrote, settings=at_once))["contact_from"] == pd.Timestamp("2025-12-02")
    for outcome in ("answered", "bounced"):
        over = Facts(contacts=samples.contacts(("C1", "2025-11-27", channel, None, None), ("C1", "2025-11-28", channel, outcome, None)))
        assert _one(build(samples.customer(), facts=over))["contact_from"] == pd.Timestamp("2025-12-02")
    long_ago = Facts(contacts=samples.contacts(("C1", "2025-11-20", channel, None, None)))
    assert _one(build(samples.customer(), facts=long_ago))["contact_from"] == pd.Timestamp("2025-12-02")


def test_cash_that_covers_the_overdue_amount_is_applied_first(samples: ModuleType, build: Build) -> None:
    row = _one(build(samples.customer(unapplied_amount=1000.0)))
    assert row["holds"] == "cash_to_apply"
    assert pd.isna(row["contact_from"])
    assert _one(build(samples.customer(unapplied_amount=900.0)))["holds"] == ""


def test_what_is_open_in_another_currency_is_neither_paid_nor_in_dispute(samples: ModuleType, build: Build) -> None:
    dollars = {"exposure": 4000.0, "overdue_amount": 4000.0, "expected_late_amount": 100.0, "undisputed_amount": 4000.0}
    others = {"other_amounts": json.dumps({"USD": dollars})}
    assert _one(build(samples.customer(unapplied_amount=1000.0, **others)))["holds"] == ""
    assert _one(build(samples.customer(disputed_amount=1500.0, **samples.typed("intentional"), **others)))["action"] != "solve"
    disputed = {"other_amounts": json.dumps({"USD": dollars | {"undisputed_amount": 0.0}})}
    assert _one(build(samples.customer(disputed_amount=1500.0, **disputed)))["action"] == "solve"


def test_a_dispute_on_everything_holds_unless_it_is_being_solved(samples: ModuleType, build: Build, playbook: Any) -> None:
    disputed = samples.customer(disputed_amount=1500.0)
    assert (_one(build(disputed))["action"], _one(build(disputed))["holds"]) == ("solve", "")
    calling = playbook.model_copy(update={"when_disputed": playbook.types["intentional"].early[0]})
    assert _one(build(disputed, playbook=calling))["holds"] == "disputed"


def test_several_holds_are_told_together(samples: ModuleType, build: Build) -> None:
    spoke = samples.contacts(("C1", "2025-11-28", "phone", "promised", None))
    facts = Facts(contacts=spoke, promises=_promise("2025-12-10", None).promises)
    row = _one(build(samples.customer(unapplied_amount=1000.0), facts=facts))
    assert row["holds"] == "promise_pending; recent_conversation; cash_to_apply"
    assert "We spoke on 2025-11-28; quiet until 2025-12-05." in row["holds_in_words"], "each hold tells its own days"


def test_the_channel_that_worked_comes_first_if_the_step_allows_it(samples: ModuleType, build: Build) -> None:
    worked = samples.contacts(("C1", "2025-10-01", "email", "reached", None), ("C1", "2025-10-05", "phone", "no_answer", None))
    row = _one(build(samples.customer(**samples.typed("fortuitous")), facts=Facts(contacts=worked)))
    assert (row["action"], row["channel"]) == ("plan", "email")
    post = samples.contacts(("C1", "2025-10-01", "letter", "reached", None))
    assert _one(build(samples.customer(**samples.typed("fortuitous")), facts=Facts(contacts=post)))["channel"] == "phone"


@pytest.mark.parametrize("dpd", [20, 150])
def test_a_call_is_by_phone_whatever_has_worked(samples: ModuleType, build: Build, dpd: int) -> None:
    worked = samples.contacts(("C1", "2025-10-01", "email", "reached", None))
    row = _one(build(samples.customer(max_dpd=dpd), facts=Facts(contacts=worked)))
    assert (row["action"], row["channel"]) == ("call", "phone")


def test_the_wait_and_the_stage_bound_are_settings(samples: ModuleType, build: Build) -> None:
    at_once = WorklistSettings(wait_business_days=0)
    row = _one(build(samples.customer(**samples.typed("intentional"), max_dpd=2), settings=at_once))
    assert row["contact_from"] == pd.Timestamp("2025-12-02")
    late = _one(build(samples.customer(**samples.typed("intentional"), max_dpd=60), settings=WorklistSettings(late_from_dpd=60)))
    assert late["action"] == "formal"


def test_facts_without_rows_or_with_plain_days_are_read(samples: ModuleType, build: Build) -> None:
    empty = Facts(contacts=pd.DataFrame(columns=samples.contacts().columns), promises=pd.DataFrame(columns=Facts().promises.columns))
    assert _one(build(samples.customer(), facts=empty))["holds"] == ""
    spoke = samples.contacts(("C1", "2025-11-28", "phone", "reached", None))
    plain = Facts(contacts=spoke.assign(contacted_on=[day.date() for day in spoke["contacted_on"]]))
    assert _one(build(samples.customer(), facts=plain))["holds"] == "recent_conversation"
