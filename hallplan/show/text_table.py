"""Tables of text, in the user's language: what the command line prints and the page draws.

Input: headings and cells that are words already.  Output: :class:`TextTable`.  Drawing is left to the
faces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from foundation import messages

__all__ = ["Column", "TextTable", "columns", "notes_only"]


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, and whether it holds numbers."""

    title: str
    is_number: bool = False


@dataclass(frozen=True)
class TextTable:
    """A table of text.

    Attributes
    ----------
    columns, rows
        Headings and cells.
    title
        What stands above it.
    notes
        What stands below it, one sentence each.
    alarms
        Cells that deserve a warning colour.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    notes: tuple[str, ...] = ()
    alarms: frozenset[str] = frozenset()


def _heading(key: str) -> str:
    return messages.text(f"cli.column.{key}")


def columns(*keys: str, heading: Callable[[str], str] = _heading) -> tuple[Column, ...]:
    """Return columns by the keys of their headings; ``#`` marks a column of numbers."""
    return tuple(Column(heading(key.lstrip("#")), key.startswith("#")) for key in keys)


def notes_only(*notes: str, title: str = "") -> TextTable:
    """Return sentences without a table; empty ones are left out."""
    return TextTable((), (), title=title, notes=tuple(note for note in notes if note))
