"""An event log on the page: where an upload is kept, and what a process of the background does with it.

Comes in: a file's contents.  Goes out: a name for it, what its columns seem to be (:func:`peek`), and what discovery
makes of it (:func:`calibrate`), small enough to send back.  A file is kept in a folder that its contents name, and that
ends with the server: nothing that a user called it is ever part of a path.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.limits import LARGEST_MB

if TYPE_CHECKING:
    from hallplan.show.text_table import TextTable

__all__ = ["ENDINGS", "LogFiles", "LogFound", "Peek", "calibrate", "peek"]

ENDINGS: Final = ("csv", "txt", "tsv", "xlsx", "xes", "gz")
_LOGS: Final = 5
"""Simulated logs on the page; the command line makes more."""


class LogFiles:
    """The logs uploaded last; the oldest make room.

    Parameters
    ----------
    most
        How many are kept.
    """

    def __init__(self, *, most: int = 12) -> None:
        self._most = most
        self._kept: OrderedDict[str, Path] = OrderedDict()
        self._lock = threading.Lock()
        self._folder: Path | None = None

    def add(self, data: bytes, *, title: str) -> str:
        """Keep a file and return its name.

        Raises
        ------
        HallplanError
            If it is too large, or its ending is none of a log's.
        """
        ending = title.rpartition(".")[2].lower()
        if ending not in ENDINGS:
            raise HallplanError("page.log.bad_ending", title=title, known=", ".join(ENDINGS))
        if len(data) > LARGEST_MB * 1_000_000:
            raise HallplanError("error.file_too_large", largest_mb=LARGEST_MB)
        name = f"{blake2b(data, digest_size=12).hexdigest()}-{ending}"
        with self._lock:
            if name not in self._kept:
                self._folder = self._folder or self._new_folder()
                path = self._folder / name / f"log.{'xes.gz' if ending == 'gz' else ending}"
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(data)
                self._kept[name] = path
            self._kept.move_to_end(name)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)[1].unlink(missing_ok=True)
        return name

    def path(self, name: str) -> Path:
        """Return where a file is.

        Raises
        ------
        HallplanError
            If it has made room for others.
        """
        with self._lock:
            if name not in self._kept:
                raise HallplanError("page.log.gone")
            return self._kept[name]

    def _new_folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="hallplan-logs-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder


@dataclass(frozen=True)
class Peek:
    """A file's columns at first sight.

    Attributes
    ----------
    columns
        Their headings.
    roles
        Role to column, as far as they can be guessed.
    error
        Why they can't be guessed whole, if so.
    """

    columns: tuple[str, ...]
    roles: dict[str, str]
    error: HallplanError | None


@dataclass(frozen=True)
class LogFound:
    """What has come of a log, in the language that was asked for.

    Attributes
    ----------
    toml
        The scenario's text.
    caution
        What it cannot be believed in, in one sentence; "" for nothing.
    tables
        All reasons for care and all findings.
    """

    toml: str
    caution: str
    tables: tuple[TextTable, ...]


def peek(path: Path) -> Peek:
    """Look at a file's columns.

    Raises
    ------
    HallplanError
        If it can't be read at all.
    """
    from calibration.eventlog.read.columns import find_columns
    from calibration.eventlog.read.files import read_raw

    raw = read_raw(path)
    names = tuple(str(name) for name in raw.frame.columns)
    try:
        columns = find_columns(raw.frame, source=raw.source)
    except HallplanError as error:
        return Peek(names, {}, error)
    return Peek(names, dict(columns.roles), None)


def calibrate(path: Path, mapping: dict[str, str], language: messages.Language) -> LogFound:
    """Make a scenario of a log, with the accuracy of its forecast where the log is long enough.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the log.
    """
    from calibration.discovery.findings.cautions import caution_sentence
    from hallplan.api_log import LogCalibration, calibrate_log
    from hallplan.show.log import result_tables

    def made(split: float | None) -> LogCalibration:
        return calibrate_log(path, mapping=mapping, split=split, logs=_LOGS)

    with messages.using(language):
        try:
            calibration = made(0.3)
        except HallplanError as error:
            if error.key != "discovery.fault.too_short":
                raise
            calibration = made(None)
        caution = caution_sentence(calibration.cautions, listed=True)
        return LogFound(calibration.toml, caution, tuple(result_tables(calibration, every=True)))
