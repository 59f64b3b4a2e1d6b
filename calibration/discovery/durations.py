"""How long the work takes: a law for every activity, and for a service of its own where that tells more.

Comes in: :class:`~calibration.discovery.traces.Traces`, starts and pools.  Goes out: one :class:`Duration` an activity,
and one for every service whose work at it differs by Akaike's criterion.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.discovery.hours import WorkingDays, calendar_of
from calibration.discovery.laws import FEW, FittedLaw, fit_law
from calibration.discovery.pools import PoolFound, pool_of_rows
from calibration.discovery.traces import Traces
from sim.calendar import BoolArray, FloatArray, IntArray

__all__ = ["ALL", "GUESS", "Duration", "durations_of"]

ALL: Final = -1
"""Stands for every service."""
GUESS: Final = 0.5
"""What is assumed of a bound that says nothing else."""


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
    guessed: bool = False


def durations_of(
    traces: Traces,
    pools: Sequence[PoolFound],
    days: WorkingDays,
    *,
    start: IntArray,
    estimated: BoolArray,
    near: BoolArray,
    rng: np.random.Generator,
) -> list[Duration]:
    """Fit a law to the durations of every activity.

    Parameters
    ----------
    traces, pools, days
        The log, who does what, and when.
    start, estimated, near
        By row: when work began, whether that is an estimate, and whether the estimate is near the truth.
    rng
        For sub-samples and tests of fit.
    """
    estimates = []
    pool_of = pool_of_rows(traces, pools)
    calendars = [calendar_of(pool.hours, days, first_day=traces.first_day) if pool.pauses else None for pool in pools]
    for activity in range(len(traces.activities)):
        of_activity = (traces.activity == activity) & ~traces.outside
        rows = np.flatnonzero(of_activity & (start >= 0) & (traces.end >= 0) & ~traces.left)
        if not rows.size:
            continue
        bounded = bool(estimated[rows].mean() > 0.5)
        close = rows[~estimated[rows] | near[rows]]
        enough = close.size >= min(FEW, max(rows.size // 10, 10))
        rows = close if enough else rows
        guessed = bounded and not enough and bool(traces.is_first[rows].mean() > 0.5)
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
    large = [int(kind) for kind, count in zip(kinds, counts, strict=True) if count >= FEW]
    laws = {kind: fit_law(values[service == kind], rng=rng, tested=False) for kind in large}
    rest = values[~np.isin(service, large)]
    others = fit_law(rest, rng=rng, tested=False) if rest.size >= FEW else None
    share = values.size / max(pooled.sampled, 1)
    apart = sum(_aic(law) * law.n / max(law.sampled, 1) for law in laws.values())
    inside = np.isin(service, large).sum() + (rest.size if others is not None else 0)
    if others is not None:
        apart += _aic(others) * others.n / max(others.sampled, 1)
    together = min(pooled.aic.values()) * share * inside / values.size
    if not laws or not math.isfinite(apart) or apart >= together:
        return {}
    return {kind: fit_law(values[service == kind], rng=rng) for kind in large}


def _aic(law: FittedLaw) -> float:
    return min(law.aic.values()) if law.aic else math.inf
