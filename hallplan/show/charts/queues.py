"""How long a queue is over the rest of a day: the median of simulated days, and between which ends it lies.

Input: the rows of one pool of the frame ``queues`` of :class:`planner.today.result.RestOfDay`.  Output: a figure.
"""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, base_figure

__all__ = ["queue_chart"]

_BAND = "rgba(0,114,178,0.2)"


def queue_chart(queue: pd.DataFrame, language: Language) -> go.Figure:
    """Draw a pool's queue from now on.

    Parameters
    ----------
    queue
        Columns ``time``, ``median``, ``low``, ``high``.
    language
        Of the labels.
    """
    times = list(queue["time"])
    figure = base_figure(language, height=300)
    low, high, median = (list(queue[name]) for name in ("low", "high", "median"))
    figure.add_scatter(x=times, y=high, mode="lines", line={"width": 0}, showlegend=False, hoverinfo="skip")
    figure.add_scatter(
        x=times,
        y=low,
        mode="lines",
        line={"width": 0},
        fill="tonexty",
        fillcolor=_BAND,
        name=messages.text("chart.today.range", language),
    )
    figure.add_scatter(
        x=times,
        y=median,
        mode="lines",
        line={"color": COLOURS["B"], "width": 2},
        name=messages.text("chart.today.median", language),
    )
    figure.update_xaxes(title=messages.text("chart.today.x", language), type="category", nticks=10, tickangle=0)
    figure.update_yaxes(title=messages.text("chart.today.y", language), rangemode="tozero")
    figure.update_layout(hovermode="x unified")
    return figure
