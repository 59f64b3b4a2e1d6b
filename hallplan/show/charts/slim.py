"""Waits of departments at the windows, now and when any window serves anybody.

Input: titles and minutes, row by row.  Output: a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, ROW_PX, base_figure, label_rows

__all__ = ["WaitRow", "slim_chart"]

_EDGES_PX = 90
"""Height of a figure besides its rows."""


@dataclass(frozen=True)
class WaitRow:
    """One department: its title, and mean waits in minutes: now, its limit, then, and the upper bound of that."""

    title: str
    now: float
    limit: float
    then: float
    high: float


def slim_chart(rows: Sequence[WaitRow], language: Language) -> go.Figure:
    """Draw the wait of each department now and then, with the upper bound of the latter and the limit of it."""
    figure = base_figure(language, height=ROW_PX * len(rows) + _EDGES_PX)
    places = [-place for place in range(len(rows))]
    figure.add_scatter(
        x=[row.now for row in rows],
        y=places,
        mode="markers",
        name=messages.text("chart.slim.now", language),
        marker={"symbol": "circle-open", "size": 11, "color": COLOURS["A"]},
    )
    figure.add_scatter(
        x=[row.limit for row in rows],
        y=places,
        mode="markers",
        name=messages.text("chart.slim.limit", language),
        marker={"symbol": "line-ns-open", "size": 14, "color": COLOURS["promised"], "line": {"width": 2}},
    )
    figure.add_scatter(
        x=[row.then for row in rows],
        y=places,
        mode="markers",
        name=messages.text("chart.slim.then", language),
        marker={"symbol": "diamond", "size": 10, "color": COLOURS["B"]},
        error_x={"type": "data", "array": [row.high - row.then for row in rows], "arrayminus": [0.0] * len(rows)},
    )
    label_rows(figure, [row.title for row in rows])
    figure.update_xaxes(title=messages.text("chart.slim.x", language), rangemode="tozero")
    return figure
