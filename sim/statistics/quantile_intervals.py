"""Intervals for quantiles: over replications, over all visitors, and of a typical day.

Input: numbers from independent replications, or numbers of visitors with the day of each.  Output: an
:class:`~sim.statistics.intervals.Interval`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foundation.arrays import FloatArray, IntArray
from foundation.errors import HallplanError
from sim.statistics.bootstrap import RESAMPLES, bootstrap_ends
from sim.statistics.intervals import Interval, check_level, floats, mean_interval
from sim.statistics.quantiles import quantiles

__all__ = [
    "Ranks",
    "order_statistic_ranks",
    "pooled_quantile_interval",
    "quantile_interval",
    "typical_day_interval",
]


@dataclass(frozen=True)
class Ranks:
    """Which of n ordered values enclose a quantile.

    Attributes
    ----------
    low, high
        Ranks from 1 to n; 0 and n + 1 where no value is far enough out.
    coverage
        Probability that the quantile lies between them, for any continuous distribution.
    """

    low: int
    high: int
    coverage: float


def order_statistic_ranks(n: int, q: float, *, level: float = 0.95) -> Ranks:
    """Return the ranks whose values enclose the quantile at least with probability `level`.

    The number of values below the quantile is binomial B(n, q), so that values of ranks l < u enclose it with
    probability ``P(l <= B <= u - 1)`` (David & Nagaraja 2003, Order Statistics, section 7.1).  The ranks are the
    innermost that leave at most ``(1 - level) / 2`` outside on either side.

    Raises
    ------
    ValueError
        If `q` or `level` isn't between 0 and 1.
    """
    from scipy import special

    check_level(level)
    if not 0 < q < 1:
        raise ValueError(f"a quantile's share lies between 0 and 1, not at {q}")
    below = special.bdtr(np.arange(n + 1), n, q)  # P(B <= k)
    outside = (1 - level) / 2
    low = int(np.searchsorted(below, outside, side="right"))  # the greatest l with P(B <= l - 1) <= outside
    high = int(np.searchsorted(below, 1 - outside, side="left")) + 1  # the least u with P(B <= u - 1) >= 1 - outside
    return Ranks(low, high, float(below[high - 1] - (below[low - 1] if low else 0.0)))


def quantile_interval(values: npt.ArrayLike, q: float, *, level: float = 0.95) -> Interval:
    """Return a quantile of one number over independent replications, between two of the values themselves.

    No distribution is assumed: see :func:`order_statistic_ranks`.  The level is kept exactly or exceeded.  With too
    few replications for the quantile an end is infinite.  It is a statement about replications ("in 9 of 10 such
    years the backlog ends below …"), never about visitors within one.

    Raises
    ------
    ValueError
        If `q` or `level` isn't between 0 and 1.
    """
    numbers = floats(values)
    present = np.sort(numbers[~np.isnan(numbers)])
    ranks = order_statistic_ranks(present.size, q, level=level)
    bounded = np.concatenate(([-np.inf], present, [np.inf]))
    ends = float(bounded[ranks.low]), float(bounded[ranks.high])
    return Interval(
        quantiles(present, (q,))[0], *ends, level, "replication_quantile", present.size, numbers.size - present.size
    )


def pooled_quantile_interval(
    values: npt.ArrayLike,
    day: npt.ArrayLike,
    q: float,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return a quantile over all visitors of all days, and its interval by resampling days.

    "95 % of the visitors waited no longer than …".  Visitors of one day share its crowd and are not independent; the
    days are.  For the ends see :func:`sim.statistics.bootstrap.ratio_bootstrap`.

    Parameters
    ----------
    values
        One number a visitor, such as minutes waited; infinite for whoever was never called.
    day
        The day (and replication) of each: equal labels are one unit.
    q
        Which quantile.
    level, resamples, seed
        As for :func:`sim.statistics.bootstrap.ratio_bootstrap`.

    Raises
    ------
    HallplanError
        If the two have different lengths.
    ValueError
        If `q` or `level` isn't between 0 and 1.
    """
    check_level(level)
    each, unit = _by_day(values, day, q)
    if each.size == 0:
        return Interval(float("nan"), -np.inf, np.inf, level, "pooled_quantile", 0)
    order = np.argsort(each, kind="stable")
    ordered, unit = each[order], unit[order]
    units = int(unit.max()) + 1

    def of_sample(counts: IntArray) -> FloatArray:
        sampled = np.empty(len(counts))
        for row, count in enumerate(counts):
            reached = np.cumsum(count[unit])
            sampled[row] = ordered[np.searchsorted(reached, q * reached[-1] - 1e-9)] if reached[-1] else np.nan
        return sampled

    ends = bootstrap_ends(of_sample, units, level, resamples, seed)
    return Interval(quantiles(ordered, (q,))[0], *ends, level, "pooled_quantile", units)


def typical_day_interval(values: npt.ArrayLike, day: npt.ArrayLike, q: float, *, level: float = 0.95) -> Interval:
    """Return the mean of the days' own quantiles: what a typical day's quantile is.

    It is not the quantile over visitors (:func:`pooled_quantile_interval`): busy days have more visitors and longer
    waits, and count here no more than quiet ones.

    Parameters
    ----------
    values, day, q, level
        As for :func:`pooled_quantile_interval`.

    Raises
    ------
    HallplanError
        If the two have different lengths.
    ValueError
        If `q` or `level` isn't between 0 and 1.
    """
    each, unit = _by_day(values, day, q)
    order = np.argsort(unit, kind="stable")
    edges = np.searchsorted(unit[order], np.arange(1, unit.max() + 1 if unit.size else 1))
    days = np.split(each[order], edges)
    return mean_interval([quantiles(of_day, (q,))[0] for of_day in days], level).about("typical_day")


def _by_day(values: npt.ArrayLike, day: npt.ArrayLike, q: float) -> tuple[FloatArray, IntArray]:
    if not 0 < q < 1:
        raise ValueError(f"a quantile's share lies between 0 and 1, not at {q}")
    each, labels = floats(values), np.asarray(day).ravel()
    if each.size != labels.size:
        raise HallplanError("error.replications.unpaired", first=each.size, second=labels.size)
    present = ~np.isnan(each)
    unit: IntArray = np.unique(labels[present], return_inverse=True)[1].astype(np.int64)
    return each[present], unit
