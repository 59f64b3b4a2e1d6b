"""Types of the compiled walk: what it writes, and Numba's names for all that it reads and writes.

Input: the row types of :mod:`sim.draw.tables`.  Output: :class:`Writer`, and types for signatures.  They may
stand apart from the code: machine code on disk is looked up by its source file and by these types.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from foundation.arrays import IntArray
from sim.draw.laws import CHOICE_DTYPE
from sim.draw.tables import (
    DRAW_DTYPE,
    GROUP_DTYPE,
    NODE_DTYPE,
    Day,
    ListedLaws,
    People,
    Roots,
    Routes,
    WalkTables,
)
from sim.program import ENTITY_DTYPE, OP_DTYPE

__all__ = [
    "BOOL",
    "DAY",
    "FLOAT",
    "GROUP",
    "INT",
    "KEYS",
    "LAWS",
    "PROGRESS",
    "ROUTES",
    "SCRATCH",
    "TABLES",
    "UNDER_WAY",
    "WORD",
    "WRITER",
    "Writer",
]

Table = npt.NDArray[np.void]

PROGRESS: Final = np.dtype(
    [(name, np.int64) for name in ("roots", "ops", "entities", "draws", "met", "is_full")], align=True
)
"""How many roots are walked; how many operations, entities, draws and nodes (of the family) are written; whether the
tables have become too small."""
SCRATCH: Final = np.dtype([(name, np.int64) for name in ("begins", "asked_at", "asked_count", "urgency")], align=True)
"""Of an entity: its first node, the node (and its visit count) that asked for it (-1: none), its priority."""
UNDER_WAY: Final = np.dtype(
    [("key", np.uint64), ("factor", np.float64)]
    + [(name, np.int64) for name in ("member", "site", "person", "urgency", "root", "start")],
    align=True,
)
"""The family under way: its group's key, its person's work factor and priority, its root."""


class Writer(NamedTuple):
    """What a walk writes.

    Attributes
    ----------
    progress
        One row: how much is written.
    ops, entities, draws
        Tables with room to spare.
    scratch
        A row an entity.
    visit_counts
        Earlier visits of the family, by node.
    met
        The nodes that the family has visited.
    family
        One row: the family that is under way.
    """

    progress: Table
    ops: Table
    entities: Table
    draws: Table
    scratch: Table
    visit_counts: IntArray
    met: IntArray
    family: Table


INT, FLOAT, WORD = numba.int64, numba.float64, numba.uint64
BOOL: Final = numba.boolean
KEYS: Final = WORD[:, ::1]


def _of(dtype: np.dtype[np.void]) -> Any:
    return numba.types.Array(numba.from_dtype(dtype), 1, "C")


_types: Any = numba.types


def _tuple_of(kind: Any, *fields: Any) -> Any:
    """Return Numba's type of a named tuple, which has another name where all fields are alike."""
    if len(set(fields)) == 1:
        return _types.NamedUniTuple(fields[0], len(fields), kind)
    return _types.NamedTuple(fields, kind)


ROOTS: Final = _tuple_of(Roots, INT[::1], INT[::1], INT[::1])
PEOPLE: Final = _tuple_of(People, FLOAT[::1], INT[::1], INT[::1], FLOAT[::1])
DAY: Final = _tuple_of(Day, FLOAT[::1], FLOAT[::1])
ROUTES: Final = _tuple_of(Routes, _of(NODE_DTYPE), INT[::1], FLOAT[::1], INT[::1])
LAWS: Final = _tuple_of(ListedLaws, INT[::1], _of(CHOICE_DTYPE))
TABLES: Final = _tuple_of(WalkTables, KEYS, ROOTS, _of(GROUP_DTYPE), PEOPLE, DAY, ROUTES, LAWS)
WRITER: Final = _tuple_of(
    Writer,
    *(_of(dtype) for dtype in (PROGRESS, OP_DTYPE, ENTITY_DTYPE, DRAW_DTYPE, SCRATCH)),
    *(INT[::1], INT[::1], _of(UNDER_WAY)),
)
GROUP: Final = numba.from_dtype(GROUP_DTYPE)
