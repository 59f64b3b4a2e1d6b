"""Does a log hold together?  Nobody appears, vanishes or is in two places at once.

Input: a program and an engine's log of it.  Output: nothing, or an internal error with the numbers: it
would be a fault of an engine, never of the user.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from foundation.arrays import IntArray
from foundation.errors import HallplanError
from sim.measure.passes import LAWS, unpacked
from sim.program import Log, Program

__all__ = ["Columns", "ConservationError", "check_conservation"]


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
    Columns.of(program, log)


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a log that holds together, unpacked: contiguous arrays, one entry a row.

    Attributes
    ----------
    code, arg, step
        Of each row's operation.
    trips, last_row
        One entry an entity: how many trips it has made, if it is a visit; its last row, -1 if it has none.
    """

    entity: Any
    op: Any
    outcome: Any
    ready: IntArray
    start: IntArray
    end: IntArray
    code: Any
    arg: Any
    step: Any
    trips: IntArray
    last_row: IntArray

    @classmethod
    def of(cls, program: Program, log: Log) -> Columns:
        """Unpack a log, and check it on the way.

        Raises
        ------
        ConservationError
            See :func:`check_conservation`.
        """
        n, started, ended = len(program.entities), log.started, log.ended
        _refuse("one-start-and-end-each", np.arange(max(abs(started.size - n), abs(ended.size - n))))
        _refuse("done-after-setting-out", np.flatnonzero((ended >= 0) & ((started < 0) | (ended < started))))
        kind = np.ascontiguousarray(program.entities["kind"])
        columns, trips, last_row, broken = unpacked(log.rows, program.ops, kind, started, ended)
        for law, (number, first) in zip(LAWS, broken.tolist(), strict=True):
            if number:
                raise ConservationError("error.metrics.conservation", law=law, number=number, first=first)
        return cls(**columns, trips=trips, last_row=last_row)


def _refuse(law: str, offenders: IntArray) -> None:
    if offenders.size:
        raise ConservationError(
            "error.metrics.conservation", law=law, number=int(offenders.size), first=int(offenders[0])
        )
