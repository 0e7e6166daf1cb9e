"""A thin history is drawn towards customers that resemble it, group within group."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from features import habits
from ledger.ledger import Ledger

AS_OF = "2024-03-31"


@pytest.fixture
def books(ledger_of: Callable[..., Ledger]) -> Ledger:
    """Public bodies (three, late) and shops (three, in time), and two newcomers, one of each; `big` buys twenty times."""
    invoices, payments, customers = [], [], []
    for name, segment, late in (
        ("pub1", "public", 10),
        ("pub2", "public", 10),
        ("pub3", "public", 10),
        ("big", "shop", 0),
        ("shop2", "shop", 0),
        ("shop3", "shop", 0),
        ("new_pub", "public", None),
        ("new_shop", "shop", None),
    ):
        customers.append(f"{name} {segment}")
        for i in range(20 if name == "big" else 3 if late is not None else 0):
            invoices.append(f"{name}_{i} {name} 2024-01-01 2024-01-31 100")
            payments.append(f"{name}_{i} {pd.Timestamp('2024-01-31') + pd.Timedelta(days=late or 0):%Y-%m-%d} 100")
        invoices.append(f"{name}_open {name} 2024-03-20 2024-04-19 100")
    return ledger_of(
        invoices="\n".join(["invoice_id customer_id issued_on due_on amount", *invoices]),
        payments="\n".join(["invoice_id paid_on amount", *payments]),
        customers="\n".join(["customer_id segment", *customers]),
    )


def test_a_newcomer_is_taken_for_one_of_its_segment(seen: Callable[..., pd.DataFrame], books: Ledger) -> None:
    frame = seen(habits.VIEW, books, AS_OF)
    assert frame.loc["new_pub", "history_weight"] == frame.loc["new_shop", "history_weight"] == 0
    assert frame.loc["new_pub", "late_share"] > 0.8 > 0.2 > frame.loc["new_shop", "late_share"]
    assert frame.loc["new_pub", "days_late_mean"] > 7 > 3 > frame.loc["new_shop", "days_late_mean"]
    assert pd.isna(frame.loc["new_pub", "late_share_plain"]), "it has no share of its own"


def test_a_customer_counts_by_how_well_it_is_known_not_by_what_it_buys(seen: Callable[..., pd.DataFrame], books: Ledger) -> None:
    # Strong shrinkage leaves a newcomer with the whole portfolio: six customers, three of them late; by invoices it would be 9 of 35.
    frame = seen(habits.VIEW, books, AS_OF, shrinkage=0.001)
    known = seen(habits.VIEW, books, AS_OF, shrinkage=10**6)
    assert frame.loc["new_pub", "late_share"] == pytest.approx(1.0, abs=1e-2)
    assert known.loc["new_pub", "late_share"] == pytest.approx(9 / 35, abs=1e-2), "hardly known, each invoice is a little knowledge"
    middle = seen(habits.VIEW, books, AS_OF, shrinkage=3.0)
    assert middle.loc["new_pub", "late_share"] > 9 / 35 + 0.3


def test_nobody_is_its_own_peer(seen: Callable[..., pd.DataFrame], books: Ledger) -> None:
    # Drawn with great strength towards its peers, a late payer among other late ones and one in time keep to their groups.
    frame = seen(habits.VIEW, books, AS_OF, shrinkage=2.0)
    assert frame.loc["pub1", "late_share"] > frame.loc["new_pub", "late_share"] > frame.loc["new_shop", "late_share"]
