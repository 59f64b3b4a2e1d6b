"""Mean waits over the day, plan by plan, with bands.

Comes in: :func:`hallplan.show.comparison_frames.waits_frame`.  Goes out: a figure.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, SYMBOLS, base_figure, by_plan, plan_name

__all__ = ["waits_chart"]


def waits_chart(waits: pd.DataFrame, language: Language, *, names: dict[str, str]) -> go.Figure:
    """Draw the mean wait by half-hour of the day; no line runs through a half-hour that is closed or hardly visited.

    Parameters
    ----------
    waits
        Columns ``plan``, ``half_hour``, ``called``, ``mean``, ``low``, ``high`` (minutes).
    language
        Of the labels.
    names
        What the plans are called, by letter.
    """
    figure = base_figure(language, height=360)
    half_hours = _half_hours(waits["half_hour"])
    for letter, group in by_plan(waits):
        line = group.set_index("half_hour").reindex(half_hours)
        low = line["low"].clip(lower=0).to_numpy()
        high = line["high"].to_numpy()
        colour = COLOURS[letter]
        for run in _runs(np.isfinite(high) & np.isfinite(low)):
            figure.add_scatter(
                x=[*(half_hours[k] for k in run), *(half_hours[k] for k in reversed(run))],
                y=[*high[run], *low[run][::-1]],
                fill="toself",
                fillcolor=colour,
                opacity=0.18,
                line={"width": 0},
                mode="lines",
                hoverinfo="skip",
                showlegend=False,
                legendgroup=letter,
            )
        figure.add_scatter(
            x=half_hours,
            y=line["mean"],
            name=plan_name(letter, names),
            legendgroup=letter,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": "dot" if letter == "A" else "solid"},
            marker={"symbol": SYMBOLS[letter], "size": 8, "color": colour, "line": {"width": 1.5, "color": colour}},
            customdata=[
                ""
                if np.isnan(mean)
                else messages.text("chart.waits.hover", language, plan=letter, mean=mean, low=below, high=above)
                for mean, below, above in zip(line["mean"], low, high, strict=True)
            ],
            hovertemplate="%{x}<br>%{customdata}<extra></extra>",
        )
    figure.update_xaxes(
        title=messages.text("chart.waits.x", language),
        type="category",
        categoryorder="array",
        categoryarray=half_hours,
        tickvals=[half_hour for half_hour in half_hours if half_hour.endswith(":00")],
        tickangle=0,
    )
    figure.update_yaxes(title=messages.text("chart.waits.y", language), rangemode="tozero")
    figure.update_layout(hovermode="closest")
    return figure


def _half_hours(shown: pd.Series) -> list[str]:
    """Return every half-hour from the first that is shown to the last: one in which no plan has a mean is a gap."""
    places = sorted({2 * int(label[:2]) + int(label[3:]) // 30 for label in shown})
    return [f"{place // 2:02d}:{place % 2 * 30:02d}" for place in range(places[0], places[-1] + 1)] if places else []


def _runs(is_known: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[list[int]]:
    """Return the stretches of positions that are known without a gap."""
    runs: list[list[int]] = []
    for position in np.flatnonzero(is_known).tolist():
        if runs and runs[-1][-1] == position - 1:
            runs[-1].append(position)
        else:
            runs.append([position])
    return runs
