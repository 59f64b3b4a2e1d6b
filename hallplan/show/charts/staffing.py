"""Servers of a pool by half-hour: what formulas require, what a plan has, and what Erlang C says of the mean.

Input: rows of :meth:`planner.staffing.result.Staffing.half_hours`.  Output: a figure.
"""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, INK, base_figure
from sim.measure.table import BIN_LABELS

__all__ = ["staffing_chart"]

_MOST_TICKS = 12
"""With more people on duty not every number has its line."""


def staffing_chart(half_hours: pd.DataFrame, language: Language) -> go.Figure:
    """Draw the servers of one pool on weekdays of the same opening hours; half-hours in which it is shut are gaps.

    Parameters
    ----------
    half_hours
        Columns ``half_hour``, ``required``, ``on_duty``, ``erlang_c``.
    language
        Of the labels.
    """
    places = sorted(BIN_LABELS.index(label) for label in half_hours["half_hour"])
    labels = list(BIN_LABELS[places[0] : places[-1] + 1])
    servers = half_hours.set_index("half_hour").reindex(labels)
    numbers = {
        name: [None if pd.isna(value) else int(value) for value in servers[name]]
        for name in ("required", "on_duty", "erlang_c")
    }
    most = max((value for row in numbers.values() for value in row if value is not None), default=0)
    figure = base_figure(language, height=320)
    figure.add_bar(
        x=labels,
        y=numbers["on_duty"],
        name=messages.text("chart.staffing.on_duty", language),
        marker={"color": COLOURS["B"], "opacity": 0.45},
    )
    figure.add_scatter(
        x=labels,
        y=numbers["required"],
        name=messages.text("chart.staffing.required", language),
        mode="lines+markers",
        line={"color": INK, "width": 2, "shape": "hvh"},
        marker={"size": 5, "color": INK},
    )
    figure.add_scatter(
        x=labels,
        y=numbers["erlang_c"],
        name=messages.text("chart.staffing.erlang_c", language),
        mode="lines",
        line={"color": COLOURS["warning"], "width": 2, "dash": "dash"},
    )
    figure.update_xaxes(
        title=messages.text("chart.staffing.x", language),
        type="category",
        categoryorder="array",
        categoryarray=labels,
        tickvals=[label for label in labels if label.endswith(":00")],
        tickangle=0,
    )
    figure.update_yaxes(
        title=messages.text("chart.staffing.y", language), rangemode="tozero", dtick=1 if most <= _MOST_TICKS else None
    )
    figure.update_layout(hovermode="x unified", bargap=0)
    return figure
