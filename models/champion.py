"""A champion: what a nightly job needs to score a ledger, fitted and ready to be kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Protocol

import pandas as pd

from features.behaviour import NAMES as TYPE_FEATURES
from features.matrix import FEATURES
from ledger.errors import RefusedError
from models.bag import Bag
from models.cash.model import CashModel
from models.payment import steps
from models.payment.baselines import ShrunkKaplanMeier
from models.payment.curve import PaymentCurve
from models.payment.follow_up import FollowUp
from models.payment.late import COLUMNS as LATE_FEATURES
from models.payment.lateness import Lateness
from models.payment.linear import LinearHead
from models.payment.payment_time import PaymentTimeModel
from models.payment.stacking import Stacking
from models.types.characteristics import CHARACTERISTICS
from models.types.rules import RULES

MEANING = 1
"""Whoever lets a kept champion's columns or numbers mean something else under the same names takes the next number."""
FORM: dict[str, Any] = {
    "meaning": MEANING,
    "features": list(FEATURES),
    "type_features": list(TYPE_FEATURES),
    "rules": [rule.name for rule in RULES],
    "characteristics": {one.name: list(one.above) for one in CHARACTERISTICS},
    "late_columns": list(LATE_FEATURES),
    "step_columns": list(steps.BY_MONTH_COLUMNS),
    "stacking": [one.name for one in fields(Stacking)],
    "cash_numbers": [one.name for one in fields(CashModel)],
}
"""What has to be as it was for a kept champion to be understood."""


class OtherVersionError(RefusedError):
    """The champion was trained by a version of the product that this one does not understand."""


class Payment(Protocol):
    """What predicts the payment day: the model, or the baseline where there is too little to learn from."""

    @property
    def kind(self) -> str: ...
    def curve(self, rows: pd.DataFrame, *, threads: int = 1) -> PaymentCurve: ...
    def to_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Champion:
    """Stock LightGBM boosters and plain numbers; nothing in it needs this repository's classes to be read.

    `usual` holds each feature's median over customers at training, for the words "usually seen"; `cash` what the cash forecast learned of
    its own errors (empty: its defaults serve); `lateness` what counted as late when it learned. `payment_as_of` is the day of the payment
    model where the debtor types were learned anew later.
    """

    as_of: date
    payment: Payment
    types: dict[str, Any]
    usual: dict[str, float]
    type_boosters: dict[str, Any] = field(default_factory=dict)
    cash: dict[str, Any] = field(default_factory=dict)
    lateness: Lateness = "calendar"
    payment_as_of: date | None = None

    @property
    def made(self) -> str:
        """What predicts the payment day, in words."""
        return "payment-time model" if isinstance(self.payment, PaymentTimeModel) else "baseline"

    @property
    def payments_known_on(self) -> date:
        """The day whose knowledge the payment model learned from."""
        return self.payment_as_of or self.as_of

    def with_types_of(self, other: Champion) -> Champion:
        """This champion with the debtor types that another one learned, as of its day."""
        types, boosters = other.types, other.type_boosters
        return replace(self, as_of=other.as_of, types=types, type_boosters=boosters, payment_as_of=self.payments_known_on)

    @property
    def boosters(self) -> dict[str, Any]:
        own = (
            {**self.payment.late.named("late"), **self.payment.hazard.named("hazard")} if isinstance(self.payment, PaymentTimeModel) else {}
        )
        return {**own, **{f"type_{name}": booster for name, booster in self.type_boosters.items()}}

    def to_json(self) -> str:
        parts = {
            **FORM,
            "as_of": self.as_of.isoformat(),
            "payment": self.payment.to_json(),
            "types": self.types,
            "usual": self.usual,
            "cash": self.cash,
            "lateness": self.lateness,
        }
        if self.payment_as_of:
            parts["payment_as_of"] = self.payment_as_of.isoformat()
        return json.dumps(parts, sort_keys=True, indent=1)

    @property
    def fingerprint(self) -> str:
        """12 hex digits that depend on nothing but what the champion would answer."""
        digest = hashlib.sha256(self.to_json().encode())
        for name, booster in sorted(self.boosters.items()):
            digest.update(name.encode() + booster.model_to_string().encode())
        return digest.hexdigest()[:12]

    @classmethod
    def from_parts(cls, text: str, boosters: dict[str, Any]) -> Champion:
        """A champion from its JSON and its boosters. One of another form is refused."""
        raw = json.loads(text)
        if {name: raw.get(name) for name in FORM} != FORM:
            raise OtherVersionError(
                "the champion is of another version, which had other features or rules, or meant something else by them: "
                "run `duewise train` again"
            )
        payment: Payment
        if raw["payment"]["kind"] == ShrunkKaplanMeier.kind:
            payment = ShrunkKaplanMeier.from_json(raw["payment"])
        else:
            stacking, left_out = Stacking(**raw["payment"]["stacking"]), tuple(raw["payment"]["left_out"])
            of_late, of_unpaid = (LinearHead.from_json(raw["payment"]["linear"][name], LATE_FEATURES) for name in ("late", "unpaid"))
            late, hazard = Bag.of("late", boosters), Bag.of("hazard", boosters)
            payment = PaymentTimeModel(
                late, of_late, of_unpaid, hazard, FollowUp.from_json(raw["payment"]["follow_up"]), stacking, left_out
            )
        type_boosters = {name.removeprefix("type_"): booster for name, booster in boosters.items() if name.startswith("type_")}
        since = date.fromisoformat(raw["payment_as_of"]) if "payment_as_of" in raw else None
        learned = raw["types"], raw["usual"], type_boosters, raw["cash"], raw["lateness"]
        return cls(date.fromisoformat(raw["as_of"]), payment, *learned, since)
