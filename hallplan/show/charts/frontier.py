"""Two metrics of plans that compete: a scatter with intervals, the front as steps, and what is not certain hollow.

Input: the frame ``plans`` of a :class:`planner.frontier.result.Frontier`.  Output: a figure.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, INK, base_figure, escape

__all__ = ["frontier_chart"]

_MARKS: Final[dict[str, dict[str, Any]]] = {
    "dominated": {"symbol": "x-thin", "size": 6, "color": COLOURS["A"], "line": {"width": 1, "color": COLOURS["A"]}},
    "no_gain": {"symbol": "triangle-up-open", "size": 8, "color": COLOURS["A"]},
    "perhaps": {"symbol": "circle-open", "size": 10, "color": COLOURS["B"], "line": {"width": 2}},
    "front": {"symbol": "circle", "size": 10, "color": COLOURS["B"]},
}
"""Marks by standing, in the order of drawing."""
_MOST_LABELS: Final = 8
"""Plans of the front whose names stand beside them; of more the names would overlap."""


def frontier_chart(plans: pd.DataFrame, language: Language, *, x: str, y: str, higher_y: bool = False) -> go.Figure:
    """Draw plans by two metrics.

    Parameters
    ----------
    plans
        Columns ``plan``, ``standing``, and ``x`` and ``y`` with ``_low`` and ``_high``; values that are not finite are
        left out.
    language
        Of the labels.
    x, y
        What the metrics are called.
    higher_y
        Whether more of the second metric is better.
    """
    figure = base_figure(language, height=460)
    finite = plans[np.isfinite(plans["x"]) & np.isfinite(plans["y"])]
    line = finite[finite["standing"].isin(["front", "perhaps"])].sort_values("x")
    figure.add_scatter(
        x=line["x"].tolist(),
        y=line["y"].tolist(),
        mode="lines",
        name=messages.text("chart.frontier.line", language),
        line={"color": INK, "width": 1, "shape": "hv"},
        hoverinfo="skip",
    )
    middle = (finite["x"].min() + finite["x"].max()) / 2
    for standing, marker in _MARKS.items():
        rows = finite[finite["standing"] == standing]
        if rows.empty:
            continue
        is_candidate = standing in ("front", "perhaps")
        figure.add_scatter(
            x=rows["x"].tolist(),
            y=rows["y"].tolist(),
            error_x=_bars(rows, "x") if is_candidate else None,
            error_y=_bars(rows, "y") if is_candidate else None,
            mode="markers+text" if is_candidate and len(line) <= _MOST_LABELS else "markers",
            textposition=["top left" if right else "top right" for right in rows["x"] > middle],
            textfont={"size": 11},
            cliponaxis=False,
            name=messages.text(f"chart.frontier.{standing}", language),
            marker=marker,
            text=[escape(name) for name in rows["plan"]],
            hovertemplate="%{text}<br>%{x} · %{y}<extra></extra>",
        )
    figure.update_xaxes(title=escape(x))
    figure.update_yaxes(title=escape(y), rangemode="normal" if higher_y else "tozero")
    return figure


def _bars(rows: pd.DataFrame, axis: str) -> dict[str, Any]:
    """Return error bars from intervals; ends that are not finite have none."""
    above, below = rows[f"{axis}_high"] - rows[axis], rows[axis] - rows[f"{axis}_low"]
    ends = [[end if np.isfinite(end) else 0.0 for end in side.tolist()] for side in (above, below)]
    return {"type": "data", "symmetric": False, "array": ends[0], "arrayminus": ends[1], "thickness": 1, "width": 3}
