"""Links from one page to another.

Comes in: the name of a page.  Goes out: what Streamlit knows it by.
"""

from __future__ import annotations

import streamlit as st

from hallplan.page.text import say

__all__ = ["page_of"]


def page_of(name: str) -> st.Page:
    """Return a page by its name in the address, to link or to go to; it is drawn by what the script has registered."""
    return st.Page(lambda: None, title=say(f"pages.{name}"), url_path=name)
