"""The arrival process: how many cases arrive, and when.

Input: arrival moments, working days and hours.
Output: :class:`Arrivals`: the mean per day, weights by weekday, the profile of the day, the dispersion of daily counts,
and a test of the Poisson law within a day (the conditional-uniform test of Brown et al. 2005,
doi:10.1198/016214504000001808, section 3.1).  Akaike's criterion chooses the bin width of the profile.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import stats

from calibration.discovery.laws.families import ALPHA
from calibration.discovery.timing.hours import GRANULE_MS, GRANULES_PER_DAY, Hours, WorkingDays, clock, stretches_of
from foundation.arrays import BoolArray, FloatArray, IntArray
from scenarios.model import WEEKDAYS
from sim.calendar import DAY_MS, MINUTE_MS

__all__ = ["MIN_DISPERSION", "Arrivals", "brown_test", "discover_arrivals", "weekday_interaction"]

_BIN_WIDTHS_MIN: Final = (30, 60, 120, 240)
"""Bin widths in minutes that the profile of the day may have."""
_MAX_TESTED: Final = 20_000
"""Arrivals that the Poisson test examines: with more, any departure is significant."""
_WEEKDAY_ALPHA: Final = 0.01
"""Significance level from which weekdays have weights: five more parameters need strong evidence."""
_BLOCK_MS: Final = GRANULE_MS
"""Length of time over which the Poisson test takes the rate as constant."""
_MAKE_UP: Final = 7
"""Code of a make-up working day on a weekend, which is a weekday of its own."""
_MIN_DAYS: Final = 5
"""Days below which the dispersion has no interval."""
_MIN_ARRIVALS: Final = 20
"""Arrivals below which the Poisson test has no power, and per hour below which its cells are too small."""
_RESAMPLES: Final = 500
"""Bootstrap samples of the days: the ends of a 95% interval are then known to 10% of its width."""
MIN_DISPERSION: Final = 1e-6
"""Dispersion of equal counts, so that no interval has zero width."""
_SLOT_MS: Final = 5 * MINUTE_MS
"""Finest unit of the profile of the day."""


@dataclass(frozen=True, eq=False)
class Arrivals:
    """The arrival process.

    Attributes
    ----------
    per_day, low, high
        Mean number a working day, and its 95% interval (which allows for the dispersion of the days).
    days, n
        Days and arrivals that it rests on.
    weekday, weekday_p
        Weight by weekday (mean 1), and the p-value of their being even; ``None`` where they are.
    dispersion, dispersion_low, dispersion_high, dispersion_p
        Variance over mean of a day's count, weekdays taken out; its 95% interval, and the p-value of a Poisson law.
    width_min, profile
        Width of the day's bins in minutes (0: even over the hours), and the weight by start of bin.
    interaction_p
        P-value of the profile's being the same on every weekday.
    poisson_p, poisson_distance, tested
        The conditional-uniform test: p-value, Kolmogorov-Smirnov distance, and how many arrivals it looked at.
    rates
        One row a weekday and half-hour: arrivals an hour with 95% interval.
    date_only
        Nothing is known of the time of day.
    """

    per_day: float
    low: float
    high: float
    days: int
    n: int
    weekday: dict[str, float] | None
    weekday_p: float
    dispersion: float
    dispersion_low: float
    dispersion_high: float
    dispersion_p: float
    width_min: int
    profile: dict[str, float]
    interaction_p: float
    poisson_p: float
    poisson_distance: float
    tested: int
    rates: pd.DataFrame
    date_only: bool

    @property
    def overdispersed(self) -> bool:
        """Whether the counts of days vary significantly more than a Poisson law allows."""
        return self.dispersion > 1 and self.dispersion_p < ALPHA


def discover_arrivals(
    moments: IntArray,
    days: WorkingDays,
    hours: Hours,
    *,
    first_day_weekday: int,
    from_day: int = 0,
    until_day: int | None = None,
    resolution_ms: int = 1,
    date_only: bool = False,
    rng: np.random.Generator,
) -> Arrivals:
    """Estimate the arrival process.

    Parameters
    ----------
    moments
        When cases arrived, in ms.
    days, hours
        When arrivals are possible.
    first_day_weekday
        Weekday of day 0, Monday 0.
    from_day, until_day
        The calendar days that are observed whole.
    resolution_ms
        Unit of the stamps: within it, moments are spread at random for the test.
    date_only
        The stamps carry no time of day.
    rng
        For sub-samples.
    """
    until_day = days.worked.size if until_day is None else until_day
    day = moments // DAY_MS
    numbers = np.flatnonzero(days.worked[:until_day])
    numbers = numbers[numbers >= from_day]
    # What comes on a day off counts for the next working day.
    index = np.searchsorted(numbers, day)
    inside = (day >= from_day) & (index < numbers.size)
    counts = np.bincount(index[inside], minlength=numbers.size).astype(np.float64)
    weekday = (numbers + first_day_weekday) % 7
    usual = ~np.isin(weekday, days.weekend)  # a make-up working day is no weekday like others
    daily = _daily(counts, np.where(usual, weekday, _MAKE_UP), usual, rng)
    times = moments[inside]
    if date_only:
        return Arrivals(**daily, **_NO_TIMES, rates=pd.DataFrame(), date_only=True)
    width, profile = _profile(times % DAY_MS, hours)
    interaction = weekday_interaction(times, first_day_weekday)
    jitter = rng.integers(0, max(resolution_ms, 1), times.size) if resolution_ms > 1 else 0
    poisson_p, distance, tested = brown_test(np.sort(times + jitter), rng=rng)
    return Arrivals(
        **daily,
        width_min=width,
        profile=profile,
        interaction_p=interaction,
        poisson_p=poisson_p,
        poisson_distance=distance,
        tested=tested,
        rates=_rates(times, numbers, first_day_weekday, daily["dispersion"]),
        date_only=False,
    )


_NO_TIMES: Final[Mapping[str, Any]] = {
    "width_min": 0,
    "profile": {},
    "interaction_p": math.nan,
    "poisson_p": math.nan,
    "poisson_distance": math.nan,
    "tested": 0,
}
"""Fields of :class:`Arrivals` that a log without times of day cannot show."""


def _daily(counts: FloatArray, weekday: IntArray, usual: BoolArray, rng: np.random.Generator) -> dict[str, Any]:
    """Return the fields of :class:`Arrivals` that rest on counts by day: rate, weekdays and dispersion."""
    means = np.array([counts[weekday == k].mean() if (weekday == k).any() else np.nan for k in range(_MAKE_UP + 1)])
    per_day = float(counts.mean()) if counts.size else 0.0
    groups = int(np.isfinite(means).sum())
    fitted = np.where(means[weekday] > 0, means[weekday], 1.0)
    pearson = float((((counts - fitted) ** 2) / fitted).sum())
    free = max(counts.size - groups, 1)
    dispersion = max(pearson / free, MIN_DISPERSION)
    weekday_p = _evenness(counts[usual], weekday[usual], dispersion)
    by_weekday = weekday_p < _WEEKDAY_ALPHA and groups > 1
    if not by_weekday:
        pearson = float(((counts - per_day) ** 2).sum() / max(per_day, 1e-9))
        free = max(counts.size - 1, 1)
        dispersion = max(pearson / free, MIN_DISPERSION)
    half = float(stats.t.ppf(0.975, free)) * math.sqrt(dispersion * per_day / max(counts.size, 1))
    low, high = _dispersion_interval(counts, weekday if by_weekday else np.zeros_like(weekday), rng)
    weights: dict[str, float] | None = None
    if by_weekday:
        rates = {name: float(value) for name, value in zip(WEEKDAYS, means, strict=False) if value >= 0}
        weights = {name: value * len(rates) / sum(rates.values()) for name, value in rates.items()}
    return {
        "per_day": per_day,
        "low": max(per_day - half, 0.0),
        "high": per_day + half,
        "days": int(counts.size),
        "n": int(counts.sum()),
        "weekday": weights,
        "weekday_p": weekday_p,
        "dispersion": dispersion,
        "dispersion_low": low,
        "dispersion_high": high,
        "dispersion_p": float(stats.chi2.sf(pearson, free)),
    }


def _evenness(counts: FloatArray, weekday: IntArray, dispersion: float) -> float:
    """Return the p-value of all weekdays' having the same mean (F test, the days' own dispersion as the yardstick)."""
    weekdays = np.unique(weekday)
    if weekdays.size < 2 or not counts.any() or counts.size <= weekdays.size:
        return math.nan
    total = float(counts.mean())
    between = sum((weekday == k).sum() * (counts[weekday == k].mean() - total) ** 2 for k in weekdays) / total
    ratio = between / (weekdays.size - 1) / max(dispersion, 1e-9)
    return float(stats.f.sf(ratio, weekdays.size - 1, counts.size - weekdays.size))


def _dispersion_interval(counts: FloatArray, group: IntArray, rng: np.random.Generator) -> tuple[float, float]:
    """Return a 95% interval of the days' dispersion: percentile bootstrap of the days within their groups."""
    if counts.size < _MIN_DAYS or counts.sum() == 0:
        return math.nan, math.nan
    total, free = np.zeros(_RESAMPLES), 0
    for label in np.unique(group):
        of_group = counts[group == label]
        drawn = of_group[rng.integers(0, of_group.size, (_RESAMPLES, of_group.size))]
        mean = np.maximum(drawn.mean(axis=1, keepdims=True), 1e-9)
        total += ((drawn - mean) ** 2 / mean).sum(axis=1) * of_group.size / max(of_group.size - 1, 1)
        free += of_group.size
    low, high = np.quantile(total / free, [0.025, 0.975])
    return float(low), float(high)


def _profile(times: IntArray, hours: Hours) -> tuple[int, dict[str, float]]:
    """Return the width of bins that describes the day best, and the rate in each; 0 and nothing if it is even."""
    pieces = sorted({piece for day in hours.by_weekday for piece in day})
    open_ = np.zeros(DAY_MS // _SLOT_MS, dtype=np.bool_)
    for opens, closes in pieces:
        open_[opens // _SLOT_MS : -(-closes // _SLOT_MS)] = True
    counts = np.bincount(times // _SLOT_MS, minlength=open_.size).astype(np.float64)
    counts = np.where(open_, counts, 0)
    if not counts.any():
        return 0, {}
    labels = {0: np.where(open_, 0, -1)} | {width: _bins(open_, width) for width in _BIN_WIDTHS_MIN}
    width = min(labels, key=lambda candidate: _aic(counts, labels[candidate]))
    if width == 0:
        return 0, {}
    label = labels[width]
    rates = np.array([counts[label == k].mean() for k in range(label.max() + 1)])
    rates = rates / rates.max()
    changes = np.flatnonzero(np.r_[True, label[1:] != label[:-1]])
    profile = {
        clock(int(k) * _SLOT_MS): float(f"{rates[label[k]]:.6g}") if label[k] >= 0 else 0.0
        for k in changes
        if not (k == 0 and label[k] < 0)
    }
    return width, profile


def _bins(open_: BoolArray, width_min: int) -> IntArray:
    """Number the bins of a width that begin on the clock, anew after every break; -1 where it is closed."""
    label, number = np.full(open_.size, -1), 0
    for begin, end in stretches_of(open_):
        on_clock = np.arange(begin, end) * (_SLOT_MS // MINUTE_MS) // width_min
        label[begin:end] = number + np.unique(on_clock, return_inverse=True)[1]
        number = int(label[begin:end].max()) + 1
    return label


def _aic(counts: FloatArray, label: IntArray) -> float:
    """Return Akaike's criterion of a piecewise constant density over equal slots."""
    likelihood, pieces = 0.0, 0
    for k in np.unique(label[label >= 0]):
        piece = counts[label == k]
        pieces += 1
        if piece.sum() > 0:
            likelihood += piece.sum() * math.log(piece.sum() / counts.sum() / piece.size)
    return 2 * (pieces - 1) - 2 * likelihood


def weekday_interaction(times: IntArray, first_weekday: int) -> float:
    """Return the p-value of the day's shape being the same on all weekdays (chi-squared).

    How much whole days vary makes no difference to it: given its number, a day's shape is multinomial.
    """
    granule, weekday = (times % DAY_MS) // (2 * GRANULE_MS), (times // DAY_MS + first_weekday) % 7
    table = np.zeros((7, GRANULES_PER_DAY // 2))
    np.add.at(table, (weekday, granule), 1)
    table = table[:, table.sum(axis=0) > _MIN_ARRIVALS]
    table = table[table.sum(axis=1) > 0]  # a weekday may have nothing but rare times of day
    if min(table.shape) < 2:
        return math.nan
    statistic, _, free, _ = stats.chi2_contingency(table)
    return float(stats.chi2.sf(statistic, free))


def brown_test(times: IntArray, *, rng: np.random.Generator, block_ms: int = _BLOCK_MS) -> tuple[float, float, int]:
    """Test whether arrivals are Poisson with a rate that is constant in every block.

    Given that J fall into a block of length L at times T_1 < … < T_J, the numbers
    (J + 1 - j) · (-log((L - T_j) / (L - T_(j-1)))) are independent, exponential with mean 1.

    Parameters
    ----------
    times
        Moments in ms, sorted.
    rng
        Chooses the blocks to look at, if there are too many.
    block_ms
        Length of a block.

    Returns
    -------
    p-value, Kolmogorov-Smirnov distance, number of arrivals looked at
    """
    block = times // block_ms
    names, inverse, sizes = np.unique(block, return_inverse=True, return_counts=True)
    if times.size > _MAX_TESTED:
        selected = rng.random(names.size) < _MAX_TESTED / times.size
        keep = selected[inverse]
        times, block = times[keep], block[keep]
        names, inverse, sizes = np.unique(block, return_inverse=True, return_counts=True)
    if times.size < _MIN_ARRIVALS:
        return math.nan, math.nan, int(times.size)
    first = np.r_[True, block[1:] != block[:-1]]
    rank = np.arange(times.size) - np.flatnonzero(first)[inverse] + 1
    at = (times - block * block_ms).astype(np.float64)
    before = np.where(first, 0.0, np.r_[0.0, at[:-1]])
    numbers = (sizes[inverse] + 1 - rank) * -np.log((block_ms - at) / (block_ms - before))
    result = stats.kstest(numbers, "expon")
    return float(result.pvalue), float(result.statistic), int(times.size)


def _rates(times: IntArray, numbers: IntArray, first_weekday: int, dispersion: float) -> pd.DataFrame:
    granule, weekday = (times % DAY_MS) // GRANULE_MS, (times // DAY_MS + first_weekday) % 7
    counts = np.zeros((7, GRANULES_PER_DAY), dtype=np.int64)
    np.add.at(counts, (weekday, granule), 1)
    observed = np.bincount((numbers + first_weekday) % 7, minlength=7)
    rows, columns = np.nonzero(counts)
    n, days = counts[rows, columns], np.maximum(observed[rows], 1)
    wider = math.sqrt(max(dispersion, 1.0))
    low, high = stats.chi2.ppf(0.025, 2 * n) / 2, stats.chi2.ppf(0.975, 2 * n + 2) / 2  # Garwood 1936
    per_hour = 2 / days
    return pd.DataFrame(
        {
            "weekday": [WEEKDAYS[k] for k in rows],
            "half_hour": [clock(int(k) * GRANULE_MS) for k in columns],
            "arrivals_per_hour": n * per_hour,
            "low": np.maximum(n - (n - low) * wider, 0) * per_hour,
            "high": (n + (high - n) * wider) * per_hour,
            "days": days,
        }
    )
