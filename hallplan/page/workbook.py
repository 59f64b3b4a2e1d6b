"""A hall's workbook on the page: what a process of the background makes of an upload.

Comes in: a workbook that somebody filled in, and a log of the hall or none.  Goes out: the scenario's text with what is
given, derived and assumed in it, or a sentence for each faulty cell; small enough to send back.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from foundation import messages

if TYPE_CHECKING:
    from hallplan.show.text_table import TextTable

__all__ = ["WorkbookHall", "hall_of_workbook"]


@dataclass(frozen=True)
class WorkbookHall:
    """What has come of a workbook, in the language that was asked for.

    Attributes
    ----------
    toml
        The scenario's text; "" if there are faults.
    faults
        A sentence for each faulty cell.
    tables
        What the numbers are, and all assumptions.
    logs
        Logs that the workbook names and that were not uploaded.
    """

    toml: str
    faults: tuple[str, ...] = ()
    tables: tuple[TextTable, ...] = ()
    logs: tuple[str, ...] = ()


def hall_of_workbook(path: Path, language: messages.Language, log: Path | None = None) -> WorkbookHall:
    """Make a scenario of a workbook, and of a log of the hall.

    A file that the workbook names would be one of the server's: it is never read, and the log is uploaded instead.

    Parameters
    ----------
    path, log
        The files.
    language
        Of the tables and sentences.

    Raises
    ------
    HallplanError
        If the file is no such workbook, or the log can't be used.
    """
    from calibration.workbook.evidence import join_logs
    from hallplan.show.own_hall import fault_sentences, own_hall_report, own_hall_tables
    from scenarios.workbook.reading import read_workbook

    with messages.using(language):
        form, faults = read_workbook(path)
        if faults:
            return WorkbookHall("", tuple(fault_sentences(faults)))
        report = own_hall_report(join_logs(form, [] if log is None else [log]), name="own-hall")
        named = form.answers.get("logs") if log is None else None
        return WorkbookHall(
            report.hall.toml,
            tables=tuple(own_hall_tables(report, every=True, commands=False)),
            logs=() if named is None else tuple(named.value),
        )
