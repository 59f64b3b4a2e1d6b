"""The operation program: what every entity will do, with all chance already taken out of it.

A :class:`Program` is what :func:`sim.draw.drawing.draw` makes and an engine executes: a flat table of operations and a
table of entities.  A :class:`Plan` is the hall's side: pools with their rosters, sites with their doors, calendars
and timetables.  An engine is a pure function ``(Program, Plan) -> Log``; there are two, and they agree to the last
bit because the rule below leaves them no choice.

The rule for ties
-----------------
Time is whole milliseconds.  Events at the same instant are handled one at a time, in the order of their *rank*:
roster edges (by pool), then ends of service (by entity), then entities that set out or have waited out a delay (by
entity), then patience that runs out (by entity).  A longest wait that runs out
is an event of patience, of the first who waits.  An event that one of them causes at the same instant takes its
place in that order. Handling an event means: a server that becomes free starts the first in the queue at once; then
the entity goes on until it must wait.  A queue is ordered by priority, then (where the pool says so) due date, then
order of joining; a preempted entity keeps its place.  Where servers pause, an edge of the roster breaks off the
services that are more than the servers on duty, those begun last first; one that ends at that instant is complete.
What was paused goes on before anybody in the queue, in the order of beginning; at a preemptive pool both go by the
order of the queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import IntArray
from sim.calendar import WorkCalendar

__all__ = [
    "AHEAD_OF_ALL",
    "BROKEN_OFF",
    "ENDS",
    "ENTITY_DTYPE",
    "LOG_DTYPE",
    "MOVES",
    "NO_LAST_CALL",
    "OP_DTYPE",
    "RENEGES",
    "ROSTER",
    "Code",
    "Kind",
    "Log",
    "Outcome",
    "Plan",
    "PoolPlan",
    "Program",
    "SitePlan",
    "StepInfo",
    "TimetablePlan",
    "event_rank",
]


class Code(IntEnum):
    """What an operation does; `arg`, `amount`, `patience`, `priority` and `jump` are columns of the table."""

    END = 0
    """The entity is done; whoever waits for it (its parent) is told."""
    SERVE = 1
    """Queue at pool `arg` and be served `amount` ms; leave the queue after `patience` ms (-1:
    never).  Whoever leaves, finds no room or is sent home goes on at `jump` (-1: can't be
    turned away)."""
    CLOCK = 2
    """Wait `amount` ms, day and night."""
    OPEN = 3
    """Wait `amount` ms of opening time of calendar `arg`."""
    DAYS = 4
    """Wait `amount` working days of calendar `arg`: until the same time of day, that many working days on."""
    UNTIL = 5
    """Wait for the next departure of timetable `arg` that has a place; whoever is there at the moment still boards.
    Or, where the timetable departs by count, until so many have gathered or the first of them has waited for long."""
    BACK = 6
    """Come back `amount` working days of calendar `arg` on, counted from midnight, at `patience` ms past midnight; with
    0 today, or else on the next working day, but later than now: nobody fails twice in one instant.  Where `priority`
    is a clock (CLOCK or OPEN), `amount` is ms of it: come back at the very moment when they are over, if site `arg`
    gives tickets then; else as with 0 working days from that moment on.  After a trip that failed, no time is no such
    moment."""
    FORK = 7
    """Entities `arg` … `arg + amount - 1` set out; those that did on an earlier trip of this entity don't again."""
    JOIN = 8
    """Wait until every child that reports to this entity is done."""
    ARRIVE = 9
    """Come in by the doors of site `arg`, or wait for them to open; if they are shut for the rest of the
    day, or there is no room, go on at `jump`."""
    LEAVE = 10
    """Go out of site `arg`."""
    MARK = 11
    """Write mark `arg` into the log; ``accepted`` (with `amount` >= 0) sets the due date `amount` working
    days on, by the calendar of `patience` (end of that day)."""
    RETURN = 12
    """The trip failed.  If this entity has failed no more than `amount` times, go on; else it is lost and done."""
    GOTO = 13
    """Go on at operation `jump`."""


class Kind(IntEnum):
    """What an entity is."""

    VISIT = 0
    """A person's trip (trips, if they come back) to a site."""
    ONLINE = 1
    """A person's business done without entering a site."""
    CASE = 2
    """An application that the hall works on."""
    BRANCH = 3
    """One of the parallel parts of another entity."""


class Outcome(IntEnum):
    """How the stretch of time that a log row describes ended."""

    DONE = 0
    """Served, or waited to the end of what had to be waited for."""
    PREEMPTED = 1
    """Service broken off by a higher priority; the entity is back in the queue from `end` on."""
    RENEGED = 2
    """Left the queue, patience exhausted (`start` is `end`)."""
    FULL = 3
    """Found no room (at a queue or at the doors)."""
    SHUT = 4
    """Found the doors shut for the day."""
    SENT_HOME = 5
    """Was sent home, waiting, at the day's closing."""
    LOST = 6
    """Gave up for good (RETURN rows)."""
    RETURNS = 7
    """Will come back (RETURN rows)."""
    PAUSED = 8
    """Service broken off as fewer servers were on duty; the entity waits from `end` on, ahead of the queue."""


BROKEN_OFF: Final = (Outcome.PREEMPTED, Outcome.PAUSED)
"""Outcomes of a stretch of service whose rest follows later, in a row of its own."""
AHEAD_OF_ALL: Final = -128
"""Priority in the queue of an entity whose service was paused: no operation has it."""


OP_DTYPE: Final = np.dtype(
    [
        ("amount", np.int64),
        ("patience", np.int64),
        ("arg", np.int32),
        ("jump", np.int32),
        ("step", np.int32),
        ("code", np.int8),
        ("priority", np.int8),
    ],
    align=True,
)
"""One operation; `step` indexes `Program.steps` (-1: none)."""

ENTITY_DTYPE: Final = np.dtype(
    [
        ("start", np.int64),
        ("first", np.int32),
        ("parent", np.int32),
        ("root", np.int32),
        ("case", np.int32),
        ("service", np.int16),
        ("source", np.int16),
        ("kind", np.int8),
        ("purpose", np.int8),
        ("person", np.int8),
    ],
    align=True,
)
"""One entity: `first` operation, `parent` whom it reports to when done (-1: nobody), `root` the visit from a
source that it goes back to (itself for that), `case` the case it is, or works for (-1: none), indexes into the
program's names, and `start` in ms (-1: set out by a FORK)."""

LOG_DTYPE: Final = np.dtype(
    [
        ("ready", np.int64),
        ("start", np.int64),
        ("end", np.int64),
        ("entity", np.int32),
        ("op", np.int32),
        ("outcome", np.int8),
    ],
    align=True,
)
"""One stretch: `ready` when the entity came to the operation, `start` of service (of waiting: `ready`), `end`."""

# Ranks of events at one instant, lowest first.
ROSTER: Final = 0
ENDS: Final = 1
MOVES: Final = 2
RENEGES: Final = 3


NO_LAST_CALL: Final = 2**63 - 1
"""Later than any end of service."""


def event_rank(kind: int, number: int) -> int:
    """Return the place of an event among those of its instant: by kind, then by number of pool or entity."""
    return (kind << 32) | number


@dataclass(frozen=True, slots=True)
class StepInfo:
    """What a step of the scenario is, for whoever reads a log.

    Attributes
    ----------
    name
        ``"service/route/step"``; a route is a purpose, ``case``, or a longer path inside forks and named routes.
    service, route
        Its service, and the purpose of the visit or ``case``.
    title
        (English, Chinese).
    pool
        Name of the pool it is served at, or "".
    spends
        What its time is: ``work`` (queue and service), ``open``, ``clock``, ``days`` (delays), ``until`` (timetables),
        ``applicant`` (waiting for a visit), ``branches`` (waiting for a fork), or ``none`` (marks and branchings).
    stops_clock
        Why the statutory clock stands still during it, or "".
    """

    name: str
    service: str
    route: str
    title: tuple[str, str]
    pool: str
    spends: str
    stops_clock: str


@dataclass(frozen=True, eq=False)
class Program:
    """All that will happen but for waiting: the operations and entities of one replication.

    Attributes
    ----------
    ops, entities
        Tables of :data:`OP_DTYPE` and :data:`ENTITY_DTYPE`.  An entity begins with `first` and goes from each operation
        to the next, but for jumps, until it comes to an END or to a RETURN by which it is lost.
    services, sources, purposes, people, marks
        Names behind the indexes.
    steps
        What stands behind an operation's `step`.
    """

    ops: npt.NDArray[np.void]
    entities: npt.NDArray[np.void]
    services: tuple[str, ...]
    sources: tuple[str, ...]
    purposes: tuple[str, ...]
    people: tuple[str, ...]
    steps: tuple[StepInfo, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class PoolPlan:
    """Capacity of one pool over time.

    Attributes
    ----------
    times, servers
        Roster: from ``times[k]`` on, ``servers[k]`` are on duty (0 before ``times[0]``).
    day_close
        ``True`` where the edge is the day's last closing.
    at_close
        0 keep the queue till the next opening, 1 serve while anybody is inside the site (at a site without doors: while
        anybody waits at this pool), 2 send the queue home.
    pauses
        Opening intervals between which a service in hand is paused; ``None`` if servers finish what they have begun.
        Servers who pause also break off what is more than the servers on duty.
    last_calls
        From ``times[k]`` on, nobody is called whose service would end after ``last_calls[k]`` (:data:`NO_LAST_CALL`:
        everybody is called), except at an opening, when the servers on duty cease to be 0.
    site
        Index of its site.
    by_due_date, preemptive
        Queue discipline.
    room
        Waiting places (-1: no limit).
    """

    name: str
    site: int
    times: IntArray
    servers: IntArray
    day_close: npt.NDArray[np.bool_]
    at_close: int
    pauses: WorkCalendar | None
    last_calls: IntArray
    by_due_date: bool
    preemptive: bool
    room: int


@dataclass(frozen=True, eq=False)
class SitePlan:
    """Doors of one site: tickets are given in ``[opens[k], closes[k])``; `room` visitors fit in (-1: no limit).

    Where nobody can find the site shut or full, it counts as having no doors: its visitors are not inside or outside.
    """

    name: str
    opens: IntArray
    closes: IntArray
    room: int
    has_doors: bool = True


@dataclass(frozen=True, eq=False)
class TimetablePlan:
    """When something departs.

    Attributes
    ----------
    departures, capacity
        In ms, sorted, and how many each takes (-1: no limit).
    count
        It departs when so many have gathered, and has no `departures` (0: it goes by the clock).
    longest, site
        It also departs when the first who gathered has waited `longest` ms (-1: never) of the site's working time.
    """

    name: str
    departures: IntArray
    capacity: int
    count: int = 0
    longest: int = -1
    site: int = 0


@dataclass(frozen=True, eq=False)
class Plan:
    """The hall's side of a simulation: everything about capacity and time, nothing about chance.

    Attributes
    ----------
    calendars
        Working time by site, same order as `sites`.
    stop
        The simulation ends before this ms.
    """

    pools: tuple[PoolPlan, ...]
    sites: tuple[SitePlan, ...]
    timetables: tuple[TimetablePlan, ...]
    calendars: tuple[WorkCalendar, ...]
    stop: int


@dataclass(frozen=True, eq=False)
class Log:
    """What happened.

    Attributes
    ----------
    rows
        Table of :data:`LOG_DTYPE`, in the order in which the stretches ended.  FORK, GOTO and END write none.
    started, ended
        When every entity set out and was done, in ms (-1: not within the run).
    in_service
        When the service began that was still in hand as the run stopped, by entity, in ms (-1: none was).  Such a
        service has no row yet.
    """

    rows: npt.NDArray[np.void]
    started: IntArray
    ended: IntArray
    in_service: IntArray
