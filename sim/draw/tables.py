"""The tables that a walk reads and writes: their row types, and named tuples that hold them together.

Input: nothing.  Output: types only; :mod:`sim.draw.graph` and :mod:`sim.draw.drawing` fill the tables in.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from foundation.arrays import FloatArray, IntArray
from sim.program import OP_DTYPE

__all__ = [
    "DRAW_DTYPE",
    "END",
    "FOR_AMOUNT",
    "FOR_PATIENCE",
    "GROUP_DTYPE",
    "KEEPS_COMING",
    "LAST_ACCEPTANCE",
    "MARK_ACCEPTED",
    "NODE_DTYPE",
    "NONE",
    "OP_WORDS",
    "ORDINARY_PRIORITY",
    "Action",
    "Day",
    "ListedLaws",
    "People",
    "Roots",
    "Routes",
    "WalkTables",
    "Walked",
]

Table = npt.NDArray[np.void]

NONE: Final = -1
END: Final = -1
"""The node after the last one."""

ORDINARY_PRIORITY: Final = 5
"""Priority of a person or a source that nothing makes more or less urgent."""
KEEPS_COMING: Final = 1_000_000
"""Trips that an applicant tries whose case waits for them."""
MARK_ACCEPTED: Final = 0
LAST_ACCEPTANCE: Final = 1
"""Marks up to this one are acceptances, which set a due date."""


class Action(IntEnum):
    """What a node does."""

    NOTHING = 0
    SERVE = 1
    """Be served at pool `arg`."""
    WAIT = 2
    """Wait; `arg` is the operation's code."""
    UNTIL = 3
    """Wait for timetable `arg`."""
    FORK = 4
    """Start the branches that begin at ``starts[arg : until]``, and wait for them."""
    VISIT = 5
    """Have the applicant come: a visit that begins at node `arg`, for `purpose`."""
    CASE = 6
    """Begin the case at node `arg`."""


NODE_DTYPE: Final = np.dtype(
    [
        ("key", np.uint64),  # the name, as the streams know it
        ("share", np.float64),
        ("factor", np.float64),  # of the pool
        ("absent", np.float64),
        *((name, np.int64) for name in ("action", "arg", "until", "law", "patience", "call", "away", "away_code")),
        *((name, np.int64) for name in ("leaves", "priority", "purpose", "after_code", "waits", "mark", "step")),
        *((name, np.int64) for name in ("skipped", "next_from", "next_until")),
    ],
    align=True,
)
"""One node.  Laws, marks, steps, priority are indexes (-1: none); `skipped` is the node for visitors who don't take
the step, and ``successors[next_from : next_until]`` are the nodes for the others."""

GROUP_DTYPE: Final = np.dtype(
    [
        ("key", np.uint64),
        ("share", np.float64),  # of the visitors turned away, who come back
        *((name, np.int64) for name in ("source", "service", "purpose", "site", "enters", "kind", "priority", "start")),
        *((name, np.int64) for name in ("patience", "at_most", "after", "after_code", "case_priority", "due")),
        *((name, np.int64) for name in ("people_from", "people_until", "day_from", "day_until")),
        *((name, np.int64) for name in ("site_day_from", "site_day_until", "resumes")),
    ],
    align=True,
)
"""One source's visits for one service; `people_from` and `day_from` begin its rows in the tables of people and
of the day, `site_day_from` those of its site's day, for follow-up visits.  Or cases that are open to begin with:
accepted when they set out, at node `start` from `resumes` ms on."""

_WORD: Final = np.dtype(np.int64).itemsize
OP_WORDS: Final = OP_DTYPE.itemsize // _WORD
"""Words of 64 bits that an operation takes in its table."""
FOR_AMOUNT, FOR_PATIENCE = (OP_DTYPE.fields[column][1] // _WORD for column in ("amount", "patience"))  # type: ignore[index]
"""Which of them an amount is for."""

DRAW_DTYPE: Final = np.dtype(
    [("u", np.float64), ("factor", np.float64), ("word", np.int64), ("law", np.int16)], align=True
)
"""An amount still to be drawn: `factor` times the value of `law` at `u`, for a word of the table of operations."""


class Roots(NamedTuple):
    """Visits that sources bring, and cases that are open to begin with, in order of start.

    Attributes
    ----------
    start
        When each sets out, in ms.
    group
        Row of the table of groups.
    member
        Place in its group.
    """

    start: IntArray
    group: IntArray
    member: IntArray


class People(NamedTuple):
    """Who comes: a stretch of cumulative `shares` and of `persons` for each source; two columns by person."""

    shares: FloatArray
    persons: IntArray
    priority: IntArray
    work_factor: FloatArray


class Day(NamedTuple):
    """How demand runs through the day: for each source a stretch of `moments` (ms) and the `shares` come by then."""

    moments: FloatArray
    shares: FloatArray


class Routes(NamedTuple):
    """The graph of routes.

    Attributes
    ----------
    nodes
        Table of :data:`NODE_DTYPE`.
    successors, edges
        Successor nodes (:data:`END` after the last), and the cumulative probabilities of each node's.
    starts
        First nodes of the branches of forks.
    """

    nodes: Table
    successors: IntArray
    edges: FloatArray
    starts: IntArray


class ListedLaws(NamedTuple):
    """The laws that have a few values: law k those of ``choices[bounds[k] : bounds[k + 1]]``."""

    bounds: IntArray
    choices: Table


class WalkTables(NamedTuple):
    """All that a walk reads; `keys` are those of seed and replication (:func:`sim.draw.philox.round_keys`)."""

    keys: npt.NDArray[np.uint64]
    roots: Roots
    groups: Table
    people: People
    day: Day
    routes: Routes
    laws: ListedLaws


class Walked(NamedTuple):
    """All that a walk writes: operations, entities, and the amounts still to be drawn (:data:`DRAW_DTYPE`)."""

    ops: npt.NDArray[Any]
    entities: npt.NDArray[Any]
    draws: npt.NDArray[Any]
