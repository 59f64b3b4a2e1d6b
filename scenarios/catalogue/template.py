"""A table to fill in: the headings in the language in use, three rows as examples, and what each column holds.

Input: the name of a new file.  Output: that file, as CSV or XLSX.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from foundation import messages
from scenarios.catalogue.columns import ALTERNATIVES, COLUMNS, REQUIRED, WORDS, heading, word_title
from scenarios.catalogue.reading import records
from scenarios.catalogue.tables import write_rows

__all__ = ["write_template"]

_EXAMPLES: Final = (1, 4, 12)
"""Rows of the built-in table that serve as examples: an instant item, a committed one, one outside the hall."""


def write_template(path: Path) -> None:
    """Write a table to fill in: headings and examples; a workbook has a sheet more, which explains the columns.

    Raises
    ------
    HallplanError
        If the file is there already, can't be written, or ends neither in ``.csv`` nor in ``.xlsx``.
    """
    items: list[list[str | float]] = [[heading(column) for column in COLUMNS], *_examples()]
    titles = [messages.text(f"catalogue.sheet.{key}") for key in ("items", "help")]
    write_rows(path, list(zip(titles, (items, _help()), strict=True)))


def _examples() -> list[list[str | float]]:
    rows = dict(enumerate(records("items.csv"), 1))
    return [[_shown(column, rows[number][column]) for column in COLUMNS] for number in _EXAMPLES]


def _shown(column: str, cell: str) -> str | float:
    if column in WORDS:
        return "; ".join(word_title(word) for word in cell.split("; ") if word)
    return float(cell) if column.partition("_")[0] in ("statutory", "promised", "volume") else cell


def _help() -> list[list[str | float]]:
    explained: list[list[str | float]] = [[messages.text(f"catalogue.sheet.{key}") for key in ("column", "holds")]]
    either = {column for pair in ALTERNATIVES for column in pair}
    for column in COLUMNS:
        need = "required" if column in REQUIRED else "either" if column in either else "optional"
        words = ", ".join(word_title(word) for word in WORDS.get(column, ()))
        holds = [messages.text(f"catalogue.sheet.{need}"), messages.text(f"catalogue.help.{column}")]
        explained.append([heading(column), " ".join([*holds, words]).strip()])
    return explained
