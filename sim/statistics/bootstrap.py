"""Bootstrap intervals: resample the independent units, and assume nothing of their distribution.

Input: numbers from independent units.  Output: an :class:`~sim.statistics.intervals.Interval`, or the ends of any
statistic of the resampled units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import FloatArray, IntArray
from sim.statistics.intervals import Interval, check_level, pair, t_quantile

__all__ = ["RESAMPLES", "bootstrap_bounds", "bootstrap_ends", "paired_bootstrap", "ratio_bootstrap"]

RESAMPLES: Final = 2_000
"""Bootstrap samples, if nothing else is said: the ends then stand to about 0.05 of the interval's width."""

_AT_ONCE: Final = 2_000_000
"""Numbers that one block of bootstrap samples may hold."""


def paired_bootstrap(
    base: npt.ArrayLike, other: npt.ArrayLike, *, level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """Return the mean of ``other - base`` and its bootstrap interval, for differences that are far from normal.

    Pairs are resampled; for the ends see :func:`ratio_bootstrap`.

    Raises
    ------
    HallplanError
        If the two have different numbers of replications.
    ValueError
        If `level` isn't between 0 and 1.
    """
    first, second = pair(base, other)
    with np.errstate(invalid="ignore"):
        differences = second - first
    ones = np.where(np.isnan(differences), np.nan, 1.0)
    return ratio_bootstrap(differences, ones, level=level, resamples=resamples, seed=seed).about("difference")


def ratio_bootstrap(
    numerators: npt.ArrayLike,
    denominators: npt.ArrayLike,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return a ratio of sums and its bootstrap interval, which assumes less than the interval by linearisation.

    Units are drawn with replacement; the ends are percentiles, taken further out so that few units don't make the
    interval too short (expanded percentiles: Hesterberg 2015, "What teachers should know about the bootstrap", The
    American Statistician 69).

    Parameters
    ----------
    numerators, denominators, level
        As for :func:`sim.statistics.ratio_interval`.
    resamples, seed
        How many samples, and from which seed: the same call returns the same interval.

    Raises
    ------
    HallplanError
        If the two have different lengths.
    ValueError
        If `level` isn't between 0 and 1.
    """
    check_level(level)
    totals = np.stack(pair(numerators, denominators))
    present = ~np.isnan(totals).any(axis=0)
    (y, x), missing = totals[:, present], int(present.size - present.sum())
    total = float(x.sum())
    ratio = float(y.sum()) / total if total else float("nan")

    def of_sample(counts: IntArray) -> FloatArray:
        with np.errstate(invalid="ignore", divide="ignore"):
            sampled: FloatArray = (counts @ y) / (counts @ x)
        return sampled

    ends = bootstrap_ends(of_sample, y.size, level, resamples, seed) if np.isfinite(ratio) else (-np.inf, np.inf)
    return Interval(ratio, *ends, level, "ratio", y.size, missing)


def _samples(units: int, resamples: int, seed: int) -> Iterator[IntArray]:
    """Yield how often every unit is in a sample, in blocks of shape (samples, units)."""
    generator = np.random.Generator(np.random.Philox(key=seed))
    block = max(1, min(resamples, _AT_ONCE // units))
    for begin in range(0, resamples, block):
        yield generator.multinomial(units, np.full(units, 1 / units), size=min(block, resamples - begin))


def bootstrap_ends(
    statistic: Callable[[IntArray], FloatArray], units: int, level: float, resamples: int, seed: int
) -> tuple[float, float]:
    """Return the ends of a statistic of resampled units; see :func:`ratio_bootstrap`.

    Parameters
    ----------
    statistic
        From how often every unit is in a sample, shape (samples, units), to one value a sample.
    units
        How many units there are; with fewer than two the ends are infinite.
    level, resamples, seed
        As for :func:`ratio_bootstrap`.
    """
    if units < 2:
        return -np.inf, np.inf
    low, high = bootstrap_bounds(statistic, units, level, resamples=resamples, seed=seed).tolist()
    return low, high


def bootstrap_bounds(
    statistic: Callable[[IntArray], FloatArray], units: int, level: float, *, resamples: int, seed: int
) -> FloatArray:
    """Return the ends of several statistics of resampled units, shape (2, ...), from the same samples.

    Parameters
    ----------
    statistic
        From how often every unit is in a sample, shape (samples, units), to an array of shape (samples, ...).
    units
        How many units there are, at least two.
    level, resamples, seed
        As for :func:`ratio_bootstrap`.
    """
    from scipy import special

    values = np.concatenate([statistic(counts) for counts in _samples(units, resamples, seed)])
    # A normal sample's percentile interval is shorter than Student's by √((n - 1) / n) and by z against t.
    outside = float(special.ndtr(-np.sqrt(units / (units - 1)) * t_quantile(units - 1, level)))
    bounds: FloatArray = np.nanquantile(values, [outside, 1 - outside], axis=0, method="inverted_cdf")
    return bounds
