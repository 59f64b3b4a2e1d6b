"""The chart of a report as a picture, drawn without a browser, lettered in a font that comes with the program.

Input: the frame of :mod:`hallplan.show.report.figures`, which :func:`hallplan.show.charts.headline_chart` draws for a
screen.  Output: a figure, as SVG with letters drawn as outlines, or as PNG; the same frame makes the same bytes.
"""

from __future__ import annotations

import io
import logging
import math
import textwrap
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from foundation.numbers import number
from hallplan.show.charts.theme import COLOURS, INK
from hallplan.show.report.lettering import FONT, letters_wide, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["headline_drawing", "png", "svg"]

_WIDTH_IN: Final = 7.1
"""As wide as the text on an A4 page."""
_ROW_IN, _FRAME_IN = 0.34, 0.72
_LABEL_IN: Final = 1.75
_LABEL_LETTERS, _TITLE_LETTERS, _LINES = 26, 24, 2
"""Half-width letters in a line of a plan's name and of a panel's title, and lines at most."""
_PT: Final = 8.0
_DPI: Final = 200
_GRID: Final = "#e4e7eb"
_ROOM: Final = 1.6
"""How far a panel reaches beyond its largest value: the value's own letters stand there."""
_SETTINGS: Final[dict[Any, Any]] = {"svg.hashsalt": "hallplan", "svg.fonttype": "path", "axes.unicode_minus": True}


@cache
def _family() -> list[str]:
    """Return the names of the fonts to letter with, after making ours known."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it says that it looks at the fonts of this machine
    from matplotlib import font_manager

    font_manager.fontManager.addfont(str(FONT))
    return [font_manager.FontProperties(fname=str(FONT)).get_name(), "DejaVu Sans"]


def headline_drawing(frame: pd.DataFrame) -> Figure:
    """Return one panel a metric, one row a plan: the mean with its 95% interval.

    Parameters
    ----------
    frame
        As :func:`hallplan.show.report.figures.charted` returns it.
    """
    from matplotlib.figure import Figure

    plans = frame.drop_duplicates("plan").sort_values("plan")
    metrics = list(dict.fromkeys(frame["metric"]))
    height = _FRAME_IN + _ROW_IN * len(plans)
    figure = Figure(figsize=(_WIDTH_IN, height), dpi=_DPI)
    panels = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
    edges = {"left": _LABEL_IN / _WIDTH_IN, "right": 0.99, "top": 1 - 0.4 / height, "bottom": 0.3 / height}
    figure.subplots_adjust(**edges, wspace=0.12)
    for panel, metric in zip(panels, metrics, strict=True):
        _draw_panel(panel, frame[frame["metric"] == metric])
    for place, title in zip(plans["plan"], plans["plan_title"], strict=True):
        label = "\n".join(_lines(title, _LABEL_LETTERS))
        where = {"x": -0.06, "y": place, "transform": panels[0].get_yaxis_transform()}
        panels[0].text(s=label, ha="right", va="center", **where, **_letters())
    return figure


def _draw_panel(panel: Axes, rows: pd.DataFrame) -> None:
    kind, largest = rows["kind"].iloc[0], 0.0
    for _, row in rows.iterrows():
        mean = row["mean"]
        if not math.isfinite(mean):
            continue
        low, high = (row[end] if math.isfinite(row[end]) else mean for end in ("low", "high"))
        style: dict[str, Any] = {
            "color": COLOURS["A" if row["plan"] == 0 else "B"],
            "marker": "o" if row["plan"] == 0 else "D",
        }
        if row["plan"] == 0:
            style["markerfacecolor"] = "white"
        panel.errorbar([mean], [row["plan"]], xerr=[[mean - low], [high - mean]], markersize=4, capsize=2, **style)
        panel.annotate(
            number(mean, kind),
            (max(mean, high), row["plan"]),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            parse_math=False,
            **_letters(),
        )
        largest = max(largest, mean, high)
    panel.set_xlim(0, largest * _ROOM or 1.0)
    panel.set_ylim(rows["plan"].max() + 0.6, -0.6)
    panel.set_yticks([])
    panel.set_title("\n".join(_lines(rows["title"].iloc[0], _TITLE_LETTERS)), parse_math=False, **_letters(), pad=4)
    ends = [0.0, largest] if largest else [0.0]
    panel.set_xticks(ends, [number(end, kind) for end in ends], **_letters(_PT - 1.5))
    panel.grid(axis="x", color=_GRID)
    panel.set_axisbelow(True)
    for side in panel.spines.values():
        side.set_color(_GRID)
    panel.tick_params(length=0)


def _letters(size: float = _PT) -> dict[str, Any]:
    return {"family": _family(), "fontsize": size, "color": INK}


def _lines(text: str, width: int) -> list[str]:
    """Break a text into a few lines of so many half-width letters; what does not fit is cut with an ellipsis."""
    words = textwrap.wrap(text, width) if letters_wide(text) == len(text) else _pieces(text, width)
    if len(words) <= _LINES:
        return words
    return [*words[: _LINES - 1], shortened(text[len("".join(words[: _LINES - 1])) :].strip(), width - 2)]


def _pieces(text: str, width: int) -> list[str]:
    """Break a text between any letters, as Chinese is broken."""
    lines, used = [""], 0
    for letter in text:
        size = letters_wide(letter)
        if used + size > width:
            lines.append("")
            used = 0
        lines[-1] += letter
        used += size
    return lines


def _file(frame: pd.DataFrame, form: str, metadata: dict[str, Any]) -> bytes:
    import matplotlib as mpl

    stream = io.BytesIO()
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a letter that no font has is drawn as a box
        headline_drawing(frame).savefig(stream, format=form, metadata=metadata)
    return stream.getvalue()


def svg(frame: pd.DataFrame) -> str:
    """Return the chart as an SVG element for a page."""
    text = _file(frame, "svg", {"Date": None, "Creator": None}).decode("utf-8")
    return text[text.index("<svg") :]


def png(frame: pd.DataFrame) -> bytes:
    """Return the chart as a PNG picture for a document."""
    return _file(frame, "png", {"Software": None})
