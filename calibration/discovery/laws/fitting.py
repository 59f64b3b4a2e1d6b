"""The law of a duration: the family that fits best, how well it fits, and its entry in a scenario file.

Input: durations in ms, some of them censored.
Output: a :class:`FittedLaw`.  Akaike's criterion ranks the families exponential, gamma, lognormal, Weibull and
log-logistic, all with location 0.  If the sample is small, or no family fits, the law is the sample itself with an
exponential tail (Bratley, Fox and Schrage, A Guide to Simulation, 1987).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats

from calibration.discovery.laws.entries import empirical_law, law_table, quantity_writer
from calibration.discovery.laws.families import ESTIMATORS, FAMILIES, MIN_VALUE, fit_test, log_density
from foundation.arrays import FloatArray

__all__ = ["MIN_SAMPLE", "FittedLaw", "censored_law", "fit_law"]

MIN_SAMPLE: Final = 100
"""Below so many rows no family can be told from another, and the law is the sample itself."""

_MAX_FITTED: Final = 5_000
"""Rows that a fit evaluates: the standard error of a parameter is then 1 to 2%."""

_MAX_TESTED: Final = 500
"""Rows that a test of fit evaluates: with more, no family fits any real data."""

_FIT_ALPHA: Final = 0.01
"""Below this p-value even the best family is rejected, and the law is the sample itself."""

_MIN_FISK_SHAPE: Final = 1.2
"""A log-logistic law with a shape of 1 or below has no mean, and near 1 its mean is unstable."""
_MIN_RENEGED: Final = 5
"""Exact durations below which a censored sample has no law."""
_SAME_VALUE: Final = 1e-3
"""Relative deviation below which exact durations are one value, which has no shape."""
_CONSTANT: Final = 1e-6
"""Relative deviation below which a sample is a constant."""
_TIED: Final = 0.5
"""Share of a sample that one value may make up: with more, no continuous law fits, and its likelihood has no bound."""


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
    write = quantity_writer(unit)
    if mean == 0 or deviation < _CONSTANT * mean:
        return FittedLaw("constant", write(mean), **summary, sampled=int(x.size))
    if x.size < MIN_SAMPLE or np.unique(x, return_counts=True)[1].max() > _TIED * x.size:
        return FittedLaw("empirical", empirical_law(x, unit=unit), **summary, sampled=int(x.size))
    sample = rng.choice(x, _MAX_FITTED, replace=False) if x.size > _MAX_FITTED else x
    sample = np.maximum(sample, max(float(x[x > 0].min()) / 2, MIN_VALUE))  # a stamp's zero is anything below its unit
    aic, fitted = {}, {}
    for family in FAMILIES:
        shape, scale = (float(value[0]) for value in ESTIMATORS[family](sample[None, :]))
        fitted[family] = (shape, scale)
        free = 1 if family == "expon" else 2
        likelihood = float(log_density(family, sample, shape, scale).sum())
        usable = math.isfinite(likelihood) and not (family == "fisk" and shape < _MIN_FISK_SHAPE)
        aic[family] = 2 * free - 2 * likelihood if usable else math.inf
    best = min(FAMILIES, key=lambda family: aic[family])
    p = math.nan
    if tested:
        few = rng.choice(sample, _MAX_TESTED, replace=False) if sample.size > _MAX_TESTED else sample
        p = fit_test(best, few, rng=rng)
    if p < _FIT_ALPHA:
        law = empirical_law(x, unit=unit)
        return FittedLaw("empirical", law, **summary, p_value=p, aic=aic, sampled=int(sample.size))
    law = law_table(best, *fitted[best], write=write, mean=mean)
    return FittedLaw(best, law, **summary, p_value=p, aic=aic, sampled=int(sample.size))


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
    if observed.size < _MIN_RENEGED:
        return None
    total, events = float(observed.sum() + censored.sum()), int(observed.size)
    scale = total / events
    aic = {"expon": 2 - 2 * (-events * math.log(scale) - events)}
    shape, width = 1.0, 1.0
    if observed.std() > _SAME_VALUE * observed.mean():  # one repeated value has no shape
        data = stats.CensoredData(uncensored=observed / scale, right=censored / scale)
        shape, _, width = (float(value) for value in stats.weibull_min.fit(data, 1.0, floc=0, scale=1.0))
    law = stats.weibull_min(shape, scale=width * scale)
    likelihood = float(law.logpdf(observed).sum() + law.logsf(censored).sum())
    aic["weibull_min"] = 4 - 2 * likelihood
    best = min(aic, key=lambda family: aic[family])
    wide = float(width * scale) if best == "weibull_min" else scale
    fitted = law_table(best, float(shape), wide, write=quantity_writer(unit))
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
