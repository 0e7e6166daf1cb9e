"""A frame as Parquet, the same way in every file of a scored day."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TEXT = pa.large_string()


def write_frame(frame: pd.DataFrame, path: Path, kinds: Mapping[str, pa.DataType] | None = None) -> None:
    """Write a frame: texts as large strings, days as dates, no index, the same bytes for the same frame.

    `kinds` are the types of columns that could not be told from their values, as they may all be missing.
    """
    pq.write_table(to_arrow(frame, kinds or {}), path, compression="zstd")


def to_arrow(frame: pd.DataFrame, kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """The frame as it is written.

    >>> to_arrow(pd.DataFrame({"id": ["a"], "on": [pd.Timestamp("2025-12-31")], "n": [None]}), {"n": pa.int64()}).schema
    id: large_string
    on: date32[day]
    n: int64
    """
    columns = {}
    for name in frame.columns:
        column = pa.Array.from_pandas(frame[name])
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.date32())
        columns[name] = column.cast(kinds.get(name, TEXT if pa.types.is_string(column.type) else column.type))
    return pa.table(columns)
