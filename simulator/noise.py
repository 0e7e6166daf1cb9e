"""Chance that can be told twice: a uniform number for each seed, stream, key and day, computed and never stored.

Two histories of the same customer share it, whatever else is simulated beside them. The mixing is that of splitmix64.
"""

from __future__ import annotations

from enum import IntEnum, auto

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]


class Stream(IntEnum):
    """What a number decides; no two decisions share one."""

    INCOME_COMES = auto()
    INCOME_SIZE = auto()
    PART_PAYMENT = auto()
    CONTACTED = auto()
    WHIM = auto()
    ACTION = auto()
    CHANNEL = auto()
    ANSWERED = auto()
    ASKED = auto()
    REASON = auto()
    WRONG_REASON = auto()
    PROMISED = auto()
    PROMISE_DAYS = auto()
    PROMISE_MEANT = auto()
    RECALLED = auto()
    RECALL_DAYS = auto()
    GAVE_IN = auto()
    GAVE_IN_DAYS = auto()
    SOLVED = auto()
    SOLVED_DAYS = auto()
    SPOKE_UP = auto()


def keys_of(seed: int, n: int, salt: int) -> Keys:
    """`n` well-mixed keys.

    >>> keys_of(1, 2, 0).tolist() == keys_of(1, 3, 0).tolist()[:2]
    True
    """
    return _mix(np.arange(n, dtype=np.uint64) + np.uint64(_mix_int(seed * 8 + salt)))


def uniform(stream: Stream, day: int, keys: Keys) -> Floats:
    """One number in [0, 1) for each key.

    >>> keys = keys_of(7, 100_000, 0)
    >>> round(float(uniform(Stream.WHIM, 3, keys).mean()), 2)
    0.5
    >>> bool((uniform(Stream.WHIM, 3, keys[50:]) == uniform(Stream.WHIM, 3, keys)[50:]).all())
    True
    """
    mixed = _mix(keys ^ np.uint64(_mix_int(int(stream) * 1_000_003 + day)))
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(z: Keys) -> Keys:
    z = z * np.uint64(0x9E3779B97F4A7C15)
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def _mix_int(value: int) -> int:
    return int(_mix(np.array([value % 2**64], dtype=np.uint64))[0])
