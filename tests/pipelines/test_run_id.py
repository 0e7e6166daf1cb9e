"""A run is named by what was known on its day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ledger.ledger import Ledger
from models.champion import Champion
from models.payment.baselines import ShrunkKaplanMeier
from models.types.debtor_type import TypeModel
from models.types.settings import TypeSettings
from pipelines.config import load_config
from pipelines.scoring import run_id_of
from worklist.playbook import load_playbook
from worklist.texts import load_texts

INVOICES = "invoice_id customer_id issued_on due_on amount\nA ada 2025-05-01 2025-05-31 100\nB bo 2025-05-01 2025-05-31 100"


def champion_of(ledger: Ledger) -> Champion:
    curve = ShrunkKaplanMeier.fit(ledger, date(2025, 6, 30))
    return Champion(date(2025, 6, 30), curve, types=TypeModel.untrained(TypeSettings()).to_json(), usual={})


def test_a_run_is_another_once_more_is_known_of_its_day_and_only_then(ledger_of: Callable[..., Ledger]) -> None:
    config, champion = load_config(None, env={}), champion_of(ledger_of(invoices=INVOICES, stated=["2025-06-30"]))

    def named(*paid: dict[str, Any]) -> str:
        ledger = ledger_of(invoices=INVOICES, payments=[{"invoice_id": "A", "paid_on": "2025-06-02", "amount": "100"}, *paid])
        return run_id_of(ledger, champion, date(2025, 6, 30), config, load_playbook(), load_texts())

    late_news = {"invoice_id": "B", "paid_on": "2025-06-25", "amount": "100"}
    assert named() == named(late_news | {"known_on": "2025-07-01"})
    assert named() != named(late_news)


def test_a_run_is_another_where_the_facts_came_of_another_input_or_were_watched_for_longer(ledger_of: Callable[..., Ledger]) -> None:
    config, champion = load_config(None, env={}), champion_of(ledger_of(invoices=INVOICES, stated=["2025-06-30"]))

    def named(batch: str, *stated: str) -> str:
        payments = [{"invoice_id": "A", "paid_on": "2025-06-02", "amount": "100", "loaded_batch": batch * 16}]
        ledger = ledger_of(invoices=INVOICES, payments=payments, stated=stated)
        return run_id_of(ledger, champion, date(2025, 6, 30), config, load_playbook(), load_texts())

    assert named("a", "2025-06-20") == named("a", "2025-06-20", "2025-07-31")
    assert len({named("a", "2025-06-20"), named("a", "2025-06-20", "2025-06-30"), named("b", "2025-06-20")}) == 3


def test_a_run_is_the_same_on_more_threads_and_another_with_another_seed(ledger_of: Callable[..., Ledger]) -> None:
    ledger = ledger_of(invoices=INVOICES, stated=["2025-06-30"])
    champion = champion_of(ledger)
    usual, threads, seed = (
        run_id_of(ledger, champion, date(2025, 6, 30), load_config(None, env=env), load_playbook(), load_texts())
        for env in ({}, {"DUEWISE_THREADS": "2"}, {"DUEWISE_SEED": "8"})
    )
    assert usual == threads != seed
