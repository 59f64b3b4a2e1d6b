"""Figures as SVG, drawn by the same library in a browser that is on this machine.

Input: Plotly figures.  Output: SVG texts, the same for the same figures; and one SVG of several, with their headings.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import accumulate
from typing import Final

import plotly.graph_objects as go

from foundation.errors import HallplanError
from hallplan.show.charts.theme import INK

__all__ = ["WIDTH_PX", "require_pictures", "stacked", "svg_texts"]

WIDTH_PX: Final = 900
_HEIGHT_PX: Final = 420
"""Of a figure that has no height of its own."""
_LINE_PX: Final = 26
_TITLE_PX, _HEADING_PX, _NOTE_PX = 20, 16, 13
_EM_A_LINE: Final = 0.95 * WIDTH_PX
"""Width of a line, a letter being as wide as half of its height, and a Chinese character as wide as high."""
_FONT: Final = "Noto Sans, Noto Sans CJK SC, Microsoft YaHei, sans-serif"
_HEIGHT: Final = re.compile(r'<svg[^>]* height="([\d.]+)"')
_LAST_NARROW: Final = "\u2fff"
"""Letters after this one are as wide as high."""
_PIECE: Final = re.compile(r"[^\s\u3000-\uffff]*\s+|[^\s\u3000-\uffff]+|[\u3000-\uffff]")
"""A word with the spaces behind it, or a Chinese character."""
_RANDOM_NAME: Final = re.compile(r"\b(?:clip|defs-|topdefs-|legend|trace)([0-9a-f]{6})")


def require_pictures() -> None:
    """Make sure that SVG can be drawn here.

    Raises
    ------
    HallplanError
        If the library that draws, or a Chromium for it, is missing.
    """
    if find_spec("kaleido") is None:
        raise HallplanError("error.charts.no_kaleido")
    from choreographer.browsers.chromium import Chromium

    if Chromium.find_browser(skip_local=False) is None:
        raise HallplanError("error.charts.no_browser")


def svg_texts(figures: Sequence[go.Figure]) -> list[str]:
    """Return each figure as an SVG text, on a white ground.

    Raises
    ------
    HallplanError
        If the library that draws, or a Chromium for it, is missing.
    """
    require_pictures()
    import kaleido

    texts = []
    kaleido.start_sync_server(silence_warnings=True)
    try:
        for place, figure in enumerate(figures):
            height = figure.layout.height or _HEIGHT_PX
            drawn = kaleido.calc_fig_sync(
                figure.to_plotly_json(), opts={"format": "svg", "width": WIDTH_PX, "height": height}
            )
            texts.append(_named_by_place(drawn.decode("utf-8"), place))
    finally:
        kaleido.stop_sync_server(silence_warnings=True)
    return texts


def _named_by_place(text: str, place: int) -> str:
    """Put the figure's place into the names within it, where the library has put chance."""
    names = dict.fromkeys(_RANDOM_NAME.findall(text))
    numbers = {name: f"{place:03d}{number:03d}" for number, name in enumerate(names)}
    return _RANDOM_NAME.sub(lambda match: match[0].replace(match[1], numbers[match[1]]), text)


def stacked(pictures: Sequence[str], headings: Sequence[str], *, title: str, notes: Sequence[str], width: int) -> str:
    """Return one SVG text: a title and notes, then each picture below its heading."""
    sizes = [(title, _TITLE_PX), *((note, _NOTE_PX) for note in notes)]
    lines = [(line, size) for text, size in sizes for line in _broken(text, size)]
    texts = [_text(line, (row + 1) * _LINE_PX, size) for row, (line, size) in enumerate(lines)]
    top = (len(lines) + 1) * _LINE_PX
    heights = [_LINE_PX + _height_of(picture) for picture in pictures]
    bottoms = list(accumulate(heights, initial=float(top)))
    for y, heading, picture in zip(bottoms, headings, pictures, strict=False):
        texts.append(_text(heading, y, _HEADING_PX))
        texts.append(picture.replace("<svg ", f'<svg y="{y + _LINE_PX / 2:g}" ', 1))
    size = f'width="{width}" height="{bottoms[-1]:g}" viewBox="0 0 {width} {bottoms[-1]:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<rect width="100%" height="100%" fill="#ffffff"/>'
    return "\n".join([head, *texts, "</svg>\n"])


def _broken(text: str, size: int) -> list[str]:
    """Break a text into lines that fit, at spaces, and between Chinese characters."""
    lines, width = [""], 0.0
    for piece in _PIECE.findall(text):
        long = sum(size if letter > _LAST_NARROW else size / 2 for letter in piece)
        if width + long > _EM_A_LINE and lines[-1]:
            lines.append("")
            width = 0.0
        lines[-1] += piece
        width += long
    return [line.strip() for line in lines]


def _text(line: str, y: float, size: int) -> str:
    return f'<text x="10" y="{y:g}" font-family="{_FONT}" font-size="{size}" fill="{INK}">{html.escape(line)}</text>'


def _height_of(picture: str) -> float:
    match = _HEIGHT.search(picture)
    return float(match[1]) if match else float(_HEIGHT_PX)
