"""How busy every pool is, plan by plan.

Comes in: :func:`hallplan.show.comparison_frames.utilisation_frame`.  Goes out: a figure with one row a pool.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, SYMBOLS, base_figure, by_plan, label_rows, plan_name, row_px

__all__ = ["utilisation_chart"]

_MIDDLE: Final = -0.1
_SPREAD: Final = 0.11
"""How far apart more than two plans stand in a row: two stand at the same height."""


def _heights(utilisation: pd.DataFrame) -> dict[str, float]:
    """Return where each plan stands in its row."""
    letters = sorted(set(utilisation["plan"]))
    reach = _SPREAD * (len(letters) - 1) / 2 if len(letters) > 2 else 0.0
    return dict(zip(letters, (_MIDDLE + np.linspace(reach, -reach, len(letters))).tolist(), strict=True))


def utilisation_chart(
    utilisation: pd.DataFrame, language: Language, *, names: dict[str, str], limit: float
) -> go.Figure:
    """Draw the share of its rostered time for which each pool is at work.

    Parameters
    ----------
    utilisation
        Columns ``pool``, ``title``, ``plan``, ``mean``, ``low``, ``high``; rows of a pool together, in the order in
        which to show them.
    language
        Of the labels.
    names
        What the plans are called, by letter.
    limit
        Above it a pool is called overloaded: a line is drawn there.
    """
    pools = list(dict.fromkeys(utilisation["pool"]))
    place = {pool: -row for row, pool in enumerate(pools)}
    titles = utilisation.drop_duplicates("pool", keep="last").set_index("pool")["title"]
    heights = _heights(utilisation)
    figure = base_figure(language, height=row_px(len(heights)) * max(len(pools), 1) + 150)
    _add_change(figure, utilisation, place, heights)
    for letter, group in by_plan(utilisation):
        colour = COLOURS[letter]
        figure.add_scatter(
            x=group["mean"],
            y=[place[pool] + heights[letter] for pool in group["pool"]],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (group["high"] - group["mean"]).clip(upper=10),
                "arrayminus": (group["mean"] - group["low"]).clip(upper=10),
                "color": colour,
                "thickness": 1.5,
                "width": 4,
            },
            mode="markers",
            marker={"symbol": SYMBOLS[letter], "size": 10, "color": colour, "line": {"width": 1.5, "color": colour}},
            name=plan_name(letter, names),
            customdata=[
                messages.text(
                    "chart.utilisation.hover", language, plan=letter, mean=row["mean"], low=row["low"], high=row["high"]
                )
                for row in group.to_dict("records")
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.add_scatter(
        x=[limit, limit],
        y=[-len(pools) + 0.5, 0.6],
        mode="lines",
        line={"color": COLOURS["warning"], "width": 1.5, "dash": "dash"},
        name=messages.text("chart.utilisation.limit", language, limit=limit),
        hoverinfo="skip",
    )
    top = max([1.02, *(utilisation["mean"] * 1.05)])
    figure.update_xaxes(title=messages.text("chart.utilisation.x", language), range=[0, top], tickformat=".0%")
    label_rows(figure, [str(titles[pool]) for pool in pools])
    return figure


def _add_change(
    figure: go.Figure, utilisation: pd.DataFrame, place: dict[object, int], heights: dict[str, float]
) -> None:
    """Join the plans' dots of a pool by a thin line."""
    x: list[float | None] = []
    y: list[float | None] = []
    for pool, group in utilisation.groupby("pool", observed=True):
        if len(group) > 1:
            x += [*group["mean"], None]
            y += [*(place[pool] + heights[letter] for letter in group["plan"]), None]
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": "#c3c9d1", "width": 2}, hoverinfo="skip", showlegend=False
    )
