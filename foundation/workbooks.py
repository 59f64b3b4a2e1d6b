"""Excel workbooks: what would fill the memory or is no workbook, before one is opened; and tables as a new one.

Input: a path, or tables.  Output: nothing, or what is wrong with the archive; or the bytes of a workbook.  A small
archive may unpack to a huge content, so sizes are checked before anything is unpacked.  A text is written as a text,
so that no program computes it as a formula.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

__all__ = ["archive_fault", "table_workbook", "write_text"]

_MAX_PART_BYTES: Final = 500_000_000

_MAX_COMPRESSION: Final = 200
"""How many times its compressed size a workbook's part may be."""

_HARMLESS_BYTES: Final = 1_000_000


def archive_fault(path: Path) -> tuple[str, dict[str, str]] | None:
    """Return what is wrong with an archive: the last part of a message's key, and the message's values.

    Returns
    -------
    tuple or None
        ``broken_xlsx`` with its ``reason``, ``bomb`` with the ``part`` that is too large, or ``not_xlsx``; ``None``
        for a workbook that may be opened.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except OSError:
        raise
    except Exception as error:  # whatever a damaged archive raises, not bad-file errors alone
        return "broken_xlsx", {"reason": str(error)[:200]}
    for member in members:
        steep = (
            member.file_size > _MAX_COMPRESSION * max(member.compress_size, 1) and member.file_size > _HARMLESS_BYTES
        )
        if member.file_size > _MAX_PART_BYTES or steep:
            return "bomb", {"part": member.filename}
    if not any(member.filename == "xl/workbook.xml" for member in members):
        return "not_xlsx", {}
    return None


def table_workbook(sheets: Sequence[tuple[str, Sequence[Sequence[str | float]]]]) -> bytes:
    """Return a workbook of tables.

    Parameters
    ----------
    sheets
        The title and the rows of each sheet.
    """
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([_text_cell(sheet, value) if isinstance(value, str) else value for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _text_cell(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    from openpyxl.cell import WriteOnlyCell

    cell: Cell = WriteOnlyCell(sheet)
    write_text(cell, text)
    return cell


def write_text(cell: Cell, text: str) -> None:
    """Let a cell show a text as it is, without the characters that no workbook can hold."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"  # else a text that begins with "=" is a formula
    cell.quotePrefix = True  # the apostrophe of spreadsheets: the text stays one when the cell is edited
