"""What all charts share: colours, fonts, room for labels, and names made harmless.

Comes in: a figure, or a name somebody chose.  Goes out: the figure in the house style, or the name in a form that
Plotly shows letter by letter.  The colours are Okabe and Ito's (2008), told apart by people who see red and green
alike; a shape or a dash always says the same as a colour.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from foundation.messages import Language

__all__ = [
    "COLOURS",
    "INK",
    "PLOT_CONFIG",
    "ROW_PX",
    "SYMBOLS",
    "base_figure",
    "by_plan",
    "escape",
    "label_rows",
    "plan_name",
    "row_px",
]

COLOURS: Final = {
    "A": "#6f7782",
    "B": "#0072b2",
    "C": "#009e73",
    "D": "#cc79a7",
    "E": "#b8860b",
    "F": "#3aa0dc",
    "promised": "#d55e00",
    "legal": "#333a45",
    "warning": "#d55e00",
}
SYMBOLS: Final = {
    "A": "circle-open",
    "B": "diamond",
    "C": "square",
    "D": "triangle-up",
    "E": "cross",
    "F": "hexagon2",
}
INK: Final = "#333a45"
_GRID: Final = "#e4e7eb"
ROW_PX: Final = 54
"""Height of a row that carries its label above it."""

PLOT_CONFIG: Final[dict[str, Any]] = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
"""How a figure behaves in a browser: it never takes over the finger that scrolls the page."""

_FONTS: Final[dict[Language, str]] = {
    "en": "'Source Sans', 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
    "zh": "'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
}


def escape(name: str) -> str:
    """Return a name so that Plotly shows it as it is: no tags, no entities, no formulas between dollar signs."""
    return html.escape(" ".join(name.split()), quote=False).replace("$", "&#36;")


def by_plan(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the plans of a frame by their letters, with their rows."""
    for letter in sorted(set(frame["plan"])):
        yield letter, frame[frame["plan"] == letter]


def row_px(plans: int) -> int:
    """Return the height of a row in which so many plans stand one below the other."""
    return ROW_PX + 12 * max(plans - 2, 0)


def plan_name(letter: str, names: dict[str, str]) -> str:
    """Return what a legend calls a plan."""
    return f"{letter} · {escape(names[letter])}" if names.get(letter) else letter


def base_figure(language: Language, *, height: int) -> go.Figure:
    """Return an empty figure in the house style."""
    figure = go.Figure()
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 52, "r": 14, "t": 10, "b": 44},
        font={"family": _FONTS[language], "size": 13, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "itemsizing": "constant"},
        hoverlabel={"font": {"family": _FONTS[language], "size": 13}, "align": "left"},
        dragmode=False,
    )
    axis = {"gridcolor": _GRID, "zerolinecolor": _GRID, "linecolor": _GRID, "automargin": True, "fixedrange": True}
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    return figure


def label_rows(figure: go.Figure, titles: list[str]) -> None:
    """Put the label of each row above it, from the left edge, so that long names need no margin on a phone."""
    for row, title in enumerate(titles):
        figure.add_annotation(
            x=0,
            xref="paper",
            y=-row + 0.4,
            text=escape(title),
            showarrow=False,
            xanchor="left",
            yanchor="middle",
            font={"size": 12, "color": INK},
            bgcolor="rgba(255,255,255,0.75)",
            borderpad=0,
        )
    figure.update_yaxes(
        range=[-len(titles) + 0.45, 0.62], showticklabels=False, showgrid=False, zeroline=False, showline=False
    )
    figure.update_layout(margin={"l": 6})
