"""The cells of a file, whatever its format.

Input: none; this module defines what the readers of CSV, workbooks and XES return, and their common limits.
Output: :class:`RawTable`, every cell a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.eventlog.table import Note

__all__ = ["MAX_BYTES", "MAX_COLUMNS", "SNIFFED_LINES", "OnProgress", "RawTable", "distinct_names", "find_heading"]

MAX_BYTES: Final = 2_000_000_000
"""Largest file, and largest content of a compressed one."""

MAX_COLUMNS: Final = 500

SNIFFED_LINES: Final = 50

OnProgress = Callable[[int, int], None]
"""Called while a file is read: with the part that is read, and all of it."""


@dataclass(eq=False)
class RawTable:
    """A file's cells.

    Attributes
    ----------
    frame
        Texts; a cell that is empty is "".
    row
        Each row's number in the file, the heading being 1.
    source
        What messages call the file, or the files.
    misfits
        ``(file, row)`` of rows with too many cells or too few.
    notes
        Encoding and delimiter, where they were guessed.
    files
        ``(file, rows)`` of the files that stand under one another here.
    """

    frame: pd.DataFrame
    row: npt.NDArray[np.int64]
    source: str
    misfits: list[tuple[str, int]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    files: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.files = self.files or [(self.source, len(self.frame))]

    def file_of(self, rows: npt.NDArray[np.int64]) -> list[str]:
        """Return which file each of these rows of the frame stands in."""
        ends = np.cumsum([number for _, number in self.files])
        return [self.files[index][0] for index in np.searchsorted(ends, rows, side="right").tolist()]


def distinct_names(heading: list[str]) -> list[str]:
    """Return the cells of a heading as names of columns, each different."""
    names: list[str] = []
    for position, cell in enumerate(heading, 1):
        name = cell.strip().strip("\ufeff") or f"column {position}"
        times = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({times + 1})" if times else name)
    return names


def find_heading(rows: Iterator[Sequence[Any]]) -> tuple[int, tuple[Any, ...]] | None:
    """Return the first row with more than one cell (a title above the table has one), and its number."""
    for number, row in enumerate(rows, 1):
        if sum(cell is not None and str(cell).strip() != "" for cell in row) > 1:
            return number, tuple(row)
        if number >= SNIFFED_LINES:
            break
    return None
