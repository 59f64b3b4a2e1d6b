"""How a run begins: open cases by working day, with a band, the moving average, and where to cut.

Comes in: :meth:`planner.warm_up.Beginning.curve`.  Goes out: a figure.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, base_figure

__all__ = ["beginning_chart"]


def beginning_chart(curve: pd.DataFrame, language: Language, *, days: int | None) -> go.Figure:
    """Draw the number of open cases from a run's first day on.

    Parameters
    ----------
    curve
        Columns ``day``, ``open_mean``, ``open_low``, ``open_high``, ``smoothed``.
    language
        Of the labels.
    days
        Working days to leave out; None where there is no such number.
    """
    figure = base_figure(language, height=320)
    day = curve["day"].to_numpy()
    has_band = np.isfinite(curve["open_low"].to_numpy())
    figure.add_scatter(
        x=[*day[has_band], *day[has_band][::-1]],
        y=[*curve["open_high"][has_band], *curve["open_low"][has_band].clip(lower=0)[::-1]],
        fill="toself",
        fillcolor=COLOURS["A"],
        opacity=0.2,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=day,
        y=curve["open_mean"],
        name=messages.text("chart.beginning.mean", language),
        mode="lines",
        line={"color": COLOURS["A"], "width": 1.5, "dash": "dot", "simplify": False},
        hovertemplate=messages.text("chart.beginning.hover", language) + "<extra></extra>",
    )
    figure.add_scatter(
        x=day,
        y=curve["smoothed"],
        name=messages.text("chart.beginning.smoothed", language),
        mode="lines",
        line={"color": COLOURS["B"], "width": 2.5, "simplify": False},
        hoverinfo="skip",
    )
    if days:
        figure.add_vrect(x0=0.5, x1=days + 0.5, fillcolor=COLOURS["warning"], opacity=0.1, line_width=0)
        figure.add_vline(x=days + 0.5, line={"color": COLOURS["warning"], "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=days + 0.5,
            y=0,
            yref="paper",
            text=messages.text("chart.beginning.cut", language, days=days),
            showarrow=False,
            xanchor="left",
            xshift=4,
            font={"size": 12, "color": COLOURS["warning"]},
        )
    figure.update_xaxes(title=messages.text("chart.beginning.x", language), range=[0.5, float(day[-1]) + 0.5])
    figure.update_yaxes(title=messages.text("chart.beginning.y", language), rangemode="tozero")
    figure.update_layout(hovermode="closest")
    return figure
