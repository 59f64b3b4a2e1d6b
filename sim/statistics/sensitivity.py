"""Sensitivity of a simulation to its inputs: Sobol indices and elementary effects, with chance taken off.

Input: what every replication shows at the points of a Saltelli or a Morris design, with common random numbers.
Output: indices with bootstrap intervals, and how much of what is seen is chance.  Every product of two means of the
same replications is too large by their covariance over the number of replications, which is taken off.  So chance is
not mistaken for an effect.  The intervals are about the selection of the points, for these replications.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from foundation.arrays import FloatArray, IntArray
from sim.statistics.bootstrap import bootstrap_bounds

__all__ = ["ElementaryEffects", "SobolIndices", "chance_variance", "elementary_effects", "sobol_indices"]

_RESAMPLES: Final = 1_000


@dataclass(frozen=True, eq=False)
class SobolIndices:
    """Which share of the variance over the points every key explains.

    Attributes
    ----------
    first, total
        By itself, and with all its interactions: estimate, low and high, shape (3, keys).
    variance
        Variance over the points of the mean, chance taken off.
    noise
        Share of the seen variance of the points' means that is chance; not-a-number with one replication.
    blocks
        Base points that have a number everywhere.
    """

    first: FloatArray
    total: FloatArray
    variance: float
    noise: float
    blocks: int


@dataclass(frozen=True, eq=False)
class ElementaryEffects:
    """What a metric changes by if one key moves over its range, and the others are anywhere.

    Attributes
    ----------
    mu, mu_star, sigma
        Mean effect, mean absolute effect, and standard deviation of the effect (interaction and curvature, chance
        taken off): estimate, low and high, shape (3, keys).
    noise
        Mean absolute effect that a key without any would show by chance, shape (keys,).
    blocks
        Trajectories that have a number everywhere.
    """

    mu: FloatArray
    mu_star: FloatArray
    sigma: FloatArray
    noise: FloatArray
    blocks: int


def sobol_indices(values: FloatArray, *, level: float = 0.95, seed: int = 0) -> SobolIndices:
    """Return Sobol indices from a Saltelli design.

    First order after Saltelli et al. (2010), ``E[f(B) (f(AB_i) - f(A))] / V``; total after Jansen (1999, "Analysis of
    variance designs for model output"), ``E[(f(A) - f(AB_i))²] / 2V``.

    Parameters
    ----------
    values
        Shape (base points, 2 + keys, replications): A, B, and A with one coordinate of B; not-a-number where a
        replication has nothing to measure.
    level
        Confidence level of the bootstrap intervals, which resample base points.
    seed
        Of the bootstrap.
    """
    values = _complete(values)
    blocks, keys = values.shape[0], values.shape[1] - 2
    nothing = np.full((3, keys), np.nan)
    if blocks < 2:
        return SobolIndices(nothing, nothing, np.nan, np.nan, blocks)
    ends = values[:, :2]
    centred = values - float(np.nanmean(ends, axis=2).mean())
    a, b, mixed = centred[:, :1], centred[:, 1:2], centred[:, 2:]
    first = _product(b, mixed - a)
    total = _product(mixed - a, mixed - a) / 2
    means = np.nanmean(centred[:, :2], axis=2)
    chance = chance_variance(ends.reshape(-1, ends.shape[2])).reshape(blocks, 2).mean(axis=1)
    subtracted = np.nan_to_num(chance)
    squares, sums = (means**2).mean(axis=1) - subtracted, means.mean(axis=1)

    def indices(counts: FloatArray) -> FloatArray:
        share = counts / counts.sum(axis=1, keepdims=True)
        variance = share @ squares - (share @ sums) ** 2
        with np.errstate(invalid="ignore", divide="ignore"):
            both = np.stack([share @ first, share @ total], axis=1) / variance[:, None, None]
        return np.asarray(np.where(variance[:, None, None] > 0, both, np.nan))

    variance, seen = float(squares.mean() - sums.mean() ** 2), float(means.var())
    noise = float(chance.mean() / seen) if seen > 0 else float("nan")
    if not variance > 0:  # nothing but chance
        return SobolIndices(nothing, nothing, variance, noise, blocks)
    estimates = _with_ends(indices, blocks, level, seed)
    return SobolIndices(estimates[:, 0], estimates[:, 1], variance, noise, blocks)


def elementary_effects(
    values: FloatArray, points: FloatArray, *, level: float = 0.95, seed: int = 0
) -> ElementaryEffects:
    """Return elementary effects from a Morris design.

    ``mu*`` after Campolongo, Cariboni and Saltelli (2007, "An effective screening design for sensitivity analysis of
    large models"); the effects are over the full range of a key.

    Parameters
    ----------
    values
        Shape (trajectories, 1 + keys, replications); not-a-number where a replication has nothing to measure.
    points
        The points in the unit cube, shape (trajectories, 1 + keys, keys); each differs from the last in one key.
    level
        Confidence level of the bootstrap intervals, which resample trajectories.
    seed
        Of the bootstrap.
    """
    present = _present(values)
    values, points = values[present], points[present]
    blocks, keys = values.shape[0], values.shape[1] - 1
    if blocks < 2:
        nothing = np.full((3, keys), np.nan)
        return ElementaryEffects(nothing, nothing, nothing, np.full(keys, np.nan), blocks)
    steps = np.diff(points, axis=1)
    moved = np.argmax(np.abs(steps), axis=2)
    lengths = np.take_along_axis(steps, moved[:, :, None], axis=2)
    changes = np.diff(values, axis=1) / lengths
    by_key = np.take_along_axis(changes, np.argsort(moved, axis=1)[:, :, None], axis=1)
    effects = np.nanmean(by_key, axis=2)
    chance = _variance_of_mean(by_key)
    squares = effects**2 - np.nan_to_num(chance)

    def moments(counts: FloatArray) -> FloatArray:
        share = counts / counts.sum(axis=1, keepdims=True)
        mean = share @ effects
        spread = (share @ squares - mean**2) * (blocks / (blocks - 1))
        return np.stack([mean, share @ np.abs(effects), np.sqrt(np.maximum(spread, 0.0))], axis=1)

    estimates = _with_ends(moments, blocks, level, seed)
    noise = np.sqrt(2 / np.pi * chance.mean(axis=0))  # the mean of a normal number's absolute value
    return ElementaryEffects(estimates[:, 0], estimates[:, 1], estimates[:, 2], noise, blocks)


def chance_variance(values: FloatArray) -> FloatArray:
    """Return how much the mean of each point varies by chance beside what all points share.

    Common random numbers shift all points together, which changes no difference between them.  What is left is the
    interaction of points and replications.

    Parameters
    ----------
    values
        Shape (points, replications); not-a-number where there is nothing to measure.

    Returns
    -------
    float array, shape (points,)
        Variances of the means; not-a-number where a point has fewer than two replications.
    """
    residual = values - np.nanmean(values, axis=1, keepdims=True)
    return _variance_of_mean(residual - np.nanmean(residual, axis=0, keepdims=True))


def _variance_of_mean(values: FloatArray) -> FloatArray:
    """Return the variance of the mean over the last axis; not-a-number with fewer than two numbers."""
    number = np.isfinite(values).sum(axis=-1)
    deviation = values - np.nanmean(values, axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.nansum(deviation**2, axis=-1) / (number * (number - 1))
    return np.asarray(np.where(number > 1, variance, np.nan))


def _product(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the product of the means of two rows of replications, without the covariance of the two means."""
    both = np.isfinite(left) & np.isfinite(right)
    left, right = np.broadcast_arrays(left, right)
    x, y = np.where(both, left, np.nan), np.where(both, right, np.nan)
    mean_x, mean_y = np.nanmean(x, axis=-1), np.nanmean(y, axis=-1)
    number = both.sum(axis=-1)
    together = np.nansum((x - mean_x[..., None]) * (y - mean_y[..., None]), axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = np.where(number > 1, together / (number * (number - 1)), 0.0)
    return np.asarray(mean_x * mean_y - covariance)


def _present(values: FloatArray) -> IntArray:
    """Return the blocks in which every point, beside every other, has a number in at least one replication."""
    paired = np.isfinite(values).all(axis=1)
    return np.flatnonzero(np.any(paired, axis=1))


def _complete(values: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, np.nan)[_present(values)]


def _with_ends(statistic: Callable[[FloatArray], FloatArray], blocks: int, level: float, seed: int) -> FloatArray:
    """Return a statistic of all blocks and its bootstrap ends, stacked first."""
    low, high = bootstrap_bounds(
        lambda counts: statistic(counts.astype(np.float64)), blocks, level, resamples=_RESAMPLES, seed=seed
    )
    return np.stack([statistic(np.ones((1, blocks)))[0], low, high])
