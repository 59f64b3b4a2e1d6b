"""The columns and the words of a state file, in both languages.

Input: a heading or a word as somebody wrote it.  Output: the column, or the kind of row.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Literal, TypeAlias, get_args

from foundation import messages

__all__ = ["COLUMNS", "KINDS", "NEEDED", "PERMITTED", "Kind", "column_of", "heading", "kind_of", "kind_title"]

COLUMNS: Final = ("what", "pool", "time", "number", "service", "person", "stage", "age")
Kind: TypeAlias = Literal["now", "ticket", "windows", "serving", "issued", "case"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

NEEDED: Final[dict[Kind, tuple[str, ...]]] = {
    "now": ("time",),
    "ticket": ("pool", "time"),
    "windows": ("pool", "number"),
    "serving": ("pool",),
    "issued": ("number",),
    "case": ("service", "age"),
}
"""Cells that a row of each kind fills."""
PERMITTED: Final[dict[Kind, tuple[str, ...]]] = {
    "now": (),
    "ticket": ("number", "service", "person"),
    "windows": (),
    "serving": ("time", "number", "service"),
    "issued": (),
    "case": ("number", "stage"),
}
"""Cells that it may fill besides."""


def heading(column: str, language: messages.Language | None = None) -> str:
    """Return a column's heading in a language, by default the one in use."""
    return messages.text(f"today.column.{column}", language)


def kind_title(kind: str, language: messages.Language | None = None) -> str:
    """Return the word for a kind of row in a language, by default the one in use."""
    return messages.text(f"today.kind.{kind}", language)


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


@cache
def _columns() -> dict[str, str]:
    names = {_plain(column): column for column in COLUMNS}
    return names | {_plain(heading(column, language)): column for column in COLUMNS for language in messages.LANGUAGES}


@cache
def _kinds() -> dict[str, Kind]:
    names: dict[str, Kind] = {_plain(kind): kind for kind in KINDS}
    return names | {_plain(kind_title(kind, language)): kind for kind in KINDS for language in messages.LANGUAGES}


def column_of(text: str) -> str | None:
    """Return the column that a heading means, or ``None``."""
    return _columns().get(_plain(text))


def kind_of(text: str) -> Kind | None:
    """Return the kind of row that a word means, or ``None``."""
    return _kinds().get(_plain(text))
