"""The panel beside every page: which plan is looked at, the way back, the language.

Comes in: the session.  Goes out: decisions on it.
"""

from __future__ import annotations

import streamlit as st

from foundation.messages import LANGUAGES, language
from hallplan.page.plans import plan_title
from hallplan.page.session import Session
from hallplan.page.text import labels, plain, say
from hallplan.page.views.fields import controlled
from hallplan.show.comparison_frames import LETTERS

__all__ = ["panel"]


def panel(session: Session) -> None:
    """Draw the panel."""
    _plans(session)
    with st.container(horizontal=True, key="history"):
        history = session.history
        for name, icon, act, steps in (
            ("undo", ":material/undo:", session.undo, history.past),
            ("redo", ":material/redo:", session.redo, history.future),
        ):
            st.button(say(f"buttons.{name}"), key=name, icon=icon, on_click=act, disabled=not steps)
    _languages(session)


def _plans(session: Session) -> None:
    settings = session.settings
    places = tuple(range(len(settings.plans)))
    titles = [f"{LETTERS[place]} · {plain(plan_title(settings.plans[place], language()))}" for place in places]

    def choose() -> None:
        place = st.session_state["looked-at"]
        if place in places:  # or a label of the other language
            session.look_at(place)

    st.radio(
        say("panel.plan"),
        places,
        format_func=labels(places, titles.__getitem__),
        key=controlled("looked-at", settings.current),
        on_change=choose,
        help=say("panel.plan_help"),
    )


def _languages(session: Session) -> None:
    def choose() -> None:
        session.language = st.session_state["language"]
        session.step += 1

    st.segmented_control(
        say("language"),
        LANGUAGES,
        format_func={"en": "English", "zh": "中文"}.__getitem__,
        key=controlled("language", session.language),
        on_change=choose,
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
