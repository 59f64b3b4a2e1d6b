"""Bounds of shares and means whose units come in clusters: visitors of the same week, who wait in the same queue.

Input: successes and trials by cluster, one column a share; or sums and units.  Output: one-sided bounds.  For a mean
they are those of a ratio of sums (delta method, Student's t).  For a share, a normal bound fails near a
share of one, where the sample may have no failure at all; the exact binomial bound is used instead, at the number of
independent trials that would be as informative as the clusters (Korn and Graubard 1998, Survey Methodology 24).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foundation.arrays import FloatArray, IntArray
from sim.statistics.intervals import check_level

__all__ = ["ShareBounds", "mean_bounds", "share_bounds"]


@dataclass(frozen=True, eq=False)
class ShareBounds:
    """Shares of sums over clusters, or means, each with one-sided bounds.

    Attributes
    ----------
    share
        Successes over trials, or the mean; not-a-number where there are no trials.
    low, high
        The lower and the upper bound, each at the level; 0 and 1 where there are no trials.
    trials
        Number of trials, or of units.
    """

    share: FloatArray
    low: FloatArray
    high: FloatArray
    trials: FloatArray


def share_bounds(successes: npt.ArrayLike, trials: npt.ArrayLike, *, level: float) -> ShareBounds:
    """Return shares and their one-sided bounds.

    With a share p of variance v over d clusters, ``n* = p (1 - p) / v`` is the effective number of trials; it is
    reduced by ``(z / t_{d-1})²``, quantiles at the level, for v is estimated; it is never more than the trials. Where
    all trials succeed, or none, every cluster with a trial counts as one.

    Parameters
    ----------
    successes, trials
        By cluster and share, shape (clusters, shares); clusters are independent.
    level
        Confidence of each bound alone.

    Raises
    ------
    ValueError
        If `level` isn't between 0 and 1, or there are fewer than two clusters.
    """
    from scipy import special

    check_level(level)
    sums = _Sums.of(successes, trials)
    d, n, p = sums.clusters, sums.total, sums.ratio
    variance = sums.squares / n**2
    ratio = float(special.ndtri(level)) / float(special.stdtrit(d - 1, level))
    varies = variance > 0
    effective = np.where(varies, np.minimum(p * (1 - p) / np.where(varies, variance, 1.0) * ratio**2, n), sums.tried)
    hits = p * effective
    misses = effective - hits
    low = np.where(hits > 0, special.betaincinv(np.maximum(hits, 1e-300), misses + 1, 1 - level), 0.0)
    high = np.where(misses > 0, special.betaincinv(hits + 1, np.maximum(misses, 1e-300), level), 1.0)
    return sums.bounds(low, high)


def mean_bounds(sums: npt.ArrayLike, units: npt.ArrayLike, *, level: float) -> ShareBounds:
    """Return means of a unit, sums over units, and their one-sided bounds.

    With clusters ``(y, x)`` and the mean ``R = Σ y / Σ x``, the bounds are ``R ± t_{d-1} s``, where ``s² = d / (d - 1)
    Σ (y - R x)² / (Σ x)²`` (Cochran 1977, "Sampling Techniques", 6.4).

    Parameters
    ----------
    sums, units
        By cluster and mean, shape (clusters, means); clusters are independent.
    level
        Confidence of each bound alone.

    Raises
    ------
    ValueError
        If `level` isn't between 0 and 1, or there are fewer than two clusters.
    """
    from scipy import special

    check_level(level)
    ratios = _Sums.of(sums, units)
    half = float(special.stdtrit(ratios.clusters - 1, level)) * np.sqrt(ratios.squares) / ratios.total
    return ratios.bounds(ratios.ratio - half, ratios.ratio + half)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over clusters, by column, and their ratio.

    Attributes
    ----------
    clusters
        How many there are.
    total
        Sum of the denominators; 1 where that is 0.
    ratio
        Sum of the numerators over it.
    squares
        Sum of the squared residuals, times ``d / (d - 1)``.
    tried
        How many clusters have a denominator above 0.
    """

    clusters: int
    total: FloatArray
    ratio: FloatArray
    squares: FloatArray
    tried: IntArray

    @classmethod
    def of(cls, numerators: npt.ArrayLike, denominators: npt.ArrayLike) -> _Sums:
        """Sum up numbers by cluster and column."""
        y, x = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
        d = len(y)
        if d < 2:
            raise ValueError(f"{d} clusters show no variance")
        total = x.sum(axis=0)
        n = np.where(total > 0, total, 1.0)
        ratio = y.sum(axis=0) / n
        squares = ((y - ratio * x) ** 2).sum(axis=0) * d / (d - 1)
        return cls(d, n, ratio, squares, (x > 0).sum(axis=0))

    def bounds(self, low: FloatArray, high: FloatArray) -> ShareBounds:
        """Return the ratios with their bounds; where nothing was tried, these say nothing."""
        is_tried = self.tried > 0
        return ShareBounds(
            np.where(is_tried, self.ratio, np.nan),
            np.where(is_tried, low, 0.0),
            np.where(is_tried, high, 1.0),
            np.where(is_tried, self.total, 0.0),
        )
