"""Charts on the page: every figure behaves alike, and has words for those who do not see it.

Comes in: a figure of :mod:`hallplan.show.charts`.  Goes out: nothing but what is on the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from hallplan.show.charts import PLOT_CONFIG

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["draw_chart"]


def draw_chart(figure: go.Figure, *, key: str, alt: str) -> None:
    """Draw a figure as the house draws it.

    Parameters
    ----------
    figure
        The figure.
    key
        Its name on the page; ``chart-`` goes before.
    alt
        What it shows, in words.
    """
    st.plotly_chart(figure, theme=None, key=f"chart-{key}", config=PLOT_CONFIG, alt=alt)
