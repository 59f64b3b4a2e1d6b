"""A scenario made of a workbook, as tables of text and as JSON: what ``hallplan new`` prints.

Input: the made hall, its assumptions, and the levers that apply to it.  Output: tables and a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from calibration.workbook.evidence import HallEvidence
from foundation import messages
from hallplan.show.document import envelope, plain, scenario_document
from hallplan.show.evidence import range_of, shortened
from hallplan.show.text_table import TextTable, columns, notes_only
from scenarios.compose.levers import LeverUse
from scenarios.provenance import count_kinds, sourced
from scenarios.workbook.assumptions import Assumption, assumptions
from scenarios.workbook.layout import QUESTIONS
from scenarios.workbook.making import MadeHall, make_hall
from scenarios.workbook.model import CellFault
from scenarios.workbook.reforms import applicable_levers

__all__ = ["OwnHallReport", "fault_sentences", "own_hall_document", "own_hall_report", "own_hall_tables"]

_SHOWN: Final = 10
_MOST_FAULTS: Final = 50
_SEPARATOR: Final = {"en": ", ", "zh": "、"}
_KINDS: Final = ("given", "derived", "assumed")


@dataclass(frozen=True, eq=False)
class OwnHallReport:
    """What is printed of a made hall.

    Attributes
    ----------
    hall
        The scenario that was made.
    assumptions
        Its assumptions, the widest first.
    levers
        The built-in levers that apply to it.
    file
        Where it is written; "" for nowhere.
    logs
        The logs of the hall, by kind and dates.
    """

    hall: MadeHall
    assumptions: Sequence[Assumption]
    levers: Sequence[LeverUse]
    file: str
    logs: Sequence[str] = ()

    @cached_property
    def n_estimated(self) -> int:
        """How many of the derived numbers a log tells: they have a log as their source."""
        composed = self.hall.composed
        entries = [number.entry for number in sourced(composed.scenario, composed.raw)]
        return sum(entry is not None and entry.kind == "derived" and bool(entry.source) for entry in entries)


def own_hall_report(evidence: HallEvidence, *, name: str, file: str = "") -> OwnHallReport:
    """Make the scenario of a workbook without faults, and return what is printed of it.

    Parameters
    ----------
    evidence
        The workbook, with what logs of the hall tell.
    name
        The scenario's name.
    file
        Where it is written; "" for nowhere.
    """
    hall = make_hall(evidence.form, name=name, estimates=evidence.estimates)
    return OwnHallReport(hall, assumptions(hall.composed), applicable_levers(hall.composed), file, evidence.logs)


def own_hall_tables(report: OwnHallReport, *, every: bool, commands: bool = True) -> list[TextTable]:
    """Return what the workbook's numbers are, the widest assumptions, and what can be run next.

    Parameters
    ----------
    report
        The made hall.
    every
        Whether all assumptions are listed.
    commands
        Whether commands are named, for whoever has a command line.
    """
    return [_counts(report), _assumptions(report, every=every), _next(report, commands=commands)]


def _counts(report: OwnHallReport) -> TextTable:
    hall, scenario = report.hall, report.hall.composed.scenario
    counts = count_kinds(scenario, hall.composed.raw)
    listed = _SEPARATOR[messages.language()].join(
        messages.text(f"cli.count.{kind}", n=counts[kind]) for kind in _KINDS if counts[kind]
    )
    windows = sum(pool.role == "window" and pool.merge_into is None for pool in scenario.pools.values())
    return notes_only(
        messages.text("cli.new.made", items=len(scenario.services), windows=windows),
        messages.text("cli.new.counts", counts=listed),
        *([_estimated(report)] if report.logs else []),
        messages.text("cli.new.unanswered", n=hall.unanswered, all=len(QUESTIONS)),
        *(note.sentence() for note in hall.notes),
    )


def _estimated(report: OwnHallReport) -> str:
    logs = _SEPARATOR[messages.language()].join(report.logs)
    return messages.text("cli.new.estimated", n=report.n_estimated, logs=logs)


def _assumptions(report: OwnHallReport, *, every: bool) -> TextTable:
    shown = report.assumptions if every else report.assumptions[:_SHOWN]
    rows = tuple(
        (row.path, shortened(row.values), str(len(row.values)), range_of(row.entry), row.entry.basis.said())
        for row in shown
    )
    more = len(report.assumptions) - len(shown)
    notes = (messages.text("cli.new.order"), *([messages.text("cli.new.more", n=more)] if more else []))
    headings = columns(
        "path", "value", "#numbers", "range", "why", heading=lambda key: messages.text(f"cli.new.column.{key}")
    )
    return TextTable(headings, rows, title=messages.text("cli.new.assumptions"), notes=notes)


def _next(report: OwnHallReport, *, commands: bool) -> TextTable:
    file = report.file or messages.text("cli.new.file")
    names = _SEPARATOR[messages.language()].join(map(str, report.levers))
    notes = [messages.text("cli.new.levers", names=names)] if report.levers else []
    if commands:
        words = [f"hallplan check {file}", f"hallplan run {file}"]
        first = sorted(report.levers, key=lambda use: use.name != "add-staff")[:1]  # what more people would do
        words += [f"hallplan compare {file} --lever {use}" for use in first]
        notes.append(messages.text("cli.new.next", commands="; ".join(words)))
    return notes_only(*notes, title=messages.text("cli.new.what_next"))


def own_hall_document(report: OwnHallReport) -> dict[str, Any]:
    """Return the counts, all assumptions, the notes and the levers, as JSON's own types."""
    composed = report.hall.composed
    return envelope(
        "new",
        scenario=scenario_document(composed.scenario),
        file=report.file or None,
        inputs=dict(count_kinds(composed.scenario, composed.raw)),
        logs=list(report.logs),
        estimated=report.n_estimated,
        unanswered=report.hall.unanswered,
        questions=len(QUESTIONS),
        notes=[note.sentence() for note in report.hall.notes],
        assumptions=[
            {
                "path": row.path,
                "values": [plain(value) for value in row.values],
                "range": list(row.entry.range or ()),
                "why": row.entry.basis.said(),
                "width": row.width,
            }
            for row in report.assumptions
        ],
        levers=[str(use) for use in report.levers],
    )


def fault_sentences(faults: Sequence[CellFault]) -> list[str]:
    """Return a sentence for each faulty cell, the first fifty, and how many there are."""
    sentences = [
        messages.text("workbook.fault.cell", sheet=fault.sheet, cell=fault.cell, what=fault.what.sentence())
        if fault.cell
        else messages.text("workbook.fault.sheet", sheet=fault.sheet, what=fault.what.sentence())
        for fault in faults[:_MOST_FAULTS]
    ]
    more = len(faults) - len(sentences)
    return [*sentences, *([messages.text("cli.new.more_faults", n=more)] if more else [])]
