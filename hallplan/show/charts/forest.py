"""What every plan changes against plan A: one panel a metric, one row a plan, the word for it beside the row.

Comes in: :func:`hallplan.show.forest.forest_frame`.  Goes out: a figure.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, INK, SYMBOLS, base_figure, escape, plan_name
from hallplan.show.report.figures import change_cell

__all__ = ["forest_chart"]

_ROW_PX: Final = 24
_PANEL_PX: Final = 58
"""Height of a panel's heading and axis."""
_FRAME_PX: Final = 90
_WORD_PX: Final = 84
"""Width of the words at the right."""
_ROOM: Final = 1.15
"""How far an axis reaches beyond the farthest interval."""


def forest_chart(frame: pd.DataFrame, language: Language, *, names: dict[str, str]) -> go.Figure:
    """Draw paired differences from plan A with their intervals; hollow where an interval holds zero.

    The shaded strip about zero holds the differences that are too small to matter.  Differences of shares are in
    percentage points.

    Parameters
    ----------
    frame
        Columns ``metric``, ``title``, ``kind``, ``plan``, ``change``, ``change_low``, ``change_high``, ``least``,
        ``judgement``; rows of a metric together, in the order in which to show them.
    language
        Of the words.
    names
        What the plans are called, by letter.
    """
    metrics = list(dict.fromkeys(frame["metric"]))
    plans = sorted(set(frame["plan"]))
    panel = _PANEL_PX + _ROW_PX * len(plans)
    height = _FRAME_PX + panel * max(len(metrics), 1)
    gap = _PANEL_PX / (panel * len(metrics)) if metrics else 0.0
    figure = make_subplots(rows=max(len(metrics), 1), cols=1, vertical_spacing=gap)
    figure.update_layout(base_figure(language, height=height).layout)
    figure.update_xaxes(gridcolor="#e4e7eb", zeroline=False, fixedrange=True)
    for row, metric in enumerate(metrics, 1):
        _add_panel(figure, frame[frame["metric"] == metric], row, language)
    figure.update_yaxes(
        range=[len(plans) - 0.4, -0.6],
        tickvals=list(range(len(plans))),
        ticktext=plans,
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    for letter in plans:
        figure.add_scatter(x=[None], y=[None], mode="markers", marker=_marker(letter), name=plan_name(letter, names))
    figure.update_layout(margin={"l": 24, "r": _WORD_PX, "t": 60, "b": 30}, legend={"y": 1, "yref": "container"})
    figure.update_layout(legend={"yanchor": "top"})
    return figure


def _marker(letter: str, *, is_open: bool = False) -> dict[str, object]:
    symbol = SYMBOLS[letter] + ("-open" if is_open else "")
    colour = COLOURS[letter]
    return {"symbol": symbol, "size": 10, "color": colour, "line": {"width": 1.5, "color": colour}}


def _add_panel(figure: go.Figure, rows: pd.DataFrame, row: int, language: Language) -> None:
    """Draw one metric: the strip of what does not matter, zero, and the plans."""
    scale = 100 if rows["kind"].iloc[0] == "share" else 1
    least = float(rows["least"].iloc[0]) * scale
    reach = _reach(rows, scale, least)
    place = {"row": row, "col": 1}
    figure.add_vrect(
        x0=-least,
        x1=least,
        fillcolor=INK,
        opacity=0.1,
        line_width=0,
        layer="below",
        exclude_empty_subplots=False,  # the marks come after the strip
        **place,
    )
    figure.add_vline(x=0, line={"color": INK, "width": 1}, exclude_empty_subplots=False, **place)
    heading = rows["title"].iloc[0]
    if scale == 100:
        heading = messages.text("chart.forest.points", language, title=heading)
    axis = "" if row == 1 else str(row)
    corner = {"xref": f"x{axis} domain", "yref": f"y{axis} domain", "showarrow": False}
    figure.add_annotation(text=escape(heading), x=0, y=1, xanchor="left", yanchor="bottom", **corner)
    for level, letter in enumerate(sorted(set(rows["plan"]))):
        _add_plan(figure, rows[rows["plan"] == letter].iloc[0], scale, level, language, place)
    figure.update_xaxes(range=[-reach, reach], nticks=5, **place)


def _reach(rows: pd.DataFrame, scale: float, least: float) -> float:
    """Return how far the axis goes to either side of zero: to the farthest finite end."""
    ends = rows[["change", "change_low", "change_high"]].to_numpy(dtype=float) * scale
    finite = np.abs(ends[np.isfinite(ends)])
    return float(max([*finite, 1.5 * least])) * _ROOM or 1.0


def _add_plan(
    figure: go.Figure, row: pd.Series, scale: float, level: int, language: Language, place: dict[str, int]
) -> None:
    """Draw one plan's difference, and the word for it."""
    change, low, high = (float(row[name]) * scale for name in ("change", "change_low", "change_high"))
    letter, colour = row["plan"], COLOURS[row["plan"]]
    has_ends = bool(np.isfinite(low) and np.isfinite(high))
    figure.add_scatter(
        x=[change],
        y=[level],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - change if has_ends else 0.0],
            "arrayminus": [change - low if has_ends else 0.0],
            "color": colour,
            "thickness": 2,
            "width": 4,
        },
        mode="markers",
        marker=_marker(letter, is_open=row["judgement"] == "unclear"),
        customdata=[messages.text("chart.forest.hover", language, plan=letter, change=change_cell(row))],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
        **place,
    )
    axis = "" if place["row"] == 1 else str(place["row"])
    figure.add_annotation(
        text=messages.text(f"chart.forest.{row['judgement']}", language),
        x=1,
        xref=f"x{axis} domain",
        xanchor="left",
        xshift=6,
        y=level,
        yref=f"y{axis}",
        showarrow=False,
        font={"size": 12},
    )
