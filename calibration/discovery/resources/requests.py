"""Whether recorded requests for work (scheduling stamps) mean waiting for a server.

Input: :class:`~calibration.discovery.log.traces.Traces` and start times.
Output: the same traces without the requests of those tasks of which most waiting time passes while servers are idle.
There a file waits for an applicant or for a date, and its wait is an inter-activity delay: from the request, or the
previous activity if that ends later, to the start.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from calibration.discovery.log.traces import UNKNOWN, Traces
from calibration.discovery.resources.groups import resource_groups
from calibration.discovery.resources.pools import group_by_row
from calibration.discovery.resources.workload import MIN_DAYS, MIN_WAIT_MS, time_by_level, workload_levels
from calibration.discovery.timing.hours import Hours, WorkingDays
from foundation import messages
from foundation.arrays import BoolArray, FloatArray, IntArray

__all__ = ["without_idle_requests"]

_PEAK: Final = 0.95
"""Servers on duty are at least this quantile of those busy at once: the highest 5% may be overlapping stamps."""
_MIN_FULL: Final = 0.5
"""Share of the waiting time in which all servers must be busy if it is waiting for a server.

Under any discipline that leaves no server idle the share is 1.  Absences and different rosters lower it; where requests
have nothing to do with servers it is the share of all time in which all are busy, of the order of 1 - _PEAK.
"""


def without_idle_requests(
    traces: Traces, start: IntArray, days: WorkingDays, hall: Hours, *, visited: BoolArray
) -> Traces:
    """Remove the request times of tasks whose work waits while servers are idle.

    Parameters
    ----------
    traces
        The log.
    start
        By row: when work began, as logged or as estimated.
    days, hall
        Working days, and hours of all that is done.
    visited
        By service: people wait for it in the hall.  There a ticket is a request for a server in any case.
    """
    if traces.kind not in ("events", "activities") or not (traces.ready >= 0).any() or visited.all():
        return traces
    groups = resource_groups(traces)
    group = group_by_row(traces, groups)
    idle = np.zeros(len(groups), dtype=np.bool_)
    for number, tasks in enumerate(groups):
        rows = np.flatnonzero(group == number)
        if not any(visited[service] for service, _ in tasks):
            idle[number] = _waits_while_idle(traces, rows, start, days, hall)
    mask = (group >= 0) & idle[group] & (traces.ready >= 0)
    return _without_ready(traces, mask) if mask.any() else traces


def _waits_while_idle(traces: Traces, rows: IntArray, start: IntArray, days: WorkingDays, hall: Hours) -> bool:
    """Tell whether, while work waits in opening hours, servers are idle most of the time."""
    levels, _ = workload_levels(traces, rows, start)
    every, waited = time_by_level(traces, levels, hall.open_granules, days)
    by_day = waited.sum(axis=(1, 2))
    if (by_day > 0).sum() < MIN_DAYS or by_day.sum() < MIN_WAIT_MS:
        return False
    on_duty = _on_duty(every.sum(axis=0))
    level = np.arange(every.shape[2])
    full = float((waited.sum(axis=0) * (level >= on_duty[:, None])).sum())
    return full < _MIN_FULL * float(waited.sum())


def _on_duty(time: FloatArray) -> IntArray:
    """Return by half-hour the number of servers that are busy at once at the peak, of time by half-hour and number."""
    busy = time[:, 1:]
    cumulated = np.cumsum(busy, axis=1)
    reached = cumulated >= _PEAK * cumulated[:, -1:] if busy.shape[1] else np.ones((time.shape[0], 1), dtype=np.bool_)
    peak: IntArray = np.argmax(reached, axis=1).astype(np.int64) + 1
    return peak


def _without_ready(traces: Traces, mask: BoolArray) -> Traces:
    """Return the traces without some request times, in order of what is left.

    A case that begins with such a request arrives by it: the request becomes an activity of its own, which takes no
    time.  A request that nothing has answered when the log ends stays.  One that nothing has answered although its case
    has gone on was withdrawn, and its row is left out.
    """
    unanswered = (traces.start == UNKNOWN) & (traces.end == UNKNOWN)
    withdrawn = mask & unanswered & (traces.known_from < traces.last_moment[traces.case])
    removed = mask & ~unanswered
    arrivals = np.flatnonzero(removed & traces.is_first)
    here = np.r_[np.flatnonzero(~withdrawn), arrivals]
    arrives = np.arange(here.size) >= here.size - arrivals.size
    request = traces.ready[here]
    ready = np.where(arrives | removed[here], UNKNOWN, request)
    start = np.where(arrives, request, traces.start[here])
    end = np.where(arrives, request, traces.end[here])
    activity = np.where(arrives, len(traces.activities), traces.activity[here])
    known_from = np.where(ready >= 0, ready, np.where(start >= 0, start, end))
    final = np.where(end >= 0, end, known_from)
    case = traces.case[here]
    order = np.lexsort((here, final, known_from, ~arrives, case))
    case = case[order]
    named = (messages.text("discovery.word.request"),) if arrivals.size else ()
    return replace(
        traces,
        case=case,
        activity=activity[order],
        activities=(*traces.activities, *named),
        resource=np.where(arrives, UNKNOWN, traces.resource[here])[order],
        ready=ready[order],
        start=start[order],
        end=end[order],
        left=(traces.left[here] & ~arrives)[order],
        resumed=(traces.resumed[here] & ~arrives)[order],
        first_row=np.flatnonzero(np.r_[True, np.diff(case) != 0, True]),
        idle_requests=int(removed.sum()),
    )
