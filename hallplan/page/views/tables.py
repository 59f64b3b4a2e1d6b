"""Tables of text on the page: those that the command line prints.

Comes in: a :class:`~hallplan.show.text_table.TextTable`.  Goes out: nothing but what is on the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from hallplan.page.text import plain, without_options

if TYPE_CHECKING:
    from hallplan.show.text_table import TextTable

__all__ = ["draw_table"]


def draw_table(table: TextTable) -> None:
    """Draw a table with its title above and its notes below."""
    if table.title:
        st.markdown(f"**{plain(table.title)}**")
    if table.rows:
        rows = [[without_options(cell) for cell in row] for row in table.rows]
        frame = pd.DataFrame(rows, columns=[column.title for column in table.columns])
        st.dataframe(frame, hide_index=True, width="stretch")
    for note in table.notes:
        st.caption(plain(without_options(note)))
