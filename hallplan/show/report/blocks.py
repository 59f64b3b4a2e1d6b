"""What a report consists of, whatever file it becomes: sections of sentences, tables and figures.

Input: texts in the language in use.  Output: :class:`Report`, which the writers turn into files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from foundation.messages import Language
from hallplan.show.text_table import TextTable

__all__ = ["Block", "Figure", "Listing", "Record", "Report", "Section", "Sentences"]


@dataclass(frozen=True)
class Sentences:
    """Sentences, each a paragraph; ``lead`` ones are what is read first, ``warning`` ones what must not be missed."""

    texts: tuple[str, ...]
    tone: Literal["plain", "lead", "warning", "caption"] = "plain"


@dataclass(frozen=True)
class Listing:
    """Points, one below the other."""

    points: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Figure:
    """A chart of the headline.

    Attributes
    ----------
    frame
        As :func:`hallplan.show.report.figures.headline_frame` returns it.
    title
        The question that it answers.
    description
        What it shows, in words, for who does not see it.
    """

    frame: pd.DataFrame
    title: str
    description: str


@dataclass(frozen=True)
class Record:
    """What a reader needs to make the figures again: names and values, and a command to be copied."""

    rows: tuple[tuple[str, str], ...]
    command: str


Block = Sentences | Listing | TextTable | Figure | Record


@dataclass(frozen=True, eq=False)
class Section:
    """A section of a report."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, eq=False)
class Report:
    """A report, in a language.

    Attributes
    ----------
    title
        What is compared.
    sections
        In their order.
    language
        Of every text.
    is_brief
        Whether it is the page for the leader, which has to fit on a sheet.
    plans
        How many plans are compared.
    numbers
        The headline of every plan (:func:`hallplan.show.report.figures.headline_frame`).
    """

    title: str
    sections: tuple[Section, ...]
    language: Language
    is_brief: bool
    plans: int
    numbers: pd.DataFrame

    def file(self, form: str) -> bytes:
        """Return the report as a file: ``html``, ``docx`` or ``xlsx``; the same report makes the same bytes.

        Raises
        ------
        HallplanError
            If there is no such kind of file.
        """
        from hallplan.show.report.writing import write_report

        return write_report(self, form)
