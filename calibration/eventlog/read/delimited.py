"""CSV files and other delimited texts.

Input: the bytes of a text.
Output: its :class:`~calibration.eventlog.read.cells.RawTable`; encoding and delimiter are detected.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import pandas as pd

from calibration.eventlog.read.cells import (
    MAX_COLUMNS,
    SNIFFED_LINES,
    RawTable,
    distinct_names,
    find_heading,
)
from calibration.eventlog.table import Note
from foundation.errors import HallplanError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_delimited"]

_DELIMITERS: Final = (",", ";", "\t", "|")

_BLOCK_BYTES: Final = 4_000_000

_DECODED_BYTES: Final = 1 << 20

Opened = Callable[[], BinaryIO]
"""Opens the bytes of a text."""


def read_delimited(opened: Opened, name: str, on_progress: Callable[[], None] | None = None) -> RawTable:
    """Read a delimited text; rows with too many or too few cells are misfits.

    Parameters
    ----------
    opened
        Opens the text's bytes, from their beginning each time.
    name
        What messages call the file.
    on_progress
        Called while the text is read.
    """
    form = _form_of(opened, name)
    table, misfit_rows = _arrow_table(opened, name, form, on_progress)
    # Arrow counts the lines that it skips.
    bad = np.array(misfit_rows, dtype=np.int64) - form.lines_before + form.heading_row
    # Numbers of the rows that fit: all of them but the misfits'.
    first = form.heading_row + 1
    numbers = np.arange(first, first + table.num_rows + bad.size)
    numbers = numbers[~np.isin(numbers, bad)][: table.num_rows]
    frame = pd.DataFrame({column: pd.Series(table[column], dtype="str") for column in form.names})
    blank = (frame == "").all(axis=1).to_numpy(dtype=np.bool_)
    labels = {
        "encoding": _DISPLAY_NAMES.get(form.encoding, form.encoding),
        "delimiter": _DISPLAY_NAMES.get(form.delimiter, form.delimiter),
    }
    misfits = [(name, int(number)) for number in bad]
    note = Note("eventlog.note.csv", {"file": name, **labels})
    return RawTable(frame[~blank].reset_index(drop=True), numbers[~blank], name, misfits, [note])


@dataclass(frozen=True)
class _Form:
    """How a text is written: encoding, delimiter, names of the columns, and where its rows begin."""

    encoding: str
    delimiter: str
    names: list[str]
    heading_row: int
    lines_before: int


def _form_of(opened: Opened, name: str) -> _Form:
    """Detect how a text is written from its first lines; refuse one without heading or rows."""
    encoding = _encoding(opened, name)
    with opened() as binary, io.TextIOWrapper(binary, encoding=encoding, newline="") as stream:
        lines = [line for _, line in zip(range(SNIFFED_LINES), stream, strict=False)]
    delimiter = _delimiter(lines)
    reader = csv.reader(lines, delimiter=delimiter)
    first, heading = find_heading(reader) or (0, ())
    if not first:
        raise HallplanError("eventlog.fault.no_heading", file=name)
    if len(heading) > MAX_COLUMNS:
        raise HallplanError("eventlog.fault.too_wide", file=name, most=MAX_COLUMNS)
    if len(lines) <= reader.line_num:
        raise HallplanError("eventlog.fault.no_rows", file=name)
    names = distinct_names([str(cell) for cell in heading])
    return _Form(encoding, delimiter, names, heading_row=first, lines_before=reader.line_num)


def _arrow_table(
    opened: Opened, name: str, form: _Form, on_progress: Callable[[], None] | None
) -> tuple[pa.Table, list[int]]:
    """Read the rows as texts; return them, and Arrow's numbers of the rows with too many or too few cells."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    misfit_rows: list[int] = []

    def misfit(row: Any) -> str:
        misfit_rows.append(int(row.number))
        return "skip"

    try:
        with opened() as file:
            batches = arrow.open_csv(
                file,
                read_options=arrow.ReadOptions(
                    encoding=form.encoding,
                    column_names=form.names,
                    skip_rows=form.lines_before,
                    use_threads=False,
                    block_size=_BLOCK_BYTES,
                ),
                parse_options=arrow.ParseOptions(
                    delimiter=form.delimiter,
                    newlines_in_values=True,
                    invalid_row_handler=misfit,
                    ignore_empty_lines=False,
                ),
                convert_options=arrow.ConvertOptions(
                    column_types=dict.fromkeys(form.names, pa.string()), strings_can_be_null=False
                ),
            )
            parts = []
            for batch in batches:
                parts.append(batch)
                if on_progress is not None:
                    on_progress()
        return pa.Table.from_batches(parts, schema=batches.schema), misfit_rows
    except pa.ArrowInvalid as error:
        raise HallplanError("eventlog.fault.not_csv", file=name, reason=str(error).splitlines()[0][:200]) from None


_DISPLAY_NAMES: Final = {"\t": "TAB", "utf-8-sig": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}


def _encoding(opened: Opened, name: str) -> str:
    """Find the encoding by trying: every byte must mean something, and none is ever replaced."""
    with opened() as stream:
        mark = stream.read(4)
    if mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        fault = _decoding_fault(opened, "utf-16")
        if fault is None:
            return "utf-16"
        if fault < 0:
            raise HallplanError("eventlog.fault.cut", file=name)
        raise HallplanError("eventlog.fault.utf16", file=name, position=fault + 1)
    faults = {}
    for encoding in ("utf-8-sig", "gb18030"):
        fault = _decoding_fault(opened, encoding)
        if fault is None:
            return encoding
        faults[encoding] = fault
        if fault < 0 and encoding == "utf-8-sig":  # every character but the last is UTF-8: no other encoding is
            break
    key = "cut" if any(fault < 0 for fault in faults.values()) else "encoding"
    raise HallplanError(f"eventlog.fault.{key}", file=name)


def _decoding_fault(opened: Opened, encoding: str) -> int | None:
    """Return the byte at which a file is no text of an encoding, -1 where only its last character is incomplete."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    with opened() as stream:
        while block := stream.read(_DECODED_BYTES):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                return done + error.start
            done += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return -1
    return None


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter that cuts most lines into the same number of cells, more than one."""

    def score(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        return max(((times, width) for width, times in widths.items()), default=(0, 0))

    return max(_DELIMITERS, key=score)
