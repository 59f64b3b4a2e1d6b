"""What a measurement can be asked to do differently.

Input: nothing.  Output: :class:`MeasureOptions`, a value that is part of every result's address.
"""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.model import RunSpec

__all__ = ["MeasureOptions"]


@dataclass(frozen=True)
class MeasureOptions:
    """What a measurement can be asked to do differently.

    Attributes
    ----------
    within_min
        Waits, in minutes, of which the share within is reported; a scenario may add its own (``run.wait_limits_min``).
    days_per_month, days_per_week
        Working days in a month and in a week, for figures a month and a week.
    """

    within_min: tuple[int, ...] = (5, 10, 15, 20, 30)
    days_per_month: int = 21
    days_per_week: int = 5

    def wait_limits(self, run: RunSpec) -> list[int]:
        """Return the waits of which the share within is reported for a scenario, in minutes, the shortest first."""
        return sorted({*self.within_min, *run.wait_limits_min})
