"""Passes over a whole log, row by row in the order of time, in machine code.

Comes in: columns of a log and of its program.  Goes out: what only the order of the rows can tell: whether each
entity's rows follow each other, which trip a row belongs to, between which changes of a clock a moment lies.  Sorting
the rows by entity would tell the same, and take as long as the simulation.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.calendar import BoolArray, IntArray
from sim.machine import kept
from sim.program import Code, Kind, Outcome

__all__ = ["CHAIN_LAWS", "broken_chains", "places", "trip_rows", "trips_by_entity"]

CHAIN_LAWS: Final = ("ready-start-end", "begins-at-the-setting-out", "no-gap-no-overlap", "done-at-the-last-end")
"""What :func:`broken_chains` checks, in the order of its result."""

Small = npt.NDArray[np.integer]
_VISIT: Final = int(Kind.VISIT)
_ARRIVE, _LEAVE, _SERVE, _RETURN = (int(code) for code in (Code.ARRIVE, Code.LEAVE, Code.SERVE, Code.RETURN))
_DONE, _LOST, _RETURNS = (int(outcome) for outcome in (Outcome.DONE, Outcome.LOST, Outcome.RETURNS))


# Nothing is allocated in machine code: it is sooner compiled without.
_kept = kept(_nrt=False)


def broken_chains(
    entity: Small, ready: IntArray, start: IntArray, end: IntArray, started: IntArray, ended: IntArray
) -> IntArray:
    """Count what breaks the laws of :data:`CHAIN_LAWS`.

    Returns
    -------
    int64 array, shape (4, 2)
        For each law, how many rows (entities, for the last law) break it, and the number of the first row or entity.
    """
    found, until = np.zeros((4, 2), dtype=np.int64), np.full(started.size, -1, dtype=np.int64)
    _chains(entity, ready, start, end, started, ended, until, found)
    return found


@_kept
def _chains(entity: Any, ready: Any, start: Any, end: Any, started: Any, ended: Any, until: Any, found: Any) -> None:
    # `until` is the end of each entity's row before this one.
    for row in range(entity.size):
        who = entity[row]
        law = -1
        if ready[row] > start[row] or start[row] > end[row]:
            law = 0
        elif until[who] < 0:
            if ready[row] != started[who]:
                law = 1
        elif ready[row] != until[who]:
            law = 2
        if law >= 0:
            if found[law, 0] == 0:
                found[law, 1] = row
            found[law, 0] += 1
        until[who] = end[row]
    for who in range(started.size):
        if ended[who] >= 0 and until[who] >= 0 and ended[who] != until[who]:
            if found[3, 0] == 0:
                found[3, 1] = who
            found[3, 0] += 1


def trips_by_entity(entity: Small, op: Small, outcome: Small, code: Small, kind: Small, started: IntArray) -> IntArray:
    """Return how many trips each visit has made: one, and one more for each from which it returned."""
    trips = np.zeros(started.size, dtype=np.int64)
    _count_trips(entity, op, outcome, code, kind, started, trips)
    return trips


@_kept
def _count_trips(entity: Any, op: Any, outcome: Any, code: Any, kind: Any, started: Any, trips: Any) -> None:
    for who in range(started.size):
        if kind[who] == _VISIT and started[who] >= 0:
            trips[who] = 1
    for row in range(entity.size):
        who = entity[row]
        if kind[who] == _VISIT and code[op[row]] == _RETURN and outcome[row] == _RETURNS:
            trips[who] += 1


def trip_rows(
    entity: Small,
    op: Small,
    outcome: Small,
    ready: IntArray,
    start: IntArray,
    end: IntArray,
    code: Small,
    arg: Small,
    kind: Small,
    trips: IntArray,
    busy: BoolArray,
    turned_away: IntArray,
) -> IntArray:
    """Gather the rows of each trip.

    Parameters
    ----------
    entity, op, outcome, ready, start, end
        The log.
    code, arg, kind
        Of operations, and of entities.
    trips
        From :func:`trips_by_entity`.
    busy
        By code: does a row show that the visitor has come?
    turned_away
        By outcome: how a trip ends with it, 0 if it doesn't; the highest of a trip counts.

    Returns
    -------
    int64 array, shape (9, trips)
        ms of the first row at the doors, of coming in by them, of the first row that shows that somebody came, of the
        last departure, of the failure (-1 for never); the site; 1 if the visitor gave up; how the trip was turned
        away (0: it wasn't); ms of all waits.
    """
    found = np.full((9, int(trips.sum())), -1, dtype=np.int64)
    found[6:] = 0
    first = np.cumsum(trips) - trips
    _gather(entity, op, outcome, ready, start, end, code, arg, kind, busy, turned_away, first, *found)
    return found


@_kept
def _gather(
    entity: Any,
    op: Any,
    outcome: Any,
    ready: Any,
    start: Any,
    end: Any,
    code: Any,
    arg: Any,
    kind: Any,
    busy: Any,
    turned_away: Any,
    current: Any,
    arrive: Any,
    enter: Any,
    begun: Any,
    leave: Any,
    failed: Any,
    site: Any,
    lost: Any,
    how: Any,
    wait: Any,
) -> None:
    for row in range(entity.size):
        who = entity[row]
        if kind[who] != _VISIT:
            continue
        trip, at = current[who], op[row]
        what, result = code[at], outcome[row]
        how[trip] = max(how[trip], turned_away[result])
        if begun[trip] < 0 and busy[what]:
            begun[trip] = ready[row]
        if what == _SERVE:
            wait[trip] += start[row] - ready[row]
        elif what == _ARRIVE:
            site[trip] = arg[at]
            if arrive[trip] < 0:
                arrive[trip] = ready[row]
            if enter[trip] < 0 and result == _DONE:
                enter[trip] = end[row]
        elif what == _LEAVE:
            leave[trip] = end[row]
        elif what == _RETURN:
            failed[trip] = end[row]
            if result == _LOST:
                lost[trip] = 1
            elif result == _RETURNS:
                current[who] += 1


def places(times: IntArray, first: IntArray, which: IntArray, moment: IntArray) -> IntArray:
    """Return the place of the last of `times` that is no later than each moment.

    Parameters
    ----------
    times
        Sorted times of one clock after the other.
    first
        Where each clock's times begin, and where the last one's end; a clock's first time is no later than any moment.
    which, moment
        The clock and the moment, shape (n,).  Neighbours should be close in time: the search goes on from the last
        place found.
    """
    found = np.empty(moment.size, dtype=np.int64)
    _search(times, first, which, moment, first.copy(), found)
    return found


@_kept
def _search(times: Any, first: Any, which: Any, moment: Any, at: Any, found: Any) -> None:
    for k in range(moment.size):
        clock, t = which[k], moment[k]
        place, after = at[clock], first[clock + 1]
        while place + 1 < after and times[place + 1] <= t:
            place += 1
        while times[place] > t and place > first[clock]:
            place -= 1
        at[clock] = place
        found[k] = place
