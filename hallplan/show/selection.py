"""The result of a selection: the best of several scenarios by one metric, as tables of text and as JSON.

Input: a :class:`planner.select.Best`, the offered loads, and the provenance of the numbers.  Output: tables and a
document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from foundation import messages
from foundation.numbers import NOTHING, estimate_text, number
from hallplan.show.document import (
    envelope,
    interval_document,
    metric_document,
    number_or_null,
    scenario_document,
    window_document,
)
from hallplan.show.metrics import metric_label
from hallplan.show.notes import calendar_notes, coverage_note, inputs_note, overload_notes, window_note
from hallplan.show.text_table import TextTable, columns, notes_only
from planner.outlook import Outlook
from planner.select import Best, Candidate
from sim.measure.registry import metric_of
from sim.run.study import StudyResult

_COLUMNS: Final = ("#rank", "scenario", "#replications", "#mean", "#behind", "#unserved")

__all__ = ["SelectionReport", "select_document", "select_tables"]


@dataclass(frozen=True, eq=False)
class SelectionReport:
    """A selection and everything that is shown with it.

    Attributes
    ----------
    best
        The selection.
    outlooks
        What is known of each scenario before it is run.
    """

    best: Best
    outlooks: Sequence[Outlook]


def select_tables(report: SelectionReport) -> list[TextTable]:
    """Return one row a scenario, best first, and what is guaranteed; then notes that hold for all of them."""
    best = report.best
    kind, drops = metric_of(best.metric).kind, best.selection.procedure != "ocba"
    table = TextTable(
        columns(
            "#rank",
            "scenario",
            "#replications",
            "#mean",
            "#behind",
            "#unserved",
            *(("#dropped_after",) if drops else ()),
        ),
        tuple(_row(candidate, best, kind, drops=drops) for candidate in best.candidates),
        title=messages.text(
            "cli.select.title",
            metric=metric_label(best.metric, best.scenario),
            better=messages.text("cli.select.lower" if best.better == "lower" else "cli.select.higher"),
        ),
        notes=tuple(_guarantees(best)),
    )
    return [table, notes_only(*_notes(report))]


def _row(candidate: Candidate, best: Best, kind: str, *, drops: bool) -> tuple[str, ...]:
    mean, behind = candidate.mean, candidate.behind
    cells = (
        str(candidate.rank),
        candidate.name,
        str(best.selection.replications[candidate.which]),
        estimate_text(mean.estimate, mean.low, mean.high, kind),
        NOTHING if behind is None else estimate_text(behind.estimate, behind.low, behind.high, kind, sign=True),
        number(best.unserved[candidate.which], "share"),
    )
    dropped = NOTHING if candidate.dropped_after is None else str(candidate.dropped_after)
    return (*cells, dropped) if drops else cells


def _guarantees(best: Best) -> list[str]:
    """Say what is guaranteed, and what is not."""
    contenders = len(best.selection.in_contention)
    tied = best.is_guaranteed and contenders > 1
    return [
        best.message(),
        *([messages.text("cli.select.tied", n=contenders)] if tied else []),
        messages.text("cli.select.intervals"),
        *([messages.text("cli.select.own_ratios")] if metric_of(best.metric).is_ratio else []),
    ]


def _notes(report: SelectionReport) -> list[str]:
    best = report.best
    notes = [coverage_note([outlook.regime for outlook in report.outlooks])]
    same = {"replications": 1, "seed": 0, "wait_limits_min": []}
    windows = [scenario.run.model_copy(update=same) for scenario in best.scenarios]
    has_one_window = all(window == windows[0] for window in windows)
    replications = best.selection.replications
    if has_one_window:
        notes.append(window_note(best.scenarios[0], replications=sum(replications), seed=best.seed))
    else:
        notes.append(messages.text("cli.note.windows_differ"))
    for name, scenario, runs, outlook in zip(best.names, best.scenarios, replications, report.outlooks, strict=True):
        of_scenario = [] if has_one_window else [window_note(scenario, replications=runs, seed=best.seed)]
        of_scenario += [inputs_note(outlook.inputs), *overload_notes(outlook.regime)]
        of_scenario += calendar_notes(outlook.unannounced)
        notes += [f"{name}: {note}" for note in of_scenario if note]
    return notes


def select_document(report: SelectionReport, result: StudyResult) -> dict[str, Any]:
    """Return the document of ``hallplan select``."""
    best = report.best
    replications, rows = best.selection.replications, []
    for candidate in best.candidates:
        which = candidate.which
        scenario, outlook = best.scenarios[which], report.outlooks[which]
        rows.append(
            {
                **scenario_document(scenario),
                "label": candidate.name,
                "rank": candidate.rank,
                "chosen": candidate.rank == 1,
                "dropped_after": candidate.dropped_after,
                "mean": interval_document(candidate.mean),
                "unserved_share": number_or_null(best.unserved[which]),
                "difference": interval_document(candidate.behind),
                "run": window_document(scenario, result.engine, seed=best.seed, replications=replications[which]),
                "inputs": dict(outlook.inputs),
                "overloaded": list(outlook.load.overloaded),
                "regime": outlook.regime.kind,
            }
        )
    return envelope(
        "select",
        metric={**metric_document(best.metric, best.scenario), "better": best.better},
        chosen=best.candidates[0].name,
        procedure=best.selection.procedure,
        guaranteed=best.is_guaranteed,
        delta=number_or_null(best.delta),
        confidence=number_or_null(best.confidence),
        replications=sum(replications),
        posterior={"draws": best.draws} if best.draws else None,
        message=best.message(),
        covers=coverage_note([outlook.regime for outlook in report.outlooks]),
        provenance=result.provenance.as_dict(),
        scenarios=rows,
    )
