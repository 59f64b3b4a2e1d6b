"""A field for whole numbers: what is typed is taken as it is, or refused with the reason.

Comes in: the number in force, its limits, and what to do with another one.  Goes out: decisions.  Streamlit's own field
for whole numbers would make 2 of 2.7 without a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import streamlit as st

from hallplan.page.text import plain, say

__all__ = ["whole_number"]

_DIGITS: Final = re.compile(r"(0|-?[1-9][0-9]{0,18})")


def whole_number(
    label: str, *, key: str, value: int, limits: tuple[int, int], choose: Callable[[int], None], help_text: str = ""
) -> None:
    """Draw the field.

    Parameters
    ----------
    label, help_text
        What the number means.
    key
        The field's name on the page.
    value
        The number in force; it stays when something else is refused.
    limits
        The smallest and the largest number.
    choose
        Takes the new number.
    """
    low, high = limits
    refused_key = f"{key}-refused"

    def take() -> None:
        text = str(st.session_state[key]).strip()
        if _DIGITS.fullmatch(text) and low <= int(text) <= high:
            st.session_state.pop(refused_key, None)
            choose(int(text))
        else:
            st.session_state[refused_key] = (text, value)

    st.session_state[key] = str(value)
    st.text_input(label, key=key, on_change=take, help=help_text or None)
    text, value_then = st.session_state.get(refused_key, ("", None))
    if value_then == value:  # said until there is another number, by whatever way
        sentence = say("field.no_whole_number", text=plain(text), low=low, high=high, value=value)
        st.error(sentence, icon=":material/error:")
