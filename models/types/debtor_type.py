"""The debtor type of each customer: probabilities, how much evidence there is, and the word `undetermined` where it is too thin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.asked import asked_customers, last_labels
from features.behaviour import NAMES, behaviour
from features.conduct import WINDOW_DAYS
from features.portfolio import Portfolio
from ledger.tables import DEBTOR_TYPES, UNDETERMINED
from models.arrays import Floats, Ints
from models.odds import softmax
from models.types.characteristics import characteristics
from models.types.corrections import prior_shifted
from models.types.kinds import kinds
from models.types.label_model import LabelModel
from models.types.questions import questions_for
from models.types.rules import vote
from models.types.settings import TypeSettings
from models.types.thin import too_little_known
from models.types.waits import doubted

PROBABILITIES = tuple(f"p_{one}" for one in DEBTOR_TYPES)
COLUMNS = (
    "as_of",
    "customer_id",
    *PROBABILITIES,
    "type_evidence",
    "debtor_type",
    "type_question",
    "debtor_kind",
    "is_recurring",
    "ability",
    "willingness",
    "has_grievance",
    "dispute_settled",
)
RULES_SHARE = 0.4
"""The say that the rules keep beside the booster: it sees more than they do, and errs in other ways."""
USUALLY_SURE, MOST_SURE = 0.9, 0.98
FADES_TO, STILL_LIKELIEST = 0.5, 0.51
"""A word speaks of the half year before it. When that has left the window half of the late customers are as they were then (month-ends six
to twelve months apart in the simulated worlds); as long as the word stands it is the likeliest all the same."""
FORTUITOUS, INTENTIONAL, CIRCUMSTANTIAL = (DEBTOR_TYPES.index(one) for one in ("fortuitous", "intentional", "circumstantial"))


@dataclass(frozen=True)
class TypeModel:
    """Rules with what their votes are worth, and a booster beside them once one was trained. Stock boosters only; all else is JSON.

    `temperature` divides the booster's margins, so that what it says is as sure as it may be; `thresholds` is the evidence below which
    the word is `undetermined`, for each type that may be the likeliest (None: the settings'); `prior_shift` is what corrections add to the
    log-odds of each type. `stretch` multiplies the mean log odds of both: two that err in different ways know more together than either,
    so their mean is less sure than it may be (Ranjan and Gneiting 2010, Combining probability forecasts, JRSS B 72, 71-91).
    """

    settings: TypeSettings
    rules: LabelModel
    boosters: dict[str, Any] = field(default_factory=dict)
    temperature: float = 1.0
    stretch: float = 1.0
    thresholds: Floats | None = None
    prior_shift: Floats = field(default_factory=lambda: np.zeros(len(DEBTOR_TYPES)))
    card: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def untrained(cls, settings: TypeSettings) -> TypeModel:
        """The rules as they are thought to err; works on any ledger."""
        return cls(settings, LabelModel.assumed(settings))

    def telling(self, asked: TypeSettings) -> TypeModel:
        """This model, telling the finer kinds that `asked` switches on."""
        on = {name: getattr(asked, name) for name in ("negligent", "intentional_kinds")}
        return replace(self, settings=self.settings.model_copy(update=on))

    def predict(self, portfolio: Portfolio) -> pd.DataFrame:
        """One row a customer with an open invoice or one due in the last 180 days, on each `as_of`, ordered by `as_of, customer_id`.

        Columns `COLUMNS`; `type_question` is the code of what to ask where the type is undetermined (`models.types.questions`);
        `debtor_kind` is empty unless the settings ask for finer kinds. Who has sent the money already, and we have not set it against an
        invoice, is undetermined, and so is who is late but too little known (`models.types.thin`).
        The probabilities sum to 1; `ability` and `willingness` (0 to 1) are the chances that the customer can pay and wants to;
        `has_grievance` says that a dispute is open, or that one is the likeliest reason for what is unpaid; `dispute_settled` that one was
        settled lately, and none is open.
        """
        return self.told(behaviour_of(portfolio, self.settings.correction_days))

    def told(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The same for a frame that `behaviour_of` gave."""
        p = self.probabilities(frame)
        p, word = corrected(p, frame)
        unclear = frame["cash_to_apply"].to_numpy(dtype=bool) | (self.too_little_known(frame, p) != "").to_numpy()
        evidence = np.where(np.isnan(word), np.where(unclear, 0.0, evidence_of(p)), word)
        named = word > 0
        out = frame[["as_of", "customer_id", "is_recurring"]].copy()
        out[list(PROBABILITIES)] = p
        out["type_evidence"] = evidence
        likeliest, determined = p.argmax(axis=1), ((evidence >= self.threshold_of(p)) & (word != 0)) | named
        out["debtor_type"] = np.where(determined, np.array(DEBTOR_TYPES, dtype=object)[likeliest], UNDETERMINED)
        out["debtor_type"] = out["debtor_type"].astype("str")
        out["type_question"] = questions_for(frame, p).where(~determined, "")
        out["ability"], out["willingness"] = 1.0 - p[:, FORTUITOUS], 1.0 - p[:, INTENTIONAL]
        out["debtor_kind"] = kinds(frame, out["debtor_type"], self.settings)
        likely = determined & (likeliest == CIRCUMSTANTIAL) & (frame["open_late_share"].fillna(0.0).to_numpy() > 0)
        out["dispute_settled"] = frame["dispute_settled"].to_numpy(dtype=bool)
        out["has_grievance"] = frame["has_open_dispute"].to_numpy(dtype=bool) | likely
        return out[list(COLUMNS)].reset_index(drop=True)

    def probabilities(self, frame: pd.DataFrame) -> Floats:
        """The probability of each type from behaviour alone, shape (customers, types); the prior where nothing fell due yet."""
        if not len(frame):
            return np.empty((0, len(DEBTOR_TYPES)))
        p = self.rules.posterior(vote(frame, self.settings), characteristics(frame, self.settings))
        if self.boosters:
            rules, booster = np.log(np.maximum(p, 1e-6)), np.log(np.maximum(self._from_booster(frame), 1e-6))
            p = softmax(self.stretch * (RULES_SHARE * rules + (1 - RULES_SHARE) * booster))
        p = prior_shifted(doubted(p, frame["run_wait_each"].to_numpy(dtype="float64")), self.prior_shift)
        nothing_due = ~(frame["due_count"].fillna(0).to_numpy() > 0) & ~(frame["slow_count"].fillna(0).to_numpy() > 0)
        return np.where(nothing_due[:, None], self.rules.agreed.prior, p)

    def too_little_known(self, frame: pd.DataFrame, p: Floats) -> pd.Series[str]:
        """Why each customer stays undetermined however likely something is, empty for whom that is not so; see `models.types.thin`."""
        return too_little_known(frame, vote(frame, self.settings), p.argmax(axis=1), self.settings.least_invoices)

    def threshold_of(self, p: Floats) -> Floats:
        """The evidence that each row's likeliest type is asked for, shape (customers,)."""
        thresholds = np.full(p.shape[1], self.settings.least_evidence) if self.thresholds is None else self.thresholds
        return np.asarray(thresholds[p.argmax(axis=1)])

    def _from_booster(self, frame: pd.DataFrame) -> Floats:
        raw = np.asarray(self.boosters["type"].predict(design(frame), raw_score=True, num_threads=1)) / self.temperature
        return softmax(raw)

    def to_json(self) -> dict[str, Any]:
        """Everything but the boosters."""
        return {
            "settings": self.settings.model_dump(),
            "rules": self.rules.to_json(),
            "temperature": self.temperature,
            "stretch": self.stretch,
            "thresholds": None if self.thresholds is None else self.thresholds.tolist(),
            "prior_shift": self.prior_shift.tolist(),
            "card": self.card,
        }

    @classmethod
    def from_parts(cls, raw: Mapping[str, Any], boosters: Mapping[str, Any]) -> TypeModel:
        """The model that `to_json` and `boosters` described."""
        return cls(
            TypeSettings(**raw["settings"]),
            LabelModel.from_json(raw["rules"]),
            dict(boosters),
            raw["temperature"],
            raw["stretch"],
            None if raw["thresholds"] is None else np.array(raw["thresholds"], dtype="float64"),
            np.array(raw["prior_shift"], dtype="float64"),
            dict(raw["card"]),
        )


def behaviour_of(portfolio: Portfolio, correction_days: int) -> pd.DataFrame:
    """The asked customers with their behaviour (NaN where nothing is known) and the last word of a collector."""
    asked: pd.DataFrame = asked_customers(portfolio).to_pandas()
    seen = behaviour(portfolio).to_pandas()
    said = last_labels(portfolio, correction_days).to_pandas().rename(columns={"debtor_type": "said_type"})
    frame: pd.DataFrame = asked.merge(seen, on=["as_of", "customer_id"], how="left").merge(said, on=["as_of", "customer_id"], how="left")
    return frame.sort_values(["as_of", "customer_id"], ignore_index=True)


def design(frame: pd.DataFrame) -> npt.NDArray[np.float32]:
    """The behaviour as the booster wants it, shape (customers, features)."""
    return frame[list(NAMES)].to_numpy(dtype="float32")


def evidence_of(p: Floats) -> Floats:
    """How far the likeliest type stands out from the next, 0 to 1.

    >>> evidence_of(np.array([[0.7, 0.2, 0.1, 0.0, 0.0], [0.4, 0.4, 0.2, 0.0, 0.0]])).round(2).tolist()
    [0.5, 0.0]
    """
    two = np.sort(p, axis=1)[:, -2:]
    return np.asarray(two[:, 1] - two[:, 0])


def corrected(p: Floats, frame: pd.DataFrame) -> tuple[Floats, Floats]:
    """What collectors said outranks what was computed; how sure their word makes us fades with its age.

    The second array is the evidence of their word: where they named a type 1 on the day (less where they were less sure than usual), and
    half of that from half a year later on; 0 where they said that it is undetermined, NaN without a word.

    >>> days = pd.to_datetime(["2025-06-30", "2025-01-01", "2025-06-30"])
    >>> frame = pd.DataFrame({"as_of": pd.Timestamp("2025-06-30"), "labelled_on": days, "confidence": 0.9,
    ...     "said_type": ["intentional", "intentional", None]})
    >>> p, word = corrected(np.tile([0.9, 0, 0, 0.1, 0], (3, 1)), frame)
    >>> p[:, [0, 3]].round(2).tolist(), word.round(2).tolist()
    ([[0.09, 0.91], [0.44, 0.56], [0.9, 0.1]], [1.0, 0.51, nan])
    """
    code = codes_of(frame["said_type"])
    age = (pd.to_datetime(frame["as_of"]) - pd.to_datetime(frame["labelled_on"])).dt.days.to_numpy(dtype="float64")
    fresh = 1.0 - (1.0 - FADES_TO) * np.clip(age / WINDOW_DAYS, 0.0, 1.0)
    sure = frame["confidence"].astype("float64").fillna(USUALLY_SURE).clip(upper=MOST_SURE).to_numpy() * fresh
    sure = np.maximum(sure, STILL_LIKELIEST)
    told = np.flatnonzero(code >= 0)
    out = p.copy()
    out[told] *= (1.0 - sure[told])[:, None]
    out[told, code[told]] += sure[told]
    word = np.where(code >= 0, fresh * certainty(frame["confidence"]), np.where(frame["said_type"] == UNDETERMINED, 0.0, np.nan))
    return out, word


def certainty(confidence: pd.Series[float]) -> Floats:
    """How much a collector's word counts, 0 to 1: 1 where he was as sure as usual, or did not say how sure.

    >>> certainty(pd.Series([1.0, 0.45, None])).tolist()
    [1.0, 0.5, 1.0]
    """
    return np.asarray((confidence.astype("float64") / USUALLY_SURE).fillna(1.0).clip(upper=1.0), dtype="float64")


def codes_of(names: pd.Series[str]) -> Ints:
    """The place of each type in `DEBTOR_TYPES`, -1 for any other word or none.

    >>> codes_of(pd.Series(["intentional", "undetermined", None])).tolist()
    [3, -1, -1]
    """
    codes = names.map({name: code for code, name in enumerate(DEBTOR_TYPES)})
    return np.asarray(codes.fillna(-1), dtype="int64")
