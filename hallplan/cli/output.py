"""What a command prints: tables that fit a terminal or a pipe, and JSON.

Input: tables of text (:mod:`hallplan.show.text_table`) and plain documents.  Output: lines on standard output.  On a
terminal a table is as wide as the window and wide cells are folded; in a pipe nothing is coloured, folded or cut.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hallplan.show.text_table import TextTable

__all__ = ["ReaderGoneError", "emit", "prepare_streams", "show", "show_json", "show_text"]

_NO_LIMIT: Final = 100_000
"""Columns of a pipe: no line is ever longer."""
_PIECE: Final = 16_384
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories of characters that control rather than show."""


class ReaderGoneError(Exception):
    """Whoever read the output has stopped reading (no ``OSError``, which Typer would take for its own business)."""


def prepare_streams() -> None:
    """Let no character that a stream's encoding lacks stop the output."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def emit(parts: Sequence[RenderableType]) -> None:
    """Print what Rich can draw, one part below the other."""
    from rich.console import Console

    out = Console(highlight=False, markup=False, emoji=False)
    if out.is_terminal:
        for part in parts:
            out.print(part)
        return
    out.width = _NO_LIMIT
    with out.capture() as captured:
        for part in parts:
            out.print(part)
    show_text("\n".join(line.rstrip() for line in captured.get().splitlines()))


def show(tables: Sequence[TextTable]) -> None:
    """Print tables, each with its title above and its notes below."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    parts: list[Any] = []
    for place, table in enumerate(tables):
        if place:
            parts.append("")
        if table.title:
            parts.append(Text(_shown(table.title), style="bold"))
        if table.rows:
            grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
            for column in table.columns:
                grid.add_column(
                    Text(_shown(column.title)),
                    justify="right" if column.is_number else "left",
                    overflow="fold",
                    no_wrap=column.is_number,
                )
            for row in table.rows:
                grid.add_row(*[Text(_shown(cell), style=_style(cell, table.alarms)) for cell in row])
            parts.append(grid)
        if table.notes and (table.title or table.rows):
            parts.append("")
        parts += [Text(_shown(note)) for note in table.notes]
    emit(parts)


def _shown(text: str) -> str:
    """Escape what would move a terminal's cursor or turn its text around."""
    return "".join(c if unicodedata.category(c) not in _UNSEEN else ascii(c)[1:-1] for c in text)


def _style(cell: str, alarms: frozenset[str]) -> str:
    return "bold red" if cell in alarms else ""


def show_text(text: str) -> None:
    """Print text as it is.

    Raises
    ------
    ReaderGoneError
        If nobody reads it any longer.
    """
    try:
        for start in range(0, len(text), _PIECE):  # a write that is too long for a pipe is cut off without a word
            sys.stdout.write(text[start : start + _PIECE])
            sys.stdout.flush()
        sys.stdout.write("" if text.endswith("\n") else "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGoneError from None


def show_json(document: Any) -> None:
    """Print a document as JSON; characters that standard output can't show are escaped."""
    plain_ascii = (sys.stdout.encoding or "").lower().replace("-", "") not in ("utf8", "utf8sig")
    show_text(json.dumps(document, ensure_ascii=plain_ascii, indent=2, allow_nan=False))
