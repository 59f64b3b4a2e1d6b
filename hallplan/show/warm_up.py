"""The result of a warm-up analysis: open cases from a run's first day on, as a table of text and as JSON.

Input: a :class:`planner.warm_up.Beginning`.  Output: a table and a document.
"""

from __future__ import annotations

import math
from typing import Any, Final

from foundation import messages
from foundation.numbers import NOTHING, number
from hallplan.show.document import envelope, number_or_null, scenario_document, window_document
from hallplan.show.notes import calendar_notes, coverage_note, overload_notes, window_note
from hallplan.show.text_table import TextTable, columns
from hallplan.show.words import heading
from planner.notices import unannounced_years
from planner.warm_up import BATCH, Beginning
from sim.run.study import StudyResult

__all__ = ["warm_up_document", "warm_up_table"]

_MOST_ROWS: Final = 24
"""Rows of the table: so many fit on a screen."""
_TENTHS: Final = "minutes"
"""The kind of number that is written to a tenth, as open cases are here."""
_LONGEST_BAR: Final = 24
"""Characters of the longest bar."""


def warm_up_table(beginning: Beginning) -> TextTable:
    """Return open cases by stretches of working days, Welch's average drawn as bars, and what to do about them."""
    smoothed, size = beginning.smoothed(), beginning.open_cases.size
    length = BATCH * max(1, math.ceil(size / BATCH / _MOST_ROWS))
    top = float(smoothed.max(initial=0.0))
    rows = []
    for start in range(0, size, length):
        middle = (start + min(start + length, size) - 1) // 2
        interval, average = beginning.interval(middle), float(smoothed[middle])
        low, high = number(interval.low, _TENTHS), number(interval.high, _TENTHS)
        rows.append(
            (
                str(middle + 1),
                number(interval.estimate, _TENTHS),
                NOTHING if math.isinf(interval.low) else f"{low}–{high}",
                number(average, _TENTHS),
                "▇" * round(_LONGEST_BAR * average / top) if top > 0 else "",
                messages.text("cli.warm_up.left_out") if middle < (beginning.days or 0) else "",
            )
        )
    return TextTable(
        columns("#working_day", "#open_cases", "#interval", "#welch", "curve", "kept"),
        tuple(rows),
        title=messages.text("cli.warm_up.title", name=heading(beginning.scenario)),
        notes=tuple(_notes(beginning)),
    )


def _notes(beginning: Beginning) -> list[str]:
    truncation, run = beginning.truncation, beginning.run
    mser = "cli.warm_up.mser" if truncation.accepted else "cli.warm_up.mser_refused"
    return [
        beginning.message(),
        beginning.advice(),
        messages.text(mser, cut=truncation.cut, size=beginning.open_cases.size),
        messages.text("cli.warm_up.reading", window=2 * BATCH + 1),
        beginning.regime.about(beginning.interval(0)).label() if len(run) > 1 else messages.text("cli.note.single"),
        window_note(beginning.scenario, replications=len(run), seed=run.seed),
        *overload_notes(beginning.regime),
        *calendar_notes(unannounced_years(beginning.scenario)),
    ]


def warm_up_document(beginning: Beginning, result: StudyResult) -> dict[str, Any]:
    """Return the document of ``hallplan warm-up``."""
    truncation, run = beginning.truncation, beginning.run
    return envelope(
        "warm-up",
        scenario=scenario_document(beginning.scenario),
        run=window_document(beginning.scenario, result.engine, seed=run.seed, replications=len(run)),
        covers=coverage_note([beginning.regime]),
        regime=beginning.regime.kind,
        falls_behind=list(beginning.regime.falls_behind),
        days=beginning.days,
        own_days=beginning.own_days,
        message=beginning.message(),
        advice=beginning.advice(),
        provenance=result.provenance.as_dict(),
        mser={
            "days_left_out": truncation.cut,
            "accepted": truncation.accepted,
            "squared_errors": [number_or_null(value) for value in truncation.statistic.tolist()],
        },
        curve=[
            {
                "day": int(row["day"]),
                "date": str(row["date"])[:10],
                "open_mean": number_or_null(row["open_mean"]),
                "open_low": number_or_null(row["open_low"]),
                "open_high": number_or_null(row["open_high"]),
                "smoothed": number_or_null(row["smoothed"]),
                "left_out": bool(row["left_out"]),
            }
            for row in beginning.curve().to_dict("records")
        ],
    )
