"""The headline of up to six plans side by side: one panel a metric, one row a plan.

Comes in: :func:`hallplan.show.report.figures.charted`.  Goes out: a figure;
:func:`hallplan.show.report.picture.headline_drawing` draws the same frame for documents, without a browser.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from foundation.messages import Language
from foundation.numbers import number
from hallplan.show.charts.theme import COLOURS, base_figure, escape

__all__ = ["headline_chart"]

_ROW_PX, _FRAME_PX = 40, 110
_ROOM: Final = 1.6
"""How far a panel reaches beyond its largest value, where the value's own letters stand."""


def headline_chart(frame: pd.DataFrame, language: Language) -> go.Figure:
    """Draw the mean of every metric and plan with its 95% interval.

    Parameters
    ----------
    frame
        Columns ``metric``, ``title``, ``kind``, ``plan``, ``plan_title``, ``mean``, ``low``, ``high``.
    language
        Of the fonts; the titles are in it already.
    """
    metrics = list(dict.fromkeys(frame["metric"]))
    titles = frame.drop_duplicates("metric").set_index("metric")["title"]
    headings = [escape(titles[metric]) for metric in metrics]
    plans = frame.drop_duplicates("plan").sort_values("plan")
    figure = make_subplots(rows=1, cols=len(metrics), shared_yaxes=True, subplot_titles=headings)
    figure.update_layout(base_figure(language, height=_FRAME_PX + _ROW_PX * len(plans)).layout)
    for column, metric in enumerate(metrics, 1):
        rows = frame[frame["metric"] == metric]
        _add_panel(figure, rows, column)
    figure.update_yaxes(
        range=[len(plans) - 0.4, -0.6],
        tickvals=list(plans["plan"]),
        ticktext=[escape(title) for title in plans["plan_title"]],
        showgrid=False,
        zeroline=False,
        automargin=True,
    )
    figure.update_layout(showlegend=False, margin={"t": 48, "b": 30})
    return figure


def _add_panel(figure: go.Figure, rows: pd.DataFrame, column: int) -> None:
    kind = rows["kind"].iloc[0]
    colours = [COLOURS["A" if plan == 0 else "B"] for plan in rows["plan"]]
    figure.add_scatter(
        x=rows["mean"],
        y=rows["plan"],
        error_x={
            "array": rows["high"] - rows["mean"],
            "arrayminus": rows["mean"] - rows["low"],
            "thickness": 1.5,
            "color": COLOURS["B"],
        },
        mode="markers+text",
        marker={"color": colours, "symbol": ["circle-open" if plan == 0 else "diamond" for plan in rows["plan"]]},
        text=[number(mean, kind) for mean in rows["mean"]],
        textposition="middle right",
        cliponaxis=False,
        hovertemplate="%{text}<extra></extra>",
        row=1,
        col=column,
    )
    largest = rows[["mean", "high"]].max().max()
    figure.update_xaxes(range=[0, largest * _ROOM or 1.0], showticklabels=False, fixedrange=True, row=1, col=column)
