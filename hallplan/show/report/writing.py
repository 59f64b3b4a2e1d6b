"""A report as a file: which kinds there are, and what writes each.

Input: a report.  Output: the bytes of a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from foundation.errors import HallplanError
from hallplan.show.report.blocks import Report
from hallplan.show.report.page import html_bytes
from hallplan.show.report.sheets import xlsx_bytes
from hallplan.show.report.word import docx_bytes

__all__ = ["FORMATS", "requested_formats", "write_report"]

_WRITERS: Final[Mapping[str, Callable[[Report], bytes]]] = {"html": html_bytes, "docx": docx_bytes, "xlsx": xlsx_bytes}
FORMATS: Final = tuple(_WRITERS)
"""Kinds of files, by their endings."""


def requested_formats(text: str) -> tuple[str, ...]:
    """Return the kinds of files that a text names, with commas between them.

    Raises
    ------
    HallplanError
        If there is none of a name.
    """
    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise HallplanError("error.report.format", name=(*unknown, "")[0], possible=", ".join(FORMATS))
    return names


def write_report(report: Report, form: str) -> bytes:
    """Return a report as a file of a kind: the same report makes the same bytes.

    Raises
    ------
    HallplanError
        If there is no such kind.
    """
    return _WRITERS[requested_formats(form)[0]](report)
