"""A report as plain values: what ``hallplan report --json`` prints.

Input: a report.  Output: a document, whose form ``docs/reference/cli-output.schema.json`` states.
"""

from __future__ import annotations

import math
from typing import Any

from hallplan.show.document import envelope
from hallplan.show.report.blocks import Report, Sentences
from hallplan.show.report.content import leading_sentences
from hallplan.show.report.source import ReportSource
from hallplan.show.text_table import TextTable, notes_only

__all__ = ["report_document", "report_tables"]


def report_document(report: Report, source: ReportSource) -> dict[str, Any]:
    """Return what is said first, and every number of the headline.

    Parameters
    ----------
    report
        The report.
    source
        What it is made from.
    """
    warnings, answer = leading_sentences(source)
    record = source.comparison.provenance
    return envelope(
        "report",
        language=report.language,
        title=report.title,
        plans=list(source.titles),
        warnings=warnings,
        answer=answer,
        sections=[section.key for section in report.sections],
        figures=[
            {str(key): _plain(value) for key, value in row.items() if key != "name"}
            for row in report.numbers.to_dict("records")
        ],
        made_by=source.command,
        provenance=None if record is None else record.as_dict(),
    )


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def report_tables(report: Report) -> list[TextTable]:
    """Return what a terminal shows of a report: its title and what is said first."""
    texts = [
        text
        for section in report.sections
        if section.key == "answer"
        for block in section.blocks
        if isinstance(block, Sentences)
        for text in block.texts
    ]
    return [notes_only(*texts, title=report.title)]
