"""Compare: the plans beside each other, and which of them is best."""

from __future__ import annotations

import streamlit as st

from hallplan.page.screen import Screen
from hallplan.page.text import say
from hallplan.page.views.changes import changes_in_words
from hallplan.page.views.choice import choice
from hallplan.page.views.parts import parts
from hallplan.page.views.results import results
from hallplan.show.comparison_frames import LETTERS

__all__ = ["draw"]


def draw(screen: Screen) -> None:
    """Draw the page."""
    plans = screen.session.settings.plans
    st.markdown("  \n".join(map(changes_in_words, plans, LETTERS[: len(plans)])))
    if screen.wanted is not None and screen.wanted.has_no_difference:
        st.info(say("no_difference"), icon=":material/compare_arrows:")
    if parts("compare", ("results", "choice")) == "results":
        results(screen)
    else:
        choice(screen)
