"""Resource pools: which servers share which tasks, how many are on duty, and when.

Input: :class:`~calibration.discovery.log.traces.Traces` and working days.
Output: a :class:`PoolEstimate` for each group of tasks.  If the log records waiting, the number on duty is the number
that are busy while somebody waits.  Otherwise it is the number of resources seen between their first and their last
activity instance of a day, which is a lower bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.discovery.log.traces import Traces
from calibration.discovery.resources.groups import resource_groups
from calibration.discovery.resources.pool_hours import pool_hours, with_late_work, without_overtime
from calibration.discovery.resources.workload import (
    MAX_LEVEL,
    MIN_DAYS,
    MIN_WAIT_MS,
    multitasking_level,
    resources_present,
    resumes_after_closing,
    time_by_level,
    workload_levels,
)
from calibration.discovery.timing.hours import GRANULE_MS, Hours, WorkingDays
from foundation.arrays import FloatArray, IntArray

__all__ = ["PoolEstimate", "discover_pools", "group_by_row", "pool_by_row"]


_NAMED: Final = 0.9
"""If at least this share of the rows name a resource, the number of names bounds the number of servers."""
_PEAK: Final = 0.99
"""Without a queue, servers are this quantile of the number in progress: the top 1% may be overlapping stamps."""
_MULTITASKING: Final = 1.5
"""A resource with more in progress on average works on several instances at once; coarse stamps overlap by less."""
_RESAMPLES: Final = 200
"""Bootstrap samples of the days: enough for the ends of a 95% interval that are whole servers."""


@dataclass(frozen=True, eq=False)
class PoolEstimate:
    """A group of servers.

    Attributes
    ----------
    tasks
        What they do: codes of service and activity.
    resources
        How many different ones the log names (0: it names none).
    servers, low, high
        How many are on duty at once, with a 95% interval (bootstrap of the days).
    roster
        By weekday-independent half-hour of the day: how many are on duty.
    hours
        When they take up work.
    by_queue
        The number is read off the queue; otherwise it is a lower bound that rests on who was seen.
    evidence_hours
        Hours in which somebody waited.
    busy
        Share of their time on duty in which they worked.
    at_once
        Pieces of work that one resource had in hand at once, when it had any.
    pauses
        Work is laid down at closing and taken up again.
    overtime
        Those who wait at the day's closing are still served.
    n
        Pieces of work.
    """

    tasks: tuple[tuple[int, int], ...]
    resources: int
    servers: int
    low: int
    high: int
    roster: IntArray
    hours: Hours
    by_queue: bool
    evidence_hours: float
    busy: float
    at_once: float
    pauses: bool
    overtime: bool
    n: int

    @property
    def activities(self) -> tuple[int, ...]:
        """Codes of the activities, the first task's first."""
        return tuple(dict.fromkeys(activity for _, activity in self.tasks))

    @property
    def multitasks(self) -> bool:
        """Whether resources have several pieces of work in hand at once."""
        return self.at_once > _MULTITASKING


def pool_by_row(traces: Traces, pools: Sequence[PoolEstimate]) -> IntArray:
    """Return by row the index of its pool, -1 for none."""
    return group_by_row(traces, [pool.tasks for pool in pools])


def group_by_row(traces: Traces, groups: Sequence[tuple[tuple[int, int], ...]]) -> IntArray:
    """Return by row the index of the group that its task belongs to, -1 for none."""
    table = np.full((len(traces.services), len(traces.activities)), -1, dtype=np.int64)
    for index, tasks in enumerate(groups):
        for service, activity in tasks:
            table[service, activity] = index
    index_by_row: IntArray = table[traces.service[traces.case], traces.activity]
    return index_by_row


def discover_pools(
    traces: Traces,
    days: WorkingDays,
    hall: Hours,
    doors: Hours,
    *,
    start: IntArray,
    visited: Mapping[int, bool] | None = None,
    rng: np.random.Generator,
) -> list[PoolEstimate]:
    """Find the groups of servers, their numbers and hours.

    Parameters
    ----------
    traces
        The log.
    days, hall, doors
        Working days, hours of all that is done, and hours in which cases arrive.
    start
        By row: when work began, as logged or as estimated.
    visited
        By service: people wait for it in the hall; all of them by default.
    rng
        For the bootstrap.
    """
    groups = resource_groups(traces)
    group = group_by_row(traces, groups)
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(len(groups) + 1))
    return [
        _pool(
            traces,
            np.sort(order[edges[k] : edges[k + 1]]),
            tasks,
            days=days,
            hall=hall,
            doors=doors,
            start=start,
            visited=visited is None or any(visited[service] for service, _ in tasks),
            rng=rng,
        )
        for k, tasks in enumerate(groups)
    ]


def _pool(
    traces: Traces,
    rows: IntArray,
    tasks: tuple[tuple[int, int], ...],
    *,
    days: WorkingDays,
    hall: Hours,
    doors: Hours,
    start: IntArray,
    visited: bool,
    rng: np.random.Generator,
) -> PoolEstimate:
    levels, queue_known = workload_levels(traces, rows, start)
    own = pool_hours(traces, rows, start, days=days, hall=hall, levels=levels, queue_known=queue_known)
    # In a scenario servers stay after closing for visitors, not for files: late work on files needs opening hours.
    hours, overtime = without_overtime(traces, rows, own, doors, start) if visited else (own, False)
    if not visited:
        hours = with_late_work(traces, rows, hours, start)
    open_ = hours.open_granules
    histogram, waited = time_by_level(traces, levels, open_, days)
    resource = traces.resource[rows]
    names = np.unique(resource[resource >= 0]).size
    present = resources_present(traces, rows, start, open_, days) if names else None
    servers, low, high, by_queue = _servers(histogram, waited, present, queue_known, rng)
    at_once = multitasking_level(traces, rows, start)
    if names and (resource >= 0).mean() > _NAMED and at_once < _MULTITASKING:
        # Coarse or estimated stamps of one resource may overlap, but it remains one server.
        servers, low, high = min(servers, names), min(low, names), min(high, names)
    roster = np.where(open_, servers, 0)
    if by_queue:
        for g in np.flatnonzero(open_):
            seen = waited[:, g]
            if (seen.sum(axis=1) > 0).sum() >= MIN_DAYS and seen.sum() >= MIN_WAIT_MS:
                roster[g] = max(min(_weighted_quantile(seen.sum(axis=0), 0.5), names or MAX_LEVEL), 1)
    work_ms = float((histogram.sum(axis=(0, 1)) * np.arange(histogram.shape[2])).sum())
    duty_ms = float(roster.sum()) * GRANULE_MS * max(int(days.worked.sum()), 1)
    return PoolEstimate(
        tasks=tasks,
        resources=int(names),
        servers=servers,
        low=low,
        high=high,
        roster=roster,
        hours=hours,
        by_queue=by_queue,
        evidence_hours=float(waited.sum() / 3_600_000),
        busy=min(work_ms / duty_ms, 1.0) if duty_ms else 0.0,
        at_once=at_once,
        pauses=resumes_after_closing(traces, rows, start, hours),
        overtime=overtime,
        n=int(rows.size),
    )


def _weighted_quantile(weights: FloatArray, share: float) -> int:
    total = weights.sum()
    return int(np.searchsorted(np.cumsum(weights), share * total)) if total > 0 else 0


def _servers(
    histogram: FloatArray,
    waited: FloatArray,
    present: FloatArray | None,
    queue_known: bool,
    rng: np.random.Generator,
) -> tuple[int, int, int, bool]:
    """Return the number of servers, its 95% interval, and whether it is derived from the queue."""
    by_day = waited.sum(axis=1)
    enough = (by_day.sum(axis=1) > 0).sum() >= MIN_DAYS and by_day.sum() >= MIN_WAIT_MS
    by_queue = queue_known and enough
    if not by_queue:
        by_day = histogram.sum(axis=1)[:, 1:] if histogram.shape[2] > 1 else histogram.sum(axis=1)
    share = 0.5 if by_queue else _PEAK
    shift = 0 if by_queue or histogram.shape[2] == 1 else 1
    draws = rng.integers(0, max(by_day.shape[0], 1), (_RESAMPLES, max(by_day.shape[0], 1)))
    totals = by_day[draws].sum(axis=1)
    values = np.array([_weighted_quantile(total, share) for total in totals]) + shift
    number = _weighted_quantile(by_day.sum(axis=0), share) + shift
    if not by_queue and present is not None and present.size:
        seen = present.max(axis=1)
        number = max(number, int(np.median(seen)))
        values = np.maximum(values, np.median(seen[draws], axis=1).astype(np.int64))
    low, high = np.quantile(values, [0.025, 0.975])
    return max(number, 1), max(int(low), 1), max(int(np.ceil(high)), 1), by_queue
