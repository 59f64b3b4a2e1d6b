"""Does a log hold together?  Nobody appears, vanishes or is in two places at once.

Comes in: a program and an engine's log of it.  Goes out: nothing, or an internal error with the numbers: it
would be a fault of an engine, never of the user.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from scenarios.errors import HallplanError
from sim.calendar import IntArray
from sim.metrics.passes import CHAIN_LAWS, broken_chains
from sim.program import Code, Kind, Log, Outcome, Program

__all__ = ["Columns", "ConservationError", "check_conservation"]


class ConservationError(HallplanError):
    """A log in which time or people have been lost: an internal error."""


def check_conservation(program: Program, log: Log, columns: Columns | None = None) -> None:
    """Check a log against the laws that every simulation obeys.

    Every row has ``ready <= start <= end``.  The rows of an entity follow each other without gap and without
    overlap, from when it set out to when it was done: so rows belong to entities that set out, and no time is
    lost between them. Nobody is done before setting out.  Whoever came in by the doors left again, or is
    still inside; whoever gave up is done.

    Parameters
    ----------
    program, log
        What was to happen, and what did.
    columns
        The log's columns, if they are at hand unpacked.

    Raises
    ------
    ConservationError
        Naming the law, how many rows or entities break it, and the first of them.
    """
    rows, n = columns or Columns.of(log), len(program.entities)
    _refuse("one-start-and-end-each", np.arange(max(abs(log.started.size - n), abs(log.ended.size - n))))
    _refuse(
        "known-entity-and-operation", np.flatnonzero(_outside(rows.entity, n) | _outside(rows.op, len(program.ops)))
    )
    started, ended = log.started, log.ended
    _refuse("done-after-setting-out", np.flatnonzero((ended >= 0) & ((started < 0) | (ended < started))))
    broken = broken_chains(rows.entity, rows.ready, rows.start, rows.end, started, ended)
    for law, (number, first) in zip(CHAIN_LAWS, broken.tolist(), strict=True):
        if number:
            raise ConservationError("error.metrics.conservation", law=law, number=number, first=first)
    _check_doors(program, rows, ended)


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a log, unpacked: contiguous arrays, one entry a row."""

    entity: Any
    op: Any
    outcome: Any
    ready: IntArray
    start: IntArray
    end: IntArray

    @classmethod
    def of(cls, log: Log) -> Columns:
        """Unpack a log."""
        return cls(*(np.ascontiguousarray(log.rows[one.name]) for one in fields(cls)))


def _outside(index: Any, size: int) -> Any:
    return (index < 0) | (index >= size)


def _check_doors(program: Program, rows: Columns, ended: IntArray) -> None:
    n = len(program.entities)
    code = np.ascontiguousarray(program.ops["code"])[rows.op]
    arrivals = np.flatnonzero(code == Code.ARRIVE)
    came = np.bincount(rows.entity[arrivals[rows.outcome[arrivals] == Outcome.DONE]], minlength=n)
    inside = came - np.bincount(rows.entity[np.flatnonzero(code == Code.LEAVE)], minlength=n)
    _refuse("in-by-the-doors-and-out", np.flatnonzero((inside < 0) | (inside > 1) | ((inside > 0) & (ended >= 0))))
    returns = np.flatnonzero(code == Code.RETURN)
    gave_up = rows.entity[returns[rows.outcome[returns] == Outcome.LOST]]
    _refuse("who-gave-up-is-done", gave_up[ended[gave_up] < 0])
    _refuse("only-visitors-use-the-doors", np.flatnonzero((came > 0) & (program.entities["kind"] != Kind.VISIT)))


def _refuse(law: str, offenders: Any) -> None:
    if offenders.size:
        raise ConservationError(
            "error.metrics.conservation", law=law, number=int(offenders.size), first=int(offenders[0])
        )
