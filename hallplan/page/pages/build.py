"""Build: what the plan that is looked at is, its staff, and the hall of one's own."""

from __future__ import annotations

import streamlit as st

from hallplan.page.screen import Screen
from hallplan.page.server import workspace
from hallplan.page.views.changes import changes_in_words
from hallplan.page.views.files import own_hall
from hallplan.page.views.parts import parts
from hallplan.page.views.plans import choices
from hallplan.page.views.saved_plans import saved_plans
from hallplan.page.views.staffing import staffing

__all__ = ["draw"]


def draw(screen: Screen) -> None:
    """Draw the page."""
    session = screen.session
    st.markdown(changes_in_words(session.settings.plan, session.settings.letter))
    names = ("plan", "staff", "own") if workspace() is None else ("plan", "staff", "own", "saved")
    part = parts("build", names)
    if part == "plan":
        choices(session)
    elif part == "staff":
        staffing(screen)
    elif part == "own":
        own_hall(session)
    else:
        saved_plans(session)
