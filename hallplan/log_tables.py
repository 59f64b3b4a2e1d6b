"""What has come of an event log, as tables of text and as a document: what ``hallplan calibrate log`` prints.

In comes a :class:`~hallplan.api_log.LogCalibration`; out come :class:`~hallplan.tables.TextTable`, in the user's
language, and the dictionary that ``--json`` prints.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from hallplan.documents import envelope
from hallplan.tables import NOTHING, Column, TextTable

if TYPE_CHECKING:
    import pandas as pd

    from calibration.discovery.accuracy.accuracy import Accuracy
    from calibration.discovery.findings.finding import Finding
    from hallplan.api_log import LogCalibration

__all__ = ["log_document", "log_tables"]

_MOST_OF_A_KIND: Final = 8
"""Findings of one kind that are shown unless all are asked for: the ones that rest on the most rows."""


def _columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(messages.text(f"discovery.column.{name.lstrip('#')}"), name.startswith("#")) for name in names)


def _number(value: float, unit: str = "") -> str:
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞"
    if unit == "share":
        return f"{value:.1%}"
    if unit == "count" and value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def _interval(low: float, high: float, unit: str = "") -> str:
    return NOTHING if math.isnan(low) else f"{_number(low, unit)} – {_number(high, unit)}"


def _p(value: float) -> str:
    if math.isnan(value):
        return NOTHING
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def log_tables(one: LogCalibration, *, every: bool = False) -> list[TextTable]:
    """Return what was read, found, assumed and tried.

    Parameters
    ----------
    one
        What has come of the log.
    every
        Show all findings, not only those that rest on the most rows.
    """
    tables = [_reading(one), _findings(one, every), _assumed(one)]
    return tables + (_accuracy(one.accuracy) if one.accuracy is not None else [])


def _reading(one: LogCalibration) -> TextTable:
    log = one.log
    notes = [str(note) for note in log.notes]
    for reason, number in log.rejected.by_reason().items():
        notes.append(messages.text("discovery.note.rejected", n=number, reason=messages.text(reason)))
    title = messages.text(
        "discovery.section.log",
        rows=log.rows_read,
        cases=one.discovery.traces.n_cases,
        first=one.discovery.first_day,
        last=one.discovery.last_day,
        bad=len(log.rejected),
    )
    return TextTable((), (), title=title, notes=tuple(notes))


def _shown(findings: Sequence[Finding], every: bool) -> tuple[list[Finding], int]:
    known = [one for one in findings if not one.assumed or (not math.isnan(one.estimate) and one.subject)]
    if every:
        return known, 0
    best = {
        key: sorted((one.n for one in known if one.key == key), reverse=True)[:_MOST_OF_A_KIND][-1]
        for key in {one.key for one in known}
    }
    count: Counter[str] = Counter()
    shown = []
    for one in known:
        if one.n >= best[one.key] and count[one.key] < _MOST_OF_A_KIND:
            count[one.key] += 1
            shown.append(one)
    return shown, len(known) - len(shown)


def _findings(one: LogCalibration, every: bool) -> TextTable:
    shown, more = _shown(one.discovery.findings, every)
    rows = tuple(
        (
            found.title(),
            found.subject,
            _number(found.estimate, found.unit),
            _interval(found.low, found.high, found.unit),
            messages.text(f"discovery.unit.{found.unit}") if found.unit else "",
            f"{found.n:,}",
            _p(found.p_value),
            found.words(),
        )
        for found in shown
    )
    notes = (messages.text("discovery.note.more", n=more),) if more else ()
    return TextTable(
        _columns("finding", "subject", "#estimate", "#interval", "unit", "#n", "#p", "words"),
        rows,
        title=messages.text("discovery.section.findings"),
        notes=(*notes, messages.text("discovery.note.p")),
    )


def _assumed(one: LogCalibration) -> TextTable:
    notes = tuple(
        f"{found.title()}{f' ({found.subject})' if found.subject else ''}: {found.words()}"
        for found in one.discovery.findings
        if found.assumed
    )
    return TextTable((), (), title=messages.text("discovery.section.assumed"), notes=notes)


def _accuracy(one: Accuracy) -> list[TextTable]:
    rows = tuple(
        (
            messages.text(f"discovery.distance.{name}"),
            _number(row["simulated"]),
            _interval(row["low"], row["high"]),
            _number(row["log_halves"]),
            _number(row["between_simulated"]),
        )
        for name, row in one.distances.to_dict("index").items()
    )
    title = messages.text("discovery.section.accuracy", begin=one.begin, end=one.end, cases=one.cases, logs=one.logs)
    inside, outside = messages.text("discovery.word.inside"), messages.text("discovery.word.outside")
    forecasts = tuple(
        (
            messages.text(f"discovery.figure.{name}"),
            _number(row["log"]),
            _number(row["simulated"]),
            _interval(row["low"], row["high"]),
            inside if row["inside"] else outside,
        )
        for name, row in one.forecasts.to_dict("index").items()
    )
    return [
        TextTable(
            _columns("distance", "#simulated", "#range", "#log_halves", "#between"),
            rows,
            title=title,
            notes=(messages.text("discovery.note.distances"),),
        ),
        TextTable(
            _columns("figure", "#log", "#simulated", "#prediction", "verdict"),
            forecasts,
            title=messages.text("discovery.section.forecasts"),
            notes=(messages.text("discovery.note.prediction"),),
            alarms=frozenset((outside,)),
        ),
    ]


# ---- JSON ------------------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.item() if hasattr(value, "item") else value


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _plain(value) for key, value in row.items()} for row in frame.to_dict("records")]


def log_document(one: LogCalibration) -> dict[str, Any]:
    """Return everything that has come of a log, as JSON's own types."""
    log, found, tried = one.log, one.discovery, one.accuracy
    return envelope(
        "calibrate-log",
        log={
            "kind": found.traces.kind,
            "rows": log.rows_read,
            "cases": found.traces.n_cases,
            "first_day": found.first_day.isoformat(),
            "last_day": found.last_day.isoformat(),
            "mapping": dict(log.mapping),
            "notes": [str(note) for note in log.notes],
            "rejected": {messages.text(reason): n for reason, n in log.rejected.by_reason().items()},
        },
        findings=[
            {
                "finding": each.key,
                "title": each.title(),
                "subject": each.subject,
                "estimate": _plain(float(each.estimate)),
                "low": _plain(float(each.low)),
                "high": _plain(float(each.high)),
                "unit": each.unit,
                "n": each.n,
                "p_value": _plain(float(each.p_value)),
                "test": each.test_name(),
                "assumed": each.assumed,
                "words": each.words(),
            }
            for each in found.findings
        ],
        accuracy=None
        if tried is None
        else {
            "begin": tried.begin.isoformat(),
            "end": tried.end.isoformat(),
            "cases": tried.cases,
            "logs": tried.logs,
            "distances": _rows(tried.distances.reset_index()),
            "forecasts": _rows(tried.forecasts.reset_index()),
        },
        scenario=one.toml,
    )
