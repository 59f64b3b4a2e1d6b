"""Charts as files of their own: an HTML document that any browser opens without a network, and one SVG picture.

Input: figures with their headings.  Output: the bytes of a file; the same figures make the same bytes.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from foundation.messages import Language
from hallplan.show.charts.picture import WIDTH_PX, stacked, svg_texts
from hallplan.show.charts.theme import INK, PLOT_CONFIG

__all__ = ["ChartDocument"]

_TAGS: Final[dict[Language, str]] = {"en": "en", "zh": "zh-CN"}
_STYLE: Final = f"body {{ max-width: 60rem; margin: auto; padding: 1rem; font-family: sans-serif; color: {INK} }}"


@dataclass(frozen=True)
class ChartDocument:
    """Charts, one below the other, with what is said of them all.

    Attributes
    ----------
    charts
        Headings with their figures.
    language
        Of the document.
    title, notes
        What stands above the charts.
    """

    charts: tuple[tuple[str, go.Figure], ...]
    language: Language
    title: str
    notes: tuple[str, ...] = ()

    def html(self) -> bytes:
        """Return an HTML document that holds all it needs."""
        name = html.escape(self.title)
        head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}</title>'
        parts = [
            f'<!DOCTYPE html>\n<html lang="{_TAGS[self.language]}">\n<head>{head}<style>{_STYLE}</style>',
            f"<script>{get_plotlyjs()}</script></head>\n<body>\n<h1>{name}</h1>",
            *(f"<p>{html.escape(note)}</p>" for note in self.notes),
        ]
        for place, (heading, figure) in enumerate(self.charts):
            drawn = figure.to_html(full_html=False, include_plotlyjs=False, config=PLOT_CONFIG, div_id=f"chart-{place}")
            parts.append(f"<h2>{html.escape(heading)}</h2>\n{drawn}")
        return "\n".join([*parts, "</body>\n</html>\n"]).encode("utf-8")

    def svg(self) -> bytes:
        """Return one SVG picture of all charts, for a report in print.

        Raises
        ------
        HallplanError
            If there is no library or no browser that draws it.
        """
        pictures = svg_texts([figure for _, figure in self.charts])
        headings = [heading for heading, _ in self.charts]
        return stacked(pictures, headings, title=self.title, notes=self.notes, width=WIDTH_PX).encode("utf-8")
