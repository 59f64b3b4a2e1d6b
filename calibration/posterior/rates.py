"""Rates of timetables: rates in words, and timetables with more or fewer departures.

Input: the ends of a range such as ``"2 a week"`` or ``"1 a fortnight"``, and timetables as scenario files hold them.
Output: departures a week, and the same timetable with the requested number.  A timetable has whole departures on whole
days, so the rate is the nearest possible: a day more, a day less, every second week.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scenarios.model import WEEKDAYS

__all__ = ["departures_a_week", "rate_of", "with_rate"]

_WEEK: Final[Sequence[str]] = WEEKDAYS[:5]
_IN_A_WEEK: Final = {"day": 5.0, "week": 1.0, "fortnight": 0.5, "month": 0.25}
_RATE: Final = re.compile(r"(\d+)(?: half days?)? a (day|week|fortnight|month)")
_SELDOM: Final = (4, 3, 2)
_MORE_TIMES: Final = ("10:00", "15:00", "11:30", "16:30", "09:00", "14:00")
"""Times of day that are added, in this order, if a timetable's own are too few."""


def rate_of(text: str) -> float | None:
    """Return departures a week for words such as ``"2 a day"`` or ``"10 half days a week"``; ``None`` for others."""
    match = _RATE.fullmatch(text)
    return float(match[1]) * _IN_A_WEEK[match[2]] if match else None


def departures_a_week(timetable: Mapping[str, Any]) -> float:
    """Return the departures of a timetable in an ordinary week; not-a-number if it has an interval instead of times."""
    if "times" not in timetable:
        return math.nan
    return float(len(timetable["times"]) * len(_ordinary(timetable)) / timetable.get("every_weeks", 1))


def with_rate(timetable: Mapping[str, Any], rate: float) -> dict[str, Any]:
    """Return a timetable with about this number of departures a week; the same one if no other is nearer.

    Parameters
    ----------
    timetable
        A timetable of a scenario file, with times of day.
    rate
        Departures a week, above zero.
    """
    times, own = list(timetable["times"]), departures_a_week(timetable)
    fewer = [(1 / weeks, times[:1], 1, weeks) for weeks in _SELDOM] + [(1.0, times[:1], 1, 1)]
    weekly = [(float(days * len(times)), times, days, 1) for days in range(1, len(_WEEK) + 1)]
    extra = [time for time in _MORE_TIMES if time not in times]
    more = [
        (float(len(_WEEK) * (len(times) + n)), sorted([*times, *extra[:n]]), len(_WEEK), 1)
        for n in range(1, len(extra) + 1)
    ]
    levels = {level: (at, days, weeks) for level, at, days, weeks in [*more, *fewer, *weekly]}
    nearest = min([own, *levels], key=lambda level: abs(math.log(level / rate)))
    if nearest == own:
        return dict(timetable)
    at, number, weeks = levels[nearest]
    named = list(timetable.get("days", WEEKDAYS))
    weekend = [day for day in named if day not in _WEEK]
    return {**timetable, "times": at, "days": [*_days(_ordinary(timetable), number), *weekend], "every_weeks": weeks}


def _ordinary(timetable: Mapping[str, Any]) -> list[str]:
    return [day for day in timetable.get("days", WEEKDAYS) if day in _WEEK]


def _days(own: Sequence[str], number: int) -> list[str]:
    """Return a number of weekdays: the timetable's own, with days added or removed where they are closest."""
    days = {_WEEK.index(day) for day in own}
    while len(days) > number:
        days.remove(max(days, key=lambda day: (-_room(day, days - {day}), day)))
    while len(days) < number:
        days.add(max(set(range(len(_WEEK))) - days, key=lambda day: (_room(day, days), -day)))
    return [_WEEK[day] for day in sorted(days)]


def _room(day: int, others: set[int]) -> int:
    """Return a number that orders days by their distances to the others in a cyclic week; the shorter counts more."""
    week = len(_WEEK)
    before = min(((day - other) % week for other in others), default=week)
    after = min(((other - day) % week for other in others), default=week)
    return (week + 1) * min(before, after) + max(before, after)
