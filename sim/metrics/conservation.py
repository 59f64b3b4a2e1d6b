"""Does a log hold together?  Nobody appears, vanishes or is in two places at once.

Comes in: a program and an engine's log of it.  Goes out: nothing, or an internal error with the numbers: it
would be a fault of an engine, never of the user.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scenarios.errors import HallplanError
from sim.program import Code, Kind, Log, Outcome, Program

__all__ = ["ConservationError", "check_conservation"]


class ConservationError(HallplanError):
    """A log in which time or people have been lost: an internal error."""


def check_conservation(program: Program, log: Log) -> None:
    """Check a log against the laws that every simulation obeys.

    Every row has ``ready <= start <= end``.  The rows of an entity follow each other without gap and without
    overlap, from when it set out to when it was done: so rows belong to entities that set out, and no time is
    lost between them. Nobody is done before setting out.  Whoever came in by the doors left again, or is
    still inside; whoever gave up is done.

    Raises
    ------
    ConservationError
        Naming the law, how many rows or entities break it, and the first of them.
    """
    rows = log.rows
    n = len(program.entities)
    _refuse("one-start-and-end-each", np.arange(max(0, abs(log.started.size - n), abs(log.ended.size - n))))
    entity, op = np.ascontiguousarray(rows["entity"]), np.ascontiguousarray(rows["op"])
    ready, start, end = (np.ascontiguousarray(rows[name]) for name in ("ready", "start", "end"))
    _refuse("known-entity-and-operation", np.flatnonzero(_outside(entity, n) | _outside(op, len(program.ops))))
    _refuse("ready-start-end", np.flatnonzero((ready > start) | (start > end)))
    started, ended = log.started, log.ended
    _refuse("done-after-setting-out", np.flatnonzero((ended >= 0) & ((started < 0) | (ended < started))))
    _check_chains(entity, ready, end, started, ended)
    _check_doors(program, rows, op, entity, ended)


def _outside(index: Any, size: int) -> Any:
    return (index < 0) | (index >= size)


def _check_chains(entity: Any, ready: Any, end: Any, started: Any, ended: Any) -> None:
    order = _by_entity(entity)
    who = entity[order]
    begins, stops = ready[order], end[order]
    first = np.ones(who.size, dtype=np.bool_)
    first[1:] = who[1:] != who[:-1]
    # The first stretch begins when the entity sets out, every other one where the one before it ended.
    expected = np.where(first, started[who], np.concatenate(([0], stops[:-1]))) if who.size else begins
    _refuse("no-gap-no-overlap", who[begins != expected])
    last = np.ones(who.size, dtype=np.bool_)
    last[:-1] = first[1:]
    final = who[last]
    _refuse("done-at-the-last-end", final[(ended[final] >= 0) & (ended[final] != stops[last])])


def _by_entity(entity: Any) -> Any:
    """Return the rows' order by entity, then time: two passes of NumPy's radix sort, which is for 16 bits only."""
    low = np.argsort((entity & 0xFFFF).astype(np.uint16), kind="stable")
    high = (entity >> 16).astype(np.uint16)
    return low[np.argsort(high[low], kind="stable")] if high.any() else low


def _check_doors(program: Program, rows: Any, op: Any, entity: Any, ended: Any) -> None:
    code = np.ascontiguousarray(program.ops["code"])[op]
    outcome = rows["outcome"]
    n = len(program.entities)
    came = np.bincount(entity[(code == Code.ARRIVE) & (outcome == Outcome.DONE)], minlength=n)
    went = np.bincount(entity[code == Code.LEAVE], minlength=n)
    inside = came - went
    _refuse("in-by-the-doors-and-out", np.flatnonzero((inside < 0) | (inside > 1) | ((inside > 0) & (ended >= 0))))
    gave_up = entity[(code == Code.RETURN) & (outcome == Outcome.LOST)]
    _refuse("who-gave-up-is-done", gave_up[ended[gave_up] < 0])
    kind = np.ascontiguousarray(program.entities["kind"])
    _refuse("cases-stay-out-of-the-doors", np.flatnonzero((came > 0) & (kind == Kind.CASE)))


def _refuse(law: str, offenders: Any) -> None:
    if offenders.size:
        raise ConservationError(
            "error.metrics.conservation", law=law, number=int(offenders.size), first=int(offenders[0])
        )
