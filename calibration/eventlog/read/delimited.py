"""CSV files and other delimited texts.

Input: a path.
Output: its :class:`~calibration.eventlog.read.cells.RawTable`; encoding and delimiter are detected.
"""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from calibration.eventlog.read.cells import (
    MAX_COLUMNS,
    SNIFFED_LINES,
    OnProgress,
    RawTable,
    distinct_names,
    find_heading,
)
from calibration.eventlog.table import Note
from foundation.errors import HallplanError

__all__ = ["read_delimited"]

_DELIMITERS: Final = (",", ";", "\t", "|")

_BLOCK_BYTES: Final = 4_000_000


def read_delimited(path: Path, on_progress: OnProgress | None) -> RawTable:
    """Read a delimited text; rows with too many or too few cells are misfits."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    name, size = path.name, path.stat().st_size
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as stream:
        lines = [line for _, line in zip(range(SNIFFED_LINES), stream, strict=False)]
    delimiter = _delimiter(lines)
    reader = csv.reader(lines, delimiter=delimiter)
    first, heading = find_heading(reader) or (0, ())
    if not first:
        raise HallplanError("eventlog.fault.no_heading", file=name)
    if len(heading) > MAX_COLUMNS:
        raise HallplanError("eventlog.fault.too_wide", file=name, most=MAX_COLUMNS)
    misfit_rows: list[int] = []

    def misfit(row: Any) -> str:
        misfit_rows.append(int(row.number))
        return "skip"

    names = distinct_names([str(cell) for cell in heading])
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
    labels = {"encoding": _DISPLAY_NAMES.get(encoding, encoding), "delimiter": _DISPLAY_NAMES.get(delimiter, delimiter)}
    misfits = [(name, int(number)) for number in bad]
    note = Note("eventlog.note.csv", {"file": name, **labels})
    return RawTable(frame[~blank].reset_index(drop=True), numbers[~blank], name, misfits, [note])


_DISPLAY_NAMES: Final = {"\t": "TAB", "utf-8-sig": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}


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
