"""What questions about targets count: hits of units by pool, measured day and half-hour.

Input: the :class:`~sim.measure.frames.Metrics` of one replication.  Output: :class:`DayCounts`: of those who queued who
was called in time, or went unserved; of the hours on duty those of work; minutes after closing; of the cases those
decided within their promise.  Visitors only, but for the hours and the cases; who counts as waiting is said in
:mod:`sim.measure.waits`, and which cases count in :mod:`sim.measure.cases`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foundation.arrays import BoolArray, FloatArray, IntArray
from sim.calendar import DAY_MS, MINUTE_MS
from sim.measure.frames import Metrics
from sim.measure.queues import pool_totals
from sim.measure.steps import on_duty, staffed
from sim.measure.table import BIN_MS, BINS, Table

__all__ = [
    "HALL",
    "DayCounts",
    "called_counts",
    "late_case_wait_counts",
    "overtime_counts",
    "promise_counts",
    "unserved_counts",
    "wait_counts",
    "work_counts",
]

HALL = ""
"""Name of the pool that stands for the hall."""


@dataclass(frozen=True, eq=False)
class DayCounts:
    """Units, and the hits among them; what they are, the function that counts them says.

    Attributes
    ----------
    pools
        Names of the pools, or :data:`HALL` alone.
    units, hits
        Numbers by measured day, pool and half-hour, shape (days, pools, 48); or by day and pool, shape (days, pools,
        1).
    """

    pools: tuple[str, ...]
    units: IntArray | FloatArray
    hits: IntArray | FloatArray


def called_counts(metrics: Metrics, *, within_min: float) -> DayCounts:
    """Count of those who joined a queue who was called within some minutes.

    Whoever still waited as the run stopped, and had not yet waited too long, is in neither number.
    """
    waits = metrics.first_waits
    late = waits.wait > within_min
    return _queued(metrics, waits.visitor & (late | ~waits.still), waits.called & ~late)


def unserved_counts(metrics: Metrics) -> DayCounts:
    """Count of those who joined a queue, or tried to, who was never called: left, found no room, was sent home.

    Whoever still waited as the run stopped is in neither number.
    """
    waits = metrics.first_waits
    return _queued(metrics, waits.visitor & ~waits.still, ~waits.called)


def wait_counts(metrics: Metrics, *, services: Sequence[str], pools: Sequence[str], name: str) -> DayCounts:
    """Count the minutes that visitors of some services wait at some pools; the units are their waits.

    Parameters
    ----------
    metrics
        Of the replication.
    services, pools
        Whose waits count, and where.
    name
        What the pools are called together.
    """
    table, waits = metrics.table, metrics.first_waits
    names = table.program.services
    of_service = np.isin(table.service[waits.entity], [k for k, service in enumerate(names) if service in services])
    at_pool = np.isin(waits.pool, [k for k, pool in enumerate(table.pools) if pool in pools])
    members = np.flatnonzero(waits.visitor & of_service & at_pool)
    day, days = table.day_index(waits.ready[members]), table.window.days.size
    units = np.bincount(day, minlength=days)
    minutes = np.bincount(day, weights=waits.wait[members], minlength=days)
    return DayCounts((name,), units[:, None, None], minutes[:, None, None])


def _queued(metrics: Metrics, counts: BoolArray, is_hit: BoolArray) -> DayCounts:
    """Count waits by the day and half-hour of joining the queue."""
    table, waits = metrics.table, metrics.first_waits
    pools = tuple(table.pools)
    shape = (table.window.days.size, len(pools), BINS)
    day = table.day_index(waits.ready[counts])
    cells = (day * len(pools) + waits.pool[counts]) * BINS + waits.ready[counts] % DAY_MS // BIN_MS
    size = int(np.prod(shape))
    return DayCounts(
        pools,
        np.bincount(cells, minlength=size).reshape(shape),
        np.bincount(cells[is_hit[counts]], minlength=size).reshape(shape),
    )


def work_counts(metrics: Metrics) -> DayCounts:
    """Count of the minutes on duty those of work, by the day on which the work began; work after closing is work."""
    table = metrics.table
    window, rest, plan = table.window, table.unfinished, table.plan
    stop = np.full(rest.entity.size, window.stop, dtype=np.int64)
    pool = np.concatenate((table.pool_of_serve, rest.pool))
    start, end = (
        np.clip(np.concatenate(columns), window.begin, window.end)
        for columns in ((table.start[table.serves], rest.start), (table.end[table.serves], stop))
    )
    worked = end - start
    for place, of_pool in enumerate(plan.pools):
        if of_pool.pauses is not None:
            members = np.flatnonzero(pool == place)
            worked[members] = of_pool.pauses.worked(end[members]) - of_pool.pauses.worked(start[members])
    shape = (window.days.size, len(plan.pools), 1)
    cells = table.day_index(np.minimum(start, window.end - 1)) * len(plan.pools) + pool
    hits = np.bincount(cells, weights=worked, minlength=shape[0] * shape[1]).reshape(shape)
    return DayCounts(tuple(table.pools), _on_duty(table).reshape(shape) / MINUTE_MS, hits / MINUTE_MS)


def _on_duty(table: Table) -> IntArray:
    """Return the servers on duty, integrated over each measured day and the days off after it, in ms times servers."""
    days = table.window.days
    edges = np.append(days * DAY_MS, table.window.end)
    return np.stack([np.diff(on_duty(pool).integral(edges)) for pool in table.plan.pools], axis=1)


def overtime_counts(metrics: Metrics) -> DayCounts:
    """Count the minutes of a pool's people after the day's last closing; the units are the measured days."""
    minutes = pool_totals(metrics.table).overtime.T[:, :, None] / MINUTE_MS
    return DayCounts(tuple(metrics.table.pools), np.ones_like(minutes), minutes)


def late_case_wait_counts(metrics: Metrics) -> DayCounts:
    """Count the minutes that cases decided after their promise waited at each pool; the units are their waits.

    All days are counted as one.  Minutes in which nobody is on duty at the pool do not count: more officers would not
    shorten them.
    """
    table, cases, waits = metrics.table, metrics.case_table, metrics.first_waits
    is_late = np.zeros(table.n_entities, dtype=np.bool_)
    is_late[cases.entity[cases.within(cases.promised)[1] & cases.counts]] = True
    case = table.case[waits.entity]
    members = np.flatnonzero((case >= 0) & is_late[case])
    pool, ready = waits.pool[members], waits.ready[members]
    until = ready + np.rint(waits.wait[members] * MINUTE_MS).astype(np.int64)
    minutes = np.zeros(members.size)
    for place, of_pool in enumerate(table.plan.pools):
        here, attended = pool == place, staffed(of_pool)
        minutes[here] = (attended.integral(until[here]) - attended.integral(ready[here])) / MINUTE_MS
    shape = (1, len(table.pools), BINS)
    cells = pool * BINS + ready % DAY_MS // BIN_MS
    units, hits = (
        np.bincount(cells, weights=weights, minlength=int(np.prod(shape))).reshape(shape) for weights in (None, minutes)
    )
    return DayCounts(tuple(table.pools), units, hits)


def promise_counts(metrics: Metrics) -> DayCounts:
    """Count of the hall's cases with a promised limit those decided within it, by the day of opening.

    Cases still open within their limit as the run stopped are in neither number.
    """
    table, cases = metrics.table, metrics.case_table
    in_time, late = cases.within(cases.promised)
    hits, units = (mask & cases.counts for mask in (in_time, in_time | late))
    by_day = [
        np.bincount(table.day_index(cases.opened[mask]), minlength=table.window.days.size)[:, None, None]
        for mask in (units, hits)
    ]
    return DayCounts((HALL,), *by_day)
