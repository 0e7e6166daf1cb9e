"""Every word that people read, in one file a language, so that it can be reworded or translated without code."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ledger.tables import ACTIONS, CHANNELS, DEBTOR_TYPES, UNDETERMINED
from models.told import TOLD
from models.types.kinds import KINDS
from models.types.questions import FIRST_BILL, LATEST_BILL, OPEN, PLAN, TERMS, WHAT_IS_LEFT, WHAT_IS_WRONG, WHOSE_MONEY
from worklist.pages import read_page
from worklist.stage import STAGES

HOLDS = ("promise_pending", "recent_conversation", "call_limit", "disputed", "cash_to_apply")
PAGE_WORDS = tuple(
    "weekdays months title known_until to_contact to_contact_about exposure overdue expected_late of_open ageing ageing_current ready "
    "ready_about ready_from later later_about held held_about alone alone_about rank customer type action when amounts of "
    "days_overdue days_until due_today rest p_late value why invoices offers other_currencies more_currencies recurring sure holdout "
    "holdout_about unapplied in_dispute by search any_type any_action shown no_match cut empty empty_about legend legend_rank "
    "legend_assumed legend_measured legend_late legend_holdout legend_types run".split()
)
OPEN_QUESTIONS = (OPEN, FIRST_BILL, LATEST_BILL, PLAN, TERMS, WHOSE_MONEY, WHAT_IS_WRONG, WHAT_IS_LEFT)
UNITS = ("days", "delay", "age", "share", "count", "money", "none")

_FIELD = re.compile(r"{(\w+)}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(_Words):
    """A short name and a sentence about it."""

    name: str
    about: str = ""


class Sentence(_Words):
    """What to say when a reason raises the risk, and when it lowers it; `by_unit` rewords it for a unit.

    Fields in braces are filled in; a part in square brackets is left out when one of its fields is missing.
    """

    name: str
    raises: str
    lowers: str
    by_unit: dict[str, dict[str, str]] = {}

    @model_validator(mode="after")
    def _fillable(self) -> Sentence:
        for unit, wording in self.by_unit.items():
            if unit not in UNITS or set(wording) != {"raises", "lowers"}:
                raise ValueError(f"by_unit.{unit}: a unit of {', '.join(UNITS)} with 'raises' and 'lowers'")
        for template in (self.raises, self.lowers, *(t for wording in self.by_unit.values() for t in wording.values())):
            unknown = set(_FIELD.findall(template)) - {"value", "usual", "invoices"}
            if unknown:
                raise ValueError(f"'{template}' has the unknown field {sorted(unknown)[0]}; known: value, usual, invoices")
        return self

    def template(self, unit: str, *, raises: bool) -> str:
        """The wording for a unit and a direction."""
        side = "raises" if raises else "lowers"
        return self.by_unit.get(unit, {}).get(side) or str(getattr(self, side))


class Units(_Words):
    """How a value of each unit is written: days, days late or early, days past due or until it, and a share, counted where it can be."""

    day: str
    days: str
    late: str
    on_day: str
    early: str
    past_due: str
    due_today: str
    due_in: str
    share: str
    counted: str
    and_more: str


class Texts(_Words):
    """The words of one language."""

    language: str
    types: dict[str, Named]
    type_kinds: dict[str, str] = Field(description="Finer kinds of a type, where the settings ask for them.")
    stages: dict[str, Named]
    actions: dict[str, Named]
    channels: dict[str, str]
    tones: dict[str, str]
    holds: dict[str, str]
    offers: dict[str, str]
    confirm: str
    units: Units
    reasons: dict[str, Sentence] = Field(description="By reason code; codes beyond the known ones are welcome.")
    type_rules: dict[str, str] = Field(description="By labelling rule: what it saw.")
    type_reasons: dict[str, Named] = Field(description="By reason code of the behaviour that types are told from.")
    type_figures: dict[str, str | dict[float, str]] = Field(
        {}, description="By figure of the behaviour: a sentence with its {value}, or one from each value on; else what the figure is."
    )
    type_questions: dict[str, str] = Field(description="By `<type>_or_<type>` and some others: what to ask where the type is not clear.")
    page: dict[str, str]

    @model_validator(mode="after")
    def _complete(self) -> Texts:
        for part, wanted in (
            ("types", (*DEBTOR_TYPES, UNDETERMINED)),
            ("type_kinds", KINDS),
            ("stages", STAGES),
            ("actions", ACTIONS),
            ("channels", CHANNELS),
            ("tones", ("warm", "plain", "firm")),
            ("holds", HOLDS),
            ("reasons", tuple(TOLD)),
            ("type_questions", OPEN_QUESTIONS),
            ("page", PAGE_WORDS),
        ):
            missing = [name for name in wanted if name not in getattr(self, part)]
            if missing:
                raise ValueError(f"{part} has no text for {', '.join(missing)}")
        for name, said in self.type_figures.items():
            for template in said.values() if isinstance(said, dict) else [said]:
                if set(_FIELD.findall(template)) - {"value"}:
                    raise ValueError(f"type_figures.{name}: '{template}' has an unknown field; known: value")
        return self

    def figure(self, name: str, value: float) -> str:
        """The sentence for a figure of the behaviour: of several that of the highest value reached; empty where there is none.

        >>> [load_texts().figure("delay_spread", value) for value in (0.02, 0.9)]
        ['Days late differ little from one late invoice to the next.', 'Days late differ much from one late invoice to the next.']
        >>> load_texts().figure("due_count", 3), load_texts().figure("height", 3)
        ('Invoices due in the half year: {value}.', '')
        """
        said = self.type_figures.get(name, "")
        if isinstance(said, str):
            return said
        return said[max((bound for bound in said if bound <= value), default=min(said))]


def load_texts(path: Path | None = None) -> Texts:
    """The texts that ship with the package, or those of a YAML file.

    >>> load_texts().types["intentional"].name
    'can pay, pays late'
    >>> load_texts(path=Path("words.yaml"))
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: words.yaml: there is no such texts file
    """
    return read_page(Texts, path, ("texts", "en.yaml"), "texts")


def fill(template: str, fields: dict[str, str]) -> str:
    """A template with its fields filled in; bracketed parts go where a field of theirs is missing or empty.

    >>> fill("Pays {value} late[, others {usual}].", {"value": "12 days", "usual": ""})
    'Pays 12 days late.'
    >>> fill("Pays {value} late[, others {usual}].", {"value": "12 days", "usual": "3 days"})
    'Pays 12 days late, others 3 days.'
    """
    kept = _OPTIONAL.sub(lambda part: part[1] if all(fields.get(name) for name in _FIELD.findall(part[1])) else "", template)
    return _FIELD.sub(lambda field: fields.get(field[1], ""), kept)
