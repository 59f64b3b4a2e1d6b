"""Philox 4x64-10: random bits as a function of a key and a counter (Salmon et al. 2011).

Input: a key of (seed, replication) and a counter of four words.  Output: four uniform numbers.  A walk counts by
(place in the group, name of the group, name of the node, visit count), so that each step of each visitor has four
numbers of its own, and no other part of the scenario can shift them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["MULTIPLIERS", "UNIT", "UNUSED_BITS", "round_keys", "uniforms"]

MULTIPLIERS: Final = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
"""The two factors of a round; with the steps of the key below, the constants of Philox 4x64."""
_KEY_STEPS: Final = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
_ROUNDS: Final = 10
_WORD: Final = (1 << 64) - 1
UNUSED_BITS: Final = 11
"""A float64 in [0, 1) has room for 53 bits of 64."""
UNIT: Final = 2.0**-53


def round_keys(seed: int, replication: int) -> npt.NDArray[np.uint64]:
    """Return the key of every round, shape (10, 2)."""
    return np.array(
        [((seed + r * _KEY_STEPS[0]) & _WORD, (replication + r * _KEY_STEPS[1]) & _WORD) for r in range(_ROUNDS)],
        dtype=np.uint64,
    )


def uniforms(keys: list[list[int]], counter: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
    """Return the four uniform numbers, in [0, 1), of a counter.

    Parameters
    ----------
    keys
        From :func:`round_keys`, as lists of Python integers.
    counter
        Four words of 64 bits.
    """
    c0, c1, c2, c3 = counter
    for key0, key1 in keys:
        product0, product1 = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
        c0, c1 = (product1 >> 64) ^ c1 ^ key0, product1 & _WORD
        c2, c3 = (product0 >> 64) ^ c3 ^ key1, product0 & _WORD
    return (
        (c0 >> UNUSED_BITS) * UNIT,
        (c1 >> UNUSED_BITS) * UNIT,
        (c2 >> UNUSED_BITS) * UNIT,
        (c3 >> UNUSED_BITS) * UNIT,
    )
