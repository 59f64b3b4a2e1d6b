"""The shifts of a plan over the day: a bar a shift, pool by pool, with how many officers work it.

Input: rows of :func:`hallplan.show.staffing_files.shift_rows`.  Output: a figure.
"""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, INK, base_figure, escape

__all__ = ["shifts_chart"]

_LANE: Final = 1.0
_TITLE: Final = 0.9
"""Room above a pool's lanes for its name."""
_LANE_PX: Final = 26
_EDGE_PX: Final = 80
_EDGE_H: Final = 0.25
"""Room for the first and the last hour's label."""


def shifts_chart(shifts: pd.DataFrame, language: Language) -> go.Figure:
    """Draw shifts as lanes under the names of their pools; lunch is a gap in a lane.

    Parameters
    ----------
    shifts
        One row an interval that is worked: ``pool`` (what it is called), ``shift`` (its hours in words), ``begins_h``
        and ``ends_h`` (hours of the day), ``people``.
    language
        Of the labels.
    """
    figure, depth = base_figure(language, height=_EDGE_PX), 0.0
    for pool, of_pool in shifts.groupby("pool", sort=False):
        _write(figure, str(pool), -depth)
        depth += _TITLE
        for shift, intervals in of_pool.groupby("shift", sort=False):
            _lane(figure, intervals.to_dict("records"), str(shift), -depth)
            depth += _LANE
    first, last = math.floor(shifts["begins_h"].min()), math.ceil(shifts["ends_h"].max())
    hours = list(range(first, last + 1))
    figure.update_xaxes(
        title=messages.text("chart.shifts.x", language),
        range=[first - _EDGE_H, last + _EDGE_H],
        tickvals=hours,
        ticktext=[f"{hour}:00" for hour in hours],
        tickangle=0,
    )
    figure.update_yaxes(range=[-depth + 0.4, 0.6], showticklabels=False, showgrid=False, zeroline=False)
    figure.update_layout(height=round(depth * _LANE_PX) + _EDGE_PX, showlegend=False, barmode="overlay")
    figure.update_layout(margin={"l": 10, "r": 20})
    return figure


def _write(figure: go.Figure, pool: str, y: float) -> None:
    text = {"text": escape(pool), "font": {"size": 12, "color": INK}, "showarrow": False}
    figure.add_annotation(x=0, xref="paper", y=y, xanchor="left", yanchor="middle", **text)


def _lane(figure: go.Figure, intervals: list[dict[Any, Any]], shift: str, y: float) -> None:
    """Draw a shift: a bar an interval, with the number of its officers in each."""
    figure.add_bar(
        x=[row["ends_h"] - row["begins_h"] for row in intervals],
        base=[row["begins_h"] for row in intervals],
        y=[y] * len(intervals),
        width=0.78,
        orientation="h",
        marker={"color": COLOURS["B"]},
        text=[str(row["people"]) for row in intervals],
        textposition="inside",
        insidetextanchor="middle",
        insidetextfont={"color": "#ffffff"},
        textangle=0,
        hovertemplate=f"{escape(shift)}: %{{text}}<extra></extra>",
    )
