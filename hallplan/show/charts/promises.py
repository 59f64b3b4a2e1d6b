"""Promises: present and shortest ones in working days, and the demand up to which each is kept.

Input: titles and numbers, row by row.  Output: figures.
"""

from __future__ import annotations

import math
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

_EDGE = 1.06
"""Where a line without an end stops, against the largest finite number."""


@dataclass(frozen=True)
class PromiseRow:
    """One promise: its title, the present limits, and the shortest one with its interval, in working days."""

    title: str
    statutory: float
    promised: float
    shortest: tuple[float, float, float]


@dataclass(frozen=True)
class HeadroomRow:
    """One target: its title, and the visits a day up to which it is kept, each with the ends of its interval."""

    title: str
    reliable: tuple[float, float, float]
    median: tuple[float, float, float]


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
    _open_ends(figure, rows, language)
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


def _open_ends(figure: go.Figure, rows: Sequence[PromiseRow], language: Language) -> None:
    """Draw a line to the right edge where the interval of the shortest promise has no upper end."""
    is_open = [row.shortest[2] == math.inf for row in rows]
    if not any(is_open):
        return
    finite = [end for row in rows for end in (row.statutory, row.promised, *row.shortest) if end < math.inf]
    edge = max(finite) * _EDGE
    places = [-place for place, open_ in enumerate(is_open) if open_]
    for row, place in zip([row for row, open_ in zip(rows, is_open, strict=True) if open_], places, strict=True):
        begin = next((end for end in row.shortest[:2] if end < math.inf), edge)
        line = {"color": COLOURS["B"], "width": 2, "dash": "dot"}
        figure.add_shape(type="line", x0=begin, x1=edge, y0=place, y1=place, line=line)
    figure.add_scatter(
        x=[edge] * len(places),
        y=places,
        mode="markers",
        name=messages.text("chart.promise.open", language),
        marker={"symbol": "triangle-right", "size": 11, "color": COLOURS["B"]},
    )


def headroom_chart(
    rows: Sequence[HeadroomRow], present: float, language: Language, *, tried: tuple[float, float], probability: float
) -> go.Figure:
    """Draw up to which demand each target is kept, in half of the periods and with the requested probability.

    Parameters
    ----------
    rows
        Targets.
    present
        Visits a day at the present demand.
    language
        Of the labels.
    tried
        The least and the most visits a day that were tried; a figure beyond is drawn there, as a triangle.
    probability
        The requested one.
    """
    figure = base_figure(language, height=ROW_PX * len(rows) + _EDGES_PX)
    for name, symbol, lift in (("reliable", "circle", _LIFT / 2), ("median", "diamond-open", -_LIFT / 2)):
        triples = [getattr(row, name) for row in rows]
        middle, low, high = ([min(max(triple[end], tried[0]), tried[1]) for triple in triples] for end in range(3))
        figure.add_scatter(
            x=middle,
            y=[lift - place for place in range(len(rows))],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [end - begin for begin, end in zip(middle, high, strict=True)],
                "arrayminus": [end - begin for begin, end in zip(low, middle, strict=True)],
                "color": COLOURS["B"],
            },
            mode="markers",
            name=messages.text(f"chart.headroom.{name}", language, probability=probability),
            marker={
                "symbol": [_symbol(triple[0], tried, symbol) for triple in triples],
                "size": 10,
                "color": COLOURS["B"],
            },
        )
    figure.add_vline(
        x=present,
        line={"color": INK, "dash": "dash", "width": 1},
        annotation_text=messages.text("chart.headroom.present", language),
        annotation_position="bottom right",
    )
    label_rows(figure, [row.title for row in rows])
    figure.update_xaxes(title=messages.text("chart.headroom.visits", language), rangemode="tozero")
    return figure


def _symbol(visits: float, tried: tuple[float, float], inside: str) -> str:
    """Return the symbol of a figure that lies below, inside or above what was tried."""
    if visits < tried[0]:
        return "triangle-left"
    return "triangle-right" if visits > tried[1] else inside


def _reach(length: float) -> float:
    """Return the length of a whisker; none where the interval has no end."""
    return length if length < float("inf") else 0.0
