"""One day as it went: who was where, from moment to moment, and which servers were on duty.

Input: the :class:`~sim.measure.frames.Metrics` of one replication.  Output: a :class:`DayReplay`: arrays small enough
for another process.  The day is a typical one, see :func:`typical_day`.  A moment is in ms since its midnight; what
began the day before has a negative one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, IntArray
from sim.calendar import DAY_MS
from sim.measure.frames import Metrics
from sim.measure.steps import on_duty
from sim.measure.table import Table
from sim.measure.visits import channel_codes
from sim.program import BROKEN_OFF, Code, Outcome

__all__ = [
    "LEG_OUTCOMES",
    "DayReplay",
    "DutyEdges",
    "Files",
    "Legs",
    "Visits",
    "day_replay",
    "seats_of",
    "typical_day",
]

LEG_OUTCOMES = ("served", "interrupted", "left", "full", "sent-home", "unfinished")
"""How a leg ended: served (or taken along by a timetable); service broken off; left the queue; found no room; was sent
home at closing; not over as the run stopped."""

_SERVED, _INTERRUPTED, _UNFINISHED = (LEG_OUTCOMES.index(name) for name in ("served", "interrupted", "unfinished"))
_OF_ROW = {
    **dict.fromkeys(BROKEN_OFF, _INTERRUPTED),
    Outcome.RENEGED: LEG_OUTCOMES.index("left"),
    Outcome.FULL: LEG_OUTCOMES.index("full"),
    Outcome.SENT_HOME: LEG_OUTCOMES.index("sent-home"),
}
_OUTCOME_OF_ROW = np.array([_OF_ROW.get(outcome, _SERVED) for outcome in Outcome])


@dataclass(frozen=True, eq=False)
class Legs:
    """Stretches at pools and waits for timetables, ordered by who, then by time.

    Attributes
    ----------
    owner
        Who: a position among the visits, or among the files.
    place
        Index of the pool; of a timetable, the number of pools more than its index.
    ready, start, end
        Joined the queue; was called (or left it); was done.
    outcome
        Index into :data:`LEG_OUTCOMES`.
    seat
        At which of the pool's seats the service was, from 0; -1 where nobody was called.
    """

    owner: IntArray
    place: IntArray
    ready: IntArray
    start: IntArray
    end: IntArray
    outcome: IntArray
    seat: IntArray


@dataclass(frozen=True, eq=False)
class Visits:
    """Visits of the day, those included that began before it and were not over: one entry each.

    Attributes
    ----------
    arrive, enter, leave
        Came; was let in by the doors; went.  A moment later than a day after the run means never.
    outcome
        Index into :data:`~sim.measure.visits.OUTCOMES`.
    service, purpose, channel
        Indexes into the program's services and purposes, and into :data:`~sim.measure.registry.VISIT_CHANNELS`.
    number
        The number of the trip of that visitor, from 1.
    """

    arrive: IntArray
    enter: IntArray
    leave: IntArray
    outcome: IntArray
    service: IntArray
    purpose: IntArray
    channel: IntArray
    number: IntArray


@dataclass(frozen=True, eq=False)
class Files:
    """Files that lay at a desk or waited for a timetable on that day; copies that go in parallel count apart.

    Attributes
    ----------
    case
        Number of the case, from 0, the same for all its copies.
    service
        Index into the program's services.
    """

    case: IntArray
    service: IntArray


@dataclass(frozen=True, eq=False)
class DutyEdges:
    """Servers on duty at one pool: ``servers[k]`` from ``times[k]`` on; the first of the `times` is midnight, 0."""

    times: IntArray
    servers: IntArray


@dataclass(frozen=True, eq=False)
class DayReplay:
    """One day of one replication.

    Attributes
    ----------
    date
        The day.
    median
        Median of the visits that arrive on a measured day.
    pools, timetables, services, purposes
        Names behind the indexes.
    serves_visitors
        Whether any visitor came to each pool in the run.
    duty
        Servers on duty, by pool.
    visits, visit_legs, files, file_legs
        Who was there, and what they did.
    """

    date: dt.date
    median: float
    pools: tuple[str, ...]
    timetables: tuple[str, ...]
    services: tuple[str, ...]
    purposes: tuple[str, ...]
    serves_visitors: BoolArray
    duty: tuple[DutyEdges, ...]
    visits: Visits
    visit_legs: Legs
    files: Files
    file_legs: Legs


@dataclass(frozen=True, eq=False)
class _Stretches:
    """Rows of the log that touch the day, and stretches that were not over as the run stopped, as columns."""

    entity: IntArray
    place: IntArray
    ready: IntArray
    start: IntArray
    end: IntArray
    outcome: IntArray

    def take(self, members: npt.NDArray[np.bool_] | IntArray) -> _Stretches:
        return _Stretches(*(column[members] for column in vars(self).values()))


def typical_day(metrics: Metrics) -> tuple[int, float]:
    """Return the number of the measured day whose visits are nearest to their median, the first of several.

    Returns
    -------
    day
        Its number as a calendar day.
    median
        The median of the visits that arrive on a measured day.
    """
    days = metrics.table.window.days
    arrived = metrics.trips.arrive // DAY_MS
    visits = np.bincount(arrived, minlength=int(days[-1]) + 1)[days]
    median = float(np.median(visits))
    return int(days[np.argmin(np.abs(visits - median))]), median


def day_replay(metrics: Metrics) -> DayReplay:
    """Return how a typical day of a replication went."""
    table = metrics.table
    day, median = typical_day(metrics)
    midnight = day * DAY_MS
    stretches = _stretches(table, midnight)
    is_visitor = table.is_visitor[stretches.entity]
    trips, visits = _visits(metrics, midnight)
    people = stretches.take(is_visitor)
    trip_of = _trip_of(metrics, people, trips)
    people, trip_of = people.take(trip_of >= 0), trip_of[trip_of >= 0]
    papers = stretches.take(~is_visitor)
    entities, file_of = np.unique(papers.entity, return_inverse=True)
    case = np.where(table.case[entities] >= 0, table.case[entities], table.n_entities + entities)
    files = Files(np.unique(case, return_inverse=True)[1], table.service[entities].astype(np.int64))
    seat = _seats(np.append(people.place, papers.place), people, papers)
    return DayReplay(
        table.calendar.date_of(np.array([midnight]))[0].astype(object),
        median,
        tuple(table.pools),
        tuple(timetable.name for timetable in table.plan.timetables),
        table.program.services,
        table.program.purposes,
        _serves_visitors(table),
        tuple(_duty(table, place, midnight) for place in range(len(table.pools))),
        visits,
        _legs(trip_of, people, seat[: people.place.size], midnight),
        files,
        _legs(file_of, papers, seat[people.place.size :], midnight),
    )


def seats_of(start: IntArray, end: IntArray) -> IntArray:
    """Return the seat of each of a pool's services: the lowest that is free when it starts, from 0."""
    seats = np.full(start.size, -1, dtype=np.int64)
    free_from: list[int] = []
    for position in np.lexsort((end, start)).tolist():
        begun, over = int(start[position]), int(end[position])
        seat = next((place for place, moment in enumerate(free_from) if moment <= begun), len(free_from))
        if seat == len(free_from):
            free_from.append(over)
        free_from[seat] = over
        seats[position] = seat
    return seats


def _stretches(table: Table, midnight: int) -> _Stretches:
    """Return the stretches at pools, and the waits of files for timetables, that touch the day."""
    is_until = (table.code == Code.UNTIL) & ~table.is_visitor[table.entity]
    touches = (table.ready < midnight + DAY_MS) & (table.end >= midnight)
    rows = np.flatnonzero(((table.code == Code.SERVE) | is_until) & touches)
    place = table.arg[rows].astype(np.int64) + np.where(is_until[rows], len(table.pools), 0)
    outcome = _OUTCOME_OF_ROW[table.outcome[rows]]
    logged = (
        table.entity[rows].astype(np.int64),
        place,
        table.ready[rows],
        table.start[rows],
        table.end[rows],
        outcome,
    )
    rest, stop = table.unfinished, table.window.stop
    entity, op, since = table.pending
    ops = table.program.ops
    until = (ops["code"][op] == Code.UNTIL) & ~table.is_visitor[entity]
    waiting = np.full(int(until.sum()), stop, dtype=np.int64)
    pending = (
        np.append(rest.entity, entity[until]),
        np.append(rest.pool, ops["arg"][op[until]] + len(table.pools)),
        np.append(rest.ready, since[until]),
        np.append(rest.start, waiting),
        np.full(rest.entity.size + waiting.size, stop, dtype=np.int64),
        np.full(rest.entity.size + waiting.size, _UNFINISHED, dtype=np.int64),
    )
    begun = pending[2] < midnight + DAY_MS
    return _Stretches(*(np.append(first, second[begun]) for first, second in zip(logged, pending, strict=True)))


def _visits(metrics: Metrics, midnight: int) -> tuple[IntArray, Visits]:
    """Return the positions of the trips that touch the day, and what they were."""
    table, trips = metrics.table, metrics.trips
    leave = np.where(trips.leave < 0, table.window.stop + DAY_MS, trips.leave)
    members = np.flatnonzero((trips.arrive < midnight + DAY_MS) & (leave > midnight))
    members = members[np.argsort(trips.arrive[members], kind="stable")]
    entity = trips.entity[members]
    enter = np.where(trips.enter < 0, table.window.stop + DAY_MS, trips.enter)
    return members, Visits(
        trips.arrive[members] - midnight,
        enter[members] - midnight,
        leave[members] - midnight,
        trips.outcome[members].astype(np.int64),
        table.service[entity].astype(np.int64),
        table.program.entities["purpose"][entity].astype(np.int64),
        channel_codes(table)[entity],
        trips.number[members],
    )


def _trip_of(metrics: Metrics, stretches: _Stretches, selected: IntArray) -> IntArray:
    """Return for each stretch of a visitor the position of its trip among the selected trips, -1 for none."""
    table, trips = metrics.table, metrics.trips
    visit = table.branch_of[stretches.entity]
    of_day = np.flatnonzero(np.isin(trips.entity, visit))
    entities, position = np.unique(trips.entity[of_day], return_inverse=True)
    span = table.window.stop + 2 * DAY_MS
    began = position * span + trips.arrive[of_day]  # trips are in the order of entity, then number
    trip = np.searchsorted(began, np.searchsorted(entities, visit) * span + stretches.ready, side="right") - 1
    rank = np.full(trips.entity.size, -1, dtype=np.int64)
    rank[selected] = np.arange(selected.size)
    if not of_day.size:
        return np.full(visit.size, -1, dtype=np.int64)
    return np.where(trips.entity[of_day[trip]] == visit, rank[of_day[trip]], -1)


def _seats(places: IntArray, *parts: _Stretches) -> IntArray:
    """Return the seats of the stretches of several parts, laid end to end: visitors and files share a pool's seats."""
    start, end = (np.concatenate([getattr(part, name) for part in parts]) for name in ("start", "end"))
    outcome = np.concatenate([part.outcome for part in parts])
    called = np.isin(outcome, (_SERVED, _INTERRUPTED)) | ((outcome == _UNFINISHED) & (end > start))
    seats = np.full(places.size, -1, dtype=np.int64)
    for place in np.unique(places):
        members = np.flatnonzero(called & (places == place))
        seats[members] = seats_of(start[members], end[members])
    return seats


def _legs(owner: IntArray, stretches: _Stretches, seat: IntArray, midnight: int) -> Legs:
    order = np.lexsort((stretches.end, stretches.ready, owner))
    ready, start, end = (column[order] - midnight for column in (stretches.ready, stretches.start, stretches.end))
    return Legs(owner[order], stretches.place[order], ready, start, end, stretches.outcome[order], seat[order])


def _serves_visitors(table: Table) -> BoolArray:
    visited = table.pool_of_serve[table.is_visitor[table.entity[table.serves]]]
    return np.bincount(visited, minlength=len(table.pools)) > 0


def _duty(table: Table, place: int, midnight: int) -> DutyEdges:
    roster = on_duty(table.plan.pools[place])
    inside = roster.times[(roster.times > midnight) & (roster.times < midnight + DAY_MS)]
    times = np.append(midnight, np.unique(inside))
    servers = roster.at(times)
    changes = np.append(True, np.diff(servers) != 0)
    return DutyEdges(times[changes] - midnight, servers[changes])
