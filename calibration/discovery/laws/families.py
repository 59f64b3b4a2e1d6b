"""Families of duration laws: maximum-likelihood estimates, densities, tails and a test of fit.

Input: positive durations, one sample a row.
Output: shape and scale of a law for every row, and the Anderson-Darling test by parametric bootstrap (p-values of
tables are wrong once parameters are estimated).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from scipy import special, stats

from foundation.arrays import FloatArray

__all__ = ["ALPHA", "ESTIMATORS", "FAMILIES", "MIN_VALUE", "fit_test", "frozen_law", "log_density"]

FAMILIES: Final = ("expon", "gamma", "lognorm", "weibull_min", "fisk")

ALPHA: Final = 0.05
"""Significance level of the verdicts that findings report."""
_RESAMPLES: Final = 199
"""Bootstrap samples: with the observed one they make 200, so that p-values are multiples of 0.005."""

_NEWTON_STEPS: Final = 30
"""Newton's steps at most: the limit is for degenerate samples, on which it does not converge."""
_NEWTON_TOLERANCE: Final = 1e-9
"""Relative step at which Newton's method stops: the next step would be its square."""

MIN_VALUE: Final = 1e-9
"""Smallest duration or parameter: logarithms stay finite."""
Parameters = tuple[FloatArray, FloatArray]
"""Shape and scale (lognormal: sigma and the median), one of each for every sample."""


def _expon(x: FloatArray) -> Parameters:
    mean = x.mean(axis=-1)
    return np.ones_like(mean), mean


def _gamma(x: FloatArray) -> Parameters:
    mean = x.mean(axis=-1)
    s = np.maximum(np.log(mean) - np.log(x).mean(axis=-1), MIN_VALUE)
    shape = (3 - s + np.sqrt((s - 3) ** 2 + 24 * s)) / (12 * s)  # Minka 2002
    for _ in range(5):
        gap = np.log(shape) - special.digamma(shape) - s
        shape = 1 / (1 / shape + gap / (shape**2 * (1 / shape - special.polygamma(1, shape))))
    return shape, mean / shape


def _lognorm(x: FloatArray) -> Parameters:
    logs = np.log(x)
    return np.maximum(logs.std(axis=-1), MIN_VALUE), np.exp(logs.mean(axis=-1))


def _weibull(x: FloatArray) -> Parameters:
    logs = np.log(x)
    centre = logs.mean(axis=-1, keepdims=True)
    y = logs - centre
    shape = 1.2825 / np.maximum(y.std(axis=-1), 1e-6)  # pi / sqrt 6: the spread of a Gumbel law
    for _ in range(_NEWTON_STEPS):
        power = np.exp(shape[..., None] * y)
        total = power.sum(axis=-1)
        first = (power * y).sum(axis=-1) / total
        second = (power * y * y).sum(axis=-1) / total
        gap = first - 1 / shape
        before, shape = shape, np.maximum(shape - gap / (second - first**2 + 1 / shape**2), shape / 3)
        if np.all(np.abs(shape - before) <= _NEWTON_TOLERANCE * shape):
            break
    power = np.exp(shape[..., None] * y).mean(axis=-1)
    return shape, np.exp(centre[..., 0]) * power ** (1 / shape)


def _fisk(x: FloatArray) -> Parameters:
    logs = np.log(x)
    centre, spread = np.median(logs, axis=-1), np.maximum(logs.std(axis=-1) * 0.5513, 1e-6)  # sqrt 3 / pi
    for _ in range(_NEWTON_STEPS):
        z = (logs - centre[..., None]) / spread[..., None]
        tilt = np.tanh(z / 2)
        curve = (1 - tilt**2) / 2
        # Newton's step on the two score equations: sum tilt = 0 and sum (z tilt - 1) = 0.
        f, g = tilt.mean(axis=-1), (z * tilt).mean(axis=-1) - 1
        a, b = curve.mean(axis=-1), (z * curve).mean(axis=-1)
        c, d = f + b, g + 1 + (z * z * curve).mean(axis=-1)
        det = a * d - b * c
        det = np.where(det == 0, np.inf, det)  # equal values: no step leads anywhere
        move, grow = (d * f - b * g) / det, (a * g - c * f) / det
        centre = centre + spread * np.clip(move, -1, 1)
        spread = spread * np.clip(1 + grow, 0.5, 2)
        if np.all(np.abs(move) <= _NEWTON_TOLERANCE) and np.all(np.abs(grow) <= _NEWTON_TOLERANCE):
            break
    return 1 / spread, np.exp(centre)


ESTIMATORS: Final[Mapping[str, Callable[[FloatArray], Parameters]]] = {
    "expon": _expon,
    "gamma": _gamma,
    "lognorm": _lognorm,
    "weibull_min": _weibull,
    "fisk": _fisk,
}


def frozen_law(family: str, shape: Any, scale: Any) -> Any:
    """Return a law of a family as scipy has it."""
    law = getattr(stats, family)
    return law(scale=scale) if family == "expon" else law(shape, scale=scale)


def log_density(family: str, x: FloatArray, shape: float, scale: float) -> FloatArray:
    """Return the logarithm of the density at each value."""
    z = x / scale
    logs: FloatArray = np.log(z)
    if family == "expon":
        return np.asarray(-z - math.log(scale))
    if family == "gamma":
        return np.asarray((shape - 1) * logs - z - float(special.gammaln(shape)) - math.log(scale))
    if family == "lognorm":
        return np.asarray(-((logs / shape) ** 2) / 2 - np.log(x) - math.log(shape * math.sqrt(2 * math.pi)))
    power = np.exp(shape * logs) if family == "weibull_min" else 2 * np.logaddexp(0, shape * logs)
    return np.asarray(math.log(shape / scale) + (shape - 1) * logs - power)


def _tails(family: str, x: FloatArray, shape: FloatArray, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the logarithms of the shares below and above each value."""
    z = x / scale
    if family == "expon":
        return np.log(np.maximum(-np.expm1(-z), 1e-300)), -z
    if family == "weibull_min":
        power = z**shape
        return np.log(np.maximum(-np.expm1(-power), 1e-300)), -power
    if family == "fisk":
        y = shape * np.log(z)
        return -np.logaddexp(0, -y), -np.logaddexp(0, y)
    if family == "lognorm":
        y = np.log(z) / shape
        return special.log_ndtr(y), special.log_ndtr(-y)
    below, above = special.gammainc(shape, z), special.gammaincc(shape, z)
    return np.log(np.maximum(below, 1e-300)), np.log(np.maximum(above, 1e-300))


def _anderson(family: str, x: FloatArray) -> FloatArray:
    """Return the Anderson-Darling statistic of samples against the law fitted to each."""
    x = np.sort(x, axis=-1)
    shape, scale = ESTIMATORS[family](x)
    below, above = _tails(family, x, shape[..., None], scale[..., None])
    n = x.shape[-1]
    weights = 2 * np.arange(1, n + 1) - 1
    statistic: FloatArray = -n - (weights * (below + above[..., ::-1])).sum(axis=-1) / n
    return statistic


def fit_test(family: str, x: FloatArray, *, rng: np.random.Generator, resamples: int = _RESAMPLES) -> float:
    """Return the p-value of a family fitted to a sample: parametric bootstrap of the Anderson-Darling statistic.

    Parameters
    ----------
    family
        One of :data:`FAMILIES`.
    x
        Positive values, shape (n,).
    rng
        Where the resamples come from.
    resamples
        How many.
    """
    shape, scale = ESTIMATORS[family](x[None, :])
    if not (np.isfinite([shape, scale]).all() and shape[0] > 0 and scale[0] > 0):
        return 1 / (resamples + 1)  # values so alike that the family degenerates: it can't be their law
    seen = float(_anderson(family, x[None, :])[0])
    drawn = np.maximum(frozen_law(family, shape[0], scale[0]).rvs((resamples, x.size), random_state=rng), MIN_VALUE)
    return float((1 + (_anderson(family, drawn) >= seen).sum()) / (resamples + 1))
