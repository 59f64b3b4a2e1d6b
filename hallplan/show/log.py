"""The result of calibrating to an event log, as tables of text and as JSON: what ``hallplan calibrate log`` prints.

Input: a :class:`~hallplan.api_log.LogCalibration`.  Output: tables and a document.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from calibration.discovery.findings.cautions import IN_SENTENCE, caution_sentence
from calibration.discovery.timing.decomposition import PARTS
from foundation import messages
from foundation.numbers import NOTHING, significant
from hallplan.show.document import envelope, number_or_null
from hallplan.show.text_table import Column, TextTable, columns, notes_only

if TYPE_CHECKING:
    import pandas as pd

    from calibration.discovery.accuracy.accuracy import Accuracy
    from calibration.discovery.findings.cautions import Caution
    from calibration.discovery.findings.finding import Finding
    from calibration.discovery.timing.decomposition import TimeDecomposition
    from hallplan.api_log import LogCalibration

__all__ = ["log_document", "log_tables", "result_tables"]

_MOST_OF_A_KIND: Final = 8
"""Findings of one kind that are shown unless all are requested: the ones that rest on the most rows."""


_SMALLEST_P: Final = 0.001


def _headings(*keys: str) -> tuple[Column, ...]:
    return columns(*keys, heading=lambda key: messages.text(f"discovery.column.{key}"))


def _number(value: float, unit: str = "") -> str:
    if math.isfinite(value) and unit == "share":
        return f"{value:.1%}"
    if math.isfinite(value) and unit == "count" and value == int(value):
        return f"{value:,.0f}"
    return significant(value)


def _interval(low: float, high: float, unit: str = "") -> str:
    return NOTHING if math.isnan(low) else f"{_number(low, unit)} – {_number(high, unit)}"


def _p_value(value: float) -> str:
    if math.isnan(value):
        return NOTHING
    return f"<{_SMALLEST_P}" if value < _SMALLEST_P else f"{value:.3f}"


# ---- tables of text ------------------------------------------------------------------------------------------------


def log_tables(calibration: LogCalibration, *, every: bool = False) -> list[TextTable]:
    """Return what was read, found, assumed and tried.

    Parameters
    ----------
    calibration
        The result of calibrating to the log.
    every
        Show all findings, not only those that rest on the most rows.
    """
    cautions = calibration.cautions
    first = [notes_only(caution_sentence(cautions, listed=every))] if cautions else []
    return first + result_tables(calibration, every=every)


def result_tables(calibration: LogCalibration, *, every: bool = False) -> list[TextTable]:
    """Return what follows the first sentence: all its reasons if they are requested, then the results.

    Parameters
    ----------
    calibration
        The result of calibrating to the log.
    every
        Show all findings, and all reasons where the sentence names only the worst.
    """
    findings = calibration.discovery.findings
    tables = [_caution_table(calibration.cautions)] if every and len(calibration.cautions) > IN_SENTENCE else []
    tables += [_reading(calibration), _findings_table(findings, every), _assumptions(findings)]
    tables += _decomposition_tables(calibration)
    return tables + (_accuracy_tables(calibration.accuracy) if calibration.accuracy is not None else [])


def _caution_table(cautions: Sequence[Caution]) -> TextTable:
    """Return the list of all reasons for care."""
    title = messages.text("discovery.section.cautions")
    return notes_only(*(caution.words() for caution in cautions), title=title)


def _decomposition_tables(calibration: LogCalibration) -> list[TextTable]:
    """Return where the elapsed time goes in the log, and beside it in the rebuilt hall."""
    log, hall = calibration.discovery.decomposition, calibration.rebuilt
    if log is None or not log.n:
        return []
    rows = []
    for part in (*PARTS, "unknown", "elapsed"):
        numbers = [_hours_of(decomposition, part) for decomposition in (log, hall) if decomposition is not None]
        if part not in ("working", "elapsed") and not any(sum(hours) > 0 for hours in numbers):
            continue
        cells = [significant(value) for hours in numbers for value in hours]
        if hall is not None:
            cells.append(significant(sum(numbers[1]) - sum(numbers[0])))
        rows.append((messages.text(f"discovery.part.{part}"), *cells))
    of_hall = ("#hall_open", "#hall_closed", "#difference") if hall is not None else ()
    title = (
        messages.text("discovery.section.decomposition_log", log=log.n)
        if hall is None
        else messages.text("discovery.section.decomposition", log=log.n, hall=hall.n)
    )
    heads = _headings("part", "#log_open", "#log_closed", *of_hall)
    notes = (messages.text("discovery.note.decomposition"),) if hall is not None else ()
    return [TextTable(heads, tuple(rows), title=title, notes=notes)]


def _hours_of(decomposition: TimeDecomposition, part: str) -> tuple[float, float]:
    """Return the hours of a part in opening time, and in the closed time within it."""
    if part == "elapsed":
        return decomposition.elapsed - decomposition.closed, decomposition.closed
    return getattr(decomposition, part), decomposition.closed_within.get(part, 0.0)


def _reading(calibration: LogCalibration) -> TextTable:
    log, discovery = calibration.log, calibration.discovery
    notes = [str(note) for note in log.notes]
    for reason, number in log.rejected.by_reason().items():
        notes.append(messages.text("discovery.note.rejected", n=number, reason=messages.text(reason)))
    title = messages.text(
        "discovery.section.log",
        rows=log.rows_read,
        cases=discovery.traces.n_cases,
        first=discovery.first_day,
        last=discovery.last_day,
        bad=len(log.rejected),
    )
    return notes_only(*notes, title=title)


def _selected(findings: Sequence[Finding], every: bool) -> tuple[list[Finding], int]:
    """Return the findings to show, and how many others there are."""
    candidates = [
        finding for finding in findings if not finding.assumed or (not math.isnan(finding.estimate) and finding.subject)
    ]
    if every:
        return candidates, 0
    by_kind: dict[str, list[Finding]] = {}
    for finding in candidates:
        by_kind.setdefault(finding.key, []).append(finding)
    shown = {
        id(finding)
        for alike in by_kind.values()
        for finding in sorted(alike, key=lambda finding: -finding.n)[:_MOST_OF_A_KIND]
    }
    selected = [finding for finding in candidates if id(finding) in shown]
    return selected, len(candidates) - len(selected)


def _findings_table(findings: Sequence[Finding], every: bool) -> TextTable:
    selected, others = _selected(findings, every)
    rows = tuple(
        (
            finding.title(),
            finding.subject,
            _number(finding.estimate, finding.unit),
            _interval(finding.low, finding.high, finding.unit),
            messages.text(f"discovery.unit.{finding.unit}") if finding.unit else "",
            f"{finding.n:,}",
            _p_value(finding.p_value),
            finding.words(),
        )
        for finding in selected
    )
    notes = (messages.text("discovery.note.more", n=others),) if others else ()
    return TextTable(
        _headings("finding", "subject", "#estimate", "#interval", "unit", "#n", "#p", "words"),
        rows,
        title=messages.text("discovery.section.findings"),
        notes=(*notes, messages.text("discovery.note.p")),
    )


def _assumptions(findings: Sequence[Finding]) -> TextTable:
    notes = (
        f"{finding.title()}{f' ({finding.subject})' if finding.subject else ''}: {finding.words()}"
        for finding in findings
        if finding.assumed
    )
    return notes_only(*notes, title=messages.text("discovery.section.assumed"))


def _accuracy_tables(accuracy: Accuracy) -> list[TextTable]:
    distances = tuple(
        (
            messages.text(f"discovery.distance.{name}"),
            _number(row["simulated"]),
            _interval(row["low"], row["high"]),
            _number(row["log_halves"]),
            _number(row["between_simulated"]),
        )
        for name, row in accuracy.distances.to_dict("index").items()
    )
    inside, outside = messages.text("discovery.word.inside"), messages.text("discovery.word.outside")
    forecasts = tuple(
        (
            messages.text(f"discovery.figure.{name}"),
            _number(row["earlier"]),
            _number(row["log"]),
            _number(row["simulated"]),
            _interval(row["low"], row["high"]),
            inside if row["inside"] else outside,
        )
        for name, row in accuracy.forecasts.to_dict("index").items()
    )
    window = {"begin": accuracy.begin, "end": accuracy.end, "cases": accuracy.cases, "logs": accuracy.logs}
    return [
        TextTable(
            _headings("distance", "#simulated", "#range", "#log_halves", "#between"),
            distances,
            title=messages.text("discovery.section.accuracy", **window),
            notes=(messages.text("discovery.note.distances"),),
        ),
        TextTable(
            _headings("figure", "#earlier", "#log", "#simulated", "#prediction", "verdict"),
            forecasts,
            title=messages.text("discovery.section.forecasts"),
            notes=(messages.text("discovery.note.prediction"),),
            alarms=frozenset((outside,)),
        ),
    ]


# ---- JSON ----------------------------------------------------------------------------------------------------------


def log_document(calibration: LogCalibration) -> dict[str, Any]:
    """Return everything that was found in a log, as JSON's own types."""
    log, discovery, accuracy = calibration.log, calibration.discovery, calibration.accuracy
    return envelope(
        "calibrate-log",
        log={
            "kind": discovery.traces.kind,
            "rows": log.rows_read,
            "cases": discovery.traces.n_cases,
            "first_day": discovery.first_day.isoformat(),
            "last_day": discovery.last_day.isoformat(),
            "mapping": dict(log.mapping),
            "notes": [str(note) for note in log.notes],
            "rejected": {messages.text(reason): n for reason, n in log.rejected.by_reason().items()},
        },
        cautions=[{"caution": caution.key, "words": caution.words()} for caution in calibration.cautions],
        caution=caution_sentence(calibration.cautions),
        findings=[_finding_document(finding) for finding in discovery.findings],
        decomposition={
            "log": _decomposition_document(discovery.decomposition),
            "rebuilt": _decomposition_document(calibration.rebuilt),
        },
        accuracy=None if accuracy is None else _accuracy_document(accuracy),
        scenario=calibration.toml,
    )


def _finding_document(finding: Finding) -> dict[str, Any]:
    return {
        "finding": finding.key,
        "title": finding.title(),
        "subject": finding.subject,
        "estimate": number_or_null(finding.estimate),
        "low": number_or_null(finding.low),
        "high": number_or_null(finding.high),
        "unit": finding.unit,
        "n": finding.n,
        "p_value": number_or_null(finding.p_value),
        "test": finding.test_name(),
        "assumed": finding.assumed,
        "words": finding.words(),
    }


def _decomposition_document(decomposition: TimeDecomposition | None) -> dict[str, Any] | None:
    if decomposition is None:
        return None
    parts = {part: _hours_of(decomposition, part) for part in PARTS}
    hours = {
        part: {"open_hours": number_or_null(open_), "closed_hours": number_or_null(closed)}
        for part, (open_, closed) in parts.items()
    }
    totals = {name: number_or_null(getattr(decomposition, name)) for name in ("elapsed", "unknown")}
    return {"cases": decomposition.n, **totals, **hours}


def _accuracy_document(accuracy: Accuracy) -> dict[str, Any]:
    return {
        "begin": accuracy.begin.isoformat(),
        "end": accuracy.end.isoformat(),
        "cases": accuracy.cases,
        "logs": accuracy.logs,
        "distances": _rows(accuracy.distances.reset_index()),
        "forecasts": _rows(accuracy.forecasts.reset_index()),
    }


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _plain(value) for key, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return number_or_null(value)
    return value.item() if hasattr(value, "item") else value
