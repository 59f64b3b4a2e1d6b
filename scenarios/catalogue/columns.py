"""The columns of a catalogue's table: their names, their headings in both languages, and the words they allow.

Input: a heading or a word as somebody wrote it.  Output: the column, or the value.  A table may use the English names
(``statutory_mode``) or the headings of either language, and the words of either language.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from foundation import messages
from scenarios.catalogue.model import BASES, CLASSES, NEEDS, PLACES

__all__ = ["ALTERNATIVES", "COLUMNS", "REQUIRED", "WORDS", "column_of", "heading", "word_of", "word_title"]

COLUMNS: Final = (
    *("department_zh", "department_en", "title_zh", "title_en", "class", "kind", "place"),
    *("section_before", "section_after", "statutory_low", "statutory_mode", "statutory_high", "basis", "law"),
    *("promised_low", "promised_mode", "promised_high", "needs", "volume_low", "volume_mode", "volume_high"),
)
REQUIRED: Final = ("class", "place", "statutory_mode", "promised_mode", "volume_mode")
"""Columns that every table has; the others may be missing."""
ALTERNATIVES: Final = (("department_zh", "department_en"), ("title_zh", "title_en"))
"""Pairs of columns of which every table has at least one, and every row fills at least one."""
WORDS: Final[dict[str, Sequence[str]]] = {"class": CLASSES, "place": PLACES, "basis": BASES, "needs": NEEDS}
"""The words that a column allows."""


def heading(column: str, language: messages.Language | None = None) -> str:
    """Return a column's heading in a language, by default the one in use."""
    return messages.text(f"catalogue.column.{column}", language)


def word_title(word: str, language: messages.Language | None = None) -> str:
    """Return a column's word in a language, by default the one in use."""
    return messages.text(f"catalogue.word.{word}", language)


def _plain(text: str) -> str:
    return "".join(text.split()).casefold().replace("（", "(").replace("）", ")")


@cache
def _columns() -> dict[str, str]:
    names = {_plain(column): column for column in COLUMNS}
    return names | {_plain(heading(column, language)): column for column in COLUMNS for language in messages.LANGUAGES}


@cache
def _words(column: str) -> dict[str, str]:
    words = WORDS[column]
    names = {_plain(word): word for word in words}
    return names | {_plain(word_title(word, language)): word for word in words for language in messages.LANGUAGES}


def column_of(text: str) -> str | None:
    """Return the column that a heading means, or ``None``."""
    return _columns().get(_plain(text))


def word_of(column: str, text: str) -> str | None:
    """Return the word that a cell means, or ``None`` if the column does not allow it."""
    return _words(column).get(_plain(text))
