"""Excel workbooks.

Input: a path.  Output: the :class:`~calibration.eventlog.read.cells.RawTable` of the first sheet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from calibration.eventlog.read.cells import MAX_COLUMNS, OnProgress, RawTable, distinct_names, find_heading
from foundation.errors import HallplanError
from foundation.workbooks import archive_fault

__all__ = ["read_workbook"]

_MAX_ROWS: Final = 1_048_576
"""Rows of a sheet; a workbook that claims to have more was not made by a spreadsheet."""

_PROGRESS_ROWS: Final = 50_000


def read_workbook(path: Path, on_progress: OnProgress | None) -> RawTable:
    """Read the first sheet of a workbook."""
    import openpyxl

    name = path.name
    fault = archive_fault(path)
    if fault is not None:
        raise HallplanError(f"eventlog.fault.{fault[0]}", file=name, **fault[1])
    try:
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a workbook says of its size is not to be trusted
            rows = sheet.iter_rows(values_only=True)
            heading = find_heading(rows)
            table = None if heading is None else _below(heading, rows, name, on_progress)
    except HallplanError:
        raise
    except Exception as error:  # whatever a damaged workbook raises
        raise HallplanError("eventlog.fault.broken_xlsx", file=name, reason=str(error)[:200]) from None
    if table is None:
        raise HallplanError("eventlog.fault.no_heading", file=name)
    return table


def _below(
    heading: tuple[int, tuple[Any, ...]], rows: Iterator[tuple[Any, ...]], name: str, on_progress: OnProgress | None
) -> RawTable:
    """Read the rows below a heading."""
    first, cells = heading
    while cells and _text(cells[-1]) == "":
        cells = cells[:-1]
    if len(cells) > MAX_COLUMNS:
        raise HallplanError("eventlog.fault.too_wide", file=name, most=MAX_COLUMNS)
    names = distinct_names([_text(cell) for cell in cells])
    columns: list[list[str]] = [[] for _ in names]
    numbers: list[int] = []
    misfits: list[tuple[str, int]] = []
    for number, row in enumerate(rows, first + 1):
        if number > _MAX_ROWS:
            raise HallplanError("eventlog.fault.too_long", file=name, most=_MAX_ROWS)
        texts = [_text(cell) for cell in row]
        if any(texts[len(names) :]):
            misfits.append((name, number))
        elif any(texts):
            for column, text in zip(columns, [*texts, *[""] * (len(names) - len(texts))], strict=False):
                column.append(text)
            numbers.append(number)
        if on_progress is not None and number % _PROGRESS_ROWS == 0:
            on_progress(number, _MAX_ROWS)
    frame = pd.DataFrame({column: pd.Series(cells, dtype="str") for column, cells in zip(names, columns, strict=True)})
    return RawTable(frame, np.array(numbers, dtype=np.int64), name, misfits)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()
