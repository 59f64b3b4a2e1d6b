"""How numbers are written: decimals by kind, shares in per cent, intervals by their ends or by half their width.

Input: a number and its kind (``count``, ``share``, ``minutes``, ``hours``, ``days`` or ``yuan``).  Output: text that is
the same in either language.
"""

from __future__ import annotations

import math
from typing import Final

__all__ = [
    "NOTHING",
    "decimals",
    "estimate_text",
    "number",
    "plus_minus",
    "published_range",
    "range_text",
    "signed",
    "significant",
]

NOTHING: Final = "–"
"""What stands in the place of a number that does not exist."""
_MOST_PUBLISHED: Final = 4
"""Decimals of a published figure that are written at the most."""

_LOPSIDED: Final = 0.02
"""By how much of its width an interval's middle may miss the estimate and still be written as ± half the width."""


def decimals(value: float, kind: str) -> int:
    """Return how many decimals a number of a kind is worth writing."""
    if kind == "share":
        return 1 if 0.01 <= abs(value) <= 0.99 or value in (0, 1) else 2
    if kind == "yuan" or abs(value) >= 1_000:
        return 0
    return 1 if kind == "minutes" or (kind == "count" and abs(value) >= 100) else 2


def number(value: float, kind: str, places: int | None = None) -> str:
    """Write a number as its kind asks for: shares in per cent, minutes to a tenth, large counts without decimals.

    Parameters
    ----------
    value
        The number; not-a-number becomes a dash.
    kind
        ``count``, ``share``, ``minutes``, ``hours``, ``days`` or ``yuan``.
    places
        Decimals; as many as the number is worth by default.
    """
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    places = decimals(value, kind) if places is None else places
    text = f"{100 * value:,.{places}f}%" if kind == "share" else f"{value:,.{places}f}"
    return text.replace("-", "−") if float(text.strip("%").replace(",", "")) else text.lstrip("-")


def significant(value: float | None) -> str:
    """Write a number of no stated kind with three significant digits, or as a whole number from a thousand on."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def range_text(low: float, high: float, kind: str) -> str:
    """Write an interval by its ends; a dash where it has none."""
    if not math.isfinite(low):
        return NOTHING
    places = max(decimals(end, kind) for end in (low, high)) if kind == "share" else decimals(high, kind)
    first, second = number(low, kind, places), number(high, kind, places)
    return f"{first.removesuffix('%')}–{second}" if first.endswith("%") else f"{first}–{second}"


def published_range(low: float, high: float, kind: str) -> str:
    """Write the ends of a published interval with as many decimals as they have."""
    scale = 100 if kind == "share" else 1
    ends = [round(scale * end, 6) for end in (low, high)]
    places = next((k for k in range(_MOST_PUBLISHED) if all(round(end, k) == end for end in ends)), _MOST_PUBLISHED)
    first, second = (number(end, kind, places) for end in (low, high))
    return f"{first.removesuffix('%')}–{second}"


def plus_minus(value: float, half_width: float, kind: str) -> str:
    """Write a number with half the width of its interval; without it where that is not finite."""
    if not math.isfinite(half_width):
        return number(value, kind)
    places = max(decimals(value, kind), decimals(half_width, kind) if kind == "share" else 0)
    return f"{number(value, kind, places)} ± {number(half_width, kind, places)}"


def estimate_text(value: float, low: float, high: float, kind: str, *, sign: bool = False) -> str:
    """Write an estimate with its interval: by half the width where it lies in the middle, else by the ends.

    Parameters
    ----------
    value, low, high
        The estimate and the ends of its interval; infinite ends are left out.
    kind
        As for :func:`number`.
    sign
        Whether positive numbers carry a plus sign, as differences do.
    """
    write = signed if sign else str
    if not (math.isfinite(low) and math.isfinite(high)):
        return write(number(value, kind))
    if abs(low + high - 2 * value) <= _LOPSIDED * (high - low):
        return write(plus_minus(value, (high - low) / 2, kind))
    if not sign:
        return f"{number(value, kind)} ({range_text(low, high, kind)})"
    ends = f"{write(number(low, kind))}…{write(number(high, kind))}"
    return f"{write(number(value, kind))} ({ends})"


def signed(text: str) -> str:
    """Put a plus sign before a positive number; a zero, and what is no number, has none."""
    return f"+{text}" if text[:1].isdigit() and any(digit in text.partition("±")[0] for digit in "123456789") else text
