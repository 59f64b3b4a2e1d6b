"""In how many weeks a promise holds, by the places of a team: a line with its interval, and the line to reach.

Input: the rows of one team of the frame ``places`` of :class:`planner.inspections.result.Inspections`.  Output: a
figure.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, base_figure

__all__ = ["places_chart"]

_LINES: Final = (("listed", COLOURS["B"], "solid", "circle", 0.0), ("accepted", COLOURS["A"], "dot", "diamond", 0.08))
"""Lines with their looks, and by which share of a step they stand to the right, so that both intervals are seen."""


def places_chart(places: pd.DataFrame, goal: float, language: Language) -> go.Figure:
    """Draw the share of weeks by places a day.

    Parameters
    ----------
    places
        Columns ``since``, ``places_per_day``, ``share_of_weeks``, ``low``, ``high``.
    goal
        The share to reach.
    language
        Of the labels.
    """
    figure = base_figure(language, height=300)
    numbers = sorted(set(places["places_per_day"]))
    step = numbers[1] - numbers[0] if len(numbers) > 1 else 1.0
    for since, colour, dash, symbol, shift in _LINES:
        rows = places[places["since"] == since]
        share = rows["share_of_weeks"]
        figure.add_scatter(
            x=[number + shift * step for number in rows["places_per_day"]],
            y=list(share),
            error_y={
                "type": "data",
                "symmetric": False,
                "array": list(rows["high"] - share),
                "arrayminus": list(share - rows["low"]),
                "color": colour,
            },
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 8, "color": colour},
            name=messages.text(f"chart.inspections.{since}", language),
        )
    figure.add_hline(
        y=goal,
        line={"color": COLOURS["warning"], "dash": "dash", "width": 2},
        name=messages.text("chart.inspections.goal", language, weeks=goal),
        showlegend=True,
    )
    figure.update_xaxes(title=messages.text("chart.inspections.x", language), tickvals=numbers)
    figure.update_yaxes(title=messages.text("chart.inspections.y", language), range=[0, 1.02], tickformat=".0%")
    return figure
