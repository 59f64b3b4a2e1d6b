"""What came against what was forecast: every figure relative to the middle of its forecast.

Input: the frame ``figures`` of :class:`planner.backtest.result.Backtest`.  Output: a figure.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, INK, ROW_PX, base_figure, label_rows

__all__ = ["held_chart"]

_BARS: Final = (
    ("forecast", ("low", "high"), COLOURS["A"], 0.16),
    ("demand", ("with_demand_low", "with_demand_high"), COLOURS["B"], 0.0),
)


def held_chart(figures: pd.DataFrame, titles: list[str], language: Language, *, coverage: float) -> go.Figure:
    """Draw the intervals and what came, each divided by the forecast's median.

    Parameters
    ----------
    figures
        Columns ``observed``, ``forecast``, ``low``, ``high``, ``with_demand_low``, ``with_demand_high``; forecasts of 0
        have no relative value and are left out.
    titles
        What the figures are called, one a row.
    language
        Of the labels.
    coverage
        Probability with which one period lies in an interval.
    """
    shown = (figures["forecast"] > 0).to_numpy()
    rows, names = figures[shown], [title for title, keep in zip(titles, shown.tolist(), strict=True) if keep]
    figure = base_figure(language, height=90 + ROW_PX * len(names))
    places = list(range(len(names)))
    for name, (low, high), colour, shift in _BARS:
        first, last = list(rows[low] / rows["forecast"]), list(rows[high] / rows["forecast"])
        figure.add_bar(
            base=first,
            x=[end - begin for begin, end in zip(first, last, strict=True)],
            y=[shift - place for place in places],
            width=0.12,
            orientation="h",
            marker={"color": colour, "opacity": 0.6},
            name=messages.text(f"chart.backtest.{name}", language, coverage=coverage),
        )
    figure.add_scatter(
        x=list(rows["observed"] / rows["forecast"]),
        y=[0.08 - place for place in places],
        mode="markers",
        marker={"symbol": "diamond", "size": 10, "color": INK},
        name=messages.text("chart.backtest.observed", language),
    )
    figure.add_vline(x=1, line={"color": INK, "dash": "dash", "width": 1})
    figure.update_xaxes(title=messages.text("chart.backtest.x", language), tickformat=".0%")
    figure.update_layout(barmode="overlay")
    label_rows(figure, names)
    return figure
