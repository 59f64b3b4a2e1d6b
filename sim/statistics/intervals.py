"""Intervals for means, differences, ratios and proportions, each saying what it covers.

Input: numbers from independent units, which are replications (or days, where days are independent); visitors and
cases within one unit are never independent.  Output: an :class:`Interval`.  All intervals are for the chance of the
simulation alone; uncertain inputs are another matter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, Self

import numpy as np
import numpy.typing as npt

from foundation import messages
from foundation.arrays import FloatArray, number_array
from foundation.errors import HallplanError

__all__ = [
    "ENOUGH_TO_TELL_SKEWNESS",
    "Covers",
    "Interval",
    "check_level",
    "floats",
    "linearised",
    "mean_asymmetry",
    "mean_interval",
    "pair",
    "paired_interval",
    "proportion_interval",
    "ratio_interval",
    "skewed_mean_interval",
    "standard_error",
    "t_quantile",
    "welch_interval",
]

Covers = Literal[
    "mean",
    "difference",
    "independent_difference",
    "ratio",
    "replication_quantile",
    "pooled_quantile",
    "typical_day",
    "proportion",
    "controlled_mean",
    "transient",
]
"""What an interval is about; :meth:`Interval.label` says it in words."""


@dataclass(frozen=True)
class Interval:
    """An estimate and its confidence interval.

    Attributes
    ----------
    estimate, low, high
        The estimate and the ends; the ends are infinite where the data set none.
    level
        Confidence level.
    covers
        What the interval is about (see :data:`Covers`).
    n
        Independent units (replications, pairs or days) behind it.
    missing
        Units in which there was nothing to measure.
    """

    estimate: float
    low: float
    high: float
    level: float
    covers: Covers
    n: int
    missing: int = 0

    @property
    def half_width(self) -> float:
        """Half the interval's width."""
        return (self.high - self.low) / 2

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside: a difference is more than chance at the level."""
        return self.low > 0 or self.high < 0

    def within(self, low: float, high: float) -> Self:
        """Return the interval cut to what is possible, such as 0 to 1 for a share; that loses no coverage.

        Ends that the data do not set stay infinite: what is possible is no interval.
        """
        if not (np.isfinite(self.low) and np.isfinite(self.high)):
            return self
        return replace(self, low=min(max(self.low, low), high), high=max(min(self.high, high), low))

    def about(self, covers: Covers) -> Self:
        """Return the same numbers as an interval about something else."""
        return replace(self, covers=covers)

    def label(self, language: messages.Language | None = None) -> str:
        """Say in one sentence what the interval covers and what it doesn't."""
        return messages.text(f"interval.{self.covers}", language, level=self.level, n=self.n)


def check_level(level: float) -> None:
    """Refuse a confidence level that is not between 0 and 1.

    Raises
    ------
    ValueError
        If it is not.
    """
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not at {level}")


def floats(values: npt.ArrayLike) -> FloatArray:
    """Return the values as one row of floating-point numbers."""
    return number_array("values", values).ravel()


def pair(base: npt.ArrayLike, other: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return both as rows of floating-point numbers of the same length.

    Raises
    ------
    HallplanError
        If their lengths differ.
    """
    first, second = floats(base), floats(other)
    if first.size != second.size:
        raise HallplanError("error.replications.unpaired", first=first.size, second=second.size)
    return first, second


def t_quantile(degrees: float, level: float) -> float:
    """Return Student's t with `degrees` of freedom beyond which lies ``(1 - level) / 2`` on either side."""
    from scipy import special  # scipy.stats takes a second to import

    return float(special.stdtrit(degrees, (1 + level) / 2))


def _around(estimate: float, error: float, degrees: float, level: float) -> tuple[float, float]:
    """Return the ends of ``estimate ± t · error``, infinite where the error is unknown."""
    if degrees <= 0 or not np.isfinite(estimate) or not np.isfinite(error):
        return -np.inf, np.inf
    half = t_quantile(degrees, level) * error if error > 0 else 0.0
    return estimate - half, estimate + half


# ---- means and differences -----------------------------------------------------------------------------------------


def mean_interval(values: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return the mean of independent values and its Student t interval, ``mean ± t(n - 1) · s / √n``.

    Exact for normal values and good for means of many.  Not-a-numbers are left out and counted as missing.

    Parameters
    ----------
    values
        One number a replication.
    level
        Confidence level, between 0 and 1.

    Raises
    ------
    ValueError
        If `level` isn't between 0 and 1.
    """
    check_level(level)
    numbers = floats(values)
    present = numbers[~np.isnan(numbers)]
    mean = float(present.mean()) if present.size else float("nan")
    error = float(standard_error(present)) if present.size > 1 and np.isfinite(mean) else float("nan")
    ends = _around(mean, error, present.size - 1, level)
    return Interval(mean, *ends, level, "mean", present.size, numbers.size - present.size)


ENOUGH_TO_TELL_SKEWNESS: Final = 10
"""Values below which their skewness says too little to correct an interval by it."""

_SYMMETRIC: Final = 1e-6
"""Skewness of the mean below which the correction is less than rounding."""


def skewed_mean_interval(values: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return the mean of independent values and its t interval, corrected for their skewness.

    Means of waits near capacity are skewed: a few bad days make most of them.  Student's t then ends too low on the
    upper side; how often either interval holds the truth is studied in ``docs/reference/coverage.md``.  The ends are
    ``mean - G(±t(n - 1)) · s / √n`` with ``G(r) = ((1 + 6 a (r - a))^(1/3) - 1) / (2 a)`` and
    ``a = skewness / (6 √n)`` (Willink 2005, "A confidence interval and test for the mean of an asymmetric
    distribution", Communications in Statistics 34(4); after Johnson 1978 and Hall 1992).  For symmetric values it is
    :func:`mean_interval`, as it is for fewer than :data:`ENOUGH_TO_TELL_SKEWNESS`.

    Parameters
    ----------
    values
        One number a replication; not-a-numbers are left out and counted as missing.
    level
        Confidence level, between 0 and 1.

    Raises
    ------
    ValueError
        If `level` isn't between 0 and 1.
    """
    plain, numbers = mean_interval(values, level), floats(values)
    present = numbers[~np.isnan(numbers)]
    a = float(mean_asymmetry(present))
    if a == 0:
        return plain
    t, error = t_quantile(plain.n - 1, level), float(standard_error(present))
    low, high = (plain.estimate - error * float(np.cbrt(1 + 6 * a * (r - a)) - 1) / (2 * a) for r in (t, -t))
    return replace(plain, low=low, high=high)


def mean_asymmetry(values: FloatArray) -> FloatArray:
    """Return by how much the mean of independent values is skewed, ``skewness / (6 √n)``, the a of Willink (2005).

    Parameters
    ----------
    values
        The values, none of them not-a-number, shape (..., n).

    Returns
    -------
    FloatArray
        Shape (...).  Nothing for fewer than :data:`ENOUGH_TO_TELL_SKEWNESS`, for symmetric values, and where one is
        not finite.
    """
    n = values.shape[-1]
    if n < ENOUGH_TO_TELL_SKEWNESS:
        return np.zeros(values.shape[:-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        around = values - values.mean(axis=-1, keepdims=True)
        third = (around**3).sum(axis=-1) * n / ((n - 1) * (n - 2))
        a = third / values.std(axis=-1, ddof=1) ** 3 / (6 * np.sqrt(n))
        is_skewed = (np.abs(a) >= _SYMMETRIC) & np.isfinite(values).all(axis=-1) & (np.ptp(values, axis=-1) > 0)
    return np.where(is_skewed, a, 0.0)


def standard_error(values: FloatArray) -> FloatArray:
    """Return the standard error of the mean of two or more values: their spread, with n - 1, over the root of n.

    Values have the shape (..., n), and the standard error has (...).
    """
    return np.asarray(values.std(axis=-1, ddof=1) / np.sqrt(values.shape[-1]))


def paired_interval(base: npt.ArrayLike, other: npt.ArrayLike, *, level: float = 0.95) -> Interval:
    """Return the mean of ``other - base`` over replications with common random numbers, and its interval.

    It is the paired t interval, corrected for skewness (:func:`skewed_mean_interval`): a difference of mean waits near
    capacity is as skewed as the waits are.

    Parameters
    ----------
    base, other
        Values by replication, shape (replications,), in the same order.
    level
        Confidence level.

    Raises
    ------
    HallplanError
        If the two have different numbers of replications.
    ValueError
        If `level` isn't between 0 and 1.
    """
    first, second = pair(base, other)
    with np.errstate(invalid="ignore"):
        return skewed_mean_interval(second - first, level).about("difference")


def welch_interval(base: npt.ArrayLike, other: npt.ArrayLike, *, level: float = 0.95) -> Interval:
    """Return the difference of two means for replications that share no random numbers (Welch 1938).

    The degrees of freedom are Satterthwaite's.  For scenarios run with the same seed use :func:`paired_interval`.

    Parameters
    ----------
    base, other
        Values by replication, shape (replications,); their numbers may differ.
    level
        Confidence level.

    Raises
    ------
    ValueError
        If `level` isn't between 0 and 1.
    """
    check_level(level)
    parts = [floats(values) for values in (base, other)]
    first, second = (values[~np.isnan(values)] for values in parts)
    missing = sum(values.size for values in parts) - first.size - second.size
    estimate = float(second.mean() - first.mean()) if first.size and second.size else float("nan")
    degrees, error = 0.0, float("nan")
    if min(first.size, second.size) > 1 and np.isfinite(estimate):
        squares = np.array([standard_error(first), standard_error(second)]) ** 2
        error = float(np.sqrt(squares.sum()))
        weighted = float((squares**2 / (np.array([first.size, second.size]) - 1)).sum())
        degrees = float(squares.sum() ** 2 / weighted) if weighted > 0 else 1.0
    ends = _around(estimate, error, degrees, level)
    return Interval(estimate, *ends, level, "independent_difference", first.size + second.size, missing)


# ---- ratios --------------------------------------------------------------------------------------------------------


def linearised(numerators: npt.ArrayLike, denominators: npt.ArrayLike) -> FloatArray:
    """Return for every unit what it contributes to a ratio of sums, to first order: ``R + (y - R x) / x̄``.

    Their mean is the ratio R itself, and their standard error is the ratio's by the delta method,
    ``√(Σ (y - R x)² / (n - 1) / n) / x̄`` (Cochran 1977, Sampling Techniques, section 6.4).  So whatever holds for means
    of independent values, paired differences among it, can be used for ratios.

    Parameters
    ----------
    numerators, denominators
        Totals of every unit, same length; a unit whose denominator is 0 counts, one with a not-a-number is missing.

    Returns
    -------
    array
        One number a unit; not-a-number where the unit is missing, and everywhere if all denominators are 0.

    Raises
    ------
    HallplanError
        If the two have different lengths.
    """
    y, x = pair(numerators, denominators)
    present = ~(np.isnan(y) | np.isnan(x))
    total = float(x[present].sum())
    if total == 0:
        return np.full(y.size, np.nan)
    ratio = float(y[present].sum()) / total
    contributions: FloatArray = np.where(present, ratio + (y - ratio * x) / (total / present.sum()), np.nan)
    return contributions


def ratio_interval(numerators: npt.ArrayLike, denominators: npt.ArrayLike, *, level: float = 0.95) -> Interval:
    """Return a ratio of sums over independent units, and its interval by the delta method.

    The share of visitors called within 15 minutes is (those called in time) / (all visitors), summed over all
    units; it is not the mean of the units' shares, in which a quiet day would count as much as a busy one.  The
    interval is :func:`skewed_mean_interval` of the :func:`linearised` units.

    Parameters
    ----------
    numerators, denominators
        As for :func:`linearised`.
    level
        Confidence level.

    Raises
    ------
    HallplanError
        If the two have different lengths.
    ValueError
        If `level` isn't between 0 and 1.
    """
    return skewed_mean_interval(linearised(numerators, denominators), level).about("ratio")


# ---- yes and no ----------------------------------------------------------------------------------------------------


def proportion_interval(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Return a share of independent units that pass a yes-or-no criterion, and its exact interval.

    Clopper and Pearson (1934): the ends are quantiles of beta distributions.  Each end alone is a one-sided bound at
    ``(1 + level) / 2``.  Unlike a t interval it keeps its level when all units pass.

    Parameters
    ----------
    successes, n
        Number of units that pass, and of all units.
    level
        Confidence level.

    Raises
    ------
    ValueError
        If `level` isn't between 0 and 1, or there are more successes than units.
    """
    from scipy import special

    check_level(level)
    if not 0 <= successes <= n:
        raise ValueError(f"there can't be {successes} successes in {n}")
    outside = (1 - level) / 2
    low = float(special.betaincinv(successes, n - successes + 1, outside)) if successes else 0.0
    high = float(special.betaincinv(successes + 1, n - successes, 1 - outside)) if successes < n else 1.0
    return Interval(successes / n if n else float("nan"), low, high, level, "proportion", n)
