"""Files of all dialects, cell by cell: CSV and its relatives, Excel workbooks, XES.

Comes in: a path, of which nothing is taken on trust.  Goes out: :class:`RawTable`, every cell a text, and the rows
whose cells don't fit the heading.  Whatever could fill the memory (a small archive with a huge content, entities that
expand) is measured first, and refused.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.eventlog.table import Note
from calibration.eventlog.xes import read_xes
from foundation.errors import HallplanError

__all__ = ["LARGEST_BYTES", "RawTable", "Told", "read_raw"]

LARGEST_BYTES: Final = 2_000_000_000
"""Largest file, and largest content of a compressed one."""
_LARGEST_MEMBER: Final = 500_000_000
_STEEPEST: Final = 200
"""How many times its compressed size a workbook's part may be."""
_SMALL: Final = 1_000_000
_MOST_COLUMNS: Final = 500
_MOST_ROWS: Final = 1_048_576
"""Rows of a sheet; a workbook that claims to have more was not made by a spreadsheet."""
_DELIMITERS: Final = (",", ";", "\t", "|")
_SNIFFED_LINES: Final = 50
_BLOCK_BYTES: Final = 4_000_000
_TOLD_EVERY: Final = 50_000

Told = Callable[[int, int], None]
"""Told while a file is read: how far, of how much."""


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


def read_raw(path: Path, on_progress: Told | None = None) -> RawTable:
    """Read a file by what its name ends with, or what it begins with.

    Raises
    ------
    HallplanError
        If it can't be read, is too large, or is none of the formats.
    """
    name = path.name
    try:
        if path.is_dir():
            raise HallplanError("eventlog.fault.folder", file=name)
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise HallplanError("eventlog.fault.too_large", file=name, most=LARGEST_BYTES // 1_000_000)
        if size == 0:
            raise HallplanError("eventlog.fault.empty", file=name)
        with path.open("rb") as stream:
            head = stream.read(4)
        lower = name.lower()
        if head[:2] == b"PK":
            return _workbook(path, on_progress)
        if head == b"\xd0\xcf\x11\xe0":
            raise HallplanError("eventlog.fault.old_excel", file=name)
        if lower.endswith((".xes", ".xes.gz", ".xml")):
            return _xes(path, on_progress)
        if head[:2] == b"\x1f\x8b":
            raise HallplanError("eventlog.fault.compressed", file=name)
        return _delimited(path, on_progress)
    except OSError as error:
        raise HallplanError("eventlog.fault.cannot_read", file=name, reason=error.strerror or str(error)) from None


# ---- CSV and its relatives ------------------------------------------------------------------------------------------


def _delimited(path: Path, on_progress: Told | None) -> RawTable:
    import pyarrow as pa
    from pyarrow import csv as arrow

    name, size = path.name, path.stat().st_size
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as stream:
        lines = [line for _, line in zip(range(_SNIFFED_LINES), stream, strict=False)]
    delimiter = _delimiter(lines)
    reader = csv.reader(lines, delimiter=delimiter)
    first, heading = _heading(reader) or (0, ())
    if not first:
        raise HallplanError("eventlog.fault.no_heading", file=name)
    if len(heading) > _MOST_COLUMNS:
        raise HallplanError("eventlog.fault.too_wide", file=name, most=_MOST_COLUMNS)
    misfit_rows: list[int] = []

    def misfit(row: Any) -> str:
        misfit_rows.append(int(row.number))
        return "skip"

    names = _distinct([str(cell) for cell in heading])
    try:
        with path.open("rb") as file:
            batches = arrow.open_csv(
                file,
                read_options=arrow.ReadOptions(
                    encoding=encoding,
                    column_names=names,
                    skip_rows=reader.line_num,
                    use_threads=False,
                    block_size=_BLOCK_BYTES,
                ),
                parse_options=arrow.ParseOptions(
                    delimiter=delimiter, newlines_in_values=True, invalid_row_handler=misfit, ignore_empty_lines=False
                ),
                convert_options=arrow.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )
            parts = []
            for batch in batches:
                parts.append(batch)
                if on_progress is not None:
                    on_progress(file.tell(), size)
        table = pa.Table.from_batches(parts, schema=batches.schema)
    except pa.ArrowInvalid as error:
        raise HallplanError("eventlog.fault.not_csv", file=name, reason=str(error).splitlines()[0][:200]) from None
    bad = np.array(misfit_rows, dtype=np.int64) - reader.line_num + first  # Arrow counts the lines that it skips
    # Numbers of the rows that fit: all of them but the misfits'.
    numbers = np.arange(first + 1, first + 1 + table.num_rows + bad.size)
    numbers = numbers[~np.isin(numbers, bad)][: table.num_rows]
    frame = pd.DataFrame({column: pd.Series(table[column], dtype="str") for column in names})
    blank = (frame == "").all(axis=1).to_numpy(dtype=np.bool_)
    labels = {"encoding": _SAID.get(encoding, encoding), "delimiter": _SAID.get(delimiter, delimiter)}
    misfits = [(name, int(number)) for number in bad]
    note = Note("eventlog.note.csv", {"file": name, **labels})
    return RawTable(frame[~blank].reset_index(drop=True), numbers[~blank], name, misfits, [note])


_SAID: Final = {"\t": "TAB", "utf-8-sig": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}


def _encoding(path: Path) -> str:
    """Find the encoding by trying: every byte must mean something, and none is ever replaced."""
    with path.open("rb") as stream:
        mark = stream.read(4)
    if mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as stream:
                while block := stream.read(1 << 20):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise HallplanError("eventlog.fault.encoding", file=path.name)


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter that cuts most lines into the same number of cells, more than one."""

    def score(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        return max(((times, width) for width, times in widths.items()), default=(0, 0))

    return max(_DELIMITERS, key=score)


def _distinct(heading: list[str]) -> list[str]:
    names: list[str] = []
    for position, cell in enumerate(heading, 1):
        name = cell.strip().strip("\ufeff") or f"column {position}"
        times = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({times + 1})" if times else name)
    return names


# ---- workbooks ------------------------------------------------------------------------------------------------------


def _workbook(path: Path, on_progress: Told | None) -> RawTable:
    import openpyxl

    name = path.name
    _check_archive(path)
    try:
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a workbook says of its size is not to be trusted
            rows = sheet.iter_rows(values_only=True)
            heading = _heading(rows)
            table = None if heading is None else _below(heading, rows, name, on_progress)
    except HallplanError:
        raise
    except Exception as error:  # whatever a damaged workbook raises
        raise HallplanError("eventlog.fault.broken_xlsx", file=name, reason=str(error)[:200]) from None
    if table is None:
        raise HallplanError("eventlog.fault.no_heading", file=name)
    return table


def _check_archive(path: Path) -> None:
    """Refuse what would fill the memory when it is unpacked, and what is no workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise HallplanError("eventlog.fault.broken_xlsx", file=path.name, reason=str(error)[:200]) from None
    for member in members:
        steep = member.file_size > _STEEPEST * max(member.compress_size, 1) and member.file_size > _SMALL
        if member.file_size > _LARGEST_MEMBER or steep:
            raise HallplanError("eventlog.fault.bomb", file=path.name, part=member.filename)
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise HallplanError("eventlog.fault.not_xlsx", file=path.name)


def _below(
    heading: tuple[int, tuple[Any, ...]], rows: Iterator[tuple[Any, ...]], name: str, on_progress: Told | None
) -> RawTable:
    """Read the rows below a heading."""
    first, cells = heading
    while cells and _text(cells[-1]) == "":
        cells = cells[:-1]
    if len(cells) > _MOST_COLUMNS:
        raise HallplanError("eventlog.fault.too_wide", file=name, most=_MOST_COLUMNS)
    names = _distinct([_text(cell) for cell in cells])
    columns: list[list[str]] = [[] for _ in names]
    numbers: list[int] = []
    misfits: list[tuple[str, int]] = []
    for number, row in enumerate(rows, first + 1):
        if number > _MOST_ROWS:
            raise HallplanError("eventlog.fault.too_long", file=name, most=_MOST_ROWS)
        texts = [_text(cell) for cell in row]
        if any(texts[len(names) :]):
            misfits.append((name, number))
        elif any(texts):
            for column, text in zip(columns, [*texts, *[""] * (len(names) - len(texts))], strict=False):
                column.append(text)
            numbers.append(number)
        if on_progress is not None and number % _TOLD_EVERY == 0:
            on_progress(number, _MOST_ROWS)
    frame = pd.DataFrame({column: pd.Series(cells, dtype="str") for column, cells in zip(names, columns, strict=True)})
    return RawTable(frame, np.array(numbers, dtype=np.int64), name, misfits)


def _heading(rows: Iterator[Sequence[Any]]) -> tuple[int, tuple[Any, ...]] | None:
    """Return the first row with more than one cell (a title above the table has one), and its number."""
    for number, row in enumerate(rows, 1):
        if sum(cell is not None and str(cell).strip() != "" for cell in row) > 1:
            return number, tuple(row)
        if number >= _SNIFFED_LINES:
            break
    return None


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


# ---- XES ------------------------------------------------------------------------------------------------------------


def _xes(path: Path, on_progress: Told | None) -> RawTable:
    name, size = path.name, path.stat().st_size
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        stream = _Capped(gzip.GzipFile(fileobj=file) if packed else file, name)
        try:
            frame = read_xes(stream.read, name, None if on_progress is None else lambda: on_progress(file.tell(), size))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise HallplanError("eventlog.fault.not_xes", file=name, reason=str(error)[:200]) from None
    if not len(frame):
        raise HallplanError("eventlog.fault.no_rows", file=name)
    return RawTable(frame, np.arange(1, len(frame) + 1), name)


class _Capped(io.RawIOBase):
    """A stream that ends with an error once it has given more than is allowed."""

    def __init__(self, stream: Any, name: str) -> None:
        self._stream, self._name, self._given = stream, name, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block: bytes = self._stream.read(size)
        self._given += len(block)
        if self._given > LARGEST_BYTES:
            raise HallplanError("eventlog.fault.too_large", file=self._name, most=LARGEST_BYTES // 1_000_000)
        return block
