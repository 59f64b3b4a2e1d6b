"""Charts as a file of their own: an HTML document that any browser opens, without a network.

Input: figures with their headings.  Output: the bytes of the document; the same figures make the same bytes.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from foundation.messages import Language
from hallplan.show.charts.theme import INK, PLOT_CONFIG

__all__ = ["chart_document"]

_TAGS: Final[dict[Language, str]] = {"en": "en", "zh": "zh-CN"}
_STYLE: Final = f"body {{ max-width: 60rem; margin: auto; padding: 1rem; font-family: sans-serif; color: {INK} }}"


def chart_document(
    charts: Sequence[tuple[str, go.Figure]], language: Language, *, title: str, notes: Sequence[str] = ()
) -> bytes:
    """Return an HTML document of charts, one below the other, that holds all it needs.

    Parameters
    ----------
    charts
        Headings with their figures.
    language
        Of the document.
    title, notes
        What stands above the charts.
    """
    name = html.escape(title)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}</title>'
    parts = [
        f'<!DOCTYPE html>\n<html lang="{_TAGS[language]}">\n<head>{head}<style>{_STYLE}</style>',
        f"<script>{get_plotlyjs()}</script></head>\n<body>\n<h1>{name}</h1>",
        *(f"<p>{html.escape(note)}</p>" for note in notes),
    ]
    for place, (heading, figure) in enumerate(charts):
        drawn = figure.to_html(full_html=False, include_plotlyjs=False, config=PLOT_CONFIG, div_id=f"chart-{place}")
        parts.append(f"<h2>{html.escape(heading)}</h2>\n{drawn}")
    return "\n".join([*parts, "</body>\n</html>\n"]).encode("utf-8")
