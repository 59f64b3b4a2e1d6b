"""The charts of what to do next.

Input: a :class:`planner.next_moves.result.NextMoves`.  Output: charts with their headings, in the language in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from foundation import messages
from hallplan.show.charts import ChartDocument, moves_chart
from hallplan.show.words import heading
from planner.next_moves.result import GAINS, NextMoves

__all__ = ["CHARTS", "moves_charts"]


def moves_charts(result: NextMoves) -> ChartDocument:
    """Return a chart for what visitors save, and another for what cases do."""
    language, frame, name = messages.language(), result.frames()["moves"], heading(result.scenario)
    charts = [
        (
            messages.text(f"chart.moves.{gain}", language),
            moves_chart(rows, language, x=messages.text(f"chart.moves.{gain}_x", language)),
        )
        for gain in GAINS
        if len(rows := frame[frame["gain"] == gain])
    ]
    title = messages.text("chart.moves.title", language, name=name)
    return ChartDocument(tuple(charts), language, title, (messages.text("chart.moves.note", language),))


CHARTS: Final[Mapping[str, Callable[[NextMoves], ChartDocument]]] = {"next": moves_charts}
"""What draws the charts of each file, by its name without an ending."""
