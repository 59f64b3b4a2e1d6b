"""XES (IEEE 1849): events inside traces, attributes as ``<string key="concept:name" value="…"/>``.

Input: a stream of bytes; its content is not trusted.
Output: a frame of texts, a column an attribute, a row an event.  The parser delivers element by element and builds no
tree; content nested inside an attribute is skipped.  Rows are packed as they come, to save memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from xml.parsers import expat

import pandas as pd
import pyarrow as pa

from foundation.errors import HallplanError

__all__ = ["read_xes"]

_BLOCK_BYTES: Final = 1 << 20
_MANY: Final = 50_000
"""So many rows are kept as Python's texts before they are packed."""


def read_xes(read: Callable[[int], bytes], name: str, on_block: Callable[[], None] | None = None) -> pd.DataFrame:
    """Read all events; what a trace says of itself stands in columns ``case:…`` of all its events.

    Parameters
    ----------
    read
        Gives the next bytes, so many at the most; none at the end.
    name
        What messages call the file.
    on_block
        Called now and then.

    Raises
    ------
    HallplanError
        If it declares a document type (and so, maybe, entities), or is no XML in an encoding that can be read.
    """
    cells, parser = _Cells(), expat.ParserCreate()
    _listen(parser, cells, name)
    try:
        while block := read(_BLOCK_BYTES):
            parser.Parse(block, False)
            if on_block is not None:
                on_block()
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last of an encoding that nobody knows
        raise HallplanError("eventlog.fault.not_xes", file=name, reason=str(error)[:200]) from None
    return cells.frame()


def _listen(parser: expat.XMLParserType, cells: _Cells, name: str) -> None:
    """Let a parser tell the cells of every trace and event, and refuse a document type: without one, no entity is."""
    elements: list[list[str]] = []
    inside = 0  # elements that have begun inside the trace or the event, and not ended
    in_trace = False

    def declares(*_: Any) -> None:
        raise HallplanError("eventlog.fault.entities", file=name)

    def begins(tag: str, attributes: list[str]) -> None:
        nonlocal in_trace, inside
        kind = tag.rpartition(":")[2]
        if kind == "event" and not inside:
            parser.StartElementHandler, parser.EndElementHandler = begins_in_event, ends_in_event
        elif kind == "trace" and not in_trace:
            in_trace = True
        elif in_trace:
            if not inside:
                cells.of_trace(attributes)
            inside += 1

    def ends(tag: str) -> None:
        nonlocal in_trace, inside
        if inside:
            inside -= 1
        elif in_trace:
            in_trace = False
            cells.end_trace()

    def begins_in_event(tag: str, attributes: list[str]) -> None:
        nonlocal inside
        if not inside:
            elements.append(attributes)
        inside += 1

    def ends_in_event(tag: str) -> None:
        nonlocal inside
        if inside:
            inside -= 1
        else:
            cells.event(elements)
            elements.clear()
            if not in_trace:
                cells.end_trace()
            parser.StartElementHandler, parser.EndElementHandler = begins, ends

    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = declares
    parser.StartElementHandler, parser.EndElementHandler = begins, ends


class _Cells:
    """Columns that grow event by event."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}  # since they were packed last
        self._packed: dict[str, list[pa.Array]] = {}
        self._before, self._rows = 0, 0  # rows that are packed, and those that are not
        self._begun, self._said = 0, dict[str, str]()  # of the trace that is being read
        self._usual: list[list[str]] = []  # events have the same attributes in the same order, as a rule
        self._writers: list[Callable[[str], None]] = []

    def event(self, elements: list[list[str]]) -> None:
        """Add an event: of every element names and values of its attributes, in turn."""
        if [element[:3] for element in elements] == self._usual and elements:
            for write, element in zip(self._writers, elements, strict=True):
                write(element[3])
        else:
            attributes = dict(pair for element in elements if (pair := _pair(element)))
            columns = {key: self._column(key, self._rows) for key in attributes}
            for key, value in attributes.items():
                columns[key].append(value)
            plain = [["key", key, "value"] for key in attributes]
            self._usual = plain if plain == [element[:3] for element in elements] else []
            self._writers = [column.append for column in columns.values()]
        self._rows += 1

    def of_trace(self, attributes: list[str]) -> None:
        """Keep what a trace says of itself until it ends."""
        if pair := _pair(attributes):
            self._said[pair[0]] = pair[1]

    def end_trace(self) -> None:
        """Let what the trace has said of itself hold for all its events, but those that say it themselves."""
        for key, value in self._said.items():
            column = self._column(f"case:{key}", self._begun)
            own = column[self._begun :]
            column[self._begun :] = [value_of_event or value for value_of_event in own] + [value] * (
                self._rows - self._begun - len(own)
            )
        self._begun, self._said = self._rows, {}
        if self._rows >= _MANY:
            self._pack()

    def _column(self, key: str, rows: int) -> list[str]:
        """Return a column, filled up to so many rows."""
        column = self._texts.setdefault(key, [])
        column.extend([""] * (rows - len(column)))
        return column

    def _pack(self) -> None:
        for key in self._texts:
            packed = self._packed.setdefault(key, [pa.array([""] * self._before, pa.large_string())])
            packed.append(pa.array(self._column(key, self._rows), pa.large_string()))
            self._texts[key] = []
        self._usual = []  # the writers' columns are gone
        self._before, self._rows, self._begun = self._before + self._rows, 0, 0

    def frame(self) -> pd.DataFrame:
        """Return all that was read."""
        self._pack()
        return pd.DataFrame(
            {key: pd.Series(pa.chunked_array(parts), dtype="str") for key, parts in self._packed.items()}
        )


def _pair(attributes: list[str]) -> tuple[str, str] | None:
    """Return an element's key and value, if it has both."""
    pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
    return (pairs["key"], pairs["value"]) if "key" in pairs and "value" in pairs else None
