"""Durations: a law for each activity, and for a service of its own where that describes the data better.

Input: :class:`~calibration.discovery.log.traces.Traces`, start times and pools.
Output: a :class:`Duration` for each activity, and for each service whose durations differ by Akaike's criterion.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.discovery.laws.fitting import MIN_SAMPLE, FittedLaw, fit_law
from calibration.discovery.log.traces import Traces
from calibration.discovery.resources.pools import PoolEstimate, pool_by_row
from calibration.discovery.timing.hours import WorkingDays, work_calendar
from calibration.discovery.timing.start_times import StartTimes
from foundation.arrays import FloatArray, IntArray

__all__ = ["ALL", "GUESS", "Duration", "fit_durations"]

ALL: Final = -1
"""Code for all services together."""
GUESS: Final = 0.5
"""Share of a bound that is assumed where nothing else is known of the duration: the middle."""
_MOSTLY: Final = 0.5
"""A property of most rows holds for the activity."""
_MIN_NEAR: Final = 10
"""Rows with a start near the truth that are enough for an activity with few rows."""


@dataclass(frozen=True, eq=False)
class Duration:
    """How long an activity takes.

    Attributes
    ----------
    activity, service
        Codes; `service` is :data:`ALL` for the law of all services.
    fitted
        The law.
    bounded
        The starts are estimates: work may have been shorter.
    guessed
        Nothing but the resource's previous end bounds the starts, so that idle time can't be told from work (by Burke's
        theorem the departures of a queue needn't say anything about its service): a share :data:`GUESS` of the bound.
    """

    activity: int
    service: int
    fitted: FittedLaw
    bounded: bool
    guessed: bool


def fit_durations(
    traces: Traces,
    pools: Sequence[PoolEstimate],
    days: WorkingDays,
    *,
    starts: StartTimes,
    rng: np.random.Generator,
) -> list[Duration]:
    """Fit a law to the durations of every activity.

    Parameters
    ----------
    traces, pools, days
        The log, who does what, and when.
    starts
        Start times by row.
    rng
        For sub-samples and tests of fit.
    """
    estimates = []
    start, estimated, near = starts
    pool_of = pool_by_row(traces, pools)
    calendars = [work_calendar(pool.hours, days, first_day=traces.first_day) if pool.pauses else None for pool in pools]
    for activity in range(len(traces.activities)):
        of_activity = (traces.activity == activity) & ~traces.outside
        rows = np.flatnonzero(of_activity & (start >= 0) & (traces.end >= 0) & ~traces.left)
        if not rows.size:
            continue
        bounded = bool(estimated[rows].mean() > _MOSTLY)
        close = rows[~estimated[rows] | near[rows]]
        enough = close.size >= min(MIN_SAMPLE, max(rows.size // 10, _MIN_NEAR))
        rows = close if enough else rows
        guessed = bounded and not enough and bool(traces.is_first[rows].mean() > _MOSTLY)
        values = (traces.end[rows] - start[rows]).astype(np.float64)
        for pool in np.unique(pool_of[rows]):
            calendar = calendars[pool]
            if calendar is not None:
                of_pool = pool_of[rows] == pool
                values[of_pool] = calendar.between(start[rows[of_pool]], traces.end[rows[of_pool]])
        values = np.maximum(values, 0.0) * (GUESS if guessed else 1.0)
        pooled = fit_law(values, rng=rng)
        estimates.append(Duration(activity, ALL, pooled, bounded, guessed))
        service = traces.service[traces.case[rows]]
        estimates += [
            Duration(activity, kind, law, bounded, guessed)
            for kind, law in _own(values, service, pooled, rng=rng).items()
        ]
    return estimates


def _own(
    values: FloatArray, service: IntArray, pooled: FittedLaw, *, rng: np.random.Generator
) -> Mapping[int, FittedLaw]:
    """Return laws by service, if they describe the data better than one law for all."""
    kinds, counts = np.unique(service, return_counts=True)
    if kinds.size < 2 or pooled.aic is None:
        return {}
    large = [int(kind) for kind, count in zip(kinds, counts, strict=True) if count >= MIN_SAMPLE]
    laws = {kind: fit_law(values[service == kind], rng=rng, tested=False) for kind in large}
    rest = values[~np.isin(service, large)]
    others = fit_law(rest, rng=rng, tested=False) if rest.size >= MIN_SAMPLE else None
    share = values.size / pooled.sampled
    apart = sum(_aic(law) * law.n / law.sampled for law in laws.values())
    inside = np.isin(service, large).sum() + (rest.size if others is not None else 0)
    if others is not None:
        apart += _aic(others) * others.n / others.sampled
    together = min(pooled.aic.values()) * share * inside / values.size
    if not laws or not math.isfinite(apart) or apart >= together:
        return {}
    return {kind: fit_law(values[service == kind], rng=rng) for kind in large}


def _aic(law: FittedLaw) -> float:
    return min(law.aic.values()) if law.aic else math.inf
