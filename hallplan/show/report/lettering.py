"""Text that any file and any picture can hold, and the font that pictures are lettered in.

Input: names that people chose.  Output: the same in one line without characters that steer a program; and fonts.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Final

from foundation import messages

__all__ = ["FONT", "letters_wide", "plain_line", "quantity_text", "shortened"]

FONT: Final = Path(__file__).resolve().parents[1] / "fonts" / "HallplanSansSC-Regular.otf"
"""Latin letters and the Chinese characters of GB 2312 (docs/decisions/0065-pictures-in-reports.md)."""
_STEERING: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories of characters that are no letters: XML forbids some of them, others turn a line around."""

_UNIT: Final = re.compile(r"(?<=\d) (working days?|days?|weeks?|min|h|s)\b|\ba (day|week|fortnight|month)\b")
"""Units as scenario files have them, behind a number; and how often something comes."""
_UNITS: Final = {"working days": "working_days", "days": "days", "weeks": "weeks", "min": "min", "h": "h", "s": "s"}


def quantity_text(text: str) -> str:
    """Return quantities as a scenario file has them with their units in the language in use."""

    def unit(match: re.Match[str]) -> str:
        if match[2]:
            return messages.text(f"report.each.{match[2]}")
        plural = match[1] if match[1] in _UNITS else match[1] + "s"
        return messages.text(f"report.quantity.{_UNITS[plural]}")

    return _UNIT.sub(unit, text)


def plain_line(text: str) -> str:
    """Return a text in one line, without characters that control rather than show."""
    one_line = " ".join(text.split())
    return "".join(letter for letter in one_line if unicodedata.category(letter) not in _STEERING)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many half-width letters; a Chinese character counts as two."""
    if letters_wide(text) <= most:
        return text
    width = 0
    for place, letter in enumerate(text):
        width += letters_wide(letter)
        if width > most:
            return text[:place].rstrip() + "…"
    return text


def letters_wide(text: str) -> int:
    """Return how wide a text is in half-width letters; a Chinese character is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1 for letter in text)
