"""Workload of a pool over time: how many activity instances are in progress, how many wait, and who is present.

Input: the rows of one pool, with start times.
Output: arrays by moment, or by working day and half-hour.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from calibration.discovery.log.traces import Traces
from calibration.discovery.timing.hours import GRANULE_MS, GRANULES_PER_DAY, Hours, WorkingDays
from foundation.arrays import BoolArray, FloatArray, IntArray
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS

__all__ = [
    "MAX_LEVEL",
    "MIN_DAYS",
    "MIN_WAIT_MS",
    "multitasking_level",
    "resources_present",
    "resumes_after_closing",
    "time_by_level",
    "workload_levels",
]

MIN_DAYS: Final = 5
"""Days of evidence: fewer days cannot show what is usual."""
MIN_WAIT_MS: Final = 60 * MINUTE_MS
"""Time with a queue below which the queue is no evidence."""
MAX_LEVEL: Final = 2_000
"""Activity instances in progress that are told apart: it bounds the size of the histogram."""
_MAX_CELLS: Final = 1 << 24
"""Cells of that histogram (day, half-hour, level), at 8 bytes each: a log of many years tells fewer levels apart."""
_MIN_LEVELS: Final = 16
"""Levels that are told apart however long the log is."""
_MOSTLY: Final = 0.5
"""A property of most rows holds for the pool."""
_NEARLY_ALL: Final = 0.95
"""Share of ends in opening hours of a pool that does not work on after closing."""
_CASE_BITS: Final = 42
"""Bits of a moment: 139 years in ms.  Shifted by them, resources stay apart in one running maximum."""


def workload_levels(
    traces: Traces, rows: IntArray, start: IntArray
) -> tuple[tuple[IntArray, IntArray, IntArray], bool]:
    """Return the moments of change, and from each on the number in progress and the number waiting.

    Also returned is whether the log records waiting for most rows.
    """
    begun, ready = start[rows], traces.ready[rows]
    # A call in vain keeps a server busy as long as it lasts; whoever left without a stamp kept nobody busy.
    gone = traces.left[rows] & (traces.end[rows] < 0)
    served = (begun >= 0) & ~gone
    stop = np.where(gone, np.maximum(begun, ready), traces.busy_until[rows])
    waits = ready >= 0
    until = np.where(served, begun, stop)
    moments = np.concatenate([begun[served], stop[served], ready[waits], until[waits], _grid(traces)])
    work = np.concatenate(
        [np.ones(served.sum()), -np.ones(served.sum()), np.zeros(2 * waits.sum() + traces.n_days * GRANULES_PER_DAY)]
    )
    queue = np.concatenate(
        [
            np.zeros(2 * served.sum()),
            np.ones(waits.sum()),
            -np.ones(waits.sum()),
            np.zeros(traces.n_days * GRANULES_PER_DAY),
        ]
    )
    times, position = np.unique(moments, return_inverse=True)
    busy = np.cumsum(np.bincount(position, weights=work)).astype(np.int64)
    waiting = np.cumsum(np.bincount(position, weights=queue)).astype(np.int64)
    return (times, busy, waiting), bool(waits.mean() > _MOSTLY) if waits.size else False


def _grid(traces: Traces) -> IntArray:
    return np.arange(traces.n_days * GRANULES_PER_DAY, dtype=np.int64) * GRANULE_MS


def time_by_level(
    traces: Traces, levels: tuple[IntArray, IntArray, IntArray], open_: BoolArray, days: WorkingDays
) -> tuple[FloatArray, FloatArray]:
    """Return time in ms by day, half-hour and number in progress: all of it, and the part with a queue."""
    times, busy, waiting = levels
    length = np.diff(np.r_[times, max(traces.last, int(times[-1]))])
    most = max(_MAX_CELLS // max(int(days.worked.sum()) * GRANULES_PER_DAY, 1), _MIN_LEVELS)
    top = int(min(busy.max(initial=0), MAX_LEVEL, most)) + 1
    granule, day = (times % DAY_MS) // GRANULE_MS, np.minimum(times // DAY_MS, traces.n_days - 1)
    keep = open_[granule] & days.worked[np.minimum(day, days.worked.size - 1)] & (length > 0)
    worked = np.flatnonzero(days.worked)
    day_index = np.searchsorted(worked, day[keep])
    shape = (worked.size, GRANULES_PER_DAY, top)
    packed = (day_index * GRANULES_PER_DAY + granule[keep]) * top + np.minimum(busy[keep], top - 1)
    size = int(np.prod(shape))
    lengths = length[keep].astype(np.float64)
    every: FloatArray = np.bincount(packed, weights=lengths, minlength=size).reshape(shape).astype(np.float64)
    held: FloatArray = np.bincount(packed, weights=lengths * (waiting[keep] > 0), minlength=size).astype(np.float64)
    return every, held.reshape(shape)


def resources_present(
    traces: Traces, rows: IntArray, start: IntArray, open_: BoolArray, days: WorkingDays
) -> FloatArray:
    """Return by day and half-hour the number of resources between their first and last activity instance of the day."""
    begun, ended, resource = start[rows], traces.end[rows], traces.resource[rows]
    seen = (resource >= 0) & (begun >= 0)
    begun, resource = begun[seen], resource[seen]
    day = begun // DAY_MS
    ended = np.minimum(np.where(ended[seen] >= 0, ended[seen], begun), (day + 1) * DAY_MS - 1)
    key, key_index = np.unique(resource * traces.n_days + day, return_inverse=True)
    first, final = np.full(key.size, 2**62), np.zeros(key.size, dtype=np.int64)
    np.minimum.at(first, key_index, begun)
    np.maximum.at(final, key_index, ended)
    count = np.zeros((traces.n_days, GRANULES_PER_DAY + 1))
    on = key % traces.n_days
    np.add.at(count, (on, (first % DAY_MS) // GRANULE_MS), 1)
    np.add.at(count, (on, (final % DAY_MS) // GRANULE_MS + 1), -1)
    counts: FloatArray = np.cumsum(count, axis=1)[days.worked[: traces.n_days], :GRANULES_PER_DAY][:, open_]
    return counts


def multitasking_level(traces: Traces, rows: IntArray, start: IntArray) -> float:
    """Return the mean number of activity instances that a resource has in progress while it has any."""
    begun, ended, resource = start[rows], traces.end[rows], traces.resource[rows]
    seen = (resource >= 0) & (begun >= 0) & (ended > begun)
    if not seen.any():
        return 1.0
    begun, ended, resource = begun[seen], ended[seen], resource[seen]
    order = np.lexsort((begun, resource))
    lift = resource[order].astype(np.int64) << _CASE_BITS
    reach = np.maximum.accumulate(ended[order] + lift)
    fresh = np.maximum(begun[order] + lift, np.r_[0, reach[:-1]])
    union = np.maximum(reach - fresh, 0).sum()
    return float((ended - begun).sum() / max(union, 1))


def resumes_after_closing(traces: Traces, rows: IntArray, start: IntArray, hours: Hours) -> bool:
    """Tell whether work that is interrupted by closing resumes at the next opening, rather than ends in closed time.

    Starts that are estimated lie on the day of the end, so that closing interrupts nothing.  There work that hardly
    ever ends more than an hour after closing resumes: otherwise long work would go on into the night.
    """
    begun, ended = start[rows], traces.end[rows]
    recorded = traces.start[rows] >= 0
    seen = (begun >= 0) & (ended > begun)
    if not seen.any() or hours.always:
        return False
    first = traces.first_day.weekday()
    if recorded[seen].mean() <= _MOSTLY:
        ended = ended[seen] - 1
        in_time = hours.contains(ended, first) | hours.contains(ended - HOUR_MS, first)
        return bool(in_time.mean() > _NEARLY_ALL)
    begun, ended = begun[seen], ended[seen]
    inside = hours.contains(begun, first)
    cut = np.zeros(begun.size, dtype=np.bool_)
    for day in hours.by_weekday:
        for _, closes in day:
            edge = begun // DAY_MS * DAY_MS + closes
            cut |= inside & (begun < edge) & (ended > edge)
    if cut.sum() < MIN_DAYS:
        return False
    return bool(hours.contains(ended[cut] - 1, first).mean() > _MOSTLY)
