"""What moves save for each officer: a point with its interval a move, the best above.

Input: the frame ``moves`` of a :class:`planner.next_moves.result.NextMoves`.  Output: a figure.
"""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, INK, ROW_PX, base_figure, escape, label_rows

__all__ = ["moves_chart"]


def moves_chart(moves: pd.DataFrame, language: Language, *, x: str) -> go.Figure:
    """Draw what moves save for each seat; hollow where the interval holds zero.

    Parameters
    ----------
    moves
        Columns ``title``, ``per_seat``, ``per_seat_low`` and ``per_seat_high``, in the order of the rows.
    language
        Of the labels.
    x
        What is saved.
    """
    figure = base_figure(language, height=80 + ROW_PX * len(moves))
    mean, low, high = (moves[name].to_numpy() for name in ("per_seat", "per_seat_low", "per_seat_high"))
    holds_zero = (low <= 0) & (high >= 0)
    figure.add_scatter(
        x=mean.tolist(),
        y=[-row for row in range(len(moves))],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": (high - mean).tolist(),
            "arrayminus": (mean - low).tolist(),
            "thickness": 2,
            "color": COLOURS["B"],
        },
        mode="markers",
        marker={
            "size": 10,
            "color": COLOURS["B"],
            "symbol": ["circle-open" if is_open else "circle" for is_open in holds_zero],
        },
        text=[escape(title) for title in moves["title"]],
        hovertemplate="%{text}<br>%{x:.2f}<extra></extra>",
        showlegend=False,
    )
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    label_rows(figure, moves["title"].tolist())
    figure.update_xaxes(title=escape(x))
    return figure
