"""What a measurement can be asked to do differently.

Input: nothing.  Output: :class:`MeasureOptions`, a value that is part of every result's address.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MeasureOptions"]


@dataclass(frozen=True)
class MeasureOptions:
    """What a measurement can be asked to do differently.

    Attributes
    ----------
    within_min
        Waits, in minutes, of which the share within is reported.
    days_per_month, days_per_week
        Working days in a month and in a week, for figures a month and a week.
    """

    within_min: tuple[int, ...] = (5, 10, 15, 20, 30)
    days_per_month: int = 21
    days_per_week: int = 5
