"""Parts of a page, of which one is open: only that one is drawn.

Comes in: names of parts.  Goes out: the one that is open.
"""

from __future__ import annotations

import streamlit as st

from hallplan.page.text import labels, say

__all__ = ["parts"]


def parts(page: str, names: tuple[str, ...]) -> str:
    """Draw the choice of a page's part; return the one that is open, the first until another is chosen.

    Parameters
    ----------
    page
        Name of the page.
    names
        Names of its parts.
    """
    key = f"part-{page}"
    is_open: str = st.session_state.get(f"{key}-open", names[0])

    def choose() -> None:
        if st.session_state[key] in names:  # or a label of the other language
            st.session_state[f"{key}-open"] = st.session_state[key]

    st.session_state[key] = is_open
    st.segmented_control(
        say(f"parts.{page}.label"),
        names,
        format_func=labels(names, lambda name: say(f"parts.{page}.{name}")),
        key=key,
        on_change=choose,
        required=True,
        label_visibility="collapsed",
    )
    return is_open
