"""Which known id an unknown one was meant to be: the same but for its dress, as when a spreadsheet took off the zeros.

Ids that differ by a digit are as near to the eye, yet each is likely to be an invoice of its own; none of them is offered.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def near_id(meant: str, ids: pa.ChunkedArray) -> str | None:
    """The first known id that differs in capitals, blanks, hyphens, leading zeros or a last `.0` alone.

    >>> ids = pa.chunked_array([["0042", "INV-007", "C10"]])
    >>> [near_id(meant, ids) for meant in ("42", "42.0", "inv 7", "INV-7 ", "C1", "")]
    ['0042', '0042', 'INV-007', 'INV-007', None, None]
    """
    place = pc.index(_undressed(ids), _undressed(pa.chunked_array([[meant]]))[0]).as_py()
    return str(ids[place]) if place >= 0 else None


def _undressed(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    whole = pc.replace_substring_regex(pc.utf8_lower(ids), r"^(\s*\d+)\.0+\s*$", r"\1")
    bare = pc.replace_substring_regex(whole, r"(^|[^0-9.])0+([0-9])", r"\1\2")
    return pc.replace_substring_regex(bare, r"[\s_/-]", "")
