"""The law of a duration: which family fits, how well, and the law as a scenario file has it.

Comes in: durations in ms, some of them censored.  Goes out: a :class:`FittedLaw`.  Families are ranked by Akaike's
criterion among exponential, gamma, lognormal, Weibull and log-logistic with location 0, and the best is tried by a
parametric bootstrap of the Anderson-Darling statistic (p-values of tables are wrong once parameters are fitted).
With few rows, or where no family fits, the law is the sample itself with an exponential tail (Bratley, Fox and
Schrage, A Guide to Simulation, 1987).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import special, stats

from sim.calendar import MINUTE_MS, FloatArray

__all__ = ["FAMILIES", "FittedLaw", "censored_law", "empirical_law", "fit_law", "fit_test", "quantities"]

FAMILIES: Final = ("expon", "gamma", "lognorm", "weibull_min", "fisk")
FEW: Final = 100
"""Below so many rows a sample speaks for itself."""
_MOST_FITTED: Final = 5_000
"""Rows that a fit looks at."""
_MOST_TESTED: Final = 500
"""Rows that a test of fit looks at: with more, no family fits any real data."""
_RESAMPLES: Final = 199
_REJECTED: Final = 0.01
"""Where even the best family is refused, the sample speaks for itself."""
_TAIL: Final = 0.1
_STEPS: Final = 30
_SETTLED: Final = 1e-9
"""A relative step of Newton's that changes nothing any more: the next one would be its square."""
_LEAST: Final = 1e-9
_SHAPE_OF_NO_MEAN: Final = 1.2
"""A log-logistic law with a shape near 1 or below has no mean to speak of."""

Parameters = tuple[FloatArray, FloatArray]
"""Shape and scale (lognormal: sigma and the median), one of each for every sample."""


@dataclass(frozen=True, eq=False)
class FittedLaw:
    """A duration's law.

    Attributes
    ----------
    family
        One of :data:`FAMILIES`, ``constant`` or ``empirical``.
    law
        As a scenario file has it.
    mean, low, high
        Mean and its 95% interval, in the unit of the data.
    cv
        Standard deviation over mean, of the data.
    n, censored
        Observations, and those of which only a lower bound is known.
    p_value
        Of the test of fit; not-a-number where none was made.
    aic
        Akaike's criterion by family.
    sampled
        How many rows the fit looked at.
    """

    family: str
    law: Any
    mean: float
    low: float
    high: float
    cv: float
    n: int
    censored: int = 0
    p_value: float = math.nan
    aic: Mapping[str, float] | None = None
    sampled: int = 0


# ---- maximum likelihood, many samples at once ----------------------------------------------------------------------


def _expon(x: FloatArray) -> Parameters:
    mean = x.mean(axis=-1)
    return np.ones_like(mean), mean


def _gamma(x: FloatArray) -> Parameters:
    mean = x.mean(axis=-1)
    s = np.maximum(np.log(mean) - np.log(x).mean(axis=-1), _LEAST)
    shape = (3 - s + np.sqrt((s - 3) ** 2 + 24 * s)) / (12 * s)  # Minka 2002
    for _ in range(5):
        gap = np.log(shape) - special.digamma(shape) - s
        shape = 1 / (1 / shape + gap / (shape**2 * (1 / shape - special.polygamma(1, shape))))
    return shape, mean / shape


def _lognorm(x: FloatArray) -> Parameters:
    logs = np.log(x)
    return np.maximum(logs.std(axis=-1), _LEAST), np.exp(logs.mean(axis=-1))


def _weibull(x: FloatArray) -> Parameters:
    logs = np.log(x)
    centre = logs.mean(axis=-1, keepdims=True)
    y = logs - centre
    shape = 1.2825 / np.maximum(y.std(axis=-1), 1e-6)  # pi / sqrt 6: the spread of a Gumbel law
    for _ in range(_STEPS):
        power = np.exp(shape[..., None] * y)
        total = power.sum(axis=-1)
        first = (power * y).sum(axis=-1) / total
        second = (power * y * y).sum(axis=-1) / total
        gap = first - 1 / shape
        before, shape = shape, np.maximum(shape - gap / (second - first**2 + 1 / shape**2), shape / 3)
        if np.all(np.abs(shape - before) <= _SETTLED * shape):
            break
    power = np.exp(shape[..., None] * y).mean(axis=-1)
    return shape, np.exp(centre[..., 0]) * power ** (1 / shape)


def _fisk(x: FloatArray) -> Parameters:
    logs = np.log(x)
    centre, spread = np.median(logs, axis=-1), np.maximum(logs.std(axis=-1) * 0.5513, 1e-6)  # sqrt 3 / pi
    for _ in range(_STEPS):
        z = (logs - centre[..., None]) / spread[..., None]
        tilt = np.tanh(z / 2)
        curve = (1 - tilt**2) / 2
        # Newton's step on the two score equations: sum tilt = 0 and sum (z tilt - 1) = 0.
        f, g = tilt.mean(axis=-1), (z * tilt).mean(axis=-1) - 1
        a, b = curve.mean(axis=-1), (z * curve).mean(axis=-1)
        c, d = f + b, g + 1 + (z * z * curve).mean(axis=-1)
        det = a * d - b * c
        move, grow = (d * f - b * g) / det, (a * g - c * f) / det
        centre = centre + spread * np.clip(move, -1, 1)
        spread = spread * np.clip(1 + grow, 0.5, 2)
        if np.all(np.abs(move) <= _SETTLED) and np.all(np.abs(grow) <= _SETTLED):
            break
    return 1 / spread, np.exp(centre)


_FITS: Final[Mapping[str, Callable[[FloatArray], Parameters]]] = {
    "expon": _expon,
    "gamma": _gamma,
    "lognorm": _lognorm,
    "weibull_min": _weibull,
    "fisk": _fisk,
}


def _frozen(family: str, shape: Any, scale: Any) -> Any:
    law = getattr(stats, family)
    return law(scale=scale) if family == "expon" else law(shape, scale=scale)


def _log_density(family: str, x: FloatArray, shape: float, scale: float) -> FloatArray:
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
    shape, scale = _FITS[family](x)
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
    shape, scale = _FITS[family](x[None, :])
    seen = float(_anderson(family, x[None, :])[0])
    drawn = np.maximum(_frozen(family, shape[0], scale[0]).rvs((resamples, x.size), random_state=rng), _LEAST)
    return float((1 + (_anderson(family, drawn) >= seen).sum()) / (resamples + 1))


# ---- one sample ----------------------------------------------------------------------------------------------------


def quantities(unit: str) -> Callable[[float], str]:
    """Return how durations are written: ms in minutes (``min``, ``working min``), or whole ``working days``."""
    if unit == "working days":
        return lambda value: f"{value:.6g} working days"
    return lambda value: f"{value / MINUTE_MS:.5g} {unit}"


def fit_law(x: FloatArray, *, unit: str = "min", rng: np.random.Generator, tested: bool = True) -> FittedLaw:
    """Fit a law to durations.

    Parameters
    ----------
    x
        Durations in ms, 0 or more, shape (n,), at least one.
    unit
        The clock of the law: ``min`` or ``working min``.
    rng
        For sub-samples and the test of fit.
    tested
        Whether to test the fit.
    """
    mean, deviation = float(x.mean()), float(x.std(ddof=1)) if x.size > 1 else 0.0
    half = stats.t.ppf(0.975, max(x.size - 1, 1)) * deviation / math.sqrt(x.size)
    summary: dict[str, Any] = {
        "mean": mean,
        "low": max(mean - half, 0.0) if x.size > 1 else math.nan,
        "high": mean + half if x.size > 1 else math.nan,
        "cv": deviation / mean if mean > 0 else 0.0,
        "n": int(x.size),
    }
    write = quantities(unit)
    if mean == 0 or deviation < 1e-6 * mean:
        return FittedLaw("constant", write(mean), **summary)
    if x.size < FEW:
        return FittedLaw("empirical", empirical_law(x, unit=unit), **summary, sampled=int(x.size))
    sample = rng.choice(x, _MOST_FITTED, replace=False) if x.size > _MOST_FITTED else x
    sample = np.maximum(sample, max(float(x[x > 0].min()) / 2, _LEAST))  # a stamp's zero is anything below its unit
    aic, fitted = {}, {}
    for family in FAMILIES:
        shape, scale = (float(value[0]) for value in _FITS[family](sample[None, :]))
        fitted[family] = (shape, scale)
        free = 1 if family == "expon" else 2
        likelihood = float(_log_density(family, sample, shape, scale).sum())
        usable = math.isfinite(likelihood) and not (family == "fisk" and shape < _SHAPE_OF_NO_MEAN)
        aic[family] = 2 * free - 2 * likelihood if usable else math.inf
    best = min(FAMILIES, key=lambda family: aic[family])
    p = math.nan
    if tested:
        few = rng.choice(sample, _MOST_TESTED, replace=False) if sample.size > _MOST_TESTED else sample
        p = fit_test(best, few, rng=rng)
    if p < _REJECTED:
        law = empirical_law(x, unit=unit)
        return FittedLaw("empirical", law, **summary, p_value=p, aic=aic, sampled=int(sample.size))
    law = law_of(best, *fitted[best], write=write, mean=mean)
    return FittedLaw(best, law, **summary, p_value=p, aic=aic, sampled=int(sample.size))


def law_of(
    family: str, shape: float, scale: float, *, write: Callable[[float], str], mean: float | None = None
) -> dict[str, Any]:
    """Return a law as a scenario file has it; with `mean`, its scale is such that it has this mean.

    A family's maximum likelihood doesn't keep the mean of the data, which is what carries the load of a pool.
    """
    own = float(_frozen(family, shape, scale).mean())
    scale, target = (scale * mean / own, mean) if mean is not None else (scale, own)
    if family == "expon":
        return {"dist": family, "mean": write(target)}
    if family in ("weibull_min", "fisk"):
        return {"dist": family, "c": float(f"{shape:.6g}"), "scale": write(scale)}
    cv = 1 / math.sqrt(shape) if family == "gamma" else math.sqrt(math.expm1(shape**2))
    return {"dist": family, "mean": write(target), "cv": float(f"{cv:.6g}")}


def empirical_law(x: FloatArray, *, unit: str, most: int = 50) -> Any:
    """Return a sample as a law, its largest tenth smoothed by an exponential tail of the same mean.

    Parameters
    ----------
    x
        Durations in ms, or numbers of working days.
    unit
        The clock of the law.
    most
        Largest number of values that stand for the body of the sample.
    """
    x, write = np.sort(x), quantities(unit)
    tail = math.floor(_TAIL * x.size)
    if unit == "working days" or tail < 2 or x[-tail - 1] >= x[-1]:
        values, counts = np.unique(np.round(x, 6), return_counts=True)
        return _values(values, counts.astype(np.float64), write)
    body, threshold = x[:-tail], float(x[-tail - 1])
    if body.size > most:
        fewer = np.quantile(body, (np.arange(most) + 0.5) / most)
        body = fewer * (body.mean() / fewer.mean() if fewer.mean() > 0 else 1.0)
    values, counts = np.unique(np.round(body, 3), return_counts=True)
    excess = float(x[-tail:].mean()) - threshold
    share = round(tail / x.size, 9)
    far = {"dist": "expon", "loc": write(threshold), "scale": write(max(excess, 1.0))}
    return {"mixture": [_values(values, counts.astype(np.float64), write), far], "shares": [1 - share, share]}


def _values(values: FloatArray, weights: FloatArray, write: Callable[[float], str]) -> Any:
    if values.size == 1:
        return {"constant": write(float(values[0]))}
    shares = np.round(weights / weights.sum(), 9)
    shares[np.argmax(shares)] += 1 - shares.sum()
    return {"values": [write(float(value)) for value in values], "shares": [float(share) for share in shares]}


def censored_law(observed: FloatArray, censored: FloatArray, *, unit: str = "min") -> FittedLaw | None:
    """Fit an exponential or Weibull law to durations of which some are only known to be longer.

    Parameters
    ----------
    observed
        Durations that are known, in ms.
    censored
        Lower bounds of the others: those served in time would have waited longer.
    unit
        The clock of the law.

    Returns
    -------
    FittedLaw or None
        ``None`` if fewer than five durations are known.

    Notes
    -----
    The interval is that of the exponential law's mean, total time over number of events, exact in form (2 T / chi²
    with 2 d degrees of freedom).
    """
    observed, censored = np.maximum(observed, 1.0), censored[censored > 0]
    if observed.size < 5:
        return None
    total, events = float(observed.sum() + censored.sum()), int(observed.size)
    scale = total / events
    aic = {"expon": 2 - 2 * (-events * math.log(scale) - events)}
    shape, width = 1.0, 1.0
    if observed.std() > 1e-3 * observed.mean():  # one value again and again has no shape
        data = stats.CensoredData(uncensored=observed / scale, right=censored / scale)
        shape, _, width = (float(value) for value in stats.weibull_min.fit(data, 1.0, floc=0, scale=1.0))
    law = stats.weibull_min(shape, scale=width * scale)
    likelihood = float(law.logpdf(observed).sum() + law.logsf(censored).sum())
    aic["weibull_min"] = 4 - 2 * likelihood
    best = min(aic, key=lambda family: aic[family])
    wide = float(width * scale) if best == "weibull_min" else scale
    fitted = law_of(best, float(shape), wide, write=quantities(unit))
    mean = float(law.mean()) if best == "weibull_min" else scale
    low, high = (2 * total / float(stats.chi2.ppf(share, 2 * events)) for share in (0.975, 0.025))
    factor = mean / scale
    return FittedLaw(
        best,
        fitted,
        mean,
        low * factor,
        high * factor,
        float(law.std() / law.mean()) if best == "weibull_min" else 1.0,
        events + int(censored.size),
        censored=int(censored.size),
        aic=aic,
        sampled=events + int(censored.size),
    )
