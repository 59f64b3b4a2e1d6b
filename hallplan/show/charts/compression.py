"""A waterfall of days: from the mean before, lever by lever, to the mean with all levers.

Input: an :class:`~planner.attribution.Attribution` and titles.  Output: a figure.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from foundation.numbers import number
from hallplan.show.charts.theme import COLOURS, INK, ROW_PX, base_figure, label_rows
from hallplan.show.words import lever_titles

if TYPE_CHECKING:
    from planner.attribution import Attribution

__all__ = ["waterfall_chart"]

_EDGES_PX = 70
"""Height of the figure besides its rows."""
_BAR = 0.36


def waterfall_chart(attribution: Attribution, language: Language) -> go.Figure:
    """Draw what each lever takes off the days before, with its interval; hollow where that holds 0.

    The order of the rows is that of application, a convention: a share does not depend on it.

    Parameters
    ----------
    attribution
        The parts; their intervals are those of the shares.
    language
        Of the labels.
    """
    parts = attribution.parts
    rows = 2 + len(parts)
    figure = base_figure(language, height=ROW_PX * rows + _EDGES_PX)
    base = attribution.base.estimate
    titles = [messages.text("chart.waterfall.before", language, days=number(base, "days"))]
    _bar(figure, 0, (0.0, base), colour=COLOURS["A"], is_hollow=False)
    left = base
    for place, part in enumerate(parts, start=1):
        share = part.share
        end = left - share.estimate
        colour = COLOURS["B"] if share.estimate >= 0 else COLOURS["warning"]
        _bar(figure, place, (left, end), colour=colour, is_hollow=not share.excludes_zero)
        if math.isfinite(share.low) and math.isfinite(share.high):
            _whisker(figure, place, (left - share.high, left - share.low))
        days = number(-share.estimate, "days")
        lever = lever_titles(part.lever, language)
        titles.append(messages.text("chart.waterfall.lever", language, lever=lever, days=days))
        left = end
    titles.append(messages.text("chart.waterfall.after", language, days=number(left, "days")))
    _bar(figure, rows - 1, (0.0, left), colour=COLOURS["A"], is_hollow=False)
    figure.add_scatter(x=[0, base], y=[0, 1 - rows], mode="markers", marker={"opacity": 0}, showlegend=False)
    label_rows(figure, titles)
    figure.update_xaxes(title=messages.text("chart.waterfall.days", language), rangemode="tozero")
    return figure


def _bar(figure: go.Figure, row: int, ends: tuple[float, float], *, colour: str, is_hollow: bool) -> None:
    figure.add_shape(
        type="rect",
        x0=ends[0],
        x1=ends[1],
        y0=-row - _BAR + 0.2,
        y1=-row + _BAR - 0.2,
        line={"color": colour, "width": 1.5},
        fillcolor="rgba(0,0,0,0)" if is_hollow else colour,
        layer="below",  # the whisker is seen over it
    )


def _whisker(figure: go.Figure, row: int, ends: tuple[float, float]) -> None:
    figure.add_scatter(
        x=list(ends),
        y=[-row, -row],
        mode="lines+markers",
        line={"color": INK, "width": 1.5},
        marker={"symbol": "line-ns-open", "size": 8, "color": INK},
        showlegend=False,
    )
