"""How much each key of a sweep matters for one metric: Sobol indices, or elementary effects, with their intervals.

Input: rows of :meth:`planner.sweep.results.SweepResult.sensitivity` for one metric.  Output: a figure.
"""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, INK, ROW_PX, base_figure, label_rows

__all__ = ["sensitivity_chart"]


def sensitivity_chart(effects: pd.DataFrame, language: Language, *, is_share: bool = False) -> go.Figure:
    """Draw one row a key, the largest first, with the two measures of the design side by side.

    Parameters
    ----------
    effects
        Columns ``key``, and either ``first`` and ``total`` or ``mu_star`` and ``sigma``, each with ``_low`` and
        ``_high``.
    language
        Of the labels.
    is_share
        Whether effects are those on a share, which are written in per cent.
    """
    measures = ("total", "first") if "total" in effects.columns else ("mu_star", "sigma")
    rows = effects.sort_values(measures[0], ascending=False, kind="stable").reset_index(drop=True)
    figure = base_figure(language, height=90 + ROW_PX * len(rows))
    for place, measure in enumerate(measures):
        middle = rows[measure]
        figure.add_scatter(
            x=middle.tolist(),
            y=[-row - 0.12 * place for row in rows.index],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (rows[f"{measure}_high"] - middle).tolist(),
                "arrayminus": (middle - rows[f"{measure}_low"]).tolist(),
            },
            mode="markers",
            name=messages.text(f"chart.sensitivity.{measure}", language),
            marker={"size": 9, "color": (INK, COLOURS["B"])[place], "symbol": ("diamond", "circle-open")[place]},
        )
    figure.update_xaxes(
        title=messages.text("chart.sensitivity.x", language), zeroline=True, tickformat=".0%" if is_share else None
    )
    label_rows(figure, rows["key"].tolist())
    return figure
