"""Several comparisons at once: how sure each must be for all of them together to be sure enough.

Input: a level and a number of comparisons, or p-values.  Output: the level of each interval (Bonferroni), or
adjusted p-values (Holm).  Both hold whatever the dependence between the comparisons, so under common random numbers
too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from sim.statistics.intervals import mean_asymmetry, standard_error

__all__ = ["bonferroni_level", "false_coverage_level", "holm", "paired_p_values"]


def bonferroni_level(level: float, comparisons: int) -> float:
    """Return the level of each of several intervals at which all together hold at `level`.

    The probabilities of failing add up at the most: each may fail with ``(1 - level) / comparisons``.

    Raises
    ------
    ValueError
        If there is no comparison.
    """
    if comparisons < 1:
        raise ValueError(f"{comparisons} comparisons are none")
    return 1 - (1 - level) / comparisons


def false_coverage_level(p_values: npt.ArrayLike, level: float) -> tuple[float, int]:
    """Return the level of intervals for many figures looked at without a plan, and how many of them are clear.

    Of m p-values those up to the largest one with ``p(R) ≤ R q / m``, ``q = 1 - level``, are clear: of these a share of
    q at the most is expected to be false (Benjamini & Hochberg 1995, for independent or positively dependent figures).
    Intervals at ``1 - R q / m`` leave zero out exactly for these R, and of the intervals so picked a share of q at the
    most is expected to miss the truth (Benjamini & Yekutieli 2005, JASA 100).

    Parameters
    ----------
    p_values
        One number a figure; not-a-numbers are left out.
    level
        One minus the rate q.

    Returns
    -------
    level, clear
        The level of each interval, and R.  If no figure is clear the level is that for one.
    """
    p = np.asarray(p_values, dtype=np.float64).ravel()
    p, rate = np.sort(p[~np.isnan(p)]), 1 - level
    if p.size == 0:
        return level, 0
    passed = np.flatnonzero(p <= np.arange(1, p.size + 1) * rate / p.size)
    clear = int(passed[-1]) + 1 if passed.size else 0
    return 1 - max(clear, 1) * rate / p.size, clear


def paired_p_values(base: npt.ArrayLike, other: npt.ArrayLike) -> FloatArray:
    """Return the two-sided p-values that two means are equal; not-a-number below two pairs.

    Each is that of the paired t test, corrected for skewness as :func:`~sim.statistics.intervals.paired_interval` is:
    the interval at a level leaves zero out exactly where p is below one minus the level.

    Parameters
    ----------
    base, other
        Values by figure and replication, shape (..., replications).

    Returns
    -------
    FloatArray
        One a figure, shape (...).

    Raises
    ------
    HallplanError
        If the two have different numbers of replications.
    """
    first, second = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (base, other))
    if first.shape[-1] != second.shape[-1]:
        raise HallplanError("error.replications.unpaired", first=first.shape[-1], second=second.shape[-1])
    finite = np.isfinite(first) & np.isfinite(second)  # where too many cases were open, a quantile is infinite
    with np.errstate(invalid="ignore"):
        differences = np.atleast_2d(second - first)
    p = np.full(len(differences), np.nan)
    patterns, pattern_of = np.unique(np.atleast_2d(finite), axis=0, return_inverse=True)
    for number, has_value in enumerate(patterns):
        if has_value.sum() >= 2:
            rows = pattern_of.ravel() == number
            p[rows] = _p_values_of(differences[rows][:, has_value])
    return p.reshape(first.shape[:-1])


def _p_values_of(differences: FloatArray) -> FloatArray:
    """Return the p-value that the mean is zero for each row of finite differences, of two columns or more."""
    from scipy import special

    mean, error, a = differences.mean(axis=1), standard_error(differences), mean_asymmetry(differences)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = mean / error
        t = np.where(a != 0, a + ((1 + 2 * a * t) ** 3 - 1) / (6 * a), t)
    p = 2 * special.stdtr(differences.shape[1] - 1, -np.abs(t))
    return np.where(error > 0, p, np.where(mean == 0, 1.0, 0.0))


def holm(p_values: npt.ArrayLike) -> FloatArray:
    """Return Holm's adjusted p-values, in the order given: those below α are clear, all of them together.

    The j-th smallest of m p-values is multiplied by m - j + 1, and none may be below a smaller one's (Holm 1979).
    Bonferroni for intervals, Holm for yes and no: it finds at least what Bonferroni finds.
    """
    p = np.asarray(p_values, dtype=np.float64).ravel()
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
