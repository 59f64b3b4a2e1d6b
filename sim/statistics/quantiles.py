"""Quantiles of one sample, by order statistics.

Input: numbers, and shares.  Output: for every share a value of the sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from foundation.arrays import FloatArray

__all__ = ["place_of", "quantiles"]


def quantiles(values: FloatArray, levels: tuple[float, ...]) -> list[float]:
    """Return for each level the least value with at least that share of the values at or below it.

    This is the inverse of the empirical distribution function (Hyndman & Fan 1996, definition 1); infinite
    values are values like others; not-a-number if there are none.
    """
    n = values.size
    if n == 0:
        return [float("nan")] * len(levels)
    places = [int(place_of(level, np.int64(n))) for level in levels]
    ordered = np.partition(values, sorted(set(places)))
    return [float(ordered[place]) for place in places]


def place_of(level: float, n: Any) -> Any:
    """Return the place, from 0, of that quantile among so many values in order (numbers, or an array of them)."""
    # A share such as 0.07 * 100 must not become 7.000000000000001 and so the 8th value.
    return np.maximum(np.ceil(level * n - 1e-9).astype(np.int64), 1) - 1
