"""Confidence intervals of proportions.

Input: counts of successes and of trials.
Output: the 95% interval of Wilson (1927), which keeps inside 0 and 1 and holds its level for small counts.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from foundation.arrays import FloatArray

__all__ = ["wilson_interval", "wilson_intervals"]

_CHI2_95: Final = 3.841459
"""95% quantile of the chi-squared law with one degree of freedom: the squared normal quantile of the interval."""


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the ends of the 95% interval of a proportion; at least one trial."""
    low, high = wilson_intervals(np.float64(successes), np.float64(trials))
    return float(low), float(high)


def wilson_intervals(successes: ArrayLike, trials: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the 95% intervals of many proportions, each of at least one trial."""
    n = np.asarray(trials, dtype=np.float64)
    share = np.asarray(successes) / n
    centre = (share + _CHI2_95 / (2 * n)) / (1 + _CHI2_95 / n)
    half = np.sqrt(_CHI2_95 * (share * (1 - share) / n + _CHI2_95 / (4 * n * n))) / (1 + _CHI2_95 / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
