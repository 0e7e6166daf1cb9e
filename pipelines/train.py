"""Train: learn, compare with the champion on newer days, register, promote a winner."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from ledger.ledger import Ledger
from ledger.progress import Progress
from models.card import card, write_card
from models.champion import Champion, OtherVersionError
from models.linear_algebra import on_one_thread
from models.payment.lateness import by_convention, days_past
from models.registry import Registry, Version
from models.types.corrections_report import words_line
from pipelines.config import Config
from pipelines.learning import Learned, learn, payment_metrics

LEAST_OUTCOMES = 100
"""With fewer, which of two models has the lower log loss is chance."""


@dataclass(frozen=True)
class TrainReport:
    """What a training came to, in the order a person wants to read it."""

    version: Version
    made: str
    n_rows: int
    why: str
    warnings: tuple[str, ...] = ()
    validation: dict[str, dict[str, float]] = field(default_factory=dict)
    types: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        lines = [f"warning: {warning}" for warning in self.warnings]
        lines.append(f"version {self.version.number}: {self.made} from {self.n_rows:,} rows, as of {self.version.as_of}")
        for target, found in self.validation.items():
            if not found["n"]:
                continue
            auc = f"AUC {found['auc']:.3f}" if found["auc"] == found["auc"] else "all alike"
            lines.append(
                f"  {target} on newer days: {auc}, log loss {found['log_loss']:.3f}, Brier {found['brier']:.3f} ({int(found['n']):,} rows)"
            )
        lines.append(f"{'promoted' if self.version.promoted else 'not promoted'}: {self.why}")
        return [*lines, *self.types]


@on_one_thread
def run_train(ledger_uri: str, as_of: date, store: str | None, config: Config, progress: Progress) -> TrainReport:
    """Train on what was known at the end of `as_of` and register the result in the model store."""
    ledger = Ledger.open(ledger_uri, staleness_days=config.staleness_days, settled_within=config.settled_within)
    ledger.refuse_stale(as_of)
    registry = Registry(store, ledger.store.folder, ledger.meta.ledger_id)
    registry.versions()  # A store that cannot be reached or made is told before minutes of training.
    learned = learn(ledger, as_of, config, progress)
    progress("registering")
    validation = payment_metrics(learned.valid, learned.valid_scores) if len(learned.valid) else {}
    promoted, why = decide(registry, learned, config)
    with tempfile.TemporaryDirectory() as folder:
        rows = learned.observations, learned.valid, learned.valid_scores
        text = card(learned.champion, *rows, learned.validation, learned.warnings)
        files = write_card(Path(folder), text, learned.valid, learned.valid_scores)
        version = registry.register(
            learned.champion,
            promoted=promoted,
            params={
                "as_of": as_of,
                "ledger_id": ledger.meta.ledger_id,
                "fingerprint": learned.champion.fingerprint,
                "kind": learned.champion.payment.kind,
                "seed": config.seed,
                "n_rows": len(learned.observations),
                "validation_cut": learned.cut,
                "inputs": json.dumps([one.input_sha256[:12] for one in ledger.meta.inputs]),
                "config": config.models.model_dump_json(),
            },
            metrics={f"valid_{target}_{name}": value for target, found in validation.items() for name, value in found.items()},
            files=files,
        )
    types = types_lines(learned.champion, None if promoted else take_words(registry, learned.champion))
    return TrainReport(version, learned.champion.made, len(learned.observations), why, learned.warnings, validation, types)


def take_words(registry: Registry, challenger: Champion) -> Version | None:
    """What collectors said is learned from at once: a champion that keeps its place takes over debtor types that their words taught.

    Its payment model stays, and is compared from its own day on. None where nobody said anything, or where it tells types so already.
    """
    current = registry.champion()
    if current is None or challenger.as_of < current.as_of or not any(_heard(challenger)):
        return None
    champion = registry.load(current)
    if champion.types == json.loads(json.dumps(challenger.types)):
        return None
    params = {"as_of": challenger.as_of, "payment_of_version": current.number}
    return registry.register(champion.with_types_of(challenger), promoted=True, params=params, metrics={}, files={})


def _heard(champion: Champion) -> tuple[int, int]:
    """The customers whom collectors spoke of in the last quarter, and the training data that words of the year labelled."""
    card = champion.types["card"]
    return int(card.get("taught_by", 0)), int(card.get("corrections", 0))


def types_lines(challenger: Champion, successor: Version | None) -> tuple[str, ...]:
    """What the debtor types were learned from, and what words of collectors did to them."""
    told, card = [], challenger.types["card"]
    if not challenger.type_boosters:
        told.append("debtor types by rules alone: there are too few customers, or too few months, to learn more")
    elif card.get("young"):
        told.append("debtor types learned from this one day, without hindsight: the ledger is too young for month-ends that have any")
    words = words_line(card)
    told += [words] if words else []
    if successor:
        told.append(f"version {successor.number}: the champion, with these debtor types")
    return tuple(told)


def decide(registry: Registry, learned: Learned, config: Config) -> tuple[bool, str]:
    """Whether the challenger becomes the champion, and why.

    It must win on days that are newer than what either was fitted on, the validation days after the champion's own `as_of`, and on
    enough of them: a target counts where at least `LEAST_OUTCOMES` are known by now.
    """
    current = registry.champion()
    as_of = learned.champion.as_of
    if current is None:
        return True, "the first champion of this ledger"
    if as_of < current.as_of:
        return False, f"the champion was trained on newer knowledge ({current.as_of})"
    try:
        champion: Champion = registry.load(current)
    except OtherVersionError:
        return True, f"the champion of {current.as_of} was trained by another version and cannot be asked any more"
    since = champion.payments_known_on
    newer = learned.valid["as_of"] > pd.Timestamp(since) if len(learned.valid) else pd.Series(dtype=bool)
    if not newer.any():
        return False, f"no days newer than the champion's own ({since}) to compare on; train again when more is known"
    rows = learned.valid[newer].reset_index(drop=True)
    curve = champion.payment.curve(by_convention(rows, champion.lateness), threads=config.threads)
    theirs = payment_metrics(rows, curve.scores(rows["as_of"], rows["dpd"].to_numpy(dtype="int64"), days_past(rows)))
    ours = payment_metrics(rows, learned.valid_scores[newer.to_numpy()].reset_index(drop=True))
    known = {target: int(found["n"]) for target, found in ours.items()}
    told = ", ".join(f"{n:,} of {target}" for target, n in known.items())
    judged = [target for target, n in known.items() if n >= LEAST_OUTCOMES]
    if not judged:
        few = f"too few outcomes are known of the days after {since} ({told}; {LEAST_OUTCOMES} of one are the least)"
        return False, f"{few}; train again when more is known"
    a, b = (sum(found[target]["log_loss"] for target in judged) / len(judged) for found in (ours, theirs))
    verdict = f"mean log loss {a:.4f} against the champion's {b:.4f} on what came of the days after {since} ({told})"
    return (True, verdict) if a < b else (False, verdict)
