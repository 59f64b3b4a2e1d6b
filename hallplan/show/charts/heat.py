"""Who waits where and when: a cell for each pool and half-hour, the darker the longer its queue.

Input: :func:`hallplan.show.queue_frame.queue_frame`.  Output: a figure.  One hue from light to dark, which every eye
and every printer tells apart; a half-hour with nobody on duty stays blank.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import base_figure, escape

__all__ = ["heat_chart"]

_SCALE: Final = ("#dbe9f6", "#9fc8e8", "#5a9fd0", "#1f6cae", "#0a3f7d")
_HOURS_A_TICK: Final = 2
_ROW_PX: Final = 26
_MARGINS_PX: Final = 140
_LONGEST: Final[dict[Language, int]] = {"en": 24, "zh": 12}
"""Characters of a row's name that are written; the rest is read by pointing at a cell."""
_LEAST_TOP: Final = 1.0
"""The darkest colour means at least one visitor: what nobody notices is not drawn as a crowd."""


def heat_chart(queues: pd.DataFrame, language: Language) -> go.Figure:
    """Draw the mean queue of each pool by half-hour of the day.

    Parameters
    ----------
    queues
        Columns ``pool``, ``title``, ``half_hour``, ``mean``, ``low``, ``high``, ``on_duty``; not-a-number where nobody
        is on duty.
    language
        Of the labels.
    """
    half_hours = sorted(set(queues["half_hour"]))
    pools = list(dict.fromkeys(queues["pool"]))
    figure = base_figure(language, height=_MARGINS_PX + _ROW_PX * len(pools))
    means, hovers = np.full((2, len(pools), len(half_hours)), np.nan, dtype=object)
    for row in queues.to_dict("records"):
        if np.isfinite(row["mean"]):
            cell = pools.index(row["pool"]), half_hours.index(row["half_hour"])
            values = {name: row[name] for name in ("half_hour", "mean", "low", "high", "on_duty")}
            means[cell] = row["mean"]
            hovers[cell] = messages.text("chart.heat.hover", language, title=escape(row["title"]), **values)
    largest = queues["mean"].max()
    figure.add_heatmap(
        z=means.astype(float),
        x=half_hours,
        y=list(range(len(pools))),
        customdata=hovers,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        xgap=1,
        ygap=1,
        zmin=0,
        zmax=max(float(largest), _LEAST_TOP) if np.isfinite(largest) else _LEAST_TOP,
        colorscale=[[place / (len(_SCALE) - 1), colour] for place, colour in enumerate(_SCALE)],
        colorbar={
            "title": {"text": messages.text("chart.heat.scale", language), "side": "right"},
            "orientation": "h",
            "y": 1.0,
            "yanchor": "bottom",
            "thickness": 10,
            "outlinewidth": 0,
            "nticks": 5,
        },
    )
    titles = dict(zip(queues["pool"], queues["title"], strict=True))
    names = [escape(_shortened(titles[pool], _LONGEST[language])) for pool in pools]
    plain = {"showgrid": False, "zeroline": False, "ticks": "", "showline": False}
    figure.update_yaxes(tickvals=list(range(len(pools))), ticktext=names, autorange="reversed", **plain)
    figure.update_xaxes(
        title=messages.text("chart.heat.x", language),
        type="category",
        tickvals=[half_hour for half_hour in half_hours if half_hour.endswith(":00")][::_HOURS_A_TICK],
        tickangle=0,
        **plain,
    )
    figure.update_layout(hovermode="closest")
    return figure


def _shortened(name: str, longest: int) -> str:
    plain = " ".join(name.split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"
