"""Passes over a whole log, row by row in the order of time, in machine code.

Input: a log, and columns of its program.  Output: what the order of the rows tells: whether each entity's rows
follow each other, and which trip a row belongs to.  Sorting the rows by entity would tell the same, and take as long
as the simulation.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from foundation.arrays import BoolArray, IntArray
from sim.machine import ordinary, prefetch, stored
from sim.program import LOG_DTYPE, OP_DTYPE, Code, Kind, Outcome

__all__ = [
    "CALLED",
    "LAWS",
    "NOT_CALLED",
    "NO_TICKET",
    "STILL_WAITING",
    "trip_rows",
    "unpacked",
]

LAWS: Final = (
    *("known-entity-and-operation", "ready-start-end", "begins-at-the-setting-out", "no-gap-no-overlap"),
    *("only-visitors-use-the-doors", "who-gave-up-is-done", "done-at-the-last-end", "in-by-the-doors-and-out"),
)
"""What :func:`unpacked` checks, in the order of its result: five laws of rows, and three of entities."""

Small = npt.NDArray[np.integer]
Table = npt.NDArray[np.void]
_VISIT: Final = int(Kind.VISIT)
_ARRIVE, _LEAVE, _SERVE, _RETURN = (int(code) for code in (Code.ARRIVE, Code.LEAVE, Code.SERVE, Code.RETURN))
_DONE, _LOST, _RETURNS = (int(outcome) for outcome in (Outcome.DONE, Outcome.LOST, Outcome.RETURNS))
_PREEMPTED, _PAUSED = (int(outcome) for outcome in (Outcome.PREEMPTED, Outcome.PAUSED))
_UNKNOWN, _DISORDER, _SET_OUT, _GAP, _NO_VISITOR, _GAVE_UP, _LAST_END, _DOORS = range(len(LAWS))

_TRIP: Final = np.dtype(
    [
        *((name, np.int64) for name in ("arrive", "enter", "begun", "leave", "failed", "wait", "ticket_wait")),
        ("site", np.int32),
        ("lost", np.int8),
        ("turned_away", np.int8),
        ("ticket", np.int8),
    ],
    align=True,
)
NO_TICKET, CALLED, NOT_CALLED, STILL_WAITING = range(4)
"""What became of a trip's wait at its first window."""

_AHEAD: Final = 16
"""How many rows ahead the processor fetches an operation: they lie all over the table."""


# Nothing is allocated in machine code: it is sooner compiled without.
_stored = stored(_nrt=False)


def unpacked(
    rows: Table, ops: Table, kind: Small, started: IntArray, ended: IntArray
) -> tuple[dict[str, npt.NDArray[Any]], IntArray, IntArray, IntArray]:
    """Unpack a log, and count what breaks the laws of :data:`LAWS`.

    Parameters
    ----------
    rows, started, ended
        The log.
    ops, kind
        The program's operations, and what each entity is.

    Returns
    -------
    columns
        The log's, contiguous, by name; and ``code``, ``arg`` and ``step`` of each row's operation.
    trips
        How many trips each entity has made if it is a visit: one, and one more for each from which it returned.
    last
        Each entity's last row, -1 if it has none.
    broken : int64 array, shape (8, 2)
        For each law, how many rows or entities break it, and the number of the first row or entity.  What breaks
        several counts for one of them.
    """
    columns = {name: np.empty(rows.size, dtype=LOG_DTYPE[name]) for name in LOG_DTYPE.names or ()}
    of_op = {name: np.empty(rows.size, dtype=OP_DTYPE[name]) for name in ("code", "arg", "step")}
    trips = ((kind == _VISIT) & (started >= 0)).astype(np.int64)
    last, inside = np.full(started.size, -1, dtype=np.int64), np.zeros(started.size, dtype=np.int32)
    broken = np.zeros((len(LAWS), 2), dtype=np.int64)
    ready, start, end, entity, op, outcome = columns.values()
    _unpack(
        *(ordinary(rows), ordinary(ops), kind, started, ended),
        *(ready, start, end, entity, op, outcome, of_op["code"], of_op["arg"], of_op["step"]),
        *(trips, last, inside, broken),
    )
    _check_ends(ended, end, last, inside, broken)
    return columns | of_op, trips, last, broken


@_stored
def _unpack(
    rows: Any,
    ops: Any,
    kind: Any,
    started: Any,
    ended: Any,
    ready: Any,
    start: Any,
    end: Any,
    entity: Any,
    op: Any,
    outcome: Any,
    code: Any,
    arg: Any,
    step: Any,
    trips: Any,
    last: Any,
    inside: Any,
    broken: Any,
) -> None:
    # `inside` is how often an entity came in more than it went out.
    for row in range(rows.size):
        if row + _AHEAD < rows.size:
            prefetch(ops, rows[row + _AHEAD]["op"])
        logged = rows[row]
        number, at, result = logged["entity"], logged["op"], logged["outcome"]
        since, begun, over = logged["ready"], logged["start"], logged["end"]
        ready[row], start[row], end[row] = since, begun, over
        entity[row], op[row], outcome[row] = number, at, result
        law, place = -1, row
        if number < 0 or number >= last.size or at < 0 or at >= ops.size:
            law = _UNKNOWN
        else:
            operation = ops[at]
            what = operation["code"]
            code[row], arg[row], step[row] = what, operation["arg"], operation["step"]
            if since > begun or begun > over:
                law = _DISORDER
            elif last[number] < 0:
                if since != started[number]:
                    law = _SET_OUT
            elif since != end[last[number]]:
                law = _GAP
            last[number] = row
            if what == _ARRIVE:
                if result == _DONE:
                    inside[number] += 1
                    if kind[number] != _VISIT:
                        law = _NO_VISITOR
            elif what == _LEAVE:
                inside[number] -= 1
            elif what == _RETURN:
                if result == _LOST and ended[number] < 0:
                    law, place = _GAVE_UP, number
                elif result == _RETURNS and kind[number] == _VISIT:
                    trips[number] += 1
        if law >= 0:
            if broken[law, 0] == 0:
                broken[law, 1] = place
            broken[law, 0] += 1


@_stored
def _check_ends(ended: Any, end: Any, last: Any, inside: Any, broken: Any) -> None:
    for number in range(last.size):
        law = -1
        if ended[number] >= 0 and last[number] >= 0 and ended[number] != end[last[number]]:
            law = _LAST_END
        elif inside[number] < 0 or inside[number] > 1 or (inside[number] > 0 and ended[number] >= 0):
            law = _DOORS
        if law >= 0:
            if broken[law, 0] == 0:
                broken[law, 1] = number
            broken[law, 0] += 1


def trip_rows(
    entity: Small,
    outcome: Small,
    ready: IntArray,
    start: IntArray,
    end: IntArray,
    code: Small,
    arg: Small,
    kind: Small,
    trips: IntArray,
    busy: BoolArray,
    turned_away: Small,
    windows: BoolArray,
) -> tuple[Table, IntArray]:
    """Gather the rows of each trip, and find those of files.

    A trip's ticket is the wait at the first window that it comes to.

    Parameters
    ----------
    entity, outcome, ready, start, end, code, arg, trips
        From :func:`unpacked`.
    kind
        Of entities.
    busy
        By code: does a row show that the visitor has come?
    turned_away
        By outcome: how a trip ends with it, 0 if it doesn't; the highest of a trip counts.
    windows
        By pool: does it call tickets?  If none does, a trip's ticket is all its waits together.

    Returns
    -------
    table : one row a trip, by entity and then in order
        ms of the first row at the doors (``arrive``), of coming in by them (``enter``), of the first row that shows
        that somebody came (``begun``), of the last departure (``leave``), of the failure (``failed``), -1 for never;
        ms of all waits, and of that at the first window (``ticket_wait``); what became of that (``ticket``, by
        :data:`NO_TICKET` and so on); the site (-1: none); 1 if the visitor gave up (``lost``); how the trip was
        ``turned_away`` (0: it wasn't).
    files
        Positions of the rows of queueing and service of whoever is no visitor.
    """
    table, files = np.empty(int(trips.sum()), dtype=_TRIP), np.empty(entity.size + 1, dtype=np.int64)
    first = np.cumsum(trips) - trips
    of_trips = (kind, busy, turned_away, windows, bool(windows.any()), first)
    _gather(entity, outcome, ready, start, end, code, arg, *of_trips, table, files)
    return table, files[1 : files[0] + 1]


@_stored
def _gather(
    entity: Any,
    outcome: Any,
    ready: Any,
    start: Any,
    end: Any,
    code: Any,
    arg: Any,
    kind: Any,
    busy: Any,
    turned_away: Any,
    windows: Any,
    knows_windows: Any,
    current: Any,
    trips: Any,
    files: Any,
) -> None:
    # The first of `files` counts those that follow.
    files[0] = 0
    for k in range(trips.size):
        trip = trips[k]
        trip["arrive"] = trip["enter"] = trip["begun"] = trip["leave"] = trip["failed"] = trip["site"] = -1
        trip["wait"] = trip["ticket_wait"] = trip["lost"] = trip["turned_away"] = trip["ticket"] = 0
    for row in range(entity.size):
        number = entity[row]
        if kind[number] != _VISIT:
            if code[row] == _SERVE:
                files[0] += 1
                files[files[0]] = row
            continue
        trip, what, result = trips[current[number]], code[row], outcome[row]
        if turned_away[result] > trip["turned_away"]:
            trip["turned_away"] = turned_away[result]
        if trip["begun"] < 0 and busy[what]:
            trip["begun"] = ready[row]
        if what == _SERVE:
            trip["wait"] += start[row] - ready[row]
            if not knows_windows or (trip["ticket"] == NO_TICKET and windows[arg[row]]):
                trip["ticket_wait"] += start[row] - ready[row]
                was_called = result in (_DONE, _PREEMPTED, _PAUSED)
                trip["ticket"] = CALLED if was_called else NOT_CALLED
        elif what == _ARRIVE:
            trip["site"] = arg[row]
            if trip["arrive"] < 0:
                trip["arrive"] = ready[row]
            if trip["enter"] < 0 and result == _DONE:
                trip["enter"] = end[row]
        elif what == _LEAVE:
            trip["leave"] = end[row]
        elif what == _RETURN:
            trip["failed"] = end[row]
            if result == _LOST:
                trip["lost"] = 1
            elif result == _RETURNS:
                current[number] += 1
