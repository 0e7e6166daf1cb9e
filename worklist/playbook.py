"""The playbook: what to do, by debtor type, age and history, written down so that like cases are treated alike.

Each type has a ladder of steps. A step opens at its stage (and `from_dpd`) and stays open; of the open steps the one
whose contact is worth most is proposed, and between equals the later one. Age therefore only ever adds choices, which is
why more days past due can never lower a customer's rank. Two situations have a step of their own, whatever the type:
a dispute on everything that is open (`when_disputed`), and a vulnerable person once something is overdue (`when_vulnerable`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ledger.errors import nearest
from ledger.settings import Settings
from ledger.tables import ACTIONS, CHANNELS, DEBTOR_TYPES, REASON_CODES, UNDETERMINED
from worklist.pages import read_page

Action = Literal["none", "remind", "call", "plan", "formal", "solve", "ask", "specialist"]
Channel = Literal["email", "sms", "phone", "letter"]
Tone = Literal["warm", "plain", "firm"]
Situation = Literal["disputed", "undisputed", "before_due"]
Share = Annotated[float, Field(ge=0, le=1)]

CONTACTS = tuple(action for action in ACTIONS if action != "none")
CONVERSATIONS = ("call", "plan", "formal", "solve", "specialist")
AUTOMATED = ("email", "sms")
POSSIBLE: dict[str, tuple[str, ...]] = {"remind": AUTOMATED, "call": ("phone",), "formal": ("letter", "email")}
"""The channels of the actions that cannot take every one."""


class Limits(Settings):
    """The most a collector may grant without asking anybody."""

    instalments: int | None = Field(None, ge=2, description="Most instalments of a plan.")
    days: int | None = Field(None, ge=1, description="Longest time, in days.")
    percent: float | None = Field(None, gt=0, le=100, description="Largest discount or waiver, in percent of the amount.")
    first_percent: float | None = Field(None, ge=0, le=100, description="Smallest first payment, in percent of the amount.")


class Offer(Settings):
    """A proposal with its limits for a first-time and for a recurring debtor (never the wider ones).

    >>> Offer(first_time=Limits(days=10), recurring=Limits(days=30))
    Traceback (most recent call last):
    ...
    pydantic_core._pydantic_core.ValidationError: 1 validation error for Offer
      Value error, a recurring debtor may not be offered more than a first-time one: days 30 > 10 ...
    """

    first_time: Limits = Limits()
    recurring: Limits | None = Field(Limits(), description="Null: not offered to a recurring debtor.")
    when: Situation | None = Field(
        None, description="Only where something is in dispute, where nothing is, or where the contact comes before anything is due."
    )

    @model_validator(mode="after")
    def _narrower(self) -> Offer:
        for name in Limits.model_fields:
            wide, narrow = getattr(self.first_time, name), getattr(self.recurring, name, None)
            if wide is None or narrow is None:
                continue
            if (narrow < wide) if name == "first_percent" else (narrow > wide):
                sign = "<" if name == "first_percent" else ">"
                raise ValueError(f"a recurring debtor may not be offered more than a first-time one: {name} {narrow} {sign} {wide}")
        return self


class Step(Settings):
    """One thing to do: the action, how it sounds, through which channels in order of choice, with which proposals."""

    action: Action
    from_dpd: int = Field(0, ge=0, description="Days past due from which the step is open, within its stage.")
    tone: Tone = "plain"
    channels: tuple[Channel, ...] = ()
    offers: tuple[str, ...] = ()

    @property
    def needs_confirmation(self) -> bool:
        """A formal step is never taken by the machine alone."""
        return self.action == "formal"

    @model_validator(mode="after")
    def _whole(self) -> Step:
        if self.action == "none" and (self.channels or self.offers):
            raise ValueError("the action 'none' has neither channels nor offers")
        if self.action != "none" and not self.channels:
            raise ValueError(f"the action '{self.action}' needs at least one channel")
        possible = POSSIBLE.get(self.action, CHANNELS)
        for channel in self.channels:
            if channel not in possible:
                raise ValueError(f"the action '{self.action}' goes by {' or '.join(possible)}, not by {channel}")
        if self.action in CONVERSATIONS and len(self.offers) < 2:
            raise ValueError(f"the action '{self.action}' needs at least two offers: have more than one proposal ready")
        return self


class Ladder(Settings):
    """The steps of one debtor type, in the stage in which each opens."""

    preventive: tuple[Step, ...] = Field(min_length=1)
    early: tuple[Step, ...] = ()
    late: tuple[Step, ...] = ()

    def steps(self) -> tuple[Step, ...]:
        """From the bottom up."""
        return (*self.preventive, *self.early, *self.late)

    @model_validator(mode="after")
    def _before_due(self) -> Ladder:
        for step in self.preventive:
            if step.action not in ("none", "remind", "solve"):
                raise ValueError(f"before the due date only none, remind or solve is allowed, not '{step.action}'")
            if step.from_dpd:
                raise ValueError("from_dpd has no meaning before the due date")
        if all(step.action != "none" for step in self.preventive):
            raise ValueError("before the due date none is needed too: a vulnerable person is left alone then")
        return self


class Vulnerable(Settings):
    """Who goes to a specialist: a person whose last stated reason, not too long ago, says so."""

    kinds: tuple[Literal["business", "sole_trader", "consumer"], ...] = ("consumer",)
    reason_codes: tuple[str, ...] = ("hardship",)
    within_days: int = Field(180, ge=1)
    step: Step


class Costs(Settings):
    """What a contact costs us, by channel, and the work around an action: in units of the reporting currency.

    Where none is set, in units of the currency that most customers are told in.
    """

    channel: dict[Channel, float]
    handling: dict[Action, float] = Field({})


class Playbook(Settings):
    """All of it. `effects[type][action]`: assumed rise of the 30-day payment probability of a customer who would not pay by then."""

    types: dict[str, Ladder]
    when_disputed: Step
    when_vulnerable: Vulnerable
    offers: dict[str, Offer]
    effects: dict[str, dict[Action, Share]]
    costs: Costs

    @model_validator(mode="after")
    def _complete(self) -> Playbook:
        _same("types", self.types, (*DEBTOR_TYPES, UNDETERMINED))
        _same("effects", self.effects, DEBTOR_TYPES)
        for debtor_type, effects in self.effects.items():
            _same(f"effects.{debtor_type}", effects, CONTACTS)
        _same("costs.channel", self.costs.channel, CHANNELS)
        if any(cost < 0 for cost in (*self.costs.channel.values(), *self.costs.handling.values())):
            raise ValueError("a cost is never negative")
        for code in self.when_vulnerable.reason_codes:
            if code not in REASON_CODES:
                raise ValueError(f"unknown reason code '{code}': {nearest(code, REASON_CODES)}")
        for step in self.steps():
            for offer in step.offers:
                if offer not in self.offers:
                    raise ValueError(f"a step names the offer '{offer}', which is not among offers: {nearest(offer, self.offers)}")
        for debtor_type, ladder in self.types.items():
            self._refuse_outbid(debtor_type, ladder)
        return self

    def _refuse_outbid(self, debtor_type: str, ladder: Ladder) -> None:
        """The effect is that of the action: beside a cheaper step of the same action a dearer one is worth less at any age."""
        cheapest: dict[Action, Step] = {}
        for step in ladder.steps():
            if step.action == "none":
                continue
            before = cheapest.setdefault(step.action, step)
            cost, cost_before = (self.costs.channel[one.channels[0]] for one in (step, before))
            if cost > cost_before:
                raise ValueError(
                    f"types.{debtor_type}: the action '{step.action}' by {step.channels[0]} costs more than the earlier one by "
                    f"{before.channels[0]}, and would never be proposed: name {before.channels[0]} first, or give the step another action"
                )
            cheapest[step.action] = step

    def steps(self) -> tuple[Step, ...]:
        """Every step, in a fixed order: the types' ladders from the bottom up, then the two special ones."""
        ladders = [step for ladder in self.types.values() for step in ladder.steps()]
        return (*ladders, self.when_disputed, self.when_vulnerable.step)


def _same(where: str, given: dict[Any, Any], wanted: tuple[str, ...]) -> None:
    for name in given:
        if name not in wanted:
            raise ValueError(f"{where} has the unknown key '{name}': {nearest(str(name), wanted)}")
    missing = [name for name in wanted if name not in given]
    if missing:
        raise ValueError(f"{where} lacks {', '.join(missing)}")


def load_playbook(path: Path | None = None) -> Playbook:
    """The playbook of a YAML file, or the one that ships with the package.

    >>> load_playbook().types["disorganized"].preventive[1].action
    'remind'
    >>> load_playbook(Path("none.yaml"))
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: none.yaml: there is no such playbook file
    """
    return read_page(Playbook, path, ("playbook.yaml",), "playbook")
