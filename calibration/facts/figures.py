"""Figures in words: a number with its unit, as a reader wants to see it.

Input: a number and the key of its unit.  Output: text in the user's language.
"""

from __future__ import annotations

from calibration.facts.spans import Span
from foundation import messages
from foundation.messages import Language

__all__ = ["figure", "number", "span_text"]


def number(value: float, unit: str = "") -> str:
    """Write a number: shares in per cent, small probabilities with one figure, large counts without decimals."""
    if unit == "share":
        places = 0 if value in (0, 1) else 2
        return f"{100 * value:.{places}f}%"
    if unit == "probability":
        return f"{value:.3f}" if value >= 0.001 or value == 0 else f"{value:.1g}"
    if value == round(value) or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2f}"


def figure(value: float, unit: str = "", language: Language | None = None) -> str:
    """Write a number with its unit."""
    return messages.text(f"calibration.unit.{unit or 'none'}", language, n=number(value, unit))


def span_text(span: Span, unit: str = "", language: Language | None = None) -> str:
    """Write a span: one number if it is exact or looks so, else both ends."""
    low, high = number(span.low, unit), number(span.high, unit)
    both = low if low == high else messages.text("calibration.span", language, low=low, high=high)
    return messages.text(f"calibration.unit.{unit or 'none'}", language, n=both)
