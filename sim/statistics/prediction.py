"""Prediction intervals: between which values the next one lies, from order statistics.

Input: numbers of independent replications.  Output: a :class:`Prediction`.  Of ``n + 1`` values that come about alike
the last one has any rank with the same probability, so that it lies in ``[x(k), x(n + 1 - k)]`` with probability
``(n + 1 - 2k) / (n + 1)``, whatever their distribution (David and Nagaraja 2003, Order Statistics, section 7.3); with
ties it does so with at least this probability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.statistics.intervals import check_level, floats
from sim.statistics.quantiles import quantiles

__all__ = ["Prediction", "prediction_interval"]


@dataclass(frozen=True)
class Prediction:
    """Where the next value lies.

    Attributes
    ----------
    median
        Of the values.
    low, high
        The ends; infinite where the values are, or where there are too few of them.
    coverage
        Probability that the next value lies between them.
    n
        How many values there are.
    """

    median: float
    low: float
    high: float
    coverage: float
    n: int


def prediction_interval(values: npt.ArrayLike, level: float = 0.95) -> Prediction:
    """Return the narrowest interval between order statistics that holds the next value with probability `level`.

    Infinite values are values like others; not-a-numbers are left out.

    Parameters
    ----------
    values
        One number a replication.
    level
        Between 0 and 1.

    Raises
    ------
    ValueError
        If `level` isn't between 0 and 1.

    Examples
    --------
    >>> prediction_interval(range(1, 40), 0.95)  # 39 values: from the first to the last
    Prediction(median=20.0, low=1.0, high=39.0, coverage=0.95, n=39)
    """
    check_level(level)
    numbers = floats(values)
    ordered = np.sort(numbers[~np.isnan(numbers)])
    n = int(ordered.size)
    rank = math.floor((n + 1) * (1 - level) / 2 + 1e-9)
    median = quantiles(ordered, (0.5,))[0]
    if rank < 1:
        return Prediction(median, -math.inf, math.inf, 1.0, n)
    return Prediction(median, float(ordered[rank - 1]), float(ordered[n - rank]), (n + 1 - 2 * rank) / (n + 1), n)
