"""Who does what: servers grouped by the tasks that they share, how many are on duty, and when.

A task is an activity of a service: windows that serve one department only are a pool of their own, though all windows
do the same.

Comes in: :class:`~calibration.discovery.traces.Traces` and working days.  Goes out: one :class:`PoolFound` a group.
Where the log knows since when people have waited, the number on duty is how many are busy while somebody waits, which
is what a queue means by a server; elsewhere it is how many are seen between their first and last piece of work of a
day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from calibration.discovery.hours import GRANULE_MS, Hours, WorkingDays, hours_of
from calibration.discovery.traces import Traces
from sim.calendar import DAY_MS, MINUTE_MS, BoolArray, FloatArray, IntArray

__all__ = ["PoolFound", "pool_of_rows", "pools_of", "resource_groups"]

_GRANULES: Final = DAY_MS // GRANULE_MS
_DOES: Final = 0.02
"""A server who does less than this share of an activity lends a hand in it, no more."""
_SHARED: Final = 0.5
_NEARLY_ALL: Final = 0.9
_LEAST_OPEN_MS: Final = 2 * 60 * MINUTE_MS
_LEAST_DAYS: Final = 5
_LEAST_QUEUE_MS: Final = 60 * MINUTE_MS
_OWN_HOURS: Final = 100
_PEAK: Final = 0.99
_BUSY_AT_ONCE: Final = 1.5
_FEW: Final = 3
_EDGE_MS: Final = 5 * MINUTE_MS
_MOST_LEVELS: Final = 2_000


@dataclass(frozen=True, eq=False)
class PoolFound:
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
        return self.at_once > _BUSY_AT_ONCE


def resource_groups(traces: Traces) -> list[tuple[tuple[int, int], ...]]:
    """Group the tasks by who does them; return the groups, each of codes of service and activity.

    Two tasks belong together if at least half of each is done by servers who do the other as well, or nearly all of one
    (the smaller, as a rule).  A task of which nobody is named belongs to its activity.  What services too rare for a
    name of their own have in common is no tie: their tasks go where most of them are done.
    """
    n = len(traces.activities)
    own = ~traces.outside
    codes, task = np.unique((traces.service[traces.case] * n + traces.activity)[own], return_inverse=True)
    resource = traces.resource[own]
    named = resource >= 0
    table = sparse.coo_matrix(
        (np.ones(int(named.sum())), (task[named], resource[named])),
        shape=(codes.size, max(traces.resources, 1)),
    ).toarray()
    total = table.sum(axis=1, keepdims=True)
    does = (table > np.maximum(_DOES * total, 1)) | ((table > 0) & (table == table.max(axis=1, keepdims=True)))
    # Share of row a's work that is done by servers who do column b too.
    overlap = (table / np.maximum(total, 1)) @ does.T.astype(np.float64)
    mixed = np.zeros(codes.size, dtype=np.bool_)
    if len(traces.services) > 1 and traces.services[-1] == "":
        mixed = codes // n == len(traces.services) - 1
    tied = (np.minimum(overlap, overlap.T) >= _SHARED) | (np.maximum(overlap, overlap.T) >= _NEARLY_ALL)
    unnamed = total[:, 0] == 0
    tied |= (unnamed[:, None] & unnamed[None, :]) & ((codes % n)[:, None] == (codes % n)[None, :])
    tied &= ~(mixed[:, None] | mixed[None, :])
    group = csgraph.connected_components(tied, directed=False)[1]
    for task_index in np.flatnonzero(mixed & ~unnamed):
        nearest = int(np.argmax(np.where(mixed, -1.0, overlap[task_index])))
        if not mixed[nearest] and overlap[task_index, nearest] > 0:
            group[task_index] = group[nearest]
    return [tuple((int(c) // n, int(c) % n) for c in codes[group == k]) for k in np.unique(group)]


def pool_of_rows(traces: Traces, pools: Sequence[PoolFound]) -> IntArray:
    """Return by row which of the pools does it, as its place among them."""
    table = np.full((len(traces.services), len(traces.activities)), -1, dtype=np.int64)
    for index, pool in enumerate(pools):
        for service, activity in pool.tasks:
            table[service, activity] = index
    pool_index: IntArray = table[traces.service[traces.case], traces.activity]
    return pool_index


def pools_of(
    traces: Traces,
    days: WorkingDays,
    hall: Hours,
    doors: Hours,
    *,
    start: IntArray,
    visited: Mapping[int, bool] | None = None,
    rng: np.random.Generator,
) -> list[PoolFound]:
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
    table = np.full((len(traces.services), len(traces.activities)), -1, dtype=np.int64)
    for index, tasks in enumerate(groups):
        for service, activity in tasks:
            table[service, activity] = index
    group = table[traces.service[traces.case], traces.activity]
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
) -> PoolFound:
    levels, queue_known = _levels(traces, rows, start)
    own = _own_hours(traces, rows, start, days=days, hall=hall, levels=levels, queue_known=queue_known)
    # In a scenario servers stay for visitors who wait at closing, not for files: there, late hours are hours.
    hours, overtime = _without_overtime(traces, rows, own, doors, start) if visited else (own, False)
    if not visited:
        hours = _with_late_work(traces, rows, hours, start)
    open_ = _open_granules(hours)
    histogram, waited = _by_granule(traces, levels, open_, days)
    resource = traces.resource[rows]
    names = np.unique(resource[resource >= 0]).size
    present = _present(traces, rows, start, open_, days) if names else None
    servers, low, high, by_queue = _number(histogram, waited, present, queue_known, rng)
    if names and (resource >= 0).mean() > _NEARLY_ALL and _at_once(traces, rows, start) < _BUSY_AT_ONCE:
        # Nobody is two people, though stamps that are coarse or estimated may overlap.
        servers, low, high = min(servers, names), min(low, names), min(high, names)
    roster = np.where(open_, servers, 0)
    if by_queue:
        for g in np.flatnonzero(open_):
            seen = waited[:, g]
            if (seen.sum(axis=1) > 0).sum() >= _LEAST_DAYS and seen.sum() >= _LEAST_QUEUE_MS:
                roster[g] = max(min(_weighted_quantile(seen.sum(axis=0), 0.5), names or _MOST_LEVELS), 1)
    work_ms = float((histogram.sum(axis=(0, 1)) * np.arange(histogram.shape[2])).sum())
    duty_ms = float(roster.sum()) * GRANULE_MS * max(int(days.worked.sum()), 1)
    return PoolFound(
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
        at_once=_at_once(traces, rows, start),
        pauses=_pauses(traces, rows, start, hours),
        overtime=overtime,
        n=int(rows.size),
    )


def _open_granules(hours: Hours) -> BoolArray:
    """Tell which half-hours of the day are open on some weekday, half of them at least."""
    open_ = np.zeros(_GRANULES, dtype=np.bool_)
    for day in hours.by_weekday:
        for opens, closes in day:
            first, final = -(-(opens - GRANULE_MS // 2) // GRANULE_MS), -(-(closes - GRANULE_MS // 2) // GRANULE_MS)
            open_[max(first, 0) : min(final, _GRANULES)] = True
    return open_


def _own_hours(
    traces: Traces,
    rows: IntArray,
    start: IntArray,
    *,
    days: WorkingDays,
    hall: Hours,
    levels: tuple[IntArray, IntArray, IntArray],
    queue_known: bool,
) -> Hours:
    """Return the hours in which a pool takes up work: the hall's, but for those in which it let work wait.

    That nothing begins in an hour says that the pool is closed only if something was waiting.
    """
    begun = start[rows][start[rows] >= 0]
    if begun.size < _OWN_HOURS:
        return hall
    own = hours_of(begun, days, first_day=traces.first_day)
    if own.by_weekday == hall.by_weekday:
        return hall
    if not queue_known:
        longest = max(sum(closes - opens for opens, closes in day) for day in own.by_weekday)
        return own if longest >= _LEAST_OPEN_MS else hall
    everywhere = np.ones(_GRANULES, dtype=np.bool_)
    waited = _by_granule(traces, levels, everywhere, days)[1].sum(axis=2)
    let_wait = (waited.sum(axis=0) >= _LEAST_QUEUE_MS / 2) & ((waited > 0).sum(axis=0) >= _LEAST_DAYS)
    return _joined(own, hall, unproved=~let_wait)


def _joined(own: Hours, hall: Hours, *, unproved: BoolArray) -> Hours:
    """Add to a pool's hours those of the hall in which its being closed is not proved."""
    by_weekday = []
    for own_day, all_ in zip(own.by_weekday, hall.by_weekday, strict=True):
        extra = [
            (max(opens, g * GRANULE_MS), min(closes, (g + 1) * GRANULE_MS))
            for opens, closes in all_
            for g in range(opens // GRANULE_MS, -(-closes // GRANULE_MS))
            if unproved[g]
        ]
        joined: list[tuple[int, int]] = []
        for opens, closes in sorted([*own_day, *extra]):
            if joined and opens <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
            elif opens < closes:
                joined.append((opens, closes))
        by_weekday.append(tuple(joined))
    return Hours(tuple(by_weekday), own.coverage, own.confidence, own.n)


def _without_overtime(
    traces: Traces, rows: IntArray, hours: Hours, doors: Hours, start: IntArray
) -> tuple[Hours, bool]:
    """Take off the end of a day's hours in which nobody comes in any more and only those who had come were served."""
    ready, begun = traces.ready[rows], start[rows]
    seen = (ready >= 0) & (begun >= 0)
    if seen.sum() < _OWN_HOURS or hours.always:
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
            if late.sum() < 3 or came.mean() > 0.02 or edge <= opens or edge < shut:
                break
            intervals[-1] = (opens, edge)
            overtime = True
        by_weekday.append(tuple(intervals))
    return Hours(tuple(by_weekday), hours.coverage, hours.confidence, hours.n), overtime


def _with_late_work(traces: Traces, rows: IntArray, hours: Hours, start: IntArray) -> Hours:
    """Add what is worked after a day's last closing, if most of what waits then, or comes later, is begun that day.

    The day then ends when, on the median of the days on which anything was begun so late, the last piece was.
    """
    ready, begun = traces.ready[rows], start[rows]
    seen = (ready >= 0) & (begun >= 0)
    if seen.sum() < _OWN_HOURS or hours.always:
        return hours
    ready, begun = ready[seen], begun[seen]
    came, closes = ready // DAY_MS, np.array([max((end for _, end in day), default=DAY_MS) for day in hours.by_weekday])
    closing = came * DAY_MS + closes[(came + traces.first_day.weekday()) % 7]
    late = begun >= closing
    same = late & (begun // DAY_MS == came)
    if late.sum() < _LEAST_DAYS or same.sum() <= late.sum() / 2:
        return hours
    last = pd.Series(begun[same] % DAY_MS).groupby(came[same]).max()
    weekday = (last.index.to_numpy() + traces.first_day.weekday()) % 7
    by_weekday = list(hours.by_weekday)
    for k in np.unique(weekday).tolist():
        if by_weekday[k] and (weekday == k).sum() >= _FEW:
            *before, (opens, closed) = by_weekday[k]
            usual = -(-int(last[weekday == k].median() + 1) // _EDGE_MS) * _EDGE_MS
            by_weekday[k] = (*before, (opens, max(closed, min(usual, DAY_MS))))
    return Hours(tuple(by_weekday), hours.coverage, hours.confidence, hours.n)


def _levels(traces: Traces, rows: IntArray, start: IntArray) -> tuple[tuple[IntArray, IntArray, IntArray], bool]:
    """Return the moments at which anything changes, how many are at work from then on, and how many wait."""
    begun, ended, ready = start[rows], traces.end[rows], traces.ready[rows]
    served = (begun >= 0) & ~traces.left[rows]
    stop = np.where(ended >= 0, ended, traces.last)
    waits = ready >= 0
    until = np.where(served, begun, stop)
    moments = np.concatenate([begun[served], stop[served], ready[waits], until[waits], _grid(traces)])
    work = np.concatenate(
        [np.ones(served.sum()), -np.ones(served.sum()), np.zeros(2 * waits.sum() + traces.n_days * _GRANULES)]
    )
    queue = np.concatenate(
        [
            np.zeros(2 * served.sum()),
            np.ones(waits.sum()),
            -np.ones(waits.sum()),
            np.zeros(traces.n_days * _GRANULES),
        ]
    )
    times, position = np.unique(moments, return_inverse=True)
    busy = np.cumsum(np.bincount(position, weights=work)).astype(np.int64)
    waiting = np.cumsum(np.bincount(position, weights=queue)).astype(np.int64)
    return (times, busy, waiting), bool(waits.mean() > 0.5) if waits.size else False


def _grid(traces: Traces) -> IntArray:
    return np.arange(traces.n_days * _GRANULES, dtype=np.int64) * GRANULE_MS


def _by_granule(
    traces: Traces, levels: tuple[IntArray, IntArray, IntArray], open_: BoolArray, days: WorkingDays
) -> tuple[FloatArray, FloatArray]:
    """Return ms by day, half-hour and number at work: all of them, and those in which somebody waited."""
    times, busy, waiting = levels
    length = np.diff(np.r_[times, max(traces.last, int(times[-1]))])
    top = int(min(busy.max(initial=0), _MOST_LEVELS)) + 1
    granule, day = (times % DAY_MS) // GRANULE_MS, np.minimum(times // DAY_MS, traces.n_days - 1)
    keep = open_[granule] & days.worked[np.minimum(day, days.worked.size - 1)] & (length > 0)
    worked = np.flatnonzero(days.worked)
    day_index = np.searchsorted(worked, day[keep])
    shape = (worked.size, _GRANULES, top)
    packed = (day_index * _GRANULES + granule[keep]) * top + np.minimum(busy[keep], top - 1)
    size = int(np.prod(shape))
    lengths = length[keep].astype(np.float64)
    every: FloatArray = np.bincount(packed, weights=lengths, minlength=size).reshape(shape).astype(np.float64)
    held: FloatArray = np.bincount(packed, weights=lengths * (waiting[keep] > 0), minlength=size).astype(np.float64)
    return every, held.reshape(shape)


def _present(traces: Traces, rows: IntArray, start: IntArray, open_: BoolArray, days: WorkingDays) -> FloatArray:
    """Return by day and half-hour how many resources are between their first and last work of the day."""
    begun, ended, resource = start[rows], traces.end[rows], traces.resource[rows]
    seen = (resource >= 0) & (begun >= 0)
    begun, resource = begun[seen], resource[seen]
    day = begun // DAY_MS
    ended = np.minimum(np.where(ended[seen] >= 0, ended[seen], begun), (day + 1) * DAY_MS - 1)
    key, key_index = np.unique(resource * traces.n_days + day, return_inverse=True)
    first, final = np.full(key.size, 2**62), np.zeros(key.size, dtype=np.int64)
    np.minimum.at(first, key_index, begun)
    np.maximum.at(final, key_index, ended)
    count = np.zeros((traces.n_days, _GRANULES + 1))
    on = key % traces.n_days
    np.add.at(count, (on, (first % DAY_MS) // GRANULE_MS), 1)
    np.add.at(count, (on, (final % DAY_MS) // GRANULE_MS + 1), -1)
    counts: FloatArray = np.cumsum(count, axis=1)[days.worked[: traces.n_days], :_GRANULES][:, open_]
    return counts


def _weighted_quantile(weights: FloatArray, share: float) -> int:
    total = weights.sum()
    return int(np.searchsorted(np.cumsum(weights), share * total)) if total > 0 else 0


def _number(
    histogram: FloatArray,
    waited: FloatArray,
    present: FloatArray | None,
    queue_known: bool,
    rng: np.random.Generator,
) -> tuple[int, int, int, bool]:
    """Return how many are on duty, the interval, and whether the queue says so."""
    by_day = waited.sum(axis=1)
    enough = (by_day.sum(axis=1) > 0).sum() >= _LEAST_DAYS and by_day.sum() >= _LEAST_QUEUE_MS
    by_queue = queue_known and enough
    if not by_queue:
        by_day = histogram.sum(axis=1)[:, 1:] if histogram.shape[2] > 1 else histogram.sum(axis=1)
    share = 0.5 if by_queue else _PEAK
    shift = 0 if by_queue or histogram.shape[2] == 1 else 1
    draws = rng.integers(0, max(by_day.shape[0], 1), (200, max(by_day.shape[0], 1)))
    totals = by_day[draws].sum(axis=1)
    values = np.array([_weighted_quantile(total, share) for total in totals]) + shift
    number = _weighted_quantile(by_day.sum(axis=0), share) + shift
    if not by_queue and present is not None and present.size:
        seen = present.max(axis=1)
        number = max(number, int(np.median(seen)))
        values = np.maximum(values, np.median(seen[draws], axis=1).astype(np.int64))
    low, high = np.quantile(values, [0.025, 0.975])
    return max(number, 1), max(int(low), 1), max(int(np.ceil(high)), 1), by_queue


def _at_once(traces: Traces, rows: IntArray, start: IntArray) -> float:
    """Return how many pieces of work a resource has in hand, on average over the time in which it has any."""
    begun, ended, resource = start[rows], traces.end[rows], traces.resource[rows]
    seen = (resource >= 0) & (begun >= 0) & (ended > begun)
    if not seen.any():
        return 1.0
    begun, ended, resource = begun[seen], ended[seen], resource[seen]
    order = np.lexsort((begun, resource))
    lift = resource[order].astype(np.int64) << 42
    reach = np.maximum.accumulate(ended[order] + lift)
    fresh = np.maximum(begun[order] + lift, np.r_[0, reach[:-1]])
    union = np.maximum(reach - fresh, 0).sum()
    return float((ended - begun).sum() / max(union, 1))


def _pauses(traces: Traces, rows: IntArray, start: IntArray, hours: Hours) -> bool:
    """Tell whether work that a closing cuts is taken up at the next opening rather than ended in closed time."""
    begun, ended = start[rows], traces.end[rows]
    seen = (begun >= 0) & (ended > begun)
    begun, ended = begun[seen], ended[seen]
    if begun.size == 0 or hours.always:
        return False
    first = traces.first_day.weekday()
    inside = hours.contains(begun, first)
    cut = np.zeros(begun.size, dtype=np.bool_)
    for day in hours.by_weekday:
        for _, closes in day:
            edge = begun // DAY_MS * DAY_MS + closes
            cut |= inside & (begun < edge) & (ended > edge)
    if cut.sum() < _LEAST_DAYS:
        return False
    return bool(hours.contains(ended[cut] - 1, first).mean() > 0.5)
