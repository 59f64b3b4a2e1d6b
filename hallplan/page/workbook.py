"""A hall's workbook on the page: what a process of the background makes of an upload.

Comes in: a workbook that somebody filled in.  Goes out: the scenario's text with what is given, derived and assumed in
it, or a sentence for each faulty cell; small enough to send back.
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
    """

    toml: str
    faults: tuple[str, ...] = ()
    tables: tuple[TextTable, ...] = ()


def hall_of_workbook(path: Path, language: messages.Language) -> WorkbookHall:
    """Make a scenario of a workbook.

    Raises
    ------
    HallplanError
        If the file is no such workbook.
    """
    from hallplan.show.own_hall import fault_sentences, own_hall_report, own_hall_tables
    from scenarios.workbook.reading import read_workbook

    with messages.using(language):
        form, faults = read_workbook(path)
        if faults:
            return WorkbookHall("", tuple(fault_sentences(faults)))
        report = own_hall_report(form, name="own-hall")
        return WorkbookHall(report.hall.toml, (), tuple(own_hall_tables(report, every=True, commands=False)))
