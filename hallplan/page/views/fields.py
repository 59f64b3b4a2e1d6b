"""Fields that say what is in force: what is typed into one is taken as it is, or refused with the reason.

Comes in: the value in force, its limits, and what to do with another one.  Goes out: decisions.  Streamlit's own field
for numbers would make 2 of 2.7, and the smallest number of nothing, without a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from hallplan.page.text import plain, say

__all__ = ["controlled", "decimal_number", "whole_number"]

_DIGITS: Final = re.compile(r"(0|-?[1-9][0-9]{0,18})")
_DECIMALS: Final = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?")


def controlled(key: str, value: Any) -> str:
    """Give a widget its value before it is drawn, so that undo and a link can move it; return its key."""
    st.session_state[key] = value
    return key


def whole_number(
    label: str, *, key: str, value: int, limits: tuple[int, int], choose: Callable[[int], None], help_text: str = ""
) -> None:
    """Draw a field for a whole number.

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

    def take(text: str) -> bool:
        if not (_DIGITS.fullmatch(text) and low <= int(text) <= high):
            return False
        choose(int(text))
        return True

    _field(label, key, str(value), take, help_text)
    _refusal("field.no_whole_number", key, str(value), low=str(low), high=str(high))


def decimal_number(
    label: str,
    *,
    key: str,
    value: float,
    limits: tuple[float, float],
    choose: Callable[[float], None],
    help_text: str = "",
) -> None:
    """Draw a field for a number with up to four decimals; the parameters as of :func:`whole_number`."""
    low, high = limits
    shown = _written(value)

    def take(text: str) -> bool:
        if not (_DECIMALS.fullmatch(text) and low <= float(text) <= high):
            return False
        choose(float(text))
        return True

    _field(label, key, shown, take, help_text)
    _refusal("field.no_number", key, shown, low=_written(low), high=_written(high))


def _written(value: float) -> str:
    return f"{round(value, 4):.4f}".rstrip("0").rstrip(".")


def _field(label: str, key: str, shown: str, take: Callable[[str], bool], help_text: str) -> None:
    """Draw the field; what `take` does not take is remembered as refused, with the value then in force."""

    def read() -> None:
        text = str(st.session_state[key]).strip()
        if take(text):
            st.session_state.pop(f"{key}-refused", None)
        else:
            st.session_state[f"{key}-refused"] = (text, shown)

    st.text_input(label, key=controlled(key, shown), on_change=read, help=help_text or None)


def _refusal(sentence: str, key: str, shown: str, *, low: str, high: str) -> None:
    """Say what was refused, until there is another value, by whatever way."""
    text, shown_then = st.session_state.get(f"{key}-refused", ("", None))
    if shown_then == shown:
        st.error(say(sentence, text=plain(text), low=low, high=high, value=shown), icon=":material/error:")
