"""Promises: present and shortest ones in working days, and the demand up to which each is kept.

Input: titles and numbers, row by row.  Output: figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, INK, ROW_PX, base_figure, label_rows

__all__ = ["HeadroomRow", "PromiseRow", "headroom_chart", "promises_chart"]

_EDGES_PX = 90
"""Height of a figure besides its rows."""
_LIFT = 0.16
"""By how much a present promise stands above its row, so that an equal shortest one does not hide it."""


@dataclass(frozen=True)
class PromiseRow:
    """One promise: its title, the present limits, and the shortest one with its interval, in working days."""

    title: str
    statutory: float
    promised: float
    shortest: tuple[float, float, float]


@dataclass(frozen=True)
class HeadroomRow:
    """One target: its title, and the visits a day up to which it is kept; the low end is that of 90% of periods."""

    title: str
    reliable: float
    median: float


def promises_chart(rows: Sequence[PromiseRow], language: Language) -> go.Figure:
    """Draw the present promise, the shortest one with its interval, and the statutory limit of each row."""
    figure = base_figure(language, height=ROW_PX * len(rows) + _EDGES_PX)
    places = [-place for place in range(len(rows))]
    finite = [row.shortest[0] < float("inf") for row in rows]
    figure.add_scatter(
        x=[row.statutory for row in rows],
        y=places,
        mode="markers",
        name=messages.text("chart.promise.statutory", language),
        marker={"symbol": "line-ns-open", "size": 14, "color": COLOURS["legal"]},
    )
    figure.add_scatter(
        x=[row.promised for row in rows],
        y=[place + _LIFT for place in places],
        mode="markers",
        name=messages.text("chart.promise.promised", language),
        marker={"symbol": "triangle-down", "size": 11, "color": COLOURS["promised"]},
    )
    shown = [(row, place) for row, place, is_finite in zip(rows, places, finite, strict=True) if is_finite]
    figure.add_scatter(
        x=[row.shortest[0] for row, _ in shown],
        y=[place for _, place in shown],
        mode="markers",
        name=messages.text("chart.promise.shortest", language),
        marker={"symbol": "diamond", "size": 10, "color": COLOURS["B"]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [_reach(row.shortest[2] - row.shortest[0]) for row, _ in shown],
            "arrayminus": [_reach(row.shortest[0] - row.shortest[1]) for row, _ in shown],
            "color": COLOURS["B"],
        },
    )
    label_rows(figure, [row.title for row in rows])
    figure.update_xaxes(title=messages.text("chart.promise.days", language), rangemode="tozero")
    return figure


def headroom_chart(rows: Sequence[HeadroomRow], present: float, language: Language) -> go.Figure:
    """Draw up to which demand each target is kept, in half of the periods and in 90% of them.

    Parameters
    ----------
    rows
        Targets with a demand that was found.
    present
        Visits a day at the present demand.
    language
        Of the labels.
    """
    figure = base_figure(language, height=ROW_PX * len(rows) + _EDGES_PX)
    places = [-place for place in range(len(rows))]
    for row, place in zip(rows, places, strict=True):
        figure.add_shape(
            type="line", x0=row.reliable, x1=row.median, y0=place, y1=place, line={"color": COLOURS["B"], "width": 2}
        )
    for name, symbol in (("reliable", "circle"), ("median", "diamond-open")):
        figure.add_scatter(
            x=[getattr(row, name) for row in rows],
            y=places,
            mode="markers",
            name=messages.text(f"chart.headroom.{name}", language),
            marker={"symbol": symbol, "size": 10, "color": COLOURS["B"]},
        )
    figure.add_vline(x=present, line={"color": INK, "dash": "dash", "width": 1})
    label_rows(figure, [row.title for row in rows])
    figure.update_xaxes(title=messages.text("chart.headroom.visits", language), rangemode="tozero")
    return figure


def _reach(length: float) -> float:
    """Return the length of a whisker; none where the interval has no end."""
    return length if length < float("inf") else 0.0
