"""Step functions of time and their exact integrals: servers on duty, opening hours, queue lengths.

Input: moments at which something changes, in ms.  Output: integrals in whole ms (times servers), so that
a time average is exact and a sum of parts is the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from foundation.arrays import BoolArray, IntArray
from foundation.identity import Identity
from sim.calendar import WorkCalendar
from sim.program import Plan, PoolPlan

__all__ = [
    "PLANS",
    "Clocks",
    "StepFunction",
    "after_closing",
    "clocks",
    "on_duty",
    "opening",
    "rostered",
    "staffed",
]


@dataclass(frozen=True, eq=False)
class StepFunction:
    """A function that is ``values[k]`` from ``times[k]`` on, and 0 before ``times[0]``."""

    times: IntArray
    values: IntArray

    def integral(self, t: IntArray) -> IntArray:
        """Return the integral up to each moment, in ms times value."""
        if self.times.size == 0:
            return np.zeros_like(t)
        total = np.concatenate(([0], np.cumsum(self.values[:-1] * np.diff(self.times))))
        k = np.maximum(np.searchsorted(self.times, t, side="right") - 1, 0)
        since: IntArray = total[k] + self.values[k] * np.maximum(t - self.times[k], 0)
        return since

    def at(self, t: IntArray) -> IntArray:
        """Return the value at each moment."""
        if self.times.size == 0:
            return np.zeros_like(t)
        k = np.searchsorted(self.times, t, side="right") - 1
        return np.where(k >= 0, self.values[np.maximum(k, 0)], 0)

    def times_with(self, other: StepFunction) -> StepFunction:
        """Return the product of two step functions."""
        times = np.union1d(self.times, other.times)
        return StepFunction(times, self.at(times) * other.at(times))


def opening(calendar: WorkCalendar) -> StepFunction:
    """Return 1 in opening time, 0 outside."""
    times = np.stack([calendar.opens, calendar.closes], axis=1).ravel()
    return StepFunction(times, np.tile(np.array([1, 0], dtype=np.int64), calendar.opens.size))


def on_duty(pool: PoolPlan) -> StepFunction:
    """Return the servers on duty at a pool."""
    return StepFunction(pool.times, pool.servers)


def staffed(pool: PoolPlan) -> StepFunction:
    """Return 1 while anybody is on duty at a pool, 0 otherwise."""
    return StepFunction(pool.times, (pool.servers > 0).astype(np.int64))


def after_closing(pool: PoolPlan) -> StepFunction:
    """Return 1 from each last closing of a day until somebody is on duty again, 0 otherwise."""
    return _after_closing(pool.times, pool.servers > 0, pool.day_close)


def _after_closing(times: IntArray, is_staffed: BoolArray, day_close: BoolArray) -> StepFunction:
    last_change = np.maximum.accumulate(np.where(day_close | is_staffed, np.arange(times.size), -1))
    closed = ~is_staffed & (last_change >= 0) & day_close[np.maximum(last_change, 0)]
    return StepFunction(times, closed.astype(np.int64))


_ALWAYS: Final = StepFunction(np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64))
PLANS: Final = 32
"""Plans whose times are kept: those that are compared take turns."""


@dataclass(frozen=True, eq=False)
class Clocks:
    """What a plan says about time, pool by pool, laid end to end on one axis so that one search serves them all.

    Attributes
    ----------
    times
        Moments at which something changes, of one pool after the other, each beginning with 0.
    values, totals
        From each such moment on, and the integral up to it, shape (moments, 3): whether a service goes on; whether it
        does so after the day's last closing; whether anybody is on duty.
    first
        Where each pool's moments begin, and where the last one's end.
    """

    times: IntArray
    values: IntArray
    totals: IntArray
    first: IntArray


@lru_cache(maxsize=PLANS)
def clocks(plan: Plan) -> Clocks:
    """Return the clocks of a plan; kept for the next replication, which has the same plan."""
    times, values, totals = [], [], []
    for pool in plan.pools:
        own = _pool_clock(
            None if pool.pauses is None else Identity(pool.pauses),
            pool.times.tobytes(),
            (pool.servers > 0).tobytes(),
            pool.day_close.tobytes(),
            plan.stop + 1,
        )
        times.append(own.times)
        values.append(own.values)
        totals.append(own.totals)
    no_pool = np.zeros((0, 3), dtype=np.int64)
    return Clocks(
        np.concatenate([no_pool[:, 0], *times]),
        np.concatenate([no_pool, *values]),
        np.concatenate([no_pool, *totals]),
        np.cumsum([0, *(own.size for own in times)]),
    )


@dataclass(frozen=True, eq=False)
class _PoolClock:
    """One pool's part of :class:`Clocks`."""

    times: IntArray
    values: IntArray
    totals: IntArray


@lru_cache(maxsize=256)
def _pool_clock(
    pauses: Identity[WorkCalendar] | None, edges: bytes, on_duty: bytes, closes: bytes, span: int
) -> _PoolClock:
    """Return the clock of a pool; pools of the same hours, and plans of similar halls, share one.

    Parameters
    ----------
    pauses
        When a service goes on, where it pauses at all.
    edges, on_duty, closes
        Contents of the plan's ``times``, of whether anybody is on duty from then on, and of ``day_close``.
    span
        When the run has ended, in ms.
    """
    times = np.frombuffer(edges, dtype=np.int64)
    is_staffed, day_close = np.frombuffer(on_duty, dtype=np.bool_), np.frombuffer(closes, dtype=np.bool_)
    goes_on = _ALWAYS if pauses is None else opening(pauses.value)
    with_anybody = StepFunction(times, is_staffed.astype(np.int64))
    functions = (goes_on, _after_closing(times, is_staffed, day_close).times_with(goes_on), with_anybody)
    own = np.unique(np.concatenate(([0], *(function.times for function in functions))))
    own = own[(own >= 0) & (own < span)]
    return _PoolClock(
        own,
        np.stack([function.at(own) for function in functions], axis=1),
        np.stack([function.integral(own) for function in functions], axis=1),
    )


@lru_cache(maxsize=PLANS)
def rostered(plan: Plan, begin: int, finish: int) -> tuple[IntArray, IntArray]:
    """Return for each pool what lies between two moments; kept, too.

    Returns
    -------
    servers, staffed : int64 arrays, shape (pools,)
        Servers on duty integrated over time, in ms times servers, and the time with anybody on duty, in ms.
    """
    edges = np.array([begin, finish])
    by_pool = [[np.diff(function(pool).integral(edges))[0] for pool in plan.pools] for function in (on_duty, staffed)]
    servers, with_anybody = np.array(by_pool, dtype=np.int64).reshape(2, len(plan.pools))
    return servers, with_anybody
