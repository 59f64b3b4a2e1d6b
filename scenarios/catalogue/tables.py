"""Tables as files: cells of a CSV file or of a workbook's first sheet, and a template to fill in.

Input: a path, whose content is not trusted.  Output: a heading and rows of text with their numbers in the file; or a
new file.  Sizes are bounded before anything is held in memory.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

from foundation.errors import HallplanError
from foundation.files import write_atomically
from foundation.workbooks import archive_fault, table_workbook
from scenarios.catalogue.columns import column_of

__all__ = ["Row", "read_rows", "read_sheets", "write_rows"]

Row: TypeAlias = tuple[int, list[str]]
"""A row's number in the file (the first is 1) and its cells."""

_MAX_BYTES: Final = 20_000_000
_MAX_ROWS: Final = 20_000
"""Rows of a file; the longest provincial catalogues have some thousand items."""
_MAX_COLUMNS: Final = 200
_MAX_CELL: Final = 2_000
_DELIMITERS: Final = ",;\t"


def read_rows(path: Path) -> list[Row]:
    """Read the rows of a table that hold anything, the heading first.

    Raises
    ------
    HallplanError
        If the file can't be read, is no table, or is larger than any catalogue.
    """
    with _readable(path):
        if path.suffix.lower() == ".xlsx":
            return _bounded(_workbook_rows(path), path.name)
        if path.suffix.lower() in (".csv", ".txt", ".tsv"):
            return _bounded(_text_rows(path.read_bytes(), path.name), path.name)
    raise HallplanError("catalogue.fault.no_table", file=path.name)


@contextmanager
def _readable(path: Path) -> Generator[None]:
    """Refuse a file that is too large, and say in one sentence why one can't be read."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise HallplanError("catalogue.fault.too_large", file=path.name, most=_MAX_BYTES // 1_000_000)
        yield
    except (OSError, ValueError) as error:
        if isinstance(error, HallplanError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise HallplanError("catalogue.fault.cannot_read", file=path.name, reason=reason[:200]) from None


def _bounded(rows: Iterable[Row], name: str) -> list[Row]:
    filled = _filled(rows, name)
    if not filled:
        raise HallplanError("catalogue.fault.no_items", file=name)
    return filled


def _filled(rows: Iterable[Row], name: str) -> list[Row]:
    filled: list[Row] = []
    for number, cells in rows:
        if number > _MAX_ROWS:
            raise HallplanError("catalogue.fault.too_long", file=name, most=_MAX_ROWS)
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > _MAX_COLUMNS:
            raise HallplanError("catalogue.fault.too_wide", file=name, row=number, most=_MAX_COLUMNS)
        if any(len(cell) > _MAX_CELL for cell in cells):
            raise HallplanError("catalogue.fault.long_cell", file=name, row=number, most=_MAX_CELL)
        if cells:
            filled.append((number, cells))
    return filled


def _text_rows(content: bytes, name: str) -> Iterator[Row]:
    text = _decoded(content, name)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=lambda sign: sum(column_of(part) is not None for part in first.split(sign)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, 1):
            yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise HallplanError("catalogue.fault.cannot_read", file=name, reason=str(error)) from None


def _decoded(content: bytes, name: str) -> str:
    """Return text in UTF-8, or in the encoding in which Excel saves CSV in China."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise HallplanError("catalogue.fault.no_text", file=name)


def read_sheets(path: Path) -> dict[str, list[Row]]:
    """Read the rows of every sheet of a workbook that hold anything, by the sheet's title; empty sheets have none.

    Raises
    ------
    HallplanError
        If the file can't be read, is no workbook, or is larger than any such workbook.
    """
    with _readable(path):
        return {title: _filled(rows, path.name) for title, rows in _sheets(path)}


def _workbook_rows(path: Path) -> Iterator[Row]:
    for _, rows in _sheets(path):
        yield from rows
        return


def _sheets(path: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    import openpyxl

    fault = archive_fault(path)
    if fault is not None:
        raise HallplanError(f"catalogue.fault.{fault[0]}", file=path.name, **fault[1])
    try:
        with path.open("rb") as stream:
            for sheet in openpyxl.load_workbook(stream, read_only=True, data_only=True).worksheets:
                yield sheet.title, _sheet_rows(sheet, path.name)
    except HallplanError:
        raise
    except Exception as error:  # whatever a damaged workbook raises
        raise HallplanError("catalogue.fault.broken_xlsx", file=path.name, reason=str(error)[:200]) from None


def _sheet_rows(sheet: Any, name: str) -> Iterator[Row]:
    try:
        sheet.reset_dimensions()  # what a workbook says of its size is not to be trusted
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_cell_text(cell) for cell in cells]
    except Exception as error:  # whatever a damaged sheet raises
        raise HallplanError("catalogue.fault.broken_xlsx", file=name, reason=str(error)[:200]) from None


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def write_rows(path: Path, sheets: Sequence[tuple[str, Sequence[Sequence[str | float]]]]) -> None:
    """Write tables to a new file: a workbook with a sheet for each, or the first of them as CSV.

    Parameters
    ----------
    path
        A file that does not exist yet, ending in ``.csv`` or ``.xlsx``.
    sheets
        The title and the rows of each sheet.

    Raises
    ------
    HallplanError
        If the file is there already, can't be written, or has another ending.
    """
    if path.exists():
        raise HallplanError("catalogue.fault.file_exists", file=str(path))
    if path.suffix.lower() == ".csv":
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\r\n").writerows(map(_cell_text, row) for row in sheets[0][1])
        content = stream.getvalue().encode("utf-8-sig")  # the mark lets Excel and WPS see that it is UTF-8
    elif path.suffix.lower() == ".xlsx":
        content = table_workbook(sheets)
    else:
        raise HallplanError("catalogue.fault.no_table", file=path.name)
    try:
        write_atomically(path, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise HallplanError("catalogue.fault.cannot_write", file=str(path), reason=reason) from None
