"""The component that draws a day in the browser: its files, joined and registered with Streamlit.

Input: the JSON of a day and the words of a language.  Output: the component on the page.  Streamlit takes one module of
JavaScript: the files are joined as they are, in the order of :data:`SCRIPTS`, so that none needs a build step.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

__all__ = ["NAME", "SCRIPTS", "draw_day", "script"]

NAME: Final = "hallplan_replay"
SCRIPTS: Final = ("day.js", "floor.js", "motion.js", "drawing.js", "story.js", "replay.js")


def script() -> str:
    """Return the component's JavaScript, all of it."""
    return "\n".join(_text(name) for name in SCRIPTS)


def draw_day(day: str, texts: dict[str, str], *, key: str) -> None:
    """Draw a day.

    Parameters
    ----------
    day
        As :func:`hallplan.page.replay.payload.day_json` returns it.
    texts
        As :func:`hallplan.page.replay.payload.words` returns them.
    key
        Of the component on the page.
    """
    _component()(data={"day": day, "words": texts}, key=key)


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(NAME, html=_text("replay.html"), css=_text("replay.css"), js=script())


def _text(name: str) -> str:
    return files("hallplan.page.replay").joinpath(name).read_text("utf-8")
