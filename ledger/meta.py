"""What is kept about a ledger beside its facts: who it is, what was loaded into it, how far its sources were watched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

import pyarrow as pa

from ledger.tables import TABLES

QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string()),
        pa.field("input_sha256", pa.string()),
        pa.field("source_row", pa.int64()),
        pa.field("table", pa.string()),
        pa.field("column", pa.string()),
        pa.field("rule", pa.string()),
        pa.field("value", pa.string()),
    ]
)
RESTORE = "restore it from a backup, or ingest again into a new ledger"
SCHEMAS = {name: table.schema for name, table in TABLES.items()} | {"quarantine": QUARANTINE_SCHEMA}


@dataclass(frozen=True)
class Input:
    """One ingested file and what became of its rows: `source_rows = loaded + quarantined + skipped`."""

    batch: str
    source: str
    file: str
    input_sha256: str
    source_rows: int
    loaded: int
    quarantined: int
    skipped: int


@dataclass(frozen=True)
class LedgerMeta:
    """Who this ledger is, what was loaded into it, and how far each source says it was watched.

    >>> meta = LedgerMeta("abc").stating("erp", date(2024, 1, 31)).stating("erp", date(2024, 2, 29))
    >>> meta.observed_until
    {'erp': ('2024-01-31', '2024-02-29')}
    """

    ledger_id: str
    observed_until: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()

    def stating(self, source: str, until: date) -> LedgerMeta:
        """This meta with one more statement that `source` was watched until that day."""
        stated = tuple(sorted({*self.observed_until.get(source, ()), until.isoformat()}))
        return replace(self, observed_until={**self.observed_until, source: stated})

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> LedgerMeta:
        raw: dict[str, Any] = json.loads(text)
        stated = {source: tuple(days) for source, days in raw["observed_until"].items()}
        return cls(raw["ledger_id"], stated, tuple(Input(**one) for one in raw["inputs"]))
