"""The results of a sweep: one row a point, as a table of text and as JSON.

Input: a :class:`planner.sweep.results.SweepResult`.  Output: a table and a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from foundation import messages
from foundation.numbers import NOTHING, number, range_text
from hallplan.show.document import envelope, interval_document
from hallplan.show.metrics import metric_label
from hallplan.show.sensitivity import analysis_documents, analysis_tables
from hallplan.show.text_table import Column, TextTable, columns
from sim.measure.headline import PRIMARY
from sim.measure.registry import metric_of

if TYPE_CHECKING:
    from planner.sweep.progress import SweepProgress
    from planner.sweep.results import SweepResult
    from sim.statistics.intervals import Interval

__all__ = [
    "duration",
    "failed_sentence",
    "metrics_of_table",
    "progress_sentence",
    "progress_table",
    "sweep_document",
    "sweep_table",
    "sweep_tables",
]

_MOST_ROWS: Final = 40
_MOST_METRICS: Final = 3
_LATEST: Final = 8
"""Points that the table of progress shows."""
_MEGABYTE: Final = 1_000_000
_MINUTE_S: Final = 60.0
_IN_SECONDS_BELOW: Final = 120.0


def metrics_of_table(result: SweepResult, patterns: Sequence[str] | None) -> list[str]:
    """Return the metrics of the table: those requested, else the first few of the primary ones that have numbers.

    Raises
    ------
    HallplanError
        If a requested one is not stored.
    """
    if patterns:
        return result.selected(patterns)
    filled = [key for key in result.metrics if not np.isnan(result.table[key]).all()]
    return [key for key in dict.fromkeys((*PRIMARY, *filled)) if key in filled][:_MOST_METRICS]


def sweep_table(result: SweepResult, metrics: Sequence[str]) -> TextTable:
    """Return one row a point: its values, and each metric's mean with its interval."""
    shown = result.present[:_MOST_ROWS]
    rows = [
        (str(point), *map(_value, result.rows[point]), *(_cell(result.interval(point, key), key) for key in metrics))
        for point in shown
    ]
    headings = [Column(key, is_number=True) for key in (*result.manifest.keys, *map(metric_label, metrics))]
    return TextTable(
        (*columns("#point"), *headings),
        tuple(rows),
        title=messages.text("cli.sweep.title", scenario=result.manifest.scenario, n=len(result.rows)),
        notes=tuple(_notes(result, len(shown), metrics)),
    )


def progress_sentence(progress: SweepProgress, seconds_left: float) -> str:
    """Return how far a sweep is, and how long the rest will take."""
    return messages.text(
        "cli.sweep.progress",
        done=progress.done,
        n=progress.expected,
        failed=progress.failed,
        left=progress.left,
        megabytes=progress.size / _MEGABYTE,
        duration=duration(seconds_left),
    )


def duration(seconds: float) -> str:
    """Return a duration in seconds, or in minutes if it is long."""
    if seconds < _IN_SECONDS_BELOW:
        return messages.text("cli.sweep.seconds", n=max(1.0, seconds))
    return messages.text("cli.sweep.minutes", n=seconds / _MINUTE_S)


def progress_table(progress: SweepProgress, sentence: str) -> TextTable:
    """Return the latest points: their values, and the first headline metric with its interval."""
    points = list(progress.rows)[-_LATEST:]
    stored = [key for key in progress.columns if ":" not in key]
    key = next((key for key in (*PRIMARY, *stored) if key in stored), None)
    keys = list(dict.fromkeys(name for point in points for name in progress.rows[point]))
    rows = []
    for point in points:
        interval, values = key and progress.interval(point, key), progress.rows[point]
        cell = _cell(interval, key) if key and interval else messages.text("cli.sweep.point_failed")
        rows.append((str(point), *(_value(values.get(name)) for name in keys), cell))
    last = (Column(metric_label(key), is_number=True),) if key else columns("cause")
    headings = (*columns("#point"), *(Column(name, is_number=True) for name in keys), *last)
    return TextTable(headings, tuple(rows), title=sentence)


def sweep_tables(result: SweepResult, metrics: Sequence[str]) -> list[TextTable]:
    """Return the table of points, that of failed ones, and those of the analyses that the others allow."""
    failed = [_failed_table(result)] if result.failed else []
    return [sweep_table(result, metrics), *failed, *analysis_tables(result, metrics)]


def failed_sentence(result: SweepResult) -> str:
    """Return how many points of a sweep failed, and the cause of the first."""
    cause = str(result.failures["cause"].iloc[0])
    return messages.text("cli.sweep.failed", failed=len(result.failed), n=len(result.rows), cause=cause)


def _failed_table(result: SweepResult) -> TextTable:
    rows = result.failures.head(_MOST_ROWS).itertuples(index=False)
    notes = [messages.text("cli.sweep.failed_note")]
    if len(result.failed) > _MOST_ROWS:
        notes.append(messages.text("cli.sweep.more", n=len(result.failed) - _MOST_ROWS))
    return TextTable(
        columns("#point", "cause"),
        tuple((str(row.point), str(row.cause)) for row in rows),
        title=messages.text("cli.sweep.failed_title", n=len(result.failed)),
        notes=tuple(notes),
    )


def _value(value: Any) -> str:
    return NOTHING if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _cell(interval: Interval, key: str) -> str:
    kind = metric_of(key).kind
    return f"{number(interval.estimate, kind)} ({range_text(interval.low, interval.high, kind)})"


def _notes(result: SweepResult, shown: int, metrics: Sequence[str]) -> list[str]:
    counts = [result.interval(point, key).n for point in result.present[:shown] for key in metrics[:1]]
    notes = [messages.text("cli.sweep.reading", least=min(counts, default=0), seed=result.manifest.seed)]
    if len(result.present) > shown:
        notes.append(messages.text("cli.sweep.more", n=len(result.present) - shown))
    if not result.is_complete:
        done, total = len(result.present) + len(result.failed), len(result.rows)
        notes.append(messages.text("cli.sweep.incomplete", done=done, n=total))
    return notes


def sweep_document(result: SweepResult, metrics: Sequence[str]) -> dict[str, Any]:
    """Return the document of ``hallplan results``."""
    manifest = result.manifest
    points = [
        {
            "point": point,
            "values": dict(zip(manifest.keys, result.rows[point], strict=True)),
            "metrics": [{"metric": key, **(interval_document(result.interval(point, key)) or {})} for key in metrics],
        }
        for point in result.present
    ]
    return envelope(
        "results",
        folder=str(result.folder),
        scenario=manifest.scenario,
        scenario_digest=manifest.scenario_digest,
        sweep=manifest.sweep,
        definition=dict(manifest.definition),
        seed=manifest.seed,
        software=dict(manifest.software),
        libraries=dict(manifest.libraries),
        complete=result.is_complete,
        points_expected=len(result.rows),
        points=points,
        failed=result.failures.to_dict("records"),
        **analysis_documents(result, metrics),
    )
