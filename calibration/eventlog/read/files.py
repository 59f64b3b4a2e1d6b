"""Files of all formats, cell by cell.

Input: a path; its content is not trusted.
Output: a :class:`~calibration.eventlog.read.cells.RawTable`.  The format follows from the first bytes, or from the
ending of the name.
"""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import numpy as np

from calibration.eventlog.read.cells import MAX_BYTES, OnProgress, RawTable
from calibration.eventlog.read.delimited import read_delimited
from calibration.eventlog.read.workbook import read_workbook
from calibration.eventlog.read.xes import read_xes
from foundation.errors import HallplanError

__all__ = ["read_raw"]


def read_raw(path: Path, on_progress: OnProgress | None = None) -> RawTable:
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
        if size > MAX_BYTES:
            raise HallplanError("eventlog.fault.too_large", file=name, most=MAX_BYTES // 1_000_000)
        if size == 0:
            raise HallplanError("eventlog.fault.empty", file=name)
        with path.open("rb") as stream:
            head = stream.read(4)
        lower = name.lower()
        if lower.endswith(".toml"):
            raise HallplanError("eventlog.fault.scenario", file=name)
        if head[:2] == b"PK":
            return read_workbook(path, on_progress)
        if head == b"\xd0\xcf\x11\xe0":
            raise HallplanError("eventlog.fault.old_excel", file=name)
        if lower.endswith((".xes", ".xes.gz", ".xml")):
            return _xes(path, on_progress)
        packed = head[:2] == b"\x1f\x8b"
        if packed and not lower.endswith(_PACKED_TEXTS):
            raise HallplanError("eventlog.fault.compressed", file=name)
        return _text(path, on_progress, packed=packed)
    except OSError as error:
        raise HallplanError("eventlog.fault.cannot_read", file=name, reason=error.strerror or str(error)) from None


_PACKED_TEXTS: Final = (".csv.gz", ".txt.gz", ".tsv.gz")
"""Endings of compressed texts that are unpacked while they are read."""


def _text(path: Path, on_progress: OnProgress | None, *, packed: bool) -> RawTable:
    """Read a delimited text, compressed or not."""
    size, furthest, latest = path.stat().st_size, 0, path.open("rb")
    latest.close()

    def opened() -> BinaryIO:
        nonlocal latest
        latest = path.open("rb")
        return cast("BinaryIO", _Capped(gzip.GzipFile(fileobj=latest), path.name, latest)) if packed else latest

    def tell_progress() -> None:
        nonlocal furthest
        furthest = max(furthest, latest.tell())  # a step back now and then: Arrow reads ahead in a thread of its own
        if on_progress is not None:
            on_progress(furthest, size)

    try:
        return read_delimited(opened, path.name, tell_progress)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise HallplanError("eventlog.fault.broken_gzip", file=path.name, reason=str(error)[:200]) from None


def _xes(path: Path, on_progress: OnProgress | None) -> RawTable:
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

    def __init__(self, stream: Any, name: str, file: BinaryIO | None = None) -> None:
        self._stream, self._name, self._file, self._given = stream, name, file, 0

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def read(self, size: int = -1) -> bytes:
        block: bytes = self._stream.read(size)
        self._given += len(block)
        if self._given > MAX_BYTES:
            raise HallplanError("eventlog.fault.too_large", file=self._name, most=MAX_BYTES // 1_000_000)
        return block
