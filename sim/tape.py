"""Building an operation program: entities and their operations, appended in any order, laid out in one.

Comes in: batches of entities, and operations for many entities at a time, each entity's own in the order in which
it will carry them out.  Goes out: the two tables of a :class:`~sim.program.Program`, families together and in order
of the root's start, so that an engine walks through memory in the order of time.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.calendar import IntArray
from sim.program import ENTITY_DTYPE, OP_DTYPE, Code

__all__ = ["NOWHERE", "TAIL", "TAIL_OUTSIDE", "TO_START", "Tape"]

NOWHERE: Final = -1
TAIL: Final = -2
"""Jump to where the entity's tail begins (see :meth:`Tape.end`)."""
TAIL_OUTSIDE: Final = -3
"""Jump past the first operation of the tail: for those who never came in."""
TO_START: Final = -4
"""Jump to where the entity's trip begins (see :meth:`Tape.begin_trip`)."""

_OP_COLUMNS: Final = ("code", "arg", "amount", "patience", "priority", "step", "jump")


class _Column:
    """An int array that grows."""

    def __init__(self, fill: int) -> None:
        self.fill = fill
        self.values = np.full(1024, fill, dtype=np.int64)

    def grow(self, size: int) -> None:
        if size > self.values.size:
            more = np.full(max(size, 2 * self.values.size) - self.values.size, self.fill, dtype=np.int64)
            self.values = np.concatenate((self.values, more))


class Tape:
    """A program in the making.

    Entities are numbered as they are made; ids that this class hands out are provisional, and :meth:`tables`
    renumbers them.
    """

    def __init__(self) -> None:
        self._entities = 0
        self._columns = {name: _Column(-1) for name in ENTITY_DTYPE.names or ()}
        self._length = _Column(0)
        self._tail = _Column(0)
        self._trip = _Column(0)
        self._chunks: dict[str, list[IntArray]] = {name: [] for name in (*_OP_COLUMNS, "entity", "place")}

    def entities(self, number: int, **columns: IntArray | int) -> IntArray:
        """Make `number` entities and return their ids; columns are those of ``ENTITY_DTYPE`` (-1 where not given)."""
        first, self._entities = self._entities, self._entities + number
        for column in (*self._columns.values(), self._length, self._tail, self._trip):
            column.grow(self._entities)
        for name, value in columns.items():
            self._columns[name].values[first : self._entities] = value
        return np.arange(first, self._entities, dtype=np.int64)

    def of(self, ids: IntArray, column: str) -> IntArray:
        """Return a column of some entities."""
        return self._columns[column].values[ids]

    def set(self, ids: IntArray, column: str, value: IntArray | int) -> None:
        """Set a column of some entities."""
        self._columns[column].values[ids] = value

    def add(self, ids: IntArray, code: Code, **columns: IntArray | int) -> None:
        """Append one operation to each of `ids` (each at most once in a call); other columns default to "none"."""
        if not ids.size:
            return
        defaults = {
            "code": int(code),
            "arg": 0,
            "amount": 0,
            "patience": -1,
            "priority": 0,
            "step": -1,
            "jump": NOWHERE,
        }
        for name, value in (defaults | columns).items():
            array = value if isinstance(value, np.ndarray) else np.full(ids.size, value, dtype=np.int64)
            self._chunks[name].append(array)
        self._chunks["entity"].append(ids)
        self._chunks["place"].append(self._length.values[ids])
        self._length.values[ids] += 1

    def begin_trip(self, ids: IntArray) -> None:
        """Say that the next operation is where a trip begins: what ``TO_START`` jumps to."""
        self._trip.values[ids] = self._length.values[ids]

    def end(self, ids: IntArray) -> None:
        """End the ordinary way of `ids`; what is added after it is their tail, for those who are turned away."""
        self.add(ids, Code.END)
        self._tail.values[ids] = self._length.values[ids]

    def tables(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Lay everything out: operations (``OP_DTYPE``) and entities (``ENTITY_DTYPE``)."""
        number = self._entities
        columns = {name: column.values[:number] for name, column in self._columns.items()}
        root = columns["root"]
        order = np.lexsort((np.arange(number), root, columns["start"][root]))
        new_id = np.empty(number + 1, dtype=np.int64)
        new_id[order] = np.arange(number)
        new_id[-1] = -1  # so that -1 stays -1

        length = self._length.values[:number]
        first = np.empty(number, dtype=np.int64)
        first[order] = np.concatenate(([0], np.cumsum(length[order])[:-1])) if number else []

        entities = np.zeros(number, dtype=ENTITY_DTYPE)
        for name, values in columns.items():
            entities[name] = values[order]
        for name in ("parent", "root", "case"):
            entities[name] = new_id[columns[name][order]]
        entities["first"] = first[order]

        ops = np.zeros(int(length.sum()), dtype=OP_DTYPE)
        if ops.size:
            chunk = {name: np.concatenate(parts) for name, parts in self._chunks.items()}
            owner = chunk["entity"]
            forks = chunk["code"] == Code.FORK
            chunk["arg"][forks] = new_id[chunk["arg"][forks]]
            jump = chunk["jump"]
            for mark, place in ((TAIL, self._tail), (TAIL_OUTSIDE, self._tail), (TO_START, self._trip)):
                at = jump == mark
                jump[at] = first[owner[at]] + place.values[owner[at]] + (mark == TAIL_OUTSIDE)
            where = first[owner] + chunk["place"]
            for name in _OP_COLUMNS:
                ops[name][where] = chunk[name]
        return ops, entities
