"""The integer clock and the working calendar.

Input: a first day, working days and opening hours.  Output: :class:`WorkCalendar`, :func:`working_days`, and the
units in which moments are counted.
"""

from sim.calendar.days import working_days, years_without_notice
from sim.calendar.units import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    NEVER,
    SECOND_MS,
)
from sim.calendar.work_calendar import WorkCalendar

__all__ = [
    "DAY_MS",
    "HOUR_MS",
    "MINUTE_MS",
    "NEVER",
    "SECOND_MS",
    "WorkCalendar",
    "working_days",
    "years_without_notice",
]
