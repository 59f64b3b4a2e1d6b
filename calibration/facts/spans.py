"""Interval arithmetic: the interval of a figure whose inputs are intervals.

Input: the intervals that the wording of published figures allows.  Output: the intervals of figures that are computed
from them (Moore, *Interval Analysis*, 1966).  The result is exact if every uncertain number stands in the formula
once.  Otherwise it may be too wide, never too narrow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Span"]


@dataclass(frozen=True, slots=True)
class Span:
    """All numbers from `low` to `high`.

    It is not recorded whether the upper end belongs to the span.  "700-odd" is 700 up to 750, without 750 itself.

    Raises
    ------
    ValueError
        If the ends are in the wrong order, or no numbers.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"a span runs from its lower to its higher end, not from {self.low} to {self.high}")

    @classmethod
    def of(cls, value: Span | float) -> Span:
        """Return a span as it is, and a number as the span of this number alone."""
        return value if isinstance(value, Span) else cls(value, value)

    @property
    def is_exact(self) -> bool:
        """Whether it holds one number only."""
        return self.low == self.high

    def contains(self, other: Span | float, *, slack: float = 0.0) -> bool:
        """Tell whether all of `other` lies in it, up to `slack` beyond either end."""
        inner = Span.of(other)
        return self.low - slack <= inner.low and inner.high <= self.high + slack

    def meets(self, other: Span | float, *, slack: float = 0.0) -> bool:
        """Tell whether it shares a number with `other`, or comes as near as `slack`."""
        span = Span.of(other)
        return self.low - slack <= span.high and span.low <= self.high + slack

    def __add__(self, other: Span | float) -> Span:
        span = Span.of(other)
        return Span(self.low + span.low, self.high + span.high)

    def __sub__(self, other: Span | float) -> Span:
        span = Span.of(other)
        return Span(self.low - span.high, self.high - span.low)

    def __mul__(self, other: Span | float) -> Span:
        return self._corners(other, lambda a, b: a * b)

    def __truediv__(self, other: Span | float) -> Span:
        span = Span.of(other)
        if span.low <= 0 <= span.high:
            raise ZeroDivisionError("a span that holds zero divides nothing")
        return self._corners(span, lambda a, b: a / b)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: float) -> Span:
        return Span.of(other) - self

    def __rtruediv__(self, other: float) -> Span:
        return Span.of(other) / self

    def _corners(self, other: Span | float, operation: Callable[[float, float], float]) -> Span:
        span = Span.of(other)
        corners = [operation(a, b) for a in (self.low, self.high) for b in (span.low, span.high)]
        return Span(min(corners), max(corners))
