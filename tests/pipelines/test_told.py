"""What people are told is what the ledger says: every figure of every customer is counted again, from the tables as they lie on disk."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from desk.cli import run
from features.evidence import Evidence
from features.matrix import feature_matrix
from features.plain import Plain
from features.portfolio import Portfolio
from features.settings import FeatureSettings
from ledger.ledger import Ledger
from models.figures import Figure
from models.told import TOLD, Case, told
from worklist.reasons import value_text
from worklist.texts import fill, load_texts

DAY = date(2025, 12, 20)
TODAY = pd.Timestamp(DAY)
LATELY, HALF_YEAR, LOAD_DAYS = 90, 183, 180
DAYS = ("issued_on", "contacted_on", "promised_on", "due_on", "opened_on", "closed_on")
ABSENT = {"customer_id": "str", "invoice_id": "str", "outcome": "str", "amount": "float64"} | dict.fromkeys(DAYS, "datetime64[ns]")
TEXTS = load_texts()
UNANSWERED = ("no_answer", "unanswered", "not_reached", "voicemail", "bounced")


@dataclass(frozen=True)
class Said:
    """One reason as it would be told."""

    customer: str
    code: str
    raises: bool
    figure: Figure
    invoice: pd.Series
    cited: list[str]

    @property
    def sentence(self) -> str:
        texts, one = TEXTS, self.figure
        fields = {"value": value_text(one.value, one.unit, "EUR", texts, one.of), "usual": value_text(one.usual, one.unit, "EUR", texts)}
        return fill(texts.reasons[self.code].template(one.unit, raises=self.raises), fields)


class Books:
    """The tables of a simulated ledger as pandas reads them, cut at the day."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.invoices = self._table("invoices")
        self.payments = self._table("payments")
        settled = pd.concat([self.payments.assign(n=1), self._table("credit_notes").rename(columns={"issued_on": "paid_on"}).assign(n=0)])
        settled = settled.dropna(subset=["invoice_id"]).sort_values("paid_on", kind="stable")
        amount = self.invoices.set_index("invoice_id")["amount"]
        settled["running"] = settled.groupby("invoice_id")["amount"].cumsum()
        enough = settled[settled["running"] >= settled["invoice_id"].map(amount) - 1e-6]
        self.invoices["paid_on"] = self.invoices["invoice_id"].map(enough.groupby("invoice_id")["paid_on"].min())
        self.invoices["n_payments"] = self.invoices["invoice_id"].map(settled.groupby("invoice_id")["n"].sum()).fillna(0)
        left = self.invoices["amount"] - self.invoices["invoice_id"].map(settled.groupby("invoice_id")["amount"].sum()).fillna(0)
        self.invoices["left"] = left.where(self.invoices["paid_on"].isna(), 0.0)
        # An invoice that was paid before it was issued is not asked about.
        early = self.invoices["invoice_id"].map(self.payments.groupby("invoice_id")["paid_on"].min()) < self.invoices["issued_on"]
        self.invoices["asked"] = (self.invoices["left"] > 0) & ~early
        self._found: dict[str, dict[str, tuple[float, float]]] = {}
        self.contacts, self.promises, self.disputes = (self._table(name) for name in ("contacts", "promises", "disputes"))

    def _table(self, name: str) -> pd.DataFrame:
        path = self._folder / f"{name}.parquet"
        if not path.exists():
            return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in ABSENT.items()})
        rows = pd.read_parquet(path)
        for column in rows.columns:
            if column.endswith("_on"):
                rows[column] = pd.to_datetime(rows[column])
        if "amount" in rows:
            rows["amount"] = rows["amount"].astype("float64")
        return rows[rows["known_on"] <= TODAY].sort_values("known_on", kind="stable").drop_duplicates(rows.columns[0], keep="last").copy()

    def counted(self, customer: str, code: str, invoice: pd.Series) -> tuple[float, float]:
        """The value of a reason and of how many it is one, counted by hand."""
        name = str(invoice["invoice_id"])
        if name not in self._found:
            self._found[name] = self._counted(customer, invoice)
        return self._found[name][code]

    def _counted(self, customer: str, invoice: pd.Series) -> dict[str, tuple[float, float]]:
        mine = self.invoices[self.invoices["customer_id"] == customer]
        due = mine[mine["due_on"] <= TODAY]
        late = due["paid_on"].isna() | (due["paid_on"] > due["due_on"])
        days = (due["paid_on"].fillna(TODAY) - due["due_on"]).dt.days
        same = due["due_on"].dt.day_of_week == invoice["due_on"].weekday()
        other = due["invoice_id"] != invoice["invoice_id"]
        contacts = self.contacts[
            (self.contacts["customer_id"] == customer) & ((TODAY - self.contacts["contacted_on"]).dt.days <= HALF_YEAR)
        ]
        tried = contacts[contacts["outcome"].notna() & (contacts["outcome"] != "sent")]
        issued = mine[(mine["issued_on"] <= TODAY) & (mine["issued_on"] > TODAY - pd.Timedelta(days=LOAD_DAYS))]
        months = min(max((TODAY - issued["issued_on"]).dt.days.max(), 30), LOAD_DAYS) / 30 if len(issued) else math.nan
        asked = mine[mine["asked"]]
        newer = mine[(mine["due_on"] > invoice["due_on"]) & mine["paid_on"].notna()]
        last = (TODAY - self.payments.loc[self.payments["customer_id"] == customer, "paid_on"].max()).days
        disputed = self.disputes[(self.disputes["invoice_id"] == invoice["invoice_id"]) & self.disputes["closed_on"].isna()]
        broken, kept = self._promises(customer)
        pay_days = (due["paid_on"].dropna().dt.day_of_week - invoice["due_on"].weekday()) % 7
        month_days = []
        for paid_on in due["paid_on"].dropna():
            # The first five days of a month are one part, and so on; the sixth has what is left.
            part, part_of_due = (min((day.day - 1) // 5, 5) for day in (paid_on, invoice["due_on"]))
            ahead = paid_on.day - invoice["due_on"].day
            month_days.append(0.0 if part == part_of_due else ahead if ahead >= 0 else ahead + 365.25 / 12)
        return {
            "HABIT_LATE": (late[other].mean(), other.sum()),
            "HABIT_DAYS": (days[due["paid_on"].notna()].mean(), math.nan),
            "RECENT_CHANGE": (days[(TODAY - due["due_on"]).dt.days <= LATELY].mean(), math.nan),
            "OVERDUE_NOW": (float((asked["due_on"] < TODAY).sum()), math.nan),
            "OPEN_LOAD": (asked["left"].sum() / (issued["amount"].sum() / months), math.nan),
            "AMOUNT_UNUSUAL": (float(mine.set_index("invoice_id").loc[invoice["invoice_id"], "amount"]), math.nan),
            "TERMS": (float((invoice["due_on"] - invoice["issued_on"]).days), math.nan),
            "DUE_DAY": (late[same & other].mean(), (same & other).sum()),
            "PAY_DAY": (pay_days.mean(), len(pay_days)),
            "MONTH_DAY": (pd.Series(month_days, dtype="float64").mean(), len(month_days)),
            "PART_PAYMENTS": ((due["n_payments"] > 1).mean(), len(due)),
            "BROKEN_PROMISES": (broken / (broken + kept) if broken + kept else math.nan, broken + kept),
            "NO_ANSWER": (tried["outcome"].isin(UNANSWERED).mean(), len(tried)),
            "SKIPPED": (float(len(newer)), math.nan),
            "LAST_PAYMENT": (math.inf if last != last else float(last), math.nan),
            "DISPUTE": (float((TODAY - disputed["opened_on"].min()).days), math.nan),
            "THIN_HISTORY": (float(len(due)), math.nan),
            "AGE": (float((TODAY - invoice["due_on"]).days), math.nan),
        }

    def _promises(self, customer: str) -> tuple[int, int]:
        broken = kept = 0
        paid_on = self.invoices.set_index("invoice_id")["paid_on"]
        mine = self.payments[self.payments["customer_id"] == customer]
        known = self.promises[(self.promises["customer_id"] == customer) & ((TODAY - self.promises["promised_on"]).dt.days <= HALF_YEAR)]
        for one in known.to_dict("records"):
            named = isinstance(one["invoice_id"], str)
            paid = self.payments[self.payments["invoice_id"] == one["invoice_id"]] if named else mine
            between = paid[paid["paid_on"].between(one["promised_on"], one["due_on"])]
            # In these worlds nobody promises two sums on one day.
            is_kept = len(between) > 0 and not between["amount"].sum() < one["amount"]
            is_kept |= named and bool(paid_on[one["invoice_id"]] <= one["due_on"])
            kept += is_kept
            broken += not is_kept and one["due_on"] < TODAY
        return broken, kept


@pytest.fixture(scope="module", params=["default", "recession", "payments_only"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Books, list[Said]]:
    """A simulated ledger, and all that could be said of each of its customers, for and against."""
    folder = tmp_path_factory.mktemp("world") / "books"
    assert run(["simulate", "--out", str(folder), "--customers", "30", "--months", "9", "--seed", "11", "--world", request.param]) == 0
    portfolio = Portfolio(Ledger.open(str(folder)).as_of(DAY, history_days=730), FeatureSettings())
    rows = feature_matrix(portfolio)
    evidence, plain = Evidence(portfolio, list(rows["customer_id"].unique())), Plain(portfolio)
    usual = {str(name): float(value) for name, value in rows.groupby("customer_id").mean(numeric_only=True).median().items()}
    said = []
    for _, invoice in rows.groupby("customer_id").head(2).iterrows():
        customer = str(invoice["customer_id"])
        case = Case(invoice, plain.of(customer), evidence.history(customer), plain, usual)
        for code in TOLD:
            for raises in (True, False):
                found = told(code, case, raises=raises)
                if found is not None:
                    cited = evidence.invoices(customer, found[1], str(invoice["invoice_id"]))
                    said.append(Said(customer, code, raises, found[0], invoice, cited))
    return Books(folder), said


def test_every_figure_is_what_the_tables_say(world: tuple[Books, list[Said]]) -> None:
    books, said = world
    wrong = []
    for one in said:
        # What is said of its peers is an estimate, and is told as one.
        if one.code != "SEGMENT":
            value, of = books.counted(one.customer, one.code, one.invoice)
            same_of = of == one.figure.of or math.isnan(one.figure.of)
            if not same_of or not math.isclose(value, one.figure.value, rel_tol=1e-6, abs_tol=1e-9):
                wrong.append((one.customer, one.code, one.sentence, value, of))
    assert wrong == []
    assert len({one.code for one in said}) >= (13 if len(books.contacts) else 11)


def test_every_sentence_is_borne_out_by_its_figure(world: tuple[Books, list[Said]]) -> None:
    """As it stands there, rounded: more where it says more, nothing of nothing, no negative days."""
    assert len(world[1]) > 100
    for one in world[1]:
        assert not re.search(r"-\d|\b(nan|inf)\b|\b0 days|of 0\b", one.sentence), one.sentence
        assert "  " not in one.sentence
        value, usual = one.figure.shown
        if one.code in ("HABIT_LATE", "PART_PAYMENTS", "NO_ANSWER", "BROKEN_PROMISES", "DUE_DAY") and one.raises:
            assert value > 0, one.sentence
        if one.code not in ("TERMS", "THIN_HISTORY") and not math.isnan(usual):
            assert value > usual if one.raises else value < usual or value == 0, one.sentence
        if one.code == "AGE":
            assert (value > 0) == one.raises, one.sentence
        if one.code == "THIN_HISTORY" and one.raises:
            assert value <= 5, one.sentence


def test_nobody_is_told_what_was_never_tried(world: tuple[Books, list[Said]]) -> None:
    """No answer without a contact, no promise broken without a promise, no dispute without one."""
    books, said = world
    tried = {"NO_ANSWER": books.contacts, "BROKEN_PROMISES": books.promises, "DISPUTE": books.disputes}
    assert {one.code for one in said} & set(tried) or books.contacts.empty
    for code, rows in tried.items():
        assert {one.customer for one in said if one.code == code} <= set(rows["customer_id"].dropna())


def test_no_invoice_is_cited_that_contradicts(world: tuple[Books, list[Said]]) -> None:
    books, said = world
    facts: Any = books.invoices.set_index("invoice_id")
    assert len([one for one in said if one.cited]) > 100
    for one in said:
        cited = facts.loc[one.cited]
        late = cited["paid_on"].isna() | (cited["paid_on"] > cited["due_on"])
        if one.code in ("HABIT_LATE", "DUE_DAY"):
            assert late.all() if one.raises else not late.any(), one.sentence
        elif one.code == "PART_PAYMENTS":
            assert ((cited["n_payments"] > 1) == one.raises).all(), one.sentence
        elif one.code == "RECENT_CHANGE" and not one.raises:
            assert cited["paid_on"].notna().all(), f"{one.sentence} of what is still open"
        elif one.code == "SKIPPED" and one.raises:
            assert one.cited[0] == one.invoice["invoice_id"], one.sentence
        elif one.code == "OVERDUE_NOW":
            assert (cited["due_on"] < TODAY).all(), one.sentence
        assert (cited["customer_id"] == one.customer).all()


def told_of(ledger: Ledger, customer: str, code: str, *, raises: bool, seen: dict[str, float] | None = None) -> Figure | None:
    """What a code would say of a customer's largest open invoice, where `seen` is usual."""
    portfolio = Portfolio(ledger.as_of(DAY), FeatureSettings())
    rows = feature_matrix(portfolio)
    invoice = rows[rows["customer_id"] == customer].iloc[0]
    case = Case(invoice, Plain(portfolio).of(customer), Evidence(portfolio, [customer]).history(customer), Plain(portfolio), seen or {})
    found = told(code, case, raises=raises)
    return found[0] if found else None


def paid_late(customer: str, n: int, days: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """So many invoices, a month apart, the last due in November, each paid so many days late."""
    invoices, payments = [], []
    for back in range(n):
        due = date(2025, 11, 20) - timedelta(days=30 * back)
        bill = {"invoice_id": f"{customer}{back}", "customer_id": customer, "amount": "100"}
        invoices.append(bill | {"issued_on": str(due - timedelta(days=30)), "due_on": str(due)})
        payments.append(bill | {"paid_on": str(due + timedelta(days=days))})
    return invoices, payments


def open_bill(customer: str, due_on: str) -> dict[str, str]:
    issued = date.fromisoformat(due_on) - timedelta(days=30)
    return {"invoice_id": f"{customer}-open-{due_on}", "customer_id": customer, "issued_on": str(issued), "due_on": due_on, "amount": "100"}


def test_an_invoice_is_no_habit_of_its_own(ledger_of: Callable[..., Ledger]) -> None:
    invoices, payments = paid_late("ada", 6, -2)
    late_once = [*invoices, open_bill("ada", "2025-12-05"), open_bill("new", "2025-12-05")]
    ledger = ledger_of(invoices=late_once, payments=payments, stated=[str(DAY)])
    assert told_of(ledger, "new", "HABIT_LATE", raises=True) is None
    good = told_of(ledger, "ada", "HABIT_LATE", raises=False)
    assert good is not None
    assert (good.value, good.of) == (0.0, 6.0)


def test_who_left_old_ones_unpaid_is_not_faster_lately(ledger_of: Callable[..., Ledger]) -> None:
    invoices, payments = paid_late("ada", 6, 7)
    coming = [open_bill("ada", "2025-12-28")]
    left = [*coming, open_bill("ada", "2025-02-01")]
    steady, leaves = (ledger_of(invoices=invoices + more, payments=payments, stated=[str(DAY)]) for more in (coming, left))
    assert told_of(steady, "ada", "RECENT_CHANGE", raises=False) is None
    assert told_of(leaves, "ada", "RECENT_CHANGE", raises=False) is None


def test_what_was_only_sent_is_no_silence_and_no_answer(ledger_of: Callable[..., Ledger]) -> None:
    invoices, payments = paid_late("ada", 6, 7)
    contact = {"customer_id": "ada", "channel": "email", "action": "remind", "outcome": "sent"}
    wrote = [contact | {"contacted_on": f"2025-11-{day}"} for day in (10, 17, 24, 25)]
    calls = [one | {"channel": "phone", "action": "call", "outcome": "no_answer"} for one in wrote[:3]]
    bills, until = [*invoices, open_bill("ada", "2025-12-05")], [str(DAY)]
    only_sent, called = (ledger_of(invoices=bills, payments=payments, contacts=rows, stated=until) for rows in (wrote, wrote + calls))
    assert told_of(only_sent, "ada", "NO_ANSWER", raises=False) is None
    plain = Plain(Portfolio(called.as_of(DAY), FeatureSettings())).of("ada")
    assert (plain["n_tried"], plain["n_unanswered"]) == (3.0, 3.0)


def test_all_peers_are_like_all_customers(ledger_of: Callable[..., Ledger]) -> None:
    """One in four is always late, and nobody is told apart from them by anything: no segment is better or worse."""
    parts = [paid_late(f"c{n:02d}-", 6, 30 if n % 4 == 0 else -3) for n in range(16)]
    ledger = ledger_of(
        invoices=[*(row for one, _ in parts for row in one), open_bill("new", "2025-12-28")],
        payments=[row for _, one in parts for row in one],
        stated=[str(DAY)],
    )
    assert [told_of(ledger, "new", "SEGMENT", raises=raises) for raises in (True, False)] == [None, None]


def test_the_last_payment_is_held_against_their_own_rhythm(ledger_of: Callable[..., Ledger]) -> None:
    """Ada pays each month and is late; Bo pays every day, and is what most are like; of one payment nobody knows a rhythm."""
    invoices, payments = paid_late("ada", 6, -5)
    once = [row | {"invoice_id": "one0", "customer_id": "one"} for row in (invoices[0], payments[0])]
    daily = [
        {"invoice_id": f"bo{n}", "customer_id": "bo", "amount": "100", "due_on": f"2025-12-{n:02d}", "issued_on": "2025-11-10"}
        for n in range(1, 21)
    ]
    opened = [open_bill(name, "2025-12-28") for name in ("ada", "bo", "one", "new")]
    ledger = ledger_of(
        invoices=[*invoices, once[0], *daily, *opened],
        payments=[*payments, once[1], *(row | {"paid_on": row["due_on"]} for row in daily)],
        stated=[str(DAY)],
    )
    late = told_of(ledger, "ada", "LAST_PAYMENT", raises=True)
    assert late is not None
    assert (late.value, late.usual) == (35.0, 30.0)
    never = told_of(ledger, "new", "LAST_PAYMENT", raises=True)
    assert never is not None
    assert math.isinf(never.value)
    for name, raises in (("ada", False), ("bo", True), ("bo", False), ("one", True), ("one", False), ("new", False)):
        assert told_of(ledger, name, "LAST_PAYMENT", raises=raises) is None, (name, raises)


@pytest.mark.parametrize(
    ("code", "days", "told"),
    [
        ("PAY_DAY", ["10-03", "10-10", "10-17", "10-24", "11-04", "11-12"], 4 * 5 + 2 + 3),  # four Fridays, a Tuesday and a Wednesday
        ("PAY_DAY", ["10-03", "10-10", "10-14", "10-22", "10-30", "11-03"], None),
        ("PAY_DAY", ["10-07", "10-14", "10-21", "10-29"], None),  # two days after, when one is usual
        ("MONTH_DAY", ["08-27", "09-28", "10-27", "11-03"], 18 + 19 + 18 - 6 + 365.25 / 12),  # at the end of the month
        ("MONTH_DAY", ["07-13", "08-22", "09-27", "10-29", "11-02", "11-17"], None),
    ],
)
def test_only_who_has_days_on_which_it_pays_is_told_of_them(
    ledger_of: Callable[..., Ledger], code: str, days: list[str], told: float | None
) -> None:
    bills = [
        {"invoice_id": f"P{n}", "customer_id": "ada", "amount": "100", "issued_on": "2025-06-01", "due_on": "2025-07-01"}
        for n in range(len(days))
    ]
    payments = [bill | {"paid_on": f"2025-{day}"} for bill, day in zip(bills, days, strict=True)]
    due = {"PAY_DAY": "2025-12-28", "MONTH_DAY": "2025-12-09"}[code]  # a Sunday
    ledger = ledger_of(invoices=[*bills, open_bill("ada", due)], payments=payments, stated=[str(DAY)])
    figure = told_of(ledger, "ada", code, raises=True, seen={"pay_day_gap": 1.0, "month_day_gap": 5.0})
    assert figure is None if told is None else figure is not None and math.isclose(figure.value, told / len(days))
