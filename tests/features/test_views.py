"""Each view by a story of a few rows, its values worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from math import isnan, log, sqrt

import pandas as pd
import pytest

from features import calendar, dealings, disputes, due_day, exposure, habits, month_days, pay_gaps, siblings, survival, terms
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger

Seen = Callable[..., pd.DataFrame]
Story = Callable[..., Ledger]
AS_OF = "2024-03-31"


def told(frame: pd.DataFrame, key: str, **expected: float) -> None:
    found = {name: float(frame.loc[key, name]) for name in expected}
    assert found == pytest.approx(expected, abs=1e-5)


def test_habits_are_counted_and_drawn_towards_everybodys(seen: Seen, two_payers: Ledger) -> None:
    # Ada: 0, 5, 10 days late and one open for 10 days; Bo: 2 days early and on the day. Each is the other's only peer.
    frame = seen(habits.VIEW, two_payers, AS_OF)
    mean = (25 + 2 * -1) / 6
    told(
        frame,
        "ada",
        late_share=(3 + 2 * 0) / 6,
        late_share_recent=(1 + 2 * 3 / 6) / 3,
        late_30_share=0.0,
        days_late_mean=mean,
        # A2 was due on a Saturday: from the Monday it was 3 days late.
        days_late_net=(23 + 2 * -1) / 6,
        days_late_spread=sqrt(225 / 4 - (25 / 4) ** 2),
        days_late_last=(15 + mean) / 4,
        days_late_change=(10 + 2 * mean) / 3 - mean,
        late_share_plain=0.75,
        days_late_median=7.5,
        history_weight=4 / 6,
    )
    told(frame, "bo", late_share=(0 + 2 * 0.75) / 4, late_share_plain=0.0, days_late_median=-1.0, history_weight=0.5)


def test_recent_payments_weigh_more(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        old        ada         2024-01-01 2024-01-11 100
        new        ada         2024-03-01 2024-03-31 100
        """,
        payments="""
        invoice_id paid_on    amount
        old        2024-01-31 100
        new        2024-03-31 100
        """,
    )
    # 80 days old at a half-life of 40 days: a quarter of the weight.
    told(seen(habits.VIEW, ledger, AS_OF, half_life_days=40), "ada", late_share=0.25 / 1.25, days_late_mean=5.0 / 1.25)


def test_an_invoice_is_compared_with_those_that_came_as_far(seen: Seen, two_payers: Ledger) -> None:
    frame = seen(survival.VIEW, two_payers, AS_OF)
    # Five days before due all six invoices had been unpaid too.
    told(
        frame,
        "A5",
        so_far_late_share=(3 + 2 * 3 / 6) / 6,
        so_far_paid_7_share=(1 + 2 * 3 / 6) / 6,
        so_far_paid_14_share=(2 + 2 * 4 / 6) / 6,
        so_far_days_left=(45 + 2 * 53 / 6) / 6,
        so_far_weight=4 / 6,
        days_late_mean_less_dpd=(25 + 2 * -1) / 6 + 5,
        # Nothing fell due on a Friday yet: the customer's own share stands.
        so_far_weekday_late_share=(3 + 2 * 3 / 6) / 6,
    )
    # On a Tuesday Ada was late once out of once, all together once out of twice: drawn to her share, moved by how Tuesdays differ.
    told(frame, "A6", so_far_weekday_late_share=(1 + 2 * (4 / 6 + 1 / 2 - 3 / 6)) / 3)
    # Nobody's invoice was ever unpaid for more than ten days.
    told(frame, "A4", so_far_late_share=1.0, so_far_weight=0.0, so_far_weekday_late_share=1.0)
    told(frame, "B3", so_far_late_share=(0 + 2 * 3 / 6) / 4)


def test_of_a_ledger_without_a_past_nothing_is_known_before_the_due_day(
    ledger_of: Callable[..., Ledger], seen: Callable[..., pd.DataFrame]
) -> None:
    only = """
    invoice_id customer_id issued_on  due_on     amount
    A1         ada         2024-01-02 2024-02-01 100
    """
    ledger = ledger_of(invoices=only, stated=["2024-02-10"])
    told(seen(survival.VIEW, ledger, "2024-01-20"), "A1", so_far_late_share=0.5, so_far_weekday_late_share=0.5)
    told(seen(survival.VIEW, ledger, "2024-02-10"), "A1", so_far_late_share=1.0, so_far_weekday_late_share=1.0)


def test_an_open_invoice_tells_by_half_of_days_that_were_not_seen(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        paid       ada         2024-01-01 2024-01-31 100
        open       ada         2024-02-26 2024-03-27 100
        asked      ada         2024-03-06 2024-04-05 100
        """,
        payments="""
        invoice_id paid_on    amount
        paid       2024-02-05 100
        """,
        stated=["2024-03-31"],
    )
    # Five days before due: one was paid ten days later, the other was seen for nine days and is still open.
    told(
        seen(survival.VIEW, ledger, AS_OF),
        "asked",
        so_far_paid_7_share=0.0,
        so_far_paid_14_share=1 / 1.5,
        so_far_late_30_share=0.0,
        so_far_late_share=1.0,
    )


def test_a_due_day_meets_the_customers_week(seen: Seen, two_payers: Ledger) -> None:
    frame = seen(due_day.VIEW, two_payers, AS_OF)
    # Ada's only peer, Bo, was never late and a day early on average; of all six invoices half were late, by 3.5 days on average.
    own_late, tuesdays_late = (3 + 2 * 0.0) / 6, (1 + 2 * 0.5) / 4
    own_days, tuesdays_days = (23 + 2 * -1) / 6, (10 + 2 * 3.5) / 4
    told(
        frame,
        "A6",
        weekday_late_share=(1 + 2 * (own_late + tuesdays_late - 0.5)) / 3,
        weekday_days_late=(10 + 2 * (own_days + tuesdays_days - 3.5)) / 3,
        # Of all five payments two were on a Thursday, one each on a Tuesday, Friday and Saturday; of Ada's three, two and one.
        pay_share_tue=(0 + 2 / 5) / 5,
        pay_share_thu=(2 + 4 / 5) / 5,
        pay_share_fri=(1 + 2 / 5) / 5,
        pay_share_sat=(0 + 2 / 5) / 5,
        pay_share_mon=0.0,
        pay_day_gap=2 * 0.56 + 3 * 0.28 + 4 * 0.08,
    )
    shares = frame[list(due_day.SHARES)].sum(axis=1)
    assert shares.tolist() == pytest.approx([1.0] * len(frame))


def test_a_due_date_meets_the_customers_month(seen: Seen, two_payers: Ledger) -> None:
    frame = seen(month_days.VIEW, two_payers, AS_OF)
    # Of all five payments four came in the first five days of a month and one on the fifteenth; of Ada's three, two and one.
    early, mid = (2 + 2 * 4 / 5) / 5, (1 + 2 * 1 / 5) / 5
    told(frame, "A6", pay_share_from_1=early, pay_share_from_11=mid, pay_share_from_6=0.0, pay_share_from_26=0.0)
    # From the ninth it is four days to the thirteenth, and to the third of the next month a month less six days; the fifth is within.
    told(frame, "A6", month_day_gap=early * (365.25 / 12 - 6) + mid * 4)
    told(frame, "A5", month_day_gap=early * 0 + mid * 8)
    assert frame[list(month_days.SHARES)].sum(axis=1).tolist() == pytest.approx([1.0] * len(frame))


def test_a_bad_payer_on_a_bad_day_is_late_for_certain_and_not_more(seen: Seen, ledger_of: Story) -> None:
    # Ada was late on a Monday, Bo on a Tuesday, Cy twice in time; Ada's open invoice falls due on a Tuesday.
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2024-02-05 2024-03-04 100
        A2         ada         2024-03-03 2024-04-02 100
        B1         bo          2024-02-05 2024-03-05 100
        C1         cy          2024-02-05 2024-03-06 100
        C2         cy          2024-02-05 2024-03-06 100
        """,
        payments="""
        invoice_id paid_on    amount
        A1         2024-03-20 100
        B1         2024-03-21 100
        C1         2024-03-06 100
        C2         2024-03-06 100
        """,
    )
    told(seen(due_day.VIEW, ledger, AS_OF, shrinkage=1e-6), "A2", weekday_late_share=1.0)
    told(seen(survival.VIEW, ledger, AS_OF, shrinkage=1e-6), "A2", so_far_weekday_late_share=1.0)


def test_a_newcomer_is_told_by_its_peers_and_what_cannot_be_known_of_it_is_not(seen: Seen, ledger_of: Story) -> None:
    # Bo pays on Fridays, a week late; Cy has its first invoices, due on a Tuesday, a day on which nobody was due before.
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        B1         bo          2024-01-02 2024-02-02 100
        B2         bo          2024-02-02 2024-03-01 100
        C1         cy          2024-03-18 2024-04-16 100
        """,
        payments="""
        invoice_id paid_on    amount
        B1         2024-02-09 100
        B2         2024-03-08 100
        """,
    )
    by_due_day = seen(due_day.VIEW, ledger, AS_OF)
    told(by_due_day, "C1", weekday_late_share=1.0, weekday_days_late=7.0, pay_share_fri=1.0, pay_share_mon=0.0, pay_day_gap=3.0)
    by_habits = seen(habits.VIEW, ledger, AS_OF)
    told(by_habits, "cy", late_share=1.0, days_late_mean=7.0, history_weight=0.0)
    told(by_habits, "bo", days_late_spread=0.0)
    assert isnan(by_habits.loc["cy", "days_late_spread"])


def test_where_nobody_is_known_yet_nothing_is_said_of_a_day_of_payment(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2024-03-18 2024-04-16 100
        """,
        payments="""
        invoice_id paid_on    amount
        """,
    )
    assert seen(due_day.VIEW, ledger, AS_OF).loc["A1", list(due_day.VIEW.names)].isna().all()
    assert seen(month_days.VIEW, ledger, AS_OF).loc["A1", list(month_days.VIEW.names)].isna().all()


def test_days_between_payments_are_counted_once_a_day_of_payment(seen: Seen, two_payers: Ledger, ledger_of: Story) -> None:
    frame = seen(pay_gaps.VIEW, two_payers, AS_OF)
    # Ada paid on the first and the fifteenth of February and on the first of March.
    told(frame, "ada", pay_gap=14.5)
    told(frame, "bo", pay_gap=31.0)
    once = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        one        ada         2024-01-01 2024-01-11 100
        two        ada         2024-01-01 2024-01-31 100
        three      ada         2024-03-01 2024-04-11 100
        """,
        payments="""
        invoice_id paid_on    amount
        one        2024-02-01 100
        two        2024-02-01 100
        """,
    )
    assert seen(pay_gaps.VIEW, once, AS_OF).empty


def test_invoices_of_one_customer_share_their_fate(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        skipped    ada         2024-02-19 2024-03-20 100
        beside     ada         2024-02-19 2024-03-20 100
        later      ada         2024-02-24 2024-03-25 100
        last       ada         2024-02-27 2024-03-28 100
        other      bo          2024-02-19 2024-03-20 100
        """,
        payments="""
        invoice_id paid_on    amount
        beside     2024-03-10 100
        later      2024-03-22 100
        """,
    )
    frame = seen(siblings.VIEW, ledger, "2024-03-24")
    told(
        frame,
        "skipped",
        same_due_paid_share=1 / 3,
        same_due_count=log(2),
        overtaken_share=1 / 4,
        overtaken_count=log(2),
        days_since_payment=2.0,
        paid_7_count=log(2),
    )
    told(frame, "last", same_due_paid_share=0.0, overtaken_share=0.0, overtaken_count=0.0, days_since_payment=2.0)
    told(frame, "other", same_due_paid_share=0.0, overtaken_share=0.0, days_since_payment=120.0, paid_7_count=0.0)


def test_what_is_owed_is_measured_in_usual_months(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        overdue    ada         2024-03-01 2024-03-20 100
        soon       ada         2024-03-11 2024-04-10 50
        later      ada         2024-03-11 2024-05-01 50
        settled    ada         2024-03-11 2024-04-11 200
        """,
        payments="""
        invoice_id paid_on    amount
        settled    2024-03-25 200
        """,
    )
    # 400 invoiced in the 30 days since the first invoice: a usual month.
    told(
        seen(exposure.VIEW, ledger, AS_OF),
        "ada",
        overdue_share=0.5,
        overdue_count=1.0,
        max_dpd=11.0,
        overdue_mean_dpd=11.0,
        open_load=200 / 400,
        due_load=150 / 400,
    )


def test_where_nothing_was_invoiced_for_half_a_year_only_what_falls_due_is_a_load(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2023-06-01 2024-06-01 100
        B1         bo          2024-03-01 2024-03-31 100
        """,
        payments="""
        invoice_id paid_on    amount
        B1         2024-03-31 100
        """,
    )
    told(seen(exposure.VIEW, ledger, AS_OF), "ada", open_load=50.0, due_load=0.0)
    told(seen(exposure.VIEW, ledger, "2024-05-25"), "ada", open_load=50.0, due_load=50.0)


def test_an_invoice_is_held_against_the_customers_norm(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount known_on
        A1         ada         2024-01-01 2024-01-31 99     2024-01-01
        A2         ada         2024-02-01 2024-03-02 99     2024-02-01
        A3         ada         2024-03-01 2024-04-30 399    2024-03-08
        """,
        payments="""
        invoice_id paid_on    amount
        A1         2024-01-31 99
        A2         2024-03-02 99
        A3         2024-03-20 99.75
        """,
    )
    told(
        seen(terms.VIEW, ledger, AS_OF),
        "A3",
        dpd=-30.0,
        log_amount=log(400),
        amount_ratio=4.0,
        open_share=0.75,
        terms_days=60.0,
        terms_change=30.0,
        sent_late_days=7.0,
    )


def test_due_dates_roll_over_holidays_of_the_customers_country(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        customers="""
        customer_id country
        us          US
        nowhere     -
        """,
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        U1         us          2024-06-04 2024-07-04 100
        N1         nowhere     2024-06-04 2024-07-04 100
        N2         nowhere     2024-06-04 2024-08-31 100
        """,
    )
    frame = seen(calendar.VIEW, ledger, "2024-07-08")
    told(
        frame,
        "U1",
        due_weekday=3.0,
        due_roll_days=1.0,
        due_day_of_month=4.0,
        due_to_month_end=27.0,
        as_of_weekday=0.0,
        business_days_past_due=2.0,
    )
    told(frame, "N1", due_roll_days=0.0, business_days_past_due=2.0)
    told(frame, "N2", due_weekday=5.0, due_roll_days=2.0, due_to_month_end=0.0)


def test_promises_are_kept_broken_or_pending(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2024-01-01 2024-01-31 100
        A2         ada         2024-01-01 2024-01-31 100
        A3         ada         2024-03-01 2024-03-31 100
        B1         bo          2024-03-01 2024-03-31 100
        """,
        payments="""
        invoice_id customer_id paid_on    amount
        A1         ada         2024-02-10 100
        A2         ada         2024-03-05 100
        -          bo          2024-03-20 60
        """,
        promises="""
        invoice_id customer_id promised_on due_on     amount
        A1         ada         2024-02-05  2024-02-10 -
        A2         ada         2024-02-05  2024-02-10 -
        A3         ada         2024-03-20  2024-04-05 -
        -          bo          2024-03-15  2024-03-22 60
        -          bo          2024-03-15  2024-03-22 61
        """,
        stated=[AS_OF],
    )
    frame = seen(dealings.VIEW, ledger, AS_OF)
    told(frame, "ada", promise_kept_share=(1 + 2 * 0.5) / 4, promise_broken_count=1.0, promise_pending=1.0)
    told(frame, "bo", promise_kept_share=(1 + 2 * 0.5) / 4, promise_broken_count=1.0, promise_pending=0.0)


def test_a_plan_is_kept_part_by_part_and_broken_where_a_part_does_not_come(seen: Seen, ledger_of: Story) -> None:
    """Ada pays every part of the plan for one invoice in time, bo the first of one that names none, cy nothing until a new promise."""
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2023-12-01 2024-01-31 1200
        B1         bo          2023-12-01 2024-01-31 1200
        C1         cy          2023-12-01 2024-01-31 1200
        """,
        payments="""
        invoice_id customer_id paid_on    amount
        A1         ada         2024-02-10 400
        A1         ada         2024-03-01 500
        B1         bo          2024-02-10 400
        C1         cy          2024-03-20 400
        """,
        promises="""
        invoice_id customer_id promised_on due_on     amount
        A1         ada         2024-02-05  2024-02-10 400
        A1         ada         2024-02-05  2024-03-10 400
        A1         ada         2024-02-05  2024-04-10 400
        -          bo          2024-02-05  2024-02-10 400
        -          bo          2024-02-05  2024-03-10 400
        -          bo          2024-02-05  2024-03-20 400
        C1         cy          2024-02-05  2024-02-10 400
        C1         cy          2024-03-11  2024-03-20 400
        """,
        stated=[AS_OF],
    )
    frame = seen(dealings.VIEW, ledger, AS_OF)
    told(frame, "ada", promise_kept_share=(2 + 2 * 0.5) / 4, promise_broken_count=0.0, promise_pending=1.0)
    told(frame, "bo", promise_kept_share=(1 + 2 * 0.5) / 5, promise_broken_count=2.0, promise_pending=0.0)
    told(frame, "cy", promise_kept_share=(1 + 2 * 0.5) / 4, promise_broken_count=1.0, promise_pending=0.0)


def test_parts_are_payments_and_credit_notes_are_none(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2024-01-01 2024-01-31 1000
        C1         cy          2024-01-01 2024-01-31 100
        C2         cy          2024-01-01 2024-01-31 100
        """,
        payments="""
        invoice_id customer_id paid_on    amount
        A1         ada         2024-02-10 200
        A1         ada         2024-03-01 200
        A1         ada         2024-03-30 200
        """,
        credit_notes="""
        invoice_id customer_id issued_on  amount
        C1         cy          2024-03-30 100
        """,
        stated=[AS_OF],
    )
    frame = seen(siblings.VIEW, ledger, AS_OF)
    told(frame, "A1", days_since_payment=1.0)
    told(frame, "C2", days_since_payment=120.0)
    gaps = seen(pay_gaps.VIEW, ledger, AS_OF)
    told(gaps, "ada", pay_gap=24.5)
    assert "cy" not in gaps.index


def test_contacts_are_counted_for_half_a_year(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        A1         ada         2024-03-01 2024-03-31 100
        B1         bo          2024-03-01 2024-03-31 100
        """,
        contacts="""
        customer_id contacted_on outcome
        ada         2023-09-01   reached
        ada         2024-03-01   no_answer
        ada         2024-03-11   reached
        ada         2024-03-21   voicemail
        """,
    )
    frame = seen(dealings.VIEW, ledger, AS_OF)
    told(frame, "ada", contact_count=3.0, days_since_contact=10.0, unanswered_share=(2 + 2 * 0.3) / 5)
    told(frame, "bo", contact_count=0.0, days_since_contact=183.0, unanswered_share=0.3)


def test_a_dispute_belongs_to_its_invoice_and_to_its_customer(seen: Seen, ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        open       ada         2024-02-01 2024-03-01 100
        solved     ada         2024-02-01 2024-03-01 100
        undated    ada         2024-02-01 2024-03-01 100
        quiet      ada         2024-02-01 2024-03-01 100
        B1         bo          2024-02-01 2024-03-01 100
        B2         bo          2024-02-01 2024-03-01 100
        """,
        disputes="""
        invoice_id opened_on  closed_on  known_on
        open       2024-03-11 2024-04-20 2024-03-11
        solved     2024-03-01 2024-03-20 2024-03-01
        undated    -          -          2024-03-25
        """,
    )
    frame = seen(disputes.VIEW, ledger, AS_OF)
    told(frame, "open", dispute_open=1.0, dispute_age=20.0, dispute_solved=0.0)
    told(frame, "solved", dispute_open=0.0, dispute_age=0.0, dispute_solved=1.0)
    told(frame, "undated", dispute_open=0.0, dispute_age=0.0, dispute_solved=0.0)
    told(frame, "quiet", dispute_open=0.0, dispute_age=0.0, dispute_solved=0.0)
    # Of four invoices three were disputed, of all six three.
    told(seen(dealings.VIEW, ledger, AS_OF), "ada", dispute_share=(3 + 4 * 3 / 6) / 8)


def test_disputes_of_invoices_that_are_long_forgotten_are_forgotten_too(ledger_of: Story) -> None:
    ledger = ledger_of(
        invoices="""
        invoice_id customer_id issued_on  due_on     amount
        old        ada         2015-02-01 2015-03-01 100
        new        ada         2024-02-01 2024-03-01 100
        twice      ada         2024-02-01 2024-03-01 100
        B1         bo          2024-02-01 2024-03-01 100
        """,
        payments="""
        invoice_id paid_on    amount
        old        2015-09-01 100
        """,
        disputes="""
        invoice_id opened_on  closed_on
        old        2015-03-11 2015-04-20
        twice      2024-03-01 2024-03-05
        twice      2024-03-09 -
        """,
        stated=[AS_OF],
    )
    snapshot = ledger.as_of(date.fromisoformat(AS_OF), history_days=730)
    frame = dealings.VIEW.build(Portfolio(snapshot, FeatureSettings())).to_pandas().set_index("customer_id")
    told(frame, "ada", dispute_share=(1 + 4 * 1 / 3) / 6)
    told(frame, "bo", dispute_share=(0 + 4 * 1 / 3) / 5)


def test_delays_that_are_all_alike_have_no_spread_whatever_their_weights(seen: Seen, ledger_of: Story) -> None:
    """What floats leave of such a variance hangs on the order of rows, and would pass for a look into the future."""
    days = [date(2023, 1, 3) + timedelta(days=17 * n) for n in range(20)]
    invoices = [
        {"invoice_id": f"A{n}", "customer_id": "ada", "issued_on": str(day), "due_on": str(day + timedelta(days=30)), "amount": "100"}
        for n, day in enumerate(days)
    ]
    payments = [{"invoice_id": f"A{n}", "paid_on": str(day + timedelta(days=41)), "amount": "100"} for n, day in enumerate(days)]
    invoices.append({"invoice_id": "A", "customer_id": "ada", "issued_on": "2024-03-01", "due_on": "2024-03-31", "amount": "100"})
    found = seen(habits.VIEW, ledger_of(invoices=invoices, payments=payments), AS_OF)
    assert found.loc["ada", "days_late_spread"] == 0.0
    assert found.loc["ada", "days_late_mean"] > 5
