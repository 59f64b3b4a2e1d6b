"""Opening hours of a pool, derived from the hours of the hall and from when the pool starts work.

Input: the rows of one pool, its workload, and the hours of the hall.
Output: the pool's :class:`~calibration.discovery.timing.hours.Hours`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from calibration.discovery.log.traces import Traces
from calibration.discovery.resources.workload import MIN_DAYS, MIN_WAIT_MS, time_by_level
from calibration.discovery.timing.hours import (
    GRANULE_MS,
    GRANULES_PER_DAY,
    Hours,
    WorkingDays,
    discover_hours,
    join_intervals,
)
from foundation.arrays import BoolArray, IntArray
from sim.calendar import DAY_MS, MINUTE_MS

__all__ = ["pool_hours", "with_late_work", "without_overtime"]

_MIN_OPEN_MS: Final = 2 * 60 * MINUTE_MS
"""Without a queue, hours shorter than this on every weekday are a gap in the log, not a rule of the pool."""
_MIN_STARTS: Final = 100
"""Starts below which a pool has no hours of its own: two a granule would be missed by chance."""
_MIN_LATE: Final = 3
"""Late starts on a weekday, or days with late work, that show a habit."""
_LATE_ARRIVALS: Final = 0.02
"""Share of late starts whose visitors came late as well, below which the doors count as shut."""
_EDGE_MS: Final = 5 * MINUTE_MS
"""Closing times are rounded up to this."""


def pool_hours(
    traces: Traces,
    rows: IntArray,
    start: IntArray,
    *,
    days: WorkingDays,
    hall: Hours,
    levels: tuple[IntArray, IntArray, IntArray],
    queue_known: bool,
) -> Hours:
    """Return the hours in which a pool starts work: the hours of the hall without those in which it lets work wait.

    An hour without starts shows that the pool is closed only if work was waiting.
    """
    begun = start[rows][start[rows] >= 0]
    if begun.size < _MIN_STARTS:
        return hall
    own = discover_hours(begun, days, first_day=traces.first_day)
    if own.by_weekday == hall.by_weekday:
        return hall
    if not queue_known:
        longest = max(sum(closes - opens for opens, closes in day) for day in own.by_weekday)
        return own if longest >= _MIN_OPEN_MS else hall
    everywhere = np.ones(GRANULES_PER_DAY, dtype=np.bool_)
    waited = time_by_level(traces, levels, everywhere, days)[1].sum(axis=2)
    let_wait = (waited.sum(axis=0) >= MIN_WAIT_MS / 2) & ((waited > 0).sum(axis=0) >= MIN_DAYS)
    return _with_unproved(own, hall, unproved=~let_wait)


def _with_unproved(own: Hours, hall: Hours, *, unproved: BoolArray) -> Hours:
    """Add to a pool's hours those hours of the hall for which nothing shows that the pool is closed."""
    by_weekday = []
    for own_day, all_ in zip(own.by_weekday, hall.by_weekday, strict=True):
        extra = [
            (max(opens, g * GRANULE_MS), min(closes, (g + 1) * GRANULE_MS))
            for opens, closes in all_
            for g in range(opens // GRANULE_MS, -(-closes // GRANULE_MS))
            if unproved[g]
        ]
        by_weekday.append(join_intervals([*own_day, *extra]))
    return replace(own, by_weekday=tuple(by_weekday))


def without_overtime(traces: Traces, rows: IntArray, hours: Hours, doors: Hours, start: IntArray) -> tuple[Hours, bool]:
    """Remove overtime: hours at the end of a day in which nobody arrives and those who wait are still served."""
    ready, begun = traces.ready[rows], start[rows]
    seen = (ready >= 0) & (begun >= 0)
    if seen.sum() < _MIN_STARTS or hours.always:
        return hours, False
    ready, begun = ready[seen], begun[seen]
    overtime, by_weekday = False, []
    weekday = (begun // DAY_MS + traces.first_day.weekday()) % 7
    for k, day in enumerate(hours.by_weekday):
        intervals = list(day)
        while intervals:
            opens, closes = intervals[-1]
            edge = (closes - 1) // GRANULE_MS * GRANULE_MS
            late = (weekday == k) & (begun % DAY_MS >= edge) & (begun % DAY_MS < closes)
            came = ready[late] >= begun[late] // DAY_MS * DAY_MS + edge
            shut = max((end for _, end in doors.by_weekday[k]), default=0)
            if late.sum() < _MIN_LATE or came.mean() > _LATE_ARRIVALS or edge <= opens or edge < shut:
                break
            intervals[-1] = (opens, edge)
            overtime = True
        by_weekday.append(tuple(intervals))
    return replace(hours, by_weekday=tuple(by_weekday)), overtime


def with_late_work(traces: Traces, rows: IntArray, hours: Hours, start: IntArray) -> Hours:
    """Extend the hours to work after closing, if most of the work that waits at closing is started the same day.

    The new closing time is the median, over days with late starts, of the last start of the day.
    """
    ready, begun = traces.ready[rows], start[rows]
    seen = (ready >= 0) & (begun >= 0)
    if seen.sum() < _MIN_STARTS or hours.always:
        return hours
    ready, begun = ready[seen], begun[seen]
    came, closes = ready // DAY_MS, np.array([max((end for _, end in day), default=DAY_MS) for day in hours.by_weekday])
    closing = came * DAY_MS + closes[(came + traces.first_day.weekday()) % 7]
    late = begun >= closing
    same = late & (begun // DAY_MS == came)
    if late.sum() < MIN_DAYS or same.sum() <= late.sum() / 2:
        return hours
    last = pd.Series(begun[same] % DAY_MS).groupby(came[same]).max()
    weekday = (last.index.to_numpy() + traces.first_day.weekday()) % 7
    by_weekday = list(hours.by_weekday)
    for k in np.unique(weekday).tolist():
        if by_weekday[k] and (weekday == k).sum() >= _MIN_LATE:
            *before, (opens, closed) = by_weekday[k]
            usual = -(-int(last[weekday == k].median() + 1) // _EDGE_MS) * _EDGE_MS
            by_weekday[k] = (*before, (opens, max(closed, min(usual, DAY_MS))))
    return replace(hours, by_weekday=tuple(by_weekday))
