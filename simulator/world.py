"""What a simulated world is made of: every number that shapes it, with a default and a sentence.

Shares, probabilities and traits (ability, willingness, organisation) lie between 0 and 1; durations are calendar days unless said.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from ledger.errors import UsageError, nearest
from ledger.keys import UNKNOWN, keys_at
from ledger.plain_yaml import read_yaml
from ledger.settings import Settings

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1000)]
Days = Annotated[float, Field(ge=0, le=400)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
OptionalTable = Literal["credit_notes", "contacts", "promises", "disputes"]


class Part(Settings):
    """A group of world keys; an unknown key is an error."""


class Leanings(Part):
    """How many customers start with which weakness, as weights. The true type follows from what then happens, so shares of types differ."""

    compliant: Share = Field(0.56, description="No weakness: able, willing, organised, content.")
    fortuitous: Share = Field(0.1, description="Income close to what they owe, and more shocks.")
    disorganized: Share = Field(0.17, description="Low organisation: invoices are mislaid.")
    intentional: Share = Field(0.07, description="Low willingness: they stretch what they owe.")
    circumstantial: Share = Field(0.145, description="Deliveries that often give reason to complain.")


class Customers(Part):
    """Who the customers are."""

    countries: dict[Country, Positive] = Field(
        {"DE": 3, "FR": 2, "ES": 2, "GB": 2, "US": 3, "IT": 1, "NL": 1},
        min_length=1,
        description="Countries and their weights; holidays follow.",
    )
    currency: Currency = Field("EUR", description="The currency invoiced in where `currencies` names none.")
    currencies: dict[Country, Currency] = Field(
        {}, description="Currencies by country, e.g. `{GB: GBP}`; with any, a `rates` table gives units of `currency` for one unit."
    )
    consumer_share: Share = Field(0.12, description="Share of customers who are consumers.")
    sole_trader_share: Share = Field(0.16, description="Share who are sole traders (of those who are not consumers).")
    size_spread: Annotated[float, Field(ge=0, le=3)] = Field(
        1.1, description="Spread (log scale) of customer size: larger means more concentrated."
    )
    weakness: Share = Field(0.74, description="How weak the weak trait of a leaning customer is on average.")
    overlap: Share = Field(0.22, description="Share of the other traits that are middling too, so that causes mix.")
    change: Share = Field(
        0.015, description="Chance a month that willingness or organisation is drawn anew (new management, new bookkeeper)."
    )


class Billing(Part):
    """What is invoiced to them."""

    invoices_per_month: Annotated[float, Field(gt=0, le=60)] = Field(1.3, description="Mean invoices a customer and month.")
    mean_amount: Annotated[float, Field(gt=0, le=1e6)] = Field(1800.0, description="Median invoice amount of a customer of middle size.")
    amount_spread: Annotated[float, Field(ge=0, le=2)] = Field(0.55, description="Spread (log scale) of the amounts of one customer.")
    recurring_share: Share = Field(0.3, description="Share of customers invoiced on a fixed day with near-equal amounts.")
    terms: dict[Annotated[int, Field(ge=0, le=90)], Positive] = Field(
        {14: 2, 30: 5, 45: 2, 60: 1}, min_length=1, description="Payment terms and weights."
    )
    order_elasticity: Annotated[float, Field(ge=0, le=2)] = Field(
        0.5, description="How much a customer in a shock orders less (0: not at all)."
    )
    sent_late_share: Share = Field(0.03, description="Own fault: share of invoices that leave the house days after their date.")
    sent_late_days: Days = Field(10.0, description="How late those leave, on average.")


class Cash(Part):
    """Ability: the customer's income against what they owe us."""

    able_level: Positive = Field(2.6, description="Median income of an able customer, as a multiple of what we invoice.")
    weak_level: Positive = Field(1.3, description="The same of one who leans to fortuitous.")
    level_spread: Annotated[float, Field(ge=0, le=1.5)] = Field(0.16, description="Spread (log scale) of those.")
    lumpiness: Share = Field(0.75, description="How unevenly income arrives (0: a little each day).")
    shock: Share = Field(0.012, description="Chance a month of a shock to income, anybody.")
    weak_shock: Share = Field(0.05, description="The same for one who leans to fortuitous.")
    shock_depth: Share = Field(0.5, description="Share of income a shock takes, on average.")
    shock_months: Annotated[float, Field(ge=1, le=24)] = Field(2.7, description="Months a shock lasts, on average.")
    season: Share = Field(0.15, description="Swing of income over the year; the phase differs by segment.")
    catch_up: Annotated[float, Field(ge=0, le=2)] = Field(0.2, description="Extra income found for each month of arrears.")
    part_payment: Share = Field(0.4, description="Chance that one who is short pays a part on a pay day.")
    slump_starts_months_before_until: Annotated[int, Field(ge=0, le=120)] = Field(
        14, description="When the slump begins, counted back from `until`."
    )
    slump_months: Annotated[int, Field(ge=0, le=120)] = Field(3, description="How long it lasts; 0: no slump.")
    slump_depth: Share = Field(0.15, description="Share of income it takes from the segments it hits.")
    slump_segments: Share = Field(0.4, description="Share of segments it hits in full; the others feel a quarter.")


class Habits(Part):
    """Willingness, organisation and pay days."""

    stretch_days: Days = Field(39.0, description="Days beyond the due date that one without any willingness takes.")
    stretch_spread: Annotated[float, Field(ge=0, le=1.5)] = Field(0.48, description="Spread (log scale) of that from invoice to invoice.")
    non_payer_share: Share = Field(0.06, description="Share of those who lean to intentional that pay only when forced.")
    forget: Share = Field(0.95, description="Share of invoices forgotten by one without any organisation.")
    forget_days: Days = Field(24.0, description="Mean days past due until one without organisation finds them again.")
    processing_days: Days = Field(1.2, description="Mean days that approval adds to anybody's payment.")
    before_due: Share = Field(0.88, description="Mean share of invoices paid in the last pay run before the due date rather than after.")
    weekly_run_share: Share = Field(0.35, description="Share of customers who pay on one weekday only.")
    monthly_run_share: Share = Field(0.04, description="Share who pay once a month.")


class Grievances(Part):
    """Quarrels over goods and services."""

    background: Share = Field(0.015, description="Chance that an invoice gives reason to complain, anybody.")
    episode: Share = Field(0.24, description="Chance a month that trouble starts for one who leans to circumstantial.")
    episode_months: Annotated[float, Field(ge=1, le=24)] = Field(5.0, description="Months it lasts, on average.")
    in_episode: Share = Field(0.5, description="Chance that an invoice of such months is withheld.")
    voiced: Share = Field(0.62, description="Share of grievances that reach us as a dispute without our asking.")
    resolve_days: Days = Field(30.0, description="Median days from voice to resolution.")
    part_withheld: Share = Field(0.4, description="Share of aggrieved who pay the undisputed part on time.")
    credit_share: Share = Field(0.5, description="Share of resolutions that end in a credit note.")
    pretext: Share = Field(0.1, description="Share of stretched invoices for which a dispute is made up.")


class Collectors(Part):
    """What the people who chase do, and what it does."""

    wait_days: Days = Field(7.0, description="Calendar days past due before anybody is contacted.")
    gap_days: Days = Field(9.0, description="Least days between two contacts of a customer.")
    intensity: Share = Field(0.12, description="Chance a business day that one who is due for a contact gets it; larger sums get more.")
    preventive_share: Share = Field(0.2, description="Share of customers who are reminded three days before the due date.")
    whim: Share = Field(0.15, description="Share of contacts whose action is chosen at random.")
    asked: Share = Field(0.5, description="Share of conversations in which the reason is asked and recorded.")
    reason_accuracy: Share = Field(0.66, description="Share of recorded reasons that are what the customer's cause would say.")
    reached: Share = Field(0.65, description="Share of calls answered; the unwilling answer less.")
    effect: Annotated[float, Field(ge=0, le=1.5)] = Field(1.0, description="Strength of every effect of a contact; 0: contacts do nothing.")


class World(Part):
    """A world: every key has a default, an unknown one is an error.

    >>> World().cash.slump_months
    3
    """

    title: str = Field("", description="What this world is for, in one line.")
    tables: list[OptionalTable] = Field(
        ["credit_notes", "contacts", "promises", "disputes"],
        description="Tables written beside customers, invoices and payments. What is not written still happens, save credit notes.",
    )
    compliant_days: Days = Field(
        4.0, description="Up to this many late days of the customer's own making for each invoice due, the type is compliant."
    )
    unapplied_share: Share = Field(0.01, description="Share of payments that are booked as unapplied cash first and applied days later.")
    leanings: Leanings = Leanings()
    customers: Customers = Customers()
    billing: Billing = Billing()
    cash: Cash = Cash()
    habits: Habits = Habits()
    grievances: Grievances = Grievances()
    collectors: Collectors = Collectors()


def world_names() -> list[str]:
    """The ready worlds.

    >>> "default" in world_names()
    True
    """
    return sorted(
        entry.name.removesuffix(".yaml") for entry in files("configs").joinpath("worlds").iterdir() if entry.name.endswith(".yaml")
    )


def load_world(name_or_file: str) -> World:
    """The world of a ready name, or of a YAML file.

    >>> load_world("payments_only").tables
    []
    >>> load_world("defualt")
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: no world 'defualt' and no such file: did you mean 'default'?
    """
    if name_or_file in world_names():
        text = files("configs").joinpath("worlds", f"{name_or_file}.yaml").read_text(encoding="utf-8")
    else:
        path = Path(name_or_file)
        if not path.is_file():
            raise UsageError(f"no world '{name_or_file}' and no such file: {nearest(name_or_file, world_names())}")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise UsageError(f"world '{name_or_file}' is not readable YAML: it is no text in UTF-8") from None
    raw, _ = read_yaml(text, f"world '{name_or_file}'")
    return parse_world({} if raw is None else raw, name_or_file)


def parse_world(raw: Any, where: str = "world") -> World:
    """The world of plain keys and values; what is wrong is named with its key.

    >>> parse_world({"cash": {"slumpmonths": 2}})
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: world: unknown key 'cash.slumpmonths': did you mean 'slump_months'?
    >>> parse_world({"unapplied_share": 2})
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: world: 'unapplied_share' is 2: Input should be less than or equal to 1
    """
    try:
        return World.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
    path = [str(step) for step in first["loc"]]
    key = ".".join(path)
    if first["type"] in UNKNOWN:
        raise UsageError(f"{where}: unknown key '{key}': {nearest(path[-1], keys_at(World, path[:-1]))}")
    raise UsageError(f"{where}: '{key or 'the file'}' is {first['input']!r}: {first['msg']}")
