"""Opening hours of a workbook's hall, in minutes since midnight: when it is open, and when it gives tickets.

Input: the rows of the sheet of hours; where it is blank, the hours that the skeleton assumes.  Output: intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from foundation.units import format_time_of_day, parse_duration, parse_time_of_day
from scenarios.model.vocabulary import WEEKDAYS
from scenarios.workbook.layout import ANY_DAY
from scenarios.workbook.model import DayHours, HallForm, Stated
from scenarios.workbook.skeleton import skeleton

__all__ = [
    "HALF_HOUR",
    "Intervals",
    "clock",
    "hours_text",
    "last_hours",
    "last_tickets",
    "minutes_of",
    "open_days",
    "opening_of",
    "shift_intervals",
    "ticket_intervals",
]

Intervals: TypeAlias = tuple[tuple[int, int], ...]
"""Intervals of minutes since midnight, in their order."""

HALF_HOUR: Final = 30
_MINUTE_MS: Final = 60_000
_WORKING_DAYS: Final = WEEKDAYS[:5]


def clock(minutes: int) -> str:
    """Write minutes since midnight as a time of day."""
    return format_time_of_day(minutes * _MINUTE_MS)


def minutes_of(text: str) -> int:
    """Read a time of day as minutes since midnight."""
    return parse_time_of_day(text) // _MINUTE_MS


def hours_text(intervals: Intervals) -> list[str]:
    """Write intervals as a scenario file holds them."""
    return [f"{clock(begins)}-{clock(ends)}" for begins, ends in intervals]


def _read(text: str) -> tuple[int, int]:
    begins, _, ends = text.partition("-")
    return minutes_of(begins), minutes_of(ends)


def opening_of(hours: Mapping[str, DayHours], day: str) -> Intervals:
    """Return the opening intervals of a weekday, as stated or assumed; none for a day that is off."""
    is_working = day in (ANY_DAY, *_WORKING_DAYS)
    row = hours.get(day) or (hours.get(ANY_DAY) if is_working else None)
    if row is not None:
        return row.intervals.value
    return tuple(map(_read, skeleton()["calendar"]["hours"])) if is_working else ()


def open_days(hours: Mapping[str, DayHours]) -> list[str]:
    """Return the weekdays on which the hall is open."""
    return [day for day in WEEKDAYS if opening_of(hours, day)]


def last_tickets(stated: Stated[float] | None) -> int:
    """Return how many minutes before closing the last ticket is given, as stated or assumed."""
    return int(stated.value) if stated else parse_duration(skeleton()["sites"]["hall"]["tickets_stop"]) // _MINUTE_MS


def ticket_intervals(form: HallForm, day: str) -> Intervals:
    """Return when tickets are given on a weekday: from shortly before each opening until shortly before closing."""
    site = skeleton()["sites"]["hall"]
    stop = last_tickets(form.tickets_stop)
    before = int(form.doors_open.value) if form.doors_open else parse_duration(site["doors_open"]) // _MINUTE_MS
    intervals = opening_of(form.hours, day)
    last = len(intervals) - 1
    return tuple(
        (max(begins - before, 0), ends - stop if place == last else ends)
        for place, (begins, ends) in enumerate(intervals)
    )


def shift_intervals(begins: int, ends: int, opening: Intervals) -> Intervals:
    """Return when an officer of a shift is at the window: a shift that spans the hall's lunch break has it off."""
    pauses = [(first[1], second[0]) for first, second in pairwise(opening)]
    pieces = [(begins, ends)]
    for leaves, returns in pauses:
        last_begins, last_ends = pieces[-1]
        if last_begins < leaves and returns < last_ends:
            pieces[-1:] = [(last_begins, leaves), (returns, last_ends)]
    return tuple(pieces)


def last_hours(intervals: Sequence[tuple[int, int]], minutes: float) -> Intervals:
    """Return the last so many minutes of opening intervals."""
    rest, pieces = round(minutes), list[tuple[int, int]]()
    for begins, ends in reversed(intervals):
        if rest <= 0:
            break
        length = min(rest, ends - begins)
        pieces.insert(0, (ends - length, ends))
        rest -= length
    return tuple(pieces)
