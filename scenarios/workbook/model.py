"""What a filled-in workbook says: each value with the cell that holds it.

Input: cells that :mod:`scenarios.workbook.reading` has validated.  Output: frozen dataclasses, in which a blank cell is
``None``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from foundation.errors import HallplanError
from scenarios.catalogue.model import ItemClass

__all__ = ["CellFault", "DayHours", "HallForm", "ItemRow", "LogEntry", "Stated", "WindowRow"]

Value_co = TypeVar("Value_co", covariant=True)


@dataclass(frozen=True)
class LogEntry:
    """Where a value comes from that an event log tells in the place of a blank cell.

    Attributes
    ----------
    source
        The log, in both languages.
    entry
        The entry of the scenario's provenance.
    """

    source: Mapping[str, str]
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class Stated(Generic[Value_co]):
    """A value that a cell states, or an event log in its place.

    Attributes
    ----------
    value
        The value.
    sheet, cells
        The sheet's title, and the address of the cell (``C7``) or of the block of cells (``C7:F9``).
    log
        What an event log says of it; ``None`` if the cell itself states it.
    """

    value: Value_co
    sheet: str
    cells: str
    log: LogEntry | None = None


@dataclass(frozen=True)
class CellFault:
    """A cell that is wrong: its sheet, its address ("" for the sheet as a whole), and a sentence."""

    sheet: str
    cell: str
    what: HallplanError


@dataclass(frozen=True)
class ItemRow:
    """One item: a row of the first sheet."""

    row: int
    departments: Stated[tuple[str, ...]] | None
    title: Stated[str]
    item_class: Stated[ItemClass] | None
    statutory: Stated[int] | None
    promised: Stated[int] | None
    volume: Stated[float] | None
    inspection: Stated[str] | None
    minutes: Stated[float] | None


@dataclass(frozen=True)
class WindowRow:
    """One shift of a group of windows: a row of the second sheet; times are minutes since midnight."""

    row: int
    group: Stated[str]
    departments: Stated[tuple[str, ...]] | None
    windows: Stated[int] | None
    officers: Stated[int] | None
    begins: Stated[int] | None
    ends: Stated[int] | None
    cost: Stated[float] | None


@dataclass(frozen=True)
class DayHours:
    """Opening hours of a weekday, or of every working day: intervals of minutes since midnight."""

    intervals: Stated[tuple[tuple[int, int], ...]]


@dataclass(frozen=True)
class HallForm:
    """A whole workbook.

    Attributes
    ----------
    name
        The file's name.
    items, windows
        The rows of the first two sheets.
    tickets
        Mean number of tickets by weekday and beginning of a half hour; days without an entry have no column filled.
    hours
        Opening hours by weekday, and under ``any-day`` those of every other working day.
    doors_open, tickets_stop
        Minutes before opening and before closing.
    answers
        Answers by the question's key, those that are filled in.
    """

    name: str
    items: tuple[ItemRow, ...]
    windows: tuple[WindowRow, ...]
    tickets: Mapping[str, Stated[Mapping[int, float]]]
    hours: Mapping[str, DayHours]
    doors_open: Stated[float] | None
    tickets_stop: Stated[float] | None
    answers: Mapping[str, Stated[Any]]
