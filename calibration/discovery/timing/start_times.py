"""Estimates of when work started and when it was ready to start, where the log does not record it.

Input: :class:`~calibration.discovery.log.traces.Traces`, opening hours and pools.
Output: by row the start time or the ready (enabled) time, and whether it is an estimate.  An estimated start is the
earliest possible one, so a duration computed from it is an upper bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from calibration.discovery.log.traces import UNKNOWN, Traces
from calibration.discovery.resources.pools import PoolEstimate, pool_by_row
from calibration.discovery.timing.hours import GRANULE_MS, GRANULES_PER_DAY
from foundation.arrays import BoolArray, IntArray
from sim.calendar import DAY_MS, WorkCalendar

__all__ = ["ReadyTimes", "StartTimes", "estimate_ready_times", "estimate_starts"]


class StartTimes(NamedTuple):
    """Start times by row.

    Attributes
    ----------
    start
        When work started, :data:`~calibration.discovery.log.traces.UNKNOWN` where nothing bounds it.
    estimated
        The log does not record the start.
    near
        The start is an estimate, and the resource was busy until then while the case waited: the true start is near.
    """

    start: IntArray
    estimated: BoolArray
    near: BoolArray


class ReadyTimes(NamedTuple):
    """Ready times by row.

    Attributes
    ----------
    ready
        Since when it waited for a server.
    estimated
        The log does not record it.
    at_closing
        The estimate is the moment at which its pool went off duty, which says nothing of when the work came.
    """

    ready: IntArray
    estimated: BoolArray
    at_closing: BoolArray


def estimate_starts(traces: Traces, hall: WorkCalendar) -> StartTimes:
    """Return the start times that the log records, and the earliest possible start where it records none.

    Work cannot start before the previous activity of the case is complete, nor before the resource has completed its
    previous activity instance, nor outside opening hours.  The latest of these, on the day of completion, is the
    earliest possible start.
    """
    missing = (traces.start == UNKNOWN) & (traces.end >= 0) & ~traces.left
    if not missing.any():
        return StartTimes(traces.start, missing, missing)
    order = np.lexsort((traces.end, traces.resource))
    same = np.r_[False, traces.resource[order][1:] == traces.resource[order][:-1]] & (traces.resource[order] >= 0)
    resource_free = np.full(traces.n_rows, UNKNOWN, dtype=np.int64)
    resource_free[order] = np.where(same, np.r_[UNKNOWN, traces.end[order][:-1]], UNKNOWN)
    waiting_since = np.where(traces.ready >= 0, traces.ready, traces.previous_end)
    resource_today = np.where(resource_free // DAY_MS == traces.end // DAY_MS, resource_free, UNKNOWN)
    bound = np.maximum(waiting_since, resource_today)
    bounded = bound >= 0
    begun = np.where(bounded, hall.next_opening(np.maximum(bound, 0)), UNKNOWN)
    # A case that waited overnight is started on the day of its completion: else a free resource would work all night.
    midnight = np.maximum(traces.end, 0) // DAY_MS * DAY_MS
    opening = hall.next_opening(midnight)
    overnight = (begun < midnight) & (opening > midnight)
    begun = np.where(overnight, np.maximum(np.minimum(opening, traces.end), resource_today), begun)
    begun = np.where(bounded, np.minimum(begun, traces.end), UNKNOWN)
    begun = np.where(traces.outside, np.minimum(waiting_since, traces.end), begun)  # nobody had to be free for it
    start = np.where(missing, begun, traces.start)
    near = missing & (waiting_since >= 0) & (resource_free > waiting_since) & bounded
    near &= (begun // DAY_MS == traces.end // DAY_MS) & ~traces.outside
    return StartTimes(start, missing, near)


def estimate_ready_times(
    traces: Traces, start: IntArray, pools: Sequence[PoolEstimate], worked: BoolArray
) -> ReadyTimes:
    """Return by row since when it waited for a server, and whether that is an estimate.

    Where the log does not record it, it is the end of the case's previous activity, or the last moment before the start
    at which a server of the pool was free, if that is later: a free server would have started the work.
    """
    # Nothing bounds the ready time of a case's first row: it is set to the start, which leaves no wait.
    ready = np.where((traces.ready == UNKNOWN) & (traces.is_first | traces.outside), start, traces.ready)
    estimated, at_closing = np.zeros(traces.n_rows, dtype=np.bool_), np.zeros(traces.n_rows, dtype=np.bool_)
    pool_of = pool_by_row(traces, pools)
    for number, pool in enumerate(pools):
        of_pool = np.flatnonzero((pool_of == number) & (start >= 0))
        rows = of_pool[ready[of_pool] == UNKNOWN]
        if rows.size:
            ready[rows], at_closing[rows] = _since(traces, pool, of_pool, rows, start, worked)
            estimated[rows] = True
    return ReadyTimes(ready, estimated, at_closing)


def _since(
    traces: Traces, pool: PoolEstimate, of_pool: IntArray, rows: IntArray, start: IntArray, worked: BoolArray
) -> tuple[IntArray, BoolArray]:
    """Return since when rows of a pool waited, and whether that is when the pool went off duty."""
    stop = traces.busy_until[of_pool]
    grid = np.arange(traces.n_days * GRANULES_PER_DAY, dtype=np.int64) * GRANULE_MS
    moments = np.concatenate([start[of_pool], stop, grid])
    change = np.concatenate([np.ones(of_pool.size), -np.ones(of_pool.size), np.zeros(grid.size)])
    times, position = np.unique(moments, return_inverse=True)
    busy = np.cumsum(np.bincount(position, weights=change))
    on_duty = np.where(worked[np.minimum(times // DAY_MS, worked.size - 1)], 1, 0)
    on_duty = on_duty * pool.roster[(times % DAY_MS) // GRANULE_MS]
    full = busy >= on_duty
    # By moment: since when all servers have been busy or off duty.
    begins = np.where(np.r_[True, ~full[:-1]], times, -1)
    since = np.maximum.accumulate(begins)
    before = np.maximum(np.searchsorted(times, start[rows], side="left") - 1, 0)
    full_before = full[before] & (start[rows] > 0)
    bound = np.where(full_before, since[before], start[rows])
    ready = np.maximum(traces.previous_end[rows], np.where(bound >= 0, bound, start[rows]))
    ready = np.minimum(ready, start[rows]).astype(np.int64)
    off_duty = on_duty[np.searchsorted(times, np.maximum(bound, 0))] == 0
    return ready, full_before & (ready == bound) & off_duty
