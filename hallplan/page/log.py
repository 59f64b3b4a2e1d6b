"""An event log on the page: what a process of the background does with it.

Comes in: a file.  Goes out: what its columns seem to be (:func:`peek`), and what discovery makes of it
(:func:`calibrate`), small enough to send back.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from foundation import messages
from foundation.errors import HallplanError

if TYPE_CHECKING:
    from hallplan.show.text_table import TextTable

__all__ = ["ENDINGS", "LogFound", "Peek", "calibrate", "peek"]

ENDINGS: Final = ("csv", "txt", "tsv", "xlsx", "xes", "gz")
_LOGS: Final = 5
"""Simulated logs on the page; the command line makes more."""


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
