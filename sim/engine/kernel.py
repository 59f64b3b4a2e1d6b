"""The compiled engine: one event loop over the operation table, in machine code.

Input: a :class:`~sim.program.Program` and a :class:`~sim.program.Plan`.  Output: the same
:class:`~sim.program.Log` as :mod:`sim.engine.reference` returns, bit for bit, some hundred times sooner.  The reference
says what happens and reads like it; this module keeps to arrays, in four named tuples: :class:`Work` (what everybody
will do), :class:`HallTables` (pools, sites, timetables, calendars: small tables, one row each), :class:`State` (what
everybody is doing: an entity's row of ``people`` is also its node in the queue it is in) and :class:`Written`, the log.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, cast
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from foundation.arrays import IntArray
from sim.calendar import DAY_MS, NEVER, WorkCalendar
from sim.machine import compiled, ordinary, prefetch, stored
from sim.plan import SEND_HOME, SERVE_ALL
from sim.program import AHEAD_OF_ALL, ENDS, LOG_DTYPE, MOVES, NO_LAST_CALL, RENEGES, Code, Log, Outcome, Plan, Program

__all__ = ["HallTables", "Hours", "State", "Work", "Written", "in_order", "is_stored", "proceed", "run_compiled"]

Table = npt.NDArray[np.void]
Row = np.void


_int = cast(Callable[[Any], int], np.int64)
"""Makes every integer the same type: Numba compiles a function anew for every other one, be it a constant."""


def _constants(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(_int(value) for value in values)


_END, _SERVE, _CLOCK, _OPEN, _DAYS, _UNTIL, _BACK, _FORK, _JOIN, _ARRIVE, _LEAVE, _MARK, _RETURN, _GOTO = _constants(
    Code
)
_DONE, _PREEMPTED, _RENEGED, _FULL, _SHUT, _SENT_HOME, _LOST, _RETURNS, _PAUSED = _constants(Outcome)
_ENDS, _MOVES, _RENEGES, _NUMBER = _constants((ENDS << 32, MOVES << 32, RENEGES << 32, (1 << 32) - 1))
_NOBODY, _WAITS, _NEVER, _AHEAD_OF_ALL = _constants((-1, -1, NEVER, AHEAD_OF_ALL))

# What an entity waits for (column `waits`).
_NOTHING, _TO_SET_OUT, _TO_MOVE, _TO_BE_SERVED, _TO_BE_DONE, _FOR_CHILDREN, _TO_REJOIN, _TO_GO_HOME, _TO_DEPART = (
    _constants(range(9))
)
_TO_RESUME = _int(9)

_AHEAD: Final = 2
"""How many arrivals before its own an entity's operations are fetched into the processor's cache."""

_RUN: Final = np.dtype(
    [
        (name, np.int64)
        for name in (
            *("now", "stop"),
            *("events", "rows"),  # how many there are
            *(
                "edge",
                "arrival",
                "arrives",
                "place",
            ),  # next edge; next arrival, its time, and where to look for the one after
            *("first", "last"),  # of those who have been interrupted
            *("entity", "at"),  # goes on when the log has become longer
        )
    ]
)
"""How far a run is; the first argument of nearly every function."""

_PERSON: Final = np.dtype(
    [
        ("due", np.int64),
        ("ready", np.int64),
        ("start", np.int64),
        ("moment", np.int64),  # of the event that ends the wait; any other event of this entity is stale
        ("work", np.int64),
        ("joined", np.int32),  # place in the order of joining, or of beginning at a pool that goes by it
        ("at", np.int32),
        ("next", np.int32),
        ("previous", np.int32),
        ("child", np.int32),  # in the heap of a queue by due date
        ("waits", np.int8),
        ("priority", np.int8),
        ("reports", np.int8),  # to its parent, when it is done
    ],
    align=True,
)
"""What an entity is doing; 64 bytes, a line of the processor's cache."""

_FAMILY: Final = np.dtype([(name, np.int32) for name in ("children", "failed", "live")])
"""What is seldom needed: children that report to this entity and are not done, failed trips, a mark for `_purge`."""

_POOL: Final = np.dtype(
    [
        *((name, np.int64) for name in ("room", "on_duty", "busy", "first", "serving", "last_call", "staffed_since")),
        *((name, np.int32) for name in ("lists", "waiting", "joined")),
        ("begun", np.int32),  # how many, at a pool that goes by the order of beginning
        ("broken_off", np.int32),  # and not yet back in the queue
        *((name, np.int16) for name in ("site", "pauses", "level")),
        *((name, np.int8) for name in ("at_close", "preemptive", "by_due_date", "lingers", "sends_home")),
        ("has_doors", np.int8),  # of its site
        ("stays", np.int8),  # serves on while somebody waits
        ("links", np.int8),  # entities in service are linked
        ("by_beginning", np.int8),  # who pauses last began first
    ],
    align=True,
)
"""A pool.  Narrow columns: a big hall's pools fit the processor's first cache."""

_EVENT: Final = np.dtype([("time", np.int64), ("rank", np.int64)])
_LIST: Final = np.dtype([("first", np.int64), ("last", np.int64)])
_DAY: Final = np.dtype([("opens", np.int64), ("closes", np.int64)])
_SITE: Final = np.dtype([(name, np.int64) for name in ("begin", "end", "cursor", "room", "inside", "lingering")])
_TIMETABLE: Final = np.dtype(
    [
        (name, np.int64)
        for name in (
            *("begin", "end", "cursor", "capacity", "filling", "taken"),
            *("count", "longest", "calendar", "gathered", "first"),  # of those that depart by count
        )
    ]
)
_INTERVAL: Final = np.dtype([(name, np.int64) for name in ("opens", "closes", "worked")])
_CALENDAR: Final = np.dtype(
    [(name, np.int64) for name in ("begin", "end", "cursor", "days", "n_days", "workdays", "n_workdays")]
)
_EDGE_ROW: Final = np.dtype([(name, np.int64) for name in ("time", "pool", "servers", "day_close", "last_call")])

_LEVELS: Final = 256
"""Priorities that a queue tells apart: every int8."""


# No function here makes an array, so none needs to count references.
_OPTIONS: Final[dict[str, Any]] = {"error_model": "numpy", "_nrt": False}
_INNER: Final[dict[str, Any]] = _OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_compiled: Final = compiled(**_INNER)
_inlined: Final = compiled(forceinline=True, **_INNER)
"""Compiles a long function, then puts its machine code into that of the one that calls it."""
_pasted: Final = compiled(inline="always", **_INNER)
"""Puts a function into the only one that calls it before that is compiled: it is compiled once, not twice."""
_stored: Final = stored(**_OPTIONS)


class Work(NamedTuple):
    """What everybody will do.

    Attributes
    ----------
    ops, entities
        Of the program.
    order
        Entities in order of (start, number); empty where that is the order in which they stand.
    """

    ops: Table
    entities: Table
    order: IntArray


class Hours(NamedTuple):
    """Working time: calendars, their opening intervals, working days before each day, and the working days."""

    calendars: Table
    intervals: Table
    workdays_by: IntArray
    workdays: IntArray


class HallTables(NamedTuple):
    """A plan, as before its first day.

    Attributes
    ----------
    edges
        All rosters' edges in order of (time, pool), and `NEVER` after the last.
    pools, sites, timetables
        Tables that change; a site's doors, a timetable's departures and a calendar's intervals are those from `begin`
        to `end` in the arrays that follow it.
    """

    edges: Table
    pools: Table
    sites: Table
    doors: Table
    timetables: Table
    departures: IntArray
    hours: Hours


class State(NamedTuple):
    """How far a run is.

    Attributes
    ----------
    runs
        One row.
    people, families
        What entities are doing; a row of `people` is not read before its entity sets out.
    heap
        Events to come.
    ends
        First and last in the queues, by pool and priority.
    """

    runs: Table
    people: Table
    families: Table
    heap: Table
    ends: Table


class Written(NamedTuple):
    """The log: room for its rows, of which ``runs[0]["rows"]`` are written, and two columns filled with -1."""

    rows: Table
    started: IntArray
    ended: IntArray


# ---- the events to come: a binary heap of (time, rank) ------------------------------------------------------------


@_compiled
def _settle(heap: Table, hole: int, time: int, rank: int) -> None:
    """Put an event where it belongs on the way from an empty place up."""
    while hole > 0:
        above = heap[(hole - 1) >> 1]
        if above["time"] < time or (above["time"] == time and above["rank"] <= rank):
            break
        event = heap[hole]
        event["time"], event["rank"] = above["time"], above["rank"]
        hole = (hole - 1) >> 1
    event = heap[hole]
    event["time"], event["rank"] = time, rank


@_compiled
def _push(state: State, time: int, rank: int) -> None:
    """Enter an event, if it is in the run."""
    run, heap = state.runs[0], state.heap
    if time >= run["stop"]:
        return
    if run["events"] == heap.size:
        _purge(state)
    run["events"] += 1
    _settle(heap, run["events"] - 1, time, rank)


@_compiled
def _pop(state: State) -> None:
    """Drop the first event; an empty heap begins with `NEVER`."""
    run, heap = state.runs[0], state.heap
    run["events"] -= 1
    size = run["events"]
    last = heap[size]
    time, rank = last["time"], last["rank"]
    if size == 0:
        time = _NEVER
    hole, place = _int(0), _int(1)
    while place < size:
        below = heap[place]
        if place + 1 < size:
            other = heap[place + 1]
            if other["time"] < below["time"] or (other["time"] == below["time"] and other["rank"] < below["rank"]):
                below = other
                place += 1
        if time < below["time"] or (time == below["time"] and rank <= below["rank"]):
            break
        event = heap[hole]
        event["time"], event["rank"] = below["time"], below["rank"]
        hole = place
        place = 2 * hole + 1
    event = heap[hole]
    event["time"], event["rank"] = time, rank


@_compiled
def _is_stale(person: Row, time: int, rank: int) -> bool:
    """Tell whether nobody waits for an event any more: its time is not the one that its entity waits for.

    Two events of one entity with the same time and rank are as good as one, so that needs no further mark.
    """
    if rank >= _RENEGES:
        waits = person["waits"] == _TO_BE_SERVED or person["waits"] == _TO_DEPART
        return bool(not waits or person["moment"] != time)
    if rank < _MOVES:
        return bool(person["waits"] != _TO_BE_DONE or person["moment"] != time)
    return False


@_compiled
def _purge(state: State) -> None:
    """Drop the stale events, and all but one of those that are the same; so at most one an entity is left."""
    run, people, families, heap = state.runs[0], state.people, state.families, state.heap
    size = _int(0)
    for k in range(run["events"]):
        event = heap[k]
        time, rank = event["time"], event["rank"]
        entity = rank & _NUMBER
        if not families[entity]["live"] and not _is_stale(people[entity], time, rank):
            families[entity]["live"] = 1
            _settle(heap, size, time, rank)  # among the places already read
            size += 1
    for k in range(size):
        families[heap[k]["rank"] & _NUMBER]["live"] = 0
    run["events"] = size


# ---- working time -------------------------------------------------------------------------------------------------


@_compiled
def _begun(calendar: Row, intervals: Table, now: int) -> int:
    """Return the place after the last interval that has begun by `now`, which never goes back."""
    place = calendar["cursor"]
    while place < calendar["end"] and intervals[place]["opens"] <= now:
        place += 1
    calendar["cursor"] = place
    return int(place)


@_compiled
def _add_work(hours: Hours, number: int, now: int, work: int) -> int:
    """Return when `work` ms that start now are done: ``WorkCalendar.add`` (`worked` is before each interval)."""
    if work == 0:
        return now
    calendar, intervals = hours.calendars[number], hours.intervals
    place = max(_begun(calendar, intervals, now) - 1, calendar["begin"])
    present = intervals[place]
    done = present["worked"] + min(max(now - present["opens"], 0), present["closes"] - present["opens"])
    target = done + work
    while place < calendar["end"]:
        interval = intervals[place]
        if target <= interval["worked"] + interval["closes"] - interval["opens"]:
            return int(interval["opens"] + target - interval["worked"])
        place += 1
    return _NEVER


@_compiled
def _work_between(hours: Hours, number: int, since: int, now: int) -> int:
    """Return the working time from `since` to now, going back from the present interval."""
    calendar, intervals = hours.calendars[number], hours.intervals
    place = _begun(calendar, intervals, now) - 1
    total = 0
    while place >= calendar["begin"] and intervals[place]["closes"] > since:
        total += min(intervals[place]["closes"], now) - max(intervals[place]["opens"], since)
        place -= 1
    return total


@_compiled
def _days_on(hours: Hours, number: int, now: int, days: int) -> int:
    """Return the same time of day, `days` working days on."""
    if days == 0:
        return now
    calendar = hours.calendars[number]
    today = min(now // DAY_MS, calendar["n_days"] - 1)
    index = hours.workdays_by[calendar["days"] + today + 1] - 1 + days
    if index >= calendar["n_workdays"]:
        return _NEVER
    return int(hours.workdays[calendar["workdays"] + index] * DAY_MS + now % DAY_MS)


@_compiled
def _comes_back(hours: Hours, number: int, now: int, days: int, time_of_day: int) -> int:
    """Return `time_of_day` on the working day that is `days` on from midnight; later today or next for none."""
    calendar = hours.calendars[number]
    earliest = now if days > 0 else now + 1 - time_of_day
    first = min(max(-(-earliest // DAY_MS), 0), calendar["n_days"])
    index = hours.workdays_by[calendar["days"] + first] + max(days - 1, 0)
    if index >= calendar["n_workdays"]:
        return _NEVER
    return int(hours.workdays[calendar["workdays"] + index] * DAY_MS + time_of_day)


@_compiled
def _board(timetable: Row, departures: IntArray, now: int) -> int:
    """Take a place and return when it departs."""
    place = timetable["cursor"]
    while place < timetable["end"] and departures[place] < now:
        place += 1
    timetable["cursor"] = place
    if timetable["capacity"] >= 0:
        if place <= timetable["filling"]:
            place = timetable["filling"] + (timetable["taken"] >= timetable["capacity"])
        if place > timetable["filling"]:
            timetable["filling"], timetable["taken"] = place, 0
        timetable["taken"] += 1
    return int(departures[place]) if place < timetable["end"] else _NEVER


@_compiled
def _gives_tickets(site: Row, doors: Table, moment: int) -> bool:
    """Tell whether the doors of a site are open at a moment that is not over."""
    place = site["cursor"]
    while place < site["end"] and doors[place]["opens"] <= moment:
        place += 1
    return bool(place > site["begin"] and moment < doors[place - 1]["closes"])


@_compiled
def _comes_back_after(hall: HallTables, now: int, op: Row, has_failed: bool) -> int:
    """Return the moment at which a time is over, if the site gives tickets then; else a time of day after it."""
    number = _int(op["arg"])
    if op["priority"] == _CLOCK:
        moment = _int(now + op["amount"])
    else:
        moment = _int(_add_work(hall.hours, number, now, op["amount"]))
    if (moment > now or not has_failed) and _gives_tickets(hall.sites[number], hall.doors, moment):
        return moment
    return int(_comes_back(hall.hours, number, moment, _int(0), op["patience"]))


@_compiled
def _doors_open_at(site: Row, doors: Table, now: int) -> int:
    """Return when somebody who comes now can enter: now, when the doors open today, or `NEVER` (not today)."""
    place = site["cursor"]
    while place < site["end"] and doors[place]["opens"] <= now:
        place += 1
    site["cursor"] = place
    if place > site["begin"] and now < doors[place - 1]["closes"]:
        return now
    if place < site["end"] and doors[place]["opens"] // DAY_MS == now // DAY_MS:
        return int(doors[place]["opens"])
    return _NEVER


@_compiled
def _depart(timetable: Row, state: State) -> None:
    """Depart with all who have gathered: each takes its turn in this instant."""
    people, now = state.people, state.runs[0]["now"]
    entity = _int(timetable["first"])
    timetable["first"], timetable["gathered"] = _NOBODY, 0
    while entity != _NOBODY:
        people[entity]["waits"] = _TO_MOVE
        _push(state, now, _MOVES | entity)
        entity = _int(people[entity]["next"])


@_compiled
def _gather(timetable: Row, state: State, hours: Hours, entity: int) -> None:
    """Wait until enough have gathered; the first one's event is the longest wait."""
    person, now = state.people[entity], state.runs[0]["now"]
    person["waits"], person["moment"] = _TO_DEPART, _NEVER
    person["next"] = timetable["first"]
    timetable["first"] = entity
    timetable["gathered"] += 1
    if timetable["gathered"] == timetable["count"]:
        _depart(timetable, state)
    elif timetable["gathered"] == 1 and timetable["longest"] >= 0:
        person["moment"] = _add_work(hours, timetable["calendar"], now, timetable["longest"])
        _push(state, person["moment"], _RENEGES | entity)


# ---- queues -------------------------------------------------------------------------------------------------------
#
# By order of joining: a list for each priority, linked both ways.  By due date: a pairing heap (Fredman, Sedgewick,
# Sleator and Tarjan 1986), in which `next` and `previous` link siblings and the first child's `previous` is its parent.


@_compiled
def _comes_before(people: Table, entity: int, other: int) -> bool:
    """Compare two keys: priority, due date, order of joining."""
    a, b = people[entity], people[other]
    if a["priority"] != b["priority"]:
        return bool(a["priority"] < b["priority"])
    if a["due"] != b["due"] and a["priority"] != _AHEAD_OF_ALL:
        return bool(a["due"] < b["due"])
    return bool(a["joined"] < b["joined"])


@_compiled
def _meld(people: Table, entity: int, other: int) -> int:
    """Make one heap of two; return its root."""
    if entity == _NOBODY:
        return other
    if other == _NOBODY:
        return entity
    if _comes_before(people, other, entity):
        entity, other = other, entity
    child = people[entity]["child"]
    people[other]["previous"] = entity
    people[other]["next"] = child
    if child != _NOBODY:
        people[child]["previous"] = other
    people[entity]["child"] = other
    return entity


@_compiled
def _without_root(people: Table, root: int) -> int:
    """Make one heap of a root's children: pairs from the left, then all pairs from the right."""
    pairs, child = _NOBODY, _int(people[root]["child"])
    while child != _NOBODY:
        second = _int(people[child]["next"])
        following = _int(people[second]["next"]) if second != _NOBODY else _NOBODY
        pair = _meld(people, child, second)
        people[pair]["previous"] = pairs
        pairs, child = pair, following
    heap = _int(_NOBODY)
    while pairs != _NOBODY:
        pair, pairs = pairs, _int(people[pairs]["previous"])
        heap = _meld(people, heap, pair)
    return heap


@_compiled
def _line(pool: Row, person: Row) -> int:
    """Return the place of the list for an entity's priority."""
    return int(pool["lists"] + person["priority"] + 128)


@_compiled
def _enqueue(pool: Row, state: State, entity: int) -> None:
    """Enter an entity into the queue, where its key puts it."""
    people, ends = state.people, state.ends
    person = people[entity]
    person["waits"] = _TO_BE_SERVED
    pool["waiting"] += 1
    person["next"] = person["previous"] = person["child"] = _NOBODY
    if pool["by_due_date"]:
        pool["first"] = _meld(people, pool["first"], entity)
        return
    pool["level"] = min(pool["level"], _int(person["priority"]) + 128)
    line = _line(pool, person)
    before, after = ends[line]["last"], _NOBODY
    # An entity that was preempted joined before all who wait (or nearly all): look from the front.
    if before != _NOBODY and people[before]["joined"] > person["joined"]:
        before, after = _NOBODY, ends[line]["first"]
        while people[after]["joined"] < person["joined"]:
            before, after = after, _int(people[after]["next"])
    person["previous"], person["next"] = before, after
    if before == _NOBODY:
        ends[line]["first"] = entity
    else:
        people[before]["next"] = entity
    if after == _NOBODY:
        ends[line]["last"] = entity
    else:
        people[after]["previous"] = entity


@_compiled
def _head(pool: Row, ends: Table) -> int:
    """Return the first in the queue, which is not empty."""
    if pool["by_due_date"]:
        return int(pool["first"])
    while ends[pool["lists"] + pool["level"]]["first"] == _NOBODY:
        pool["level"] += 1
    return int(ends[pool["lists"] + pool["level"]]["first"])


@_compiled
def _leave_queue(pool: Row, state: State, entity: int) -> None:
    """Take an entity out of the queue, wherever it stands."""
    people, ends = state.people, state.ends
    pool["waiting"] -= 1
    person = people[entity]
    before, after = person["previous"], person["next"]
    if not pool["by_due_date"]:
        line = _line(pool, person)
        if before == _NOBODY:
            ends[line]["first"] = after
        else:
            people[before]["next"] = after
        if after == _NOBODY:
            ends[line]["last"] = before
        else:
            people[after]["previous"] = before
        return
    rest = _without_root(people, entity)
    if entity == pool["first"]:
        pool["first"] = rest
        return
    if people[before]["child"] == entity:
        people[before]["child"] = after
    else:
        people[before]["next"] = after
    if after != _NOBODY:
        people[after]["previous"] = before
    pool["first"] = _meld(people, pool["first"], rest)


# ---- service ------------------------------------------------------------------------------------------------------


@_compiled
def _start(pool: Row, state: State, hours: Hours, entity: int) -> None:
    """Have a server begin, or resume, the service of an entity."""
    run, people = state.runs[0], state.people
    person = people[entity]
    pool["busy"] += 1
    person["waits"] = _TO_BE_DONE
    person["start"] = run["now"]
    if pool["pauses"] < 0:
        end = run["now"] + person["work"]
    else:
        end = _add_work(hours, _int(pool["pauses"]), run["now"], person["work"])
    person["moment"] = end
    if pool["by_beginning"] and person["priority"] != _AHEAD_OF_ALL:
        person["joined"] = pool["begun"]
        pool["begun"] += 1
    if pool["links"]:
        # Entities in service are linked, since one of them can be broken off.
        after = pool["serving"]
        person["previous"], person["next"] = _NOBODY, after
        if after != _NOBODY:
            people[after]["previous"] = entity
        pool["serving"] = entity
    _push(state, end, _ENDS | entity)


@_compiled
def _release(pool: Row, people: Table, entity: int) -> None:
    """Free the server of an entity."""
    pool["busy"] -= 1
    if pool["links"]:
        before, after = people[entity]["previous"], people[entity]["next"]
        if before == _NOBODY:
            pool["serving"] = after
        else:
            people[before]["next"] = after
        if after != _NOBODY:
            people[after]["previous"] = before


@_compiled
def _interrupt(state: State, entity: int, waits: int) -> None:
    """Put an entity on the list of those who are interrupted as soon as the present event has been handled."""
    run, people = state.runs[0], state.people
    people[entity]["waits"] = waits
    people[entity]["next"] = _NOBODY
    if run["first"] == _NOBODY:
        run["first"] = entity
    else:
        people[run["last"]]["next"] = entity
    run["last"] = entity


@_compiled
def _is_behind(pool: Row, person: Row, other: Row) -> bool:
    """Tell whether somebody in service is broken off before another: the later key, or the later beginning."""
    if not pool["by_beginning"]:
        if person["priority"] != other["priority"]:
            return bool(person["priority"] > other["priority"])
        if pool["by_due_date"] and person["due"] != other["due"]:
            return bool(person["due"] > other["due"])
    return bool(person["joined"] > other["joined"])


@_compiled
def _last_in_service(pool: Row, people: Table, ended: int) -> int:
    """Return the one in service who is broken off first, of those whose service ends after `ended`."""
    last, entity = _int(_NOBODY), _int(pool["serving"])
    while entity != _NOBODY:
        person = people[entity]
        if person["moment"] > ended and (last == _NOBODY or _is_behind(pool, person, people[last])):
            last = entity
        entity = _int(person["next"])
    return last


@_compiled
def _may_interrupt(pool: Row) -> bool:
    """Tell whether a server could be taken from somebody less urgent: all are on duty, and at work."""
    return bool(pool["preemptive"] and pool["on_duty"] > 0 and pool["busy"] == pool["on_duty"])


@_compiled
def _pause_excess(pool: Row, state: State) -> None:
    """Break off the services that are more than the servers on duty; one that ends now is complete."""
    people, now = state.people, state.runs[0]["now"]
    excess, entity = pool["busy"] - pool["on_duty"], _int(pool["serving"])
    while entity != _NOBODY:
        excess -= people[entity]["moment"] <= now
        entity = _int(people[entity]["next"])
    while excess > 0:
        last = _last_in_service(pool, people, now)
        _release(pool, people, last)
        _interrupt(state, last, _TO_RESUME)
        pool["broken_off"] += 1
        excess -= 1


@_compiled
def _is_called(pool: Row, now: int, work: int) -> bool:
    """Tell whether a server on duty calls somebody whose service takes `work` ms: not if it would end too late."""
    return bool(now + work <= pool["last_call"] or now == pool["staffed_since"])


@_compiled
def _go_home(pool: Row) -> None:
    """Have the servers go home who have stayed for those who waited, once nobody waits any more."""
    if pool["stays"] and pool["waiting"] == 0 and pool["broken_off"] == 0:
        pool["stays"] = pool["on_duty"] = 0


@_compiled
def _serve_queue(pool: Row, state: State, hours: Hours) -> None:
    """Start the first in the queue as long as there is a server, free or taken from a lower priority."""
    people, ends = state.people, state.ends
    while pool["waiting"] > 0:
        all_busy = pool["busy"] >= pool["on_duty"]
        if all_busy and not _may_interrupt(pool):
            return
        entity = _head(pool, ends)
        if not _is_called(pool, state.runs[0]["now"], people[entity]["work"]):
            return  # and those behind it wait too
        if all_busy:
            last = _last_in_service(pool, people, _NOBODY)
            if people[entity]["priority"] >= people[last]["priority"]:
                return
            _release(pool, people, last)
            _interrupt(state, last, _TO_REJOIN)
            pool["broken_off"] += 1
        _leave_queue(pool, state, entity)
        _start(pool, state, hours, entity)
    _go_home(pool)


@_compiled
def _send_home(pool: Row, state: State, ops: Table) -> None:
    """Interrupt all in the queue who can leave it, in its order; nobody is on duty who would miss them."""
    people, ends = state.people, state.ends
    if not pool["by_due_date"]:
        for line in range(pool["lists"], pool["lists"] + _LEVELS):
            entity = ends[line]["first"]
            while entity != _NOBODY:
                following = _int(people[entity]["next"])
                if ops[people[entity]["at"]]["jump"] >= 0:
                    _leave_queue(pool, state, entity)
                    _interrupt(state, entity, _TO_GO_HOME)
                entity = following
        return
    # Only by taking the first, again and again, does a heap show its order.
    staying = _int(_NOBODY)
    while pool["waiting"] > 0:
        entity = _head(pool, ends)
        _leave_queue(pool, state, entity)
        if ops[people[entity]["at"]]["jump"] >= 0:
            _interrupt(state, entity, _TO_GO_HOME)
        else:
            people[entity]["next"] = staying
            staying = entity
    while staying != _NOBODY:
        entity, staying = staying, _int(people[staying]["next"])
        _enqueue(pool, state, entity)


# ---- doors and the log --------------------------------------------------------------------------------------------


@_compiled
def _write(log: Written, run: Row, entity: int, at: int, outcome: int, ready: int, start: int) -> None:
    """Write a row for a stretch that ends now."""
    row = log.rows[run["rows"]]
    run["rows"] += 1
    row["ready"], row["start"], row["end"] = ready, start, run["now"]
    row["entity"], row["op"], row["outcome"] = entity, at, outcome


@_compiled
def _enter(op: Row, sites: Table, state: State, log: Written, entity: int, at: int) -> int:
    """Let a visitor in by open doors, if there is room; return the operation that follows."""
    run, person = state.runs[0], state.people[entity]
    site = sites[op["arg"]]
    ready = person["ready"]
    if 0 <= site["room"] <= site["inside"]:
        _write(log, run, entity, at, _FULL, ready, ready)
        return _int(op["jump"])
    site["inside"] += 1
    person["due"] = run["now"]
    _write(log, run, entity, at, _DONE, ready, ready)
    return at + 1


@_compiled
def _go_out(sites: Table, pools: Table, number: int) -> None:
    """Let one visitor out; after closing, the last one lets the staff go home."""
    site = sites[number]
    site["inside"] -= 1
    if site["inside"] == 0 and site["lingering"] > 0:
        site["lingering"] = 0
        for k in range(pools.size):
            if pools[k]["site"] == number and pools[k]["lingers"]:
                pools[k]["lingers"] = pools[k]["on_duty"] = 0


# ---- events and operations ----------------------------------------------------------------------------------------


@_compiled
def _find_arrival(work: Work, run: Row) -> None:
    """Find the next entity that sets out by itself; fetch the operations of one who comes soon after it."""
    entities, order = work.entities, work.order
    run["arrives"] = _NEVER
    place = run["place"]
    while place < entities.size and run["arrives"] == _NEVER:
        entity = order[place] if order.size > 0 else place
        place += 1
        if entities[entity]["start"] >= 0:
            run["arrival"], run["arrives"] = entity, entities[entity]["start"]
    run["place"] = place
    if place + _AHEAD < entities.size:
        ahead = entities[place + _AHEAD]["first"]
        for line in range(3):
            prefetch(work.ops, ahead + 2 * line)


@_compiled
def _handle_interruption(work: Work, hall: HallTables, state: State, log: Written) -> int:
    """Handle the next interruption; return who goes on, if anybody."""
    run, people, ops = state.runs[0], state.people, work.ops
    entity = _int(run["first"])
    person = people[entity]
    run["first"] = person["next"]
    at = _int(person["at"])
    if person["waits"] == _TO_GO_HOME:
        _write(log, run, entity, at, _SENT_HOME, person["ready"], run["now"])
        person["at"] = ops[at]["jump"]
        return entity
    pool = hall.pools[ops[at]["arg"]]
    is_paused = person["waits"] == _TO_RESUME
    _write(log, run, entity, at, _PAUSED if is_paused else _PREEMPTED, person["ready"], person["start"])
    if is_paused and pool["by_beginning"]:
        person["priority"] = _AHEAD_OF_ALL
    if pool["pauses"] < 0:
        person["work"] -= run["now"] - person["start"]
    else:
        person["work"] -= _work_between(hall.hours, _int(pool["pauses"]), person["start"], run["now"])
    pool["broken_off"] -= 1
    person["ready"] = run["now"]
    person["moment"] = _NEVER  # no patience any more
    _enqueue(pool, state, entity)
    _serve_queue(pool, state, hall.hours)
    return _NOBODY


@_compiled
def _handle_edge(edge: Row, work: Work, hall: HallTables, state: State) -> None:
    """Handle an edge of a roster."""
    run = state.runs[0]
    run["now"] = edge["time"]
    if run["now"] >= run["stop"]:
        return
    run["edge"] += 1
    pool = hall.pools[edge["pool"]]
    site = hall.sites[pool["site"]]
    site["lingering"] -= pool["lingers"]
    serves_on = edge["day_close"] and pool["at_close"] == SERVE_ALL
    pool["lingers"] = serves_on and site["inside"] > 0
    site["lingering"] += pool["lingers"]
    pool["stays"] = serves_on and not pool["has_doors"] and pool["waiting"] > 0
    pool["sends_home"] = edge["day_close"] and pool["at_close"] == SEND_HOME
    pool["last_call"] = edge["last_call"]
    if not pool["lingers"] and not pool["stays"]:
        if pool["on_duty"] == 0 and edge["servers"] > 0:
            pool["staffed_since"] = run["now"]
        pool["on_duty"] = edge["servers"]
        if pool["links"] and pool["pauses"] >= 0 and pool["on_duty"] > 0:
            _pause_excess(pool, state)
        _serve_queue(pool, state, hall.hours)
    if pool["sends_home"]:
        _send_home(pool, state, work.ops)


@_compiled
def _handle_arrival(work: Work, state: State, log: Written) -> int:
    """Have the next entity from outside set out; return it, if that is in the run."""
    run, people = state.runs[0], state.people
    run["now"] = run["arrives"]
    if run["now"] >= run["stop"]:
        return _NOBODY
    entity = _int(run["arrival"])
    log.started[entity] = run["now"]
    people[entity]["due"] = _NEVER
    people[entity]["reports"] = 0
    people[entity]["at"] = work.entities[entity]["first"]
    _find_arrival(work, run)
    return entity


@_pasted
def _handle_event(work: Work, hall: HallTables, state: State, log: Written) -> int:
    """Handle the first event of the heap; return who goes on, if anybody."""
    run, people, ops = state.runs[0], state.people, work.ops
    time, rank = state.heap[0]["time"], state.heap[0]["rank"]
    run["now"] = time
    if time >= run["stop"]:
        return _NOBODY
    _pop(state)
    entity = _int(rank & _NUMBER)
    person = people[entity]
    if _is_stale(person, time, rank):
        return _NOBODY
    at, waited = _int(person["at"]), person["waits"]
    person["waits"] = _NOTHING
    if rank < _MOVES:
        _write(log, run, entity, at, _DONE, person["ready"], person["start"])
        pool = hall.pools[ops[at]["arg"]]
        _release(pool, people, entity)
        if pool["waiting"] > 0:
            _serve_queue(pool, state, hall.hours)
        at += 1
    elif waited == _TO_DEPART:
        _depart(hall.timetables[ops[at]["arg"]], state)
        return _NOBODY
    elif rank >= _RENEGES:
        _write(log, run, entity, at, _RENEGED, person["ready"], time)
        pool = hall.pools[ops[at]["arg"]]
        _leave_queue(pool, state, entity)
        if pool["preemptive"] or pool["busy"] < pool["on_duty"]:  # who did not call this one may call the next
            _serve_queue(pool, state, hall.hours)
        _go_home(pool)
        at = _int(ops[at]["jump"])
    elif waited == _TO_SET_OUT:
        at = _int(work.entities[entity]["first"])
    elif ops[at]["code"] == _ARRIVE:
        at = _enter(ops[at], hall.sites, state, log, entity, at)
    else:
        _write(log, run, entity, at, _DONE, person["ready"], person["ready"])
        at += 1
    person["at"] = at
    return entity


@_pasted
def _next(work: Work, hall: HallTables, state: State, log: Written) -> int:
    """Handle the next interruption, or else the next event; return who goes on at the operation `at`, if anybody."""
    run, event = state.runs[0], state.heap[0]
    if run["first"] != _NOBODY:
        return _handle_interruption(work, hall, state, log)
    edge, arrives = hall.edges[run["edge"]], run["arrives"]
    if edge["time"] <= arrives and edge["time"] <= event["time"]:
        _handle_edge(edge, work, hall, state)
        return _NOBODY
    if arrives < event["time"] or (arrives == event["time"] and (_MOVES | run["arrival"]) < event["rank"]):
        return _handle_arrival(work, state, log)
    return _handle_event(work, hall, state, log)


@_compiled
def _goes_at_once(pool: Row, state: State, entity: int, op: Row) -> bool:
    """Tell whether who comes now is served now, by a free server or by one taken from the less urgent."""
    people = state.people
    if not _is_called(pool, state.runs[0]["now"], op["amount"]):
        return False
    if pool["waiting"] > 0:
        head = people[_head(pool, state.ends)]
        if head["priority"] < op["priority"]:
            return False
        if head["priority"] == op["priority"] and (not pool["by_due_date"] or head["due"] <= people[entity]["due"]):
            return False
    if pool["busy"] < pool["on_duty"]:
        return True
    if not _may_interrupt(pool):
        return False
    return bool(op["priority"] < people[_last_in_service(pool, people, _NOBODY)]["priority"])


@_pasted
def _come_to_pool(entity: int, at: int, op: Row, hall: HallTables, state: State, log: Written) -> int:
    """Begin a service, or join the queue; return the operation that follows for who is turned away."""
    run, person, pool = state.runs[0], state.people[entity], hall.pools[op["arg"]]
    now = run["now"]
    is_idle = pool["busy"] < pool["on_duty"]
    is_called = is_idle and pool["waiting"] == 0 and _is_called(pool, now, op["amount"])
    if op["jump"] >= 0:
        if pool["sends_home"]:
            _write(log, run, entity, at, _SENT_HOME, now, now)
            return _int(op["jump"])
        if 0 <= pool["room"] <= pool["waiting"] and not (is_called or _goes_at_once(pool, state, entity, op)):
            _write(log, run, entity, at, _FULL, now, now)
            return _int(op["jump"])
    person["at"], person["ready"] = at, now
    person["work"], person["priority"] = op["amount"], op["priority"]
    person["joined"] = pool["joined"]
    pool["joined"] += 1
    if is_called:
        _start(pool, state, hall.hours, entity)
        return _WAITS
    person["moment"] = _NEVER
    _enqueue(pool, state, entity)
    if pool["preemptive"] or is_idle:
        _serve_queue(pool, state, hall.hours)
    if op["patience"] >= 0 and person["waits"] == _TO_BE_SERVED:
        person["moment"] = now + op["patience"]
        _push(state, now + op["patience"], _RENEGES | entity)
    return _WAITS


@_compiled
def _set_out_children(entity: int, op: Row, entities: Table, state: State, log: Written) -> None:
    """Have the children of a FORK set out who have not done so on an earlier trip."""
    now, people, families = state.runs[0]["now"], state.people, state.families
    for child in range(_int(op["arg"]), op["arg"] + op["amount"]):
        if log.started[child] < 0:
            log.started[child] = now
            people[child]["waits"] = _TO_SET_OUT
            people[child]["due"] = people[entity]["due"]
            people[child]["reports"] = entities[child]["parent"] == entity
            families[entity]["children"] += people[child]["reports"]
            _push(state, now, _MOVES | child)


@_compiled
def _finish(entity: int, entities: Table, state: State, log: Written) -> None:
    """Have an entity be done; its parent goes on if this was the last child it waited for."""
    people, families, now = state.people, state.families, state.runs[0]["now"]
    log.ended[entity] = now
    if people[entity]["reports"]:
        parent = _int(entities[entity]["parent"])
        families[parent]["children"] -= 1
        if families[parent]["children"] == 0 and people[parent]["waits"] == _FOR_CHILDREN:
            people[parent]["waits"] = _TO_MOVE
            _push(state, now, _MOVES | parent)


@_pasted
def _take_time(entity: int, at: int, op: Row, hall: HallTables, state: State, log: Written) -> int:
    """Begin an operation that only takes time; return the operation that follows if it takes none after all."""
    run, person, hours, number = state.runs[0], state.people[entity], hall.hours, _int(op["arg"])
    now, code = run["now"], op["code"]
    person["at"], person["ready"], person["waits"] = at, now, _TO_MOVE
    if code == _ARRIVE:
        until = _doors_open_at(hall.sites[number], hall.doors, now)
        if until == now:
            return _enter(op, hall.sites, state, log, entity, at)
        if until == _NEVER:
            _write(log, run, entity, at, _SHUT, now, now)
            return _int(op["jump"])
    elif code == _CLOCK:
        until = now + op["amount"]
    elif code == _OPEN:
        until = _add_work(hours, number, now, op["amount"])
    elif code == _DAYS:
        until = _days_on(hours, number, now, op["amount"])
    elif code == _UNTIL:
        if hall.timetables[number]["count"] > 0:
            _gather(hall.timetables[number], state, hours, entity)
            return _WAITS
        until = _board(hall.timetables[number], hall.departures, now)
    elif code == _BACK:
        if op["priority"] == 0:
            until = _comes_back(hours, number, now, op["amount"], op["patience"])
        else:
            until = _comes_back_after(hall, now, op, state.families[entity]["failed"] > 0)
    elif state.families[entity]["children"] == 0:  # JOIN
        until = now
    else:
        person["waits"] = _FOR_CHILDREN
        return _WAITS
    _push(state, until, _MOVES | entity)
    return _WAITS


@_inlined
def _carry_out(entity: int, at: int, work: Work, hall: HallTables, state: State, log: Written) -> int:
    """Carry out one operation of an entity; return the one that follows, or `_WAITS` if it must wait, or is done."""
    run, op = state.runs[0], work.ops[at]
    now, code = run["now"], op["code"]
    if code == _SERVE:
        return _come_to_pool(entity, at, op, hall, state, log)
    if code == _MARK:
        _write(log, run, entity, at, _DONE, now, now)
        if op["amount"] >= 0:
            midnight = now // DAY_MS * DAY_MS
            state.people[entity]["due"] = _days_on(hall.hours, op["patience"], midnight, op["amount"]) + DAY_MS
        return at + 1
    if code == _LEAVE:
        _write(log, run, entity, at, _DONE, now, now)
        _go_out(hall.sites, hall.pools, _int(op["arg"]))
        return at + 1
    if code == _GOTO:
        return _int(op["jump"])
    if code == _FORK:
        _set_out_children(entity, op, work.entities, state, log)
        return at + 1
    if code == _RETURN:
        failed = state.families[entity]["failed"] + 1
        state.families[entity]["failed"] = failed
        if failed <= op["amount"]:
            _write(log, run, entity, at, _RETURNS, now, now)
            return at + 1
        _write(log, run, entity, at, _LOST, now, now)
    if code in (_RETURN, _END):
        _finish(entity, work.entities, state, log)
        return _WAITS
    return _take_time(entity, at, op, hall, state, log)


@_stored
def in_order(entities: Table) -> bool:
    """Tell whether those with a start of their own stand in order of it."""
    last = _int(0)
    for k in range(entities.size):
        start = entities[k]["start"]
        if start >= 0:
            if start < last:
                return False
            last = start
    return True


@_stored
def proceed(work: Work, hall: HallTables, state: State, log: Written) -> bool:
    """Go on with a run until it is over, or until all rows are written and it needs more.

    Returns
    -------
    bool
        ``True`` when the run is over.
    """
    run = state.runs[0]
    if run["place"] == 0:
        _find_arrival(work, run)
    entity, at = run["entity"], run["at"]
    while run["now"] < run["stop"]:
        while at != _WAITS:
            if run["rows"] == log.rows.size:
                run["entity"], run["at"] = entity, at
                return False
            at = _carry_out(entity, at, work, hall, state, log)
        if run["rows"] == log.rows.size:
            run["at"] = _WAITS
            return False
        entity = _next(work, hall, state, log)
        if entity != _NOBODY:
            at = _int(state.people[entity]["at"])
    return True


# ---- a plan's tables ----------------------------------------------------------------------------------------------


def _tables_of(plan: Plan) -> HallTables:
    pauses = [pool.pauses for pool in plan.pools if pool.pauses is not None]
    calendars = [*plan.calendars, *pauses]
    pools = np.zeros(len(plan.pools), dtype=_POOL)
    pools["first"] = pools["serving"] = _NOBODY
    pools["level"] = _LEVELS
    pools["lists"] = _LEVELS * np.arange(len(plan.pools))
    pools["pauses"] = -1
    pools["last_call"], pools["staffed_since"] = NO_LAST_CALL, -1
    pools["pauses"][[pool.pauses is not None for pool in plan.pools]] = np.arange(len(plan.calendars), len(calendars))
    for name in ("site", "at_close", "preemptive", "by_due_date", "room"):
        pools[name] = [getattr(pool, name) for pool in plan.pools]
    pools["has_doors"] = [plan.sites[pool.site].has_doors for pool in plan.pools]
    # Only where some servers stay while others go home can a service be broken off for want of one.
    levels = [np.unique(pool.servers[pool.servers > 0]).size for pool in plan.pools]
    can_pause = (pools["pauses"] >= 0) & (np.array(levels, dtype=np.int64) > 1)
    pools["by_beginning"] = can_pause & (pools["preemptive"] == 0)
    pools["links"] = can_pause | (pools["preemptive"] > 0)
    sites = _with_ranges(_SITE, [site.opens.size for site in plan.sites])
    sites["room"] = [site.room for site in plan.sites]
    timetables = _with_ranges(_TIMETABLE, [table.departures.size for table in plan.timetables])
    timetables["capacity"] = [table.capacity for table in plan.timetables]
    timetables["filling"] = timetables["begin"]
    timetables["first"] = _NOBODY
    for column, name in (("count", "count"), ("longest", "longest"), ("calendar", "site")):
        timetables[column] = [getattr(table, name) for table in plan.timetables]
    return HallTables(
        edges=_edges(plan),
        pools=pools,
        sites=sites,
        doors=_doors(plan),
        timetables=timetables,
        departures=_joined([table.departures for table in plan.timetables]),
        hours=Hours(
            calendars=_calendars(calendars),
            intervals=_intervals(calendars),
            workdays_by=_joined([np.r_[0, np.cumsum(calendar.workdays)] for calendar in calendars]),
            workdays=_joined([np.flatnonzero(calendar.workdays) for calendar in calendars]),
        ),
    )


def _joined(parts: list[IntArray]) -> IntArray:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _with_ranges(dtype: np.dtype[np.void], sizes: list[int]) -> Table:
    """Make a table whose rows own, one after the other, stretches of these sizes in an array."""
    table = np.zeros(len(sizes), dtype=dtype)
    table["end"] = np.cumsum(sizes)
    table["begin"] = table["cursor"] = table["end"] - sizes
    return table


def _calendars(calendars: list[WorkCalendar]) -> Table:
    table = _with_ranges(_CALENDAR, [calendar.opens.size for calendar in calendars])
    table["n_days"] = [calendar.workdays.size for calendar in calendars]
    table["days"] = np.cumsum(table["n_days"] + 1) - (table["n_days"] + 1)
    table["n_workdays"] = [np.count_nonzero(calendar.workdays) for calendar in calendars]
    table["workdays"] = np.cumsum(table["n_workdays"]) - table["n_workdays"]
    return table


def _doors(plan: Plan) -> Table:
    doors = np.zeros(sum(site.opens.size for site in plan.sites), dtype=_DAY)
    doors["opens"] = _joined([site.opens for site in plan.sites])
    doors["closes"] = _joined([site.closes for site in plan.sites])
    return doors


def _intervals(calendars: list[WorkCalendar]) -> Table:
    intervals = np.zeros(sum(calendar.opens.size for calendar in calendars), dtype=_INTERVAL)
    intervals["opens"] = _joined([calendar.opens for calendar in calendars])
    intervals["closes"] = _joined([calendar.closes for calendar in calendars])
    intervals["worked"] = _joined([calendar.cum[:-1] for calendar in calendars])
    return intervals


def _edges(plan: Plan) -> Table:
    edges = np.zeros(sum(pool.times.size for pool in plan.pools) + 1, dtype=_EDGE_ROW)
    sizes = [pool.times.size for pool in plan.pools]
    edges["time"] = _joined([*(pool.times for pool in plan.pools), np.array([NEVER])])
    edges["pool"][:-1] = np.repeat(np.arange(len(plan.pools)), sizes)
    edges["servers"][:-1] = _joined([pool.servers for pool in plan.pools])
    edges["last_call"][:-1] = _joined([pool.last_calls for pool in plan.pools])
    edges["day_close"][:-1] = _joined([pool.day_close.astype(np.int64) for pool in plan.pools])
    return edges[np.argsort(edges["time"], kind="stable")]


def _order(entities: Table) -> IntArray:
    return np.zeros(0, dtype=np.int64) if in_order(entities) else np.argsort(entities["start"], kind="stable")


class _Scratch(threading.local):
    """Memory to work in, one piece a thread, reused in its next run: the system takes long to hand out so much anew."""

    _MOST: Final = 1 << 26
    """Bytes that are reused; a run that needs more asks for it each time."""

    def __init__(self) -> None:
        self._memory = np.empty(0, dtype=np.uint8)

    def tables(self, *wanted: tuple[int, np.dtype[np.void]]) -> list[Table]:
        """Return tables of anything, of so many rows each, all of which begin where a line of the cache does."""
        sizes = [-(-number * dtype.itemsize // _LINE) * _LINE for number, dtype in wanted]
        memory = self._memory
        if memory.size < sum(sizes) + _LINE:
            memory = np.empty(sum(sizes) + _LINE, dtype=np.uint8)
            if memory.size <= self._MOST:
                self._memory = memory
        begin, tables = -memory.ctypes.data % _LINE, []
        for (number, dtype), size in zip(wanted, sizes, strict=True):
            tables.append(memory[begin : begin + number * dtype.itemsize].view(dtype))
            begin += size
        return tables


_LINE: Final = 64
_scratch: Final = _Scratch()
_tables: WeakKeyDictionary[Plan, HallTables] = WeakKeyDictionary()
"""The tables of plans in use: the replications of a scenario share its plan."""


def run_compiled(program: Program, plan: Plan) -> Log:
    """Simulate `program` in the hall of `plan` with the compiled event loop.

    Returns
    -------
    Log
        The same, bit for bit, as :func:`sim.engine.reference.run_reference`'s.
    """
    tables = _tables.get(plan)
    if tables is None:
        tables = _tables[plan] = _tables_of(plan)
    number = len(program.entities)
    entities = ordinary(program.entities)
    work = Work(ordinary(program.ops), entities, _order(entities))
    hall = tables._replace(
        pools=tables.pools.copy(),
        sites=tables.sites.copy(),
        timetables=tables.timetables.copy(),
        hours=tables.hours._replace(calendars=tables.hours.calendars.copy()),
    )
    runs = np.zeros(1, dtype=_RUN)
    run = runs[0]
    run["stop"], run["arrives"], run["first"], run["at"] = plan.stop, NEVER, _NOBODY, _WAITS
    people, families, heap = _scratch.tables((number, _PERSON), (number, _FAMILY), (2 * number + 64, _EVENT))
    families.view(np.int32).fill(0)
    heap[0]["time"] = NEVER
    ends = np.empty(_LEVELS * len(plan.pools), dtype=_LIST)
    ends["first"] = ends["last"] = _NOBODY
    state = State(runs, people, families, heap, ends)
    started, ended = np.full((2, number), -1, dtype=np.int64)
    log = Written(np.empty(len(program.ops) + 64, dtype=LOG_DTYPE), started, ended)
    while not proceed(work, hall, state, log):
        log = log._replace(rows=np.concatenate((log.rows, np.empty_like(log.rows))))
    in_service, inside = np.full(number, -1, dtype=np.int64), np.flatnonzero(ended < 0)
    inside = inside[started[inside] >= 0]  # few, so that the rest of `people` is not read once more
    inside = inside[people["waits"][inside] == _TO_BE_DONE]
    in_service[inside] = people["start"][inside]
    return Log(rows=log.rows[: run["rows"]], started=started, ended=ended, in_service=in_service)


def is_stored() -> bool | None:
    """Tell whether machine code of this source is stored on disk; ``None`` where it can't be."""
    cache: Any = getattr(proceed, "_cache", None)
    if getattr(cache, "cache_path", None) is None:
        return None
    # Only Numba can tell which source its code is of: one version goes by times of change, another by contents.
    try:
        return bool(cache._cache_file._load_index())
    except AttributeError:  # a Numba that keeps its books otherwise: no reason to do without the engine
        return True
