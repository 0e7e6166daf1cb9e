"""Made-up customers, reasons and facts: small, seeded, and of every kind."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from ledger.tables import DEBTOR_TYPES
from models.told import TOLD
from worklist.facts import Facts
from worklist.settings import WorklistSettings
from worklist.stage import stage_of

AS_OF = date(2025, 12, 1)
NAMES = ("Alder & Sons", "Birch Foods Ltd", "=HYPERLINK(1)", "Łódź Metal <b>", "Cedar Clinic", "Dogwood Freight", "Elm 株式会社")
UNIT_OF = {
    "HABIT_LATE": "share",
    "OPEN_LOAD": "money",
    "AMOUNT_UNUSUAL": "money",
    "PART_PAYMENTS": "share",
    "SEGMENT": "share",
    "HABIT_DAYS": "delay",
    "RECENT_CHANGE": "delay",
    "AGE": "age",
}
COUNTS = ("BROKEN_PROMISES", "NO_ANSWER", "THIN_HISTORY", "OVERDUE_NOW")
NO_VALUE = ("DUE_DAY", "DISPUTE")


def customer(**changes: object) -> pd.DataFrame:
    """One ordinary overdue customer, with changes; list values make several. What is in dispute is overdue, if not said otherwise."""
    row: dict[str, object] = {
        "customer_id": "C1",
        "name": "Alder & Sons",
        "kind": "business",
        "country": "DE",
        "currency": "EUR",
        "exposure": 1500.0,
        "overdue_amount": 1000.0,
        "disputed_amount": 0.0,
        "unapplied_amount": 0.0,
        "max_dpd": 20,
        "next_due_on": pd.Timestamp("2025-12-15"),
        "p_late": 0.6,
        "p_paid_14": 0.2,
        "p_paid_30": 0.4,
        "expected_late_amount": 600.0,
        "debtor_type": "disorganized",
        "p_compliant": 0.1,
        "p_fortuitous": 0.1,
        "p_disorganized": 0.6,
        "p_intentional": 0.1,
        "p_circumstantial": 0.1,
        "type_evidence": 0.8,
        "type_question": "",
        "is_recurring": False,
        "n_open": 3,
        "other_amounts": None,
        "cost_rate": 1.0,
        "dispute_settled": False,
    }
    frame = pd.DataFrame({name: value if isinstance(value, list) else [value] for name, value in row.items()})
    many = max((len(value) for value in changes.values() if isinstance(value, list)), default=1)
    frame = pd.concat([frame] * many, ignore_index=True).assign(**changes)
    frame["max_dpd"] = frame["max_dpd"].astype("Int64")
    frame["chased_dpd"] = changes.get("chased_dpd", frame["max_dpd"])
    share = frame["disputed_amount"] / frame["exposure"]
    parts = {
        "overdue_disputed": frame[["disputed_amount", "overdue_amount"]].min(axis=1),
        "late_disputed": share * frame["expected_late_amount"],
    }
    frame = frame.assign(**{name: part for name, part in parts.items() if name not in changes})
    return frame if "stage" in changes else frame.assign(stage=stage_of(frame["chased_dpd"], WorklistSettings()))


def typed(debtor_type: str, p: float = 0.8) -> dict[str, object]:
    """Changes that make a customer of a type with a probability; the rest is spread evenly."""
    rest = (1 - p) / 4
    return {"debtor_type": debtor_type} | {f"p_{name}": p if name == debtor_type else rest for name in DEBTOR_TYPES}


def no_reasons() -> pd.DataFrame:
    columns = {"customer_id": "str", "position": "int64", "code": "str", "contribution": "float64", "value": "float64", "usual": "float64"}
    return pd.DataFrame(
        {name: pd.Series(dtype=kind) for name, kind in (columns | {"unit": "str", "of": "float64", "invoices": "object"}).items()}
    )


def contacts(*rows: tuple[str, str, str, str, str | None]) -> pd.DataFrame:
    """Contacts from (customer, day, channel, outcome, reason_code)."""
    frame = pd.DataFrame(list(rows), columns=["customer_id", "contacted_on", "channel", "outcome", "reason_code"])
    return frame.assign(contacted_on=pd.to_datetime(frame["contacted_on"]).astype("datetime64[s]"), action="call")


def portfolio(n: int, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, Facts]:
    """`n` customers of every type, stage, country and currency, with reasons, contacts, promises and disputes."""
    rng = np.random.default_rng(seed)
    ids = [f"C{100_000 + k}" for k in range(n)]
    probabilities = rng.dirichlet(np.full(5, 0.35), n)
    evidence = probabilities.max(axis=1) * rng.uniform(0.6, 1.0, n)
    dpd = np.where(rng.random(n) < 0.3, rng.integers(-30, 1, n), (rng.gamma(1.1, 34, n) + 1).astype(int))
    exposure = rng.lognormal(8, 1.1, n)
    overdue = np.where(dpd > 0, exposure * rng.uniform(0.2, 1.0, n), 0.0)
    p_paid_30 = rng.beta(2, 2, n)
    draw = rng.random(n)
    frame = pd.DataFrame(
        {
            "customer_id": ids,
            "name": [f"{NAMES[k % len(NAMES)]} {k}" for k in range(n)],
            "kind": rng.choice(["business", "sole_trader", "consumer"], n, p=[0.8, 0.1, 0.1]),
            "country": rng.choice(["DE", "US", "GB"], n),
            "currency": rng.choice(["EUR", "USD", "JPY"], n, p=[0.8, 0.15, 0.05]),
            "exposure": exposure,
            "overdue_amount": overdue,
            "disputed_amount": np.where(draw < 0.06, exposure, np.where(draw < 0.1, exposure * 0.2, 0.0)),
            "unapplied_amount": np.where(draw > 0.97, overdue, 0.0),
            "max_dpd": pd.array(dpd, dtype="Int64"),
            "next_due_on": pd.Timestamp(AS_OF) + pd.to_timedelta(np.where(dpd <= 0, -dpd, rng.integers(1, 30, n)), unit="D"),
            "p_late": np.where(overdue >= exposure * 0.98, 1.0, rng.beta(2, 2, n)),
            "p_paid_14": p_paid_30 * 0.6,
            "p_paid_30": p_paid_30,
            "expected_late_amount": exposure * rng.beta(1, 3, n),
            "type_evidence": evidence,
            "type_question": np.where(evidence < 0.4, "any", ""),
            "is_recurring": rng.random(n) < 0.4,
            "n_open": rng.integers(1, 12, n),
            "other_amounts": np.where(rng.random(n) < 0.03, '{"GBP": {"exposure": 1200.5, "overdue_amount": 0.0}}', None),
            "cost_rate": 1.0,
            "dispute_settled": False,
        }
    )
    for k, name in enumerate(DEBTOR_TYPES):
        frame[f"p_{name}"] = probabilities[:, k]
    best = np.array(DEBTOR_TYPES)[probabilities.argmax(axis=1)]
    frame["debtor_type"] = pd.Series(np.where(evidence < 0.4, "undetermined", best), dtype="str")
    for part, whole in (("overdue_disputed", "overdue_amount"), ("late_disputed", "expected_late_amount")):
        frame[part] = frame[whole] * frame["disputed_amount"] / frame["exposure"]
    frame["chased_dpd"] = frame["max_dpd"]
    frame["stage"] = stage_of(frame["chased_dpd"], WorklistSettings())
    return frame, _reasons(ids, rng), _facts(ids, rng)


def _reasons(ids: list[str], rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for one in ids:
        for position, code in enumerate(rng.choice(list(TOLD), 3, replace=False), start=1):
            unit = "none" if code in NO_VALUE else "count" if code in COUNTS else UNIT_OF.get(str(code), "days")
            scale = {"share": 1.0, "count": 9.0, "money": 9000.0}.get(unit, 40.0)
            value, usual = rng.random(2) * scale
            value, usual = (round(value), round(usual)) if unit in ("count", "days") else (value, usual)
            invoices = "|".join(str(number) for number in rng.integers(10**8, 10**9, rng.integers(1, 6)))
            rows.append((one, position, str(code), rng.normal(0.3, 0.4), float(value), float(usual), unit, float("nan"), invoices))
    return pd.DataFrame(rows, columns=["customer_id", "position", "code", "contribution", "value", "usual", "unit", "of", "invoices"])


def _facts(ids: list[str], rng: np.random.Generator) -> Facts:
    asked = [str(one) for one in rng.choice(ids, len(ids) // 3, replace=False)]
    outcome = rng.choice(["no_answer", "reached", "promised"], len(asked))
    days = pd.Timestamp(AS_OF) - pd.to_timedelta(rng.integers(0, 60, len(asked)), unit="D")
    reason = rng.choice(np.array(["hardship", "forgot", None], dtype=object), len(asked))
    log = pd.DataFrame({"customer_id": asked, "contacted_on": days.astype("datetime64[s]"), "channel": "phone", "action": "call"})
    log = log.assign(channel=rng.choice(["phone", "email"], len(asked)), outcome=outcome, reason_code=reason)
    promised = log[log["outcome"] == "promised"]
    promises = pd.DataFrame(
        {"customer_id": promised["customer_id"], "invoice_id": None, "promised_on": promised["contacted_on"], "amount": 100.0}
    )
    promises["due_on"] = promises["promised_on"] + pd.Timedelta(days=14)
    promises["kept"] = pd.Series([None] * len(promises), index=promises.index, dtype=object)
    return Facts(contacts=log, promises=promises)
