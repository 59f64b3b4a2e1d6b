"""Intervals, each for one kind of question, and each saying what it covers.

Come in: numbers from independent units, which are replications (or days, where days are independent); visitors and
cases within one unit are never taken for independent.  Goes out: an :class:`Interval`.  All intervals are for the
chance of the simulation alone; what is uncertain about the inputs is another matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

import numpy as np
import numpy.typing as npt

from foundation import messages
from foundation.arrays import FloatArray, IntArray
from foundation.errors import HallplanError
from sim.statistics.quantiles import quantiles

__all__ = [
    "Covers",
    "Interval",
    "Ranks",
    "linearised",
    "mean_interval",
    "order_statistic_ranks",
    "paired_bootstrap",
    "paired_interval",
    "pooled_quantile_interval",
    "proportion_interval",
    "quantile_interval",
    "ratio_bootstrap",
    "ratio_interval",
    "standard_error",
    "t_quantile",
    "typical_day_interval",
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

RESAMPLES: Final = 2_000
"""Bootstrap samples, if nothing else is said: the ends then stand to about 0.05 of the interval's width."""

_AT_ONCE: Final = 2_000_000
"""Numbers that one block of bootstrap samples may hold."""


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

    def within(self, low: float, high: float) -> Self:
        """Return the interval cut to what is possible, such as 0 to 1 for a share; that loses no coverage."""
        return replace(self, low=min(max(self.low, low), high), high=max(min(self.high, high), low))

    def about(self, covers: Covers) -> Self:
        """Return the same numbers as an interval about something else."""
        return replace(self, covers=covers)

    def label(self, language: messages.Language | None = None) -> str:
        """Say in one sentence what the interval covers and what it doesn't."""
        return messages.text(f"interval.{self.covers}", language, level=self.level, n=self.n)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not at {level}")


def _floats(values: npt.ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64).ravel()


def _pair(base: npt.ArrayLike, other: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    first, second = _floats(base), _floats(other)
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
    _check_level(level)
    given = _floats(values)
    known = given[~np.isnan(given)]
    mean = float(known.mean()) if known.size else float("nan")
    error = standard_error(known) if known.size > 1 and np.isfinite(mean) else float("nan")
    return Interval(
        mean, *_around(mean, error, known.size - 1, level), level, "mean", known.size, given.size - known.size
    )


def standard_error(values: FloatArray) -> float:
    """Return the standard error of the mean of two or more values: their spread, with n - 1, over the root of n."""
    return float(values.std(ddof=1)) / float(np.sqrt(values.size))


def paired_interval(base: npt.ArrayLike, other: npt.ArrayLike, *, level: float = 0.95) -> Interval:
    """Return the mean of ``other - base`` over replications with common random numbers, and its paired t interval.

    Raises
    ------
    HallplanError
        If the two have different numbers of replications.
    ValueError
        If `level` isn't between 0 and 1.
    """
    first, second = _pair(base, other)
    with np.errstate(invalid="ignore"):
        return mean_interval(second - first, level).about("difference")


def welch_interval(base: npt.ArrayLike, other: npt.ArrayLike, *, level: float = 0.95) -> Interval:
    """Return the difference of two means for replications that share no random numbers (Welch 1938).

    The degrees of freedom are Satterthwaite's.  For scenarios run with the same seed use :func:`paired_interval`.

    Raises
    ------
    ValueError
        If `level` isn't between 0 and 1.
    """
    _check_level(level)
    parts = [_floats(values) for values in (base, other)]
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
    first, second = _pair(base, other)
    with np.errstate(invalid="ignore"):
        differences = second - first
    ones = np.where(np.isnan(differences), np.nan, 1.0)
    return ratio_bootstrap(differences, ones, level=level, resamples=resamples, seed=seed).about("difference")


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
    y, x = _pair(numerators, denominators)
    known = ~(np.isnan(y) | np.isnan(x))
    whole = float(x[known].sum())
    if whole == 0:
        return np.full(y.size, np.nan)
    ratio = float(y[known].sum()) / whole
    contributions: FloatArray = np.where(known, ratio + (y - ratio * x) / (whole / known.sum()), np.nan)
    return contributions


def ratio_interval(numerators: npt.ArrayLike, denominators: npt.ArrayLike, *, level: float = 0.95) -> Interval:
    """Return a ratio of sums over independent units, and its interval by the delta method.

    The share of visitors called within 15 minutes is (those called in time) / (all visitors), summed over all
    units; it is not the mean of the units' shares, in which a quiet day would count as much as a busy one.  The
    interval is Student's t with n - 1 degrees of freedom over the :func:`linearised` units.

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
    return mean_interval(linearised(numerators, denominators), level).about("ratio")


def ratio_bootstrap(
    numerators: npt.ArrayLike,
    denominators: npt.ArrayLike,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return a ratio of sums and its bootstrap interval: a check on :func:`ratio_interval` that assumes less.

    Units are drawn with replacement; the ends are percentiles, taken further out so that few units don't make the
    interval too short (expanded percentiles: Hesterberg 2015, "What teachers should know about the bootstrap", The
    American Statistician 69).

    Parameters
    ----------
    numerators, denominators, level
        As for :func:`ratio_interval`.
    resamples, seed
        How many samples, and from which seed: the same call returns the same interval.

    Raises
    ------
    HallplanError
        If the two have different lengths.
    ValueError
        If `level` isn't between 0 and 1.
    """
    _check_level(level)
    given = np.stack(_pair(numerators, denominators))
    known = ~np.isnan(given).any(axis=0)
    (y, x), missing = given[:, known], int(known.size - known.sum())
    whole = float(x.sum())
    ratio = float(y.sum()) / whole if whole else float("nan")

    def of_sample(counts: IntArray) -> FloatArray:
        with np.errstate(invalid="ignore", divide="ignore"):
            sampled: FloatArray = (counts @ y) / (counts @ x)
        return sampled

    ends = _bootstrap_ends(of_sample, y.size, level, resamples, seed) if np.isfinite(ratio) else (-np.inf, np.inf)
    return Interval(ratio, *ends, level, "ratio", y.size, missing)


def _samples(units: int, resamples: int, seed: int) -> Iterator[IntArray]:
    """Yield how often every unit is in a sample, in blocks of shape (samples, units)."""
    generator = np.random.Generator(np.random.Philox(key=seed))
    block = max(1, min(resamples, _AT_ONCE // units))
    for begin in range(0, resamples, block):
        yield generator.multinomial(units, np.full(units, 1 / units), size=min(block, resamples - begin))


def _bootstrap_ends(
    statistic: Callable[[IntArray], FloatArray], units: int, level: float, resamples: int, seed: int
) -> tuple[float, float]:
    if units < 2:
        return -np.inf, np.inf
    from scipy import special

    values = np.concatenate([statistic(counts) for counts in _samples(units, resamples, seed)])
    # A normal sample's percentile interval is shorter than Student's by √((n - 1) / n) and by z against t.
    outside = float(special.ndtr(-np.sqrt(units / (units - 1)) * t_quantile(units - 1, level)))
    low, high = np.nanquantile(values, [outside, 1 - outside], method="inverted_cdf").tolist()
    return low, high


# ---- quantiles -----------------------------------------------------------------------------------------------------


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

    _check_level(level)
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
    given = _floats(values)
    known = np.sort(given[~np.isnan(given)])
    ranks = order_statistic_ranks(known.size, q, level=level)
    bounded = np.concatenate(([-np.inf], known, [np.inf]))
    ends = float(bounded[ranks.low]), float(bounded[ranks.high])
    return Interval(
        quantiles(known, (q,))[0], *ends, level, "replication_quantile", known.size, given.size - known.size
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
    days are.  For the ends see :func:`ratio_bootstrap`.

    Parameters
    ----------
    values
        One number a visitor, such as minutes waited; infinite for whoever was never called.
    day
        The day (and replication) of each: equal labels are one unit.
    q
        Which quantile.
    level, resamples, seed
        As for :func:`ratio_bootstrap`.

    Raises
    ------
    HallplanError
        If the two have different lengths.
    ValueError
        If `q` or `level` isn't between 0 and 1.
    """
    _check_level(level)
    each, unit = _by_day(values, day, q)
    if each.size == 0:
        return Interval(float("nan"), -np.inf, np.inf, level, "pooled_quantile", 0)
    order = np.argsort(each, kind="stable")
    ordered, unit = each[order], unit[order]
    units = int(unit.max()) + 1

    def of_sample(counts: IntArray) -> FloatArray:
        found = np.empty(len(counts))
        for row, count in enumerate(counts):
            reached = np.cumsum(count[unit])
            found[row] = ordered[np.searchsorted(reached, q * reached[-1] - 1e-9)] if reached[-1] else np.nan
        return found

    ends = _bootstrap_ends(of_sample, units, level, resamples, seed)
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
    return mean_interval([quantiles(one, (q,))[0] for one in days], level).about("typical_day")


def _by_day(values: npt.ArrayLike, day: npt.ArrayLike, q: float) -> tuple[FloatArray, IntArray]:
    if not 0 < q < 1:
        raise ValueError(f"a quantile's share lies between 0 and 1, not at {q}")
    each, labels = _floats(values), np.asarray(day).ravel()
    if each.size != labels.size:
        raise HallplanError("error.replications.unpaired", first=each.size, second=labels.size)
    known = ~np.isnan(each)
    unit: IntArray = np.unique(labels[known], return_inverse=True)[1].astype(np.int64)
    return each[known], unit


# ---- yes and no ----------------------------------------------------------------------------------------------------


def proportion_interval(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Return a share of independent units that pass a yes-or-no criterion, and its exact interval.

    Clopper and Pearson (1934): the ends are quantiles of beta distributions.  Each end alone is a one-sided bound at
    ``(1 + level) / 2``.  Unlike a t interval it stays honest when all units pass.

    Raises
    ------
    ValueError
        If `level` isn't between 0 and 1, or there are more successes than units.
    """
    from scipy import special

    _check_level(level)
    if not 0 <= successes <= n:
        raise ValueError(f"there can't be {successes} successes in {n}")
    outside = (1 - level) / 2
    low = float(special.betaincinv(successes, n - successes + 1, outside)) if successes else 0.0
    high = float(special.betaincinv(successes + 1, n - successes, 1 - outside)) if successes < n else 1.0
    return Interval(successes / n if n else float("nan"), low, high, level, "proportion", n)
